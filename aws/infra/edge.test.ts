import assert from "node:assert/strict";
import { test } from "node:test";
import vm from "node:vm";
import { securityHeaders } from "@steward/server/http/guard.ts";
import { Match } from "aws-cdk-lib/assertions";
import { Hono } from "hono";
import { API_PATHS } from "./edge.ts";
import { EDGE_FUNCTION, PAGE_FUNCTION } from "./edge-code.ts";
import { one, propertiesOf, template } from "./testing/default-stack.ts";

/** What stands between the internet and the functions: the API, CloudFront with its code and headers. */

test("the API streams, takes TLS 1.2 or better, is throttled, and gives an answer the time its function has", () => {
  template.hasResourceProperties("AWS::ApiGateway::Method", {
    HttpMethod: "ANY",
    Integration: {
      Type: "AWS_PROXY",
      ResponseTransferMode: "STREAM",
      TimeoutInMillis: { "Fn::Join": ["", [Match.anyValue(), "000"]] },
      Uri: Match.objectLike({
        "Fn::Join": ["", Match.arrayWith([Match.stringLikeRegexp("/response-streaming-invocations")])],
      }),
    },
  });
  assert.match(JSON.stringify(propertiesOf("AWS::ApiGateway::Method")), /lambda:path\/2021-11-15\/functions/);
  template.hasResourceProperties("AWS::ApiGateway::RestApi", {
    SecurityPolicy: "SecurityPolicy_TLS13_1_2_PFS_PQ_2025_09",
    EndpointAccessMode: "STRICT",
    EndpointConfiguration: { Types: ["REGIONAL"] },
  });
  template.hasResourceProperties("AWS::ApiGateway::Stage", {
    MethodSettings: [
      Match.objectLike({
        HttpMethod: "*",
        ResourcePath: "/*",
        ThrottlingRateLimit: { Ref: "ThrottleRate" },
        ThrottlingBurstLimit: { Ref: "ThrottleBurst" },
        LoggingLevel: "OFF",
        DataTraceEnabled: false,
      }),
    ],
  });
});

test("CloudFront: https only, TLS 1.2 with one's own domain and to the origins, the API uncached, its paths and no other", () => {
  const { DistributionConfig: config } = one("AWS::CloudFront::Distribution") as {
    DistributionConfig: {
      CacheBehaviors: Record<string, unknown>[];
      DefaultCacheBehavior: Record<string, unknown>;
      Origins: { CustomOriginConfig?: Record<string, unknown> }[];
      ViewerCertificate: unknown;
    };
  };
  assert.deepEqual(
    config.CacheBehaviors.map((behavior) => behavior.PathPattern),
    [...API_PATHS],
  );
  for (const behavior of [config.DefaultCacheBehavior, ...config.CacheBehaviors])
    assert.equal(behavior.ViewerProtocolPolicy, "redirect-to-https");
  for (const behavior of config.CacheBehaviors) {
    assert.equal(behavior.CachePolicyId, "4135ea2d-6df8-44a3-9df3-4b5a84be39ad", "AWS's CachingDisabled");
    assert.equal(
      behavior.OriginRequestPolicyId,
      "b689b0a8-53d0-40ab-baf2-68738e2966ac",
      "AWS's AllViewerExceptHostHeader",
    );
  }
  const [, api] = config.Origins;
  assert.deepEqual(api?.CustomOriginConfig?.OriginSSLProtocols, ["TLSv1.2"]);
  assert.equal(api?.CustomOriginConfig?.OriginProtocolPolicy, "https-only");
  assert.deepEqual(config.ViewerCertificate, {
    "Fn::If": [
      "HasDomain",
      {
        AcmCertificateArn: { Ref: "CertificateArn" },
        MinimumProtocolVersion: "TLSv1.2_2021",
        SslSupportMethod: "sni-only",
      },
      { CloudFrontDefaultCertificate: true },
    ],
  });
});

test("the app's files carry the headers that the server sends, and may connect to the uploads besides", async () => {
  const app = new Hono().use(securityHeaders()).get("/", (context) => context.text(""));
  const { headers } = await app.request("/");
  const pages = propertiesOf("AWS::CloudFront::ResponseHeadersPolicy").map(
    (policy) => policy.ResponseHeadersPolicyConfig,
  );
  const [policy] = pages as {
    SecurityHeadersConfig: Record<string, Record<string, unknown>>;
    CustomHeadersConfig: { Items: { Header: string; Value: string }[] };
  }[];
  assert.ok(policy);
  const { SecurityHeadersConfig: security, CustomHeadersConfig: custom } = policy;
  const csp = JSON.stringify(security.ContentSecurityPolicy?.ContentSecurityPolicy);
  const parts = (headers.get("content-security-policy") ?? "").split("connect-src 'self'");
  for (const part of parts) assert.ok(csp.includes(part), part);
  assert.match(csp, /connect-src 'self' https:\/\/steward-.*Env.*-uploads-.*; manifest-src/);
  const sent = new Map([
    ["x-content-type-options", "nosniff"],
    ["x-frame-options", String(security.FrameOptions?.FrameOption)],
    ["referrer-policy", String(security.ReferrerPolicy?.ReferrerPolicy)],
    ...custom.Items.map(({ Header, Value }) => [Header, Value] as const),
  ]);
  for (const [name, value] of headers) {
    if (["content-security-policy", "content-type", "cache-control"].includes(name)) continue;
    assert.equal(sent.get(name), value, name);
  }
  assert.equal(security.StrictTransportSecurity?.AccessControlMaxAgeSec, 31_536_000);
});

test("CloudFront's own code names the host, sends browsers to the page, and finds the page of every route of the app", () => {
  const run = (code: string, request: object) => {
    const context = vm.createContext({ request });
    return JSON.parse(vm.runInContext(`${code}; JSON.stringify(handler({ request }))`, context));
  };
  const asked = (method: string, uri: string, accept?: string) => ({
    method,
    uri,
    headers: { host: { value: "d1.cloudfront.net" }, ...(accept ? { accept: { value: accept } } : {}) },
  });
  const forged = asked("POST", "/chat", "text/html");
  const passed = run(EDGE_FUNCTION, {
    ...forged,
    headers: { ...forged.headers, "x-forwarded-host": { value: "evil" } },
  });
  assert.equal(passed.headers["x-forwarded-host"].value, "d1.cloudfront.net");
  for (const page of ["/chat", "/memory", "/search"]) {
    const answer = run(EDGE_FUNCTION, asked("GET", page, "text/html,*/*"));
    assert.equal(answer.statusCode, 302);
    assert.equal(answer.headers.location.value, `${page}/`);
    assert.equal(
      run(EDGE_FUNCTION, asked("GET", page, "application/json")).uri,
      page,
      "a program gets the API's answer",
    );
  }
  assert.equal(run(EDGE_FUNCTION, asked("GET", "/docs", "text/html")).uri, "/docs");
  for (const page of ["/", "/chat/", "/chat/0192-ab", "/library/sources"])
    assert.equal(run(PAGE_FUNCTION, asked("GET", page)).uri, "/index.html");
  assert.equal(run(PAGE_FUNCTION, asked("GET", "/assets/app-1.js")).uri, "/assets/app-1.js");
});

test("every route of the app is asked of the API, and none of its pages is", async () => {
  const { ROUTES } = await import("@steward/server/http/owner-face.ts");
  const toApi = (path: string) =>
    API_PATHS.some((pattern) => (pattern.endsWith("*") ? path.startsWith(pattern.slice(0, -1)) : path === pattern));
  assert.deepEqual(
    ROUTES.map(({ path }) => path).filter((path) => !toApi(path)),
    [],
  );
  for (const path of ["/openapi.json", "/docs", "/docs.css"]) assert.ok(toApi(path), path);
  for (const page of ["/", "/chat/", "/library", "/agenda", "/settings", "/setup", "/assets/app.js"])
    assert.ok(!toApi(page), page);
});
