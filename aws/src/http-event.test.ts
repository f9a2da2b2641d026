import assert from "node:assert/strict";
import { it } from "node:test";
import { type HttpEvent, requestOf } from "./http-event.ts";

const asked = (event: HttpEvent) => requestOf(event, new AbortController().signal);

it("takes the event of a REST API: many values of a header and of a parameter, a body in base64", async () => {
  const { request, address } = asked({
    httpMethod: "POST",
    path: "/chat",
    headers: { "content-type": "application/json", accept: "last" },
    multiValueHeaders: { "content-type": ["application/json"], accept: ["a", "b"] },
    multiValueQueryStringParameters: { q: ["one two", "ü&="], empty: [""] },
    body: Buffer.from('{"message":"ü"}').toString("base64"),
    isBase64Encoded: true,
    requestContext: { identity: { sourceIp: "198.51.100.7" } },
  });
  assert.equal(request.method, "POST");
  const url = new URL(request.url);
  assert.equal(url.pathname, "/chat");
  assert.deepEqual(url.searchParams.getAll("q"), ["one two", "ü&="]);
  assert.equal(request.headers.get("accept"), "a, b");
  assert.equal(await request.text(), '{"message":"ü"}');
  assert.equal(address, "198.51.100.7");
});

it("takes the event of a function URL: cookies apart, the query as it was typed", async () => {
  const { request, address } = asked({
    rawPath: "/api/items/a%20b",
    rawQueryString: "q=a%20b&q=c",
    cookies: ["a=1", "b=2"],
    headers: { host: "x.lambda-url.us-east-1.on.aws", "x-forwarded-for": "203.0.113.9" },
    body: "text",
    requestContext: { http: { method: "PUT", sourceIp: "203.0.113.9" } },
  });
  assert.equal(new URL(request.url).search, "?q=a%20b&q=c");
  assert.equal(new URL(request.url).pathname, "/api/items/a%20b");
  assert.equal(request.headers.get("cookie"), "a=1; b=2");
  assert.equal(request.headers.get("host"), "x.lambda-url.us-east-1.on.aws");
  assert.equal(await request.text(), "text");
  assert.equal(address, "203.0.113.9");
});

it("knows the name that was typed from CloudFront's header, and the person from what CloudFront saw", () => {
  const { request, address } = asked({
    httpMethod: "GET",
    path: "/",
    headers: {
      host: "abc.execute-api.us-east-1.amazonaws.com",
      "x-forwarded-host": "steward.example.org",
      "x-forwarded-for": "10.0.0.1, 203.0.113.9, 130.176.1.1",
    },
  });
  assert.equal(request.headers.get("host"), "steward.example.org");
  assert.equal(address, "203.0.113.9");
});

it("leaves out what is no header and no path, and does not fail over it", () => {
  const { request } = asked({
    httpMethod: "GET",
    path: "//evil.example/x",
    headers: { "x-broken": "a\r\nb: c", "bad name": "x", fine: "yes" },
    body: "a body that GET has not",
  });
  assert.equal(request.headers.get("x-broken"), null);
  assert.equal(request.headers.get("fine"), "yes");
  assert.equal(new URL(request.url).hostname, "steward.invalid");
  assert.equal(request.body, null);
});
