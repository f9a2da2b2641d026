import assert from "node:assert/strict";
import { test } from "node:test";
import { loadConfig } from "../../../config.ts";
import { type ApiHouse, apiHouse } from "../../../testing/api-house.ts";
import type { ProblemDetails } from "../../problems.ts";

const ALL = ["chat", "search", "memory:read", "memory:write"] as const;

/** A whole request of each route, and which of its fields is text for the person or the search. */
const WHOLE: Readonly<Record<string, { readonly text: string; readonly body: Readonly<Record<string, unknown>> }>> = {
  "/chat": { text: "message", body: {} },
  "/search": { text: "query", body: {} },
  "/memory": { text: "content", body: { action: "store" } },
  "/documents": { text: "name", body: {} },
};

async function refusal(answer: Response) {
  assert.equal(answer.headers.get("content-type"), "application/problem+json");
  const { type, field, detail } = (await answer.json()) as ProblemDetails; // every refusal is one
  return { status: answer.status, code: type.replace("urn:steward:problem:", ""), field, detail };
}

test("bad input is refused with the field that is wrong, and nothing is written", async () => {
  await using at = await apiHouse();
  const { secret } = await at.key(ALL);
  const deep = `${'{"a":'.repeat(40)}1${"}".repeat(40)}`;
  const store = { action: "store", content: "x" };
  const cases: readonly [string, unknown, number, string | undefined][] = [
    ["/search", { query: "x", topK: 0 }, 400, "topK"],
    ["/search", { query: "x", topK: 1_000_000 }, 400, "topK"],
    ["/search", { query: "x", topK: 1.5 }, 400, "topK"],
    ["/search", { query: "x", topK: "5" }, 400, "topK"],
    ["/search", { query: "x", minScore: 2 }, 400, "minScore"],
    ["/search", { query: "" }, 400, "query"],
    ["/search", { query: " \u200b\ufeff\n" }, 400, "query"],
    ["/search", { query: "x".repeat(10_001) }, 400, "query"],
    ["/search", { query: ["x"] }, 400, "query"],
    ["/search", { query: "x", limit: 5 }, 400, "limit"],
    ["/search", {}, 400, "query"],
    ["/search", [], 400, undefined],
    ["/search", "null", 400, undefined],
    ["/search", "{", 400, undefined],
    ["/search", deep, 400, undefined],
    ["/search", JSON.stringify({ query: "x".repeat(1_000_000) }), 413, undefined],
    ["/chat", { message: "x".repeat(30_001) }, 400, "message"],
    ["/chat", { message: "hello", temperature: 2 }, 400, "temperature"],
    ["/chat", { message: "hello", stream: "yes" }, 400, "stream"],
    ["/chat", { message: "hello", sessionId: "../x" }, 404, "sessionId"],
    ["/memory", {}, 400, "action"],
    ["/memory", { action: "drop" }, 400, "action"],
    ["/memory", { ...store, content: 5 }, 400, "content"],
    ["/memory", { ...store, content: "\ud83d\ude00".repeat(40_001) }, 400, "content"],
    ["/memory", { ...store, category: "" }, 400, "category"],
    ["/memory", { ...store, metadata: { a: { b: 1 } } }, 400, "metadata.a"],
    ["/memory", { ...store, metadata: { a: "x".repeat(20_000) } }, 400, "metadata"],
    ["/memory", { ...store, id: "x" }, 400, "id"],
    ["/memory", { action: "retrieve" }, 400, "query"],
    ["/memory", { action: "retrieve", id: "x", query: "y" }, 400, "query"],
    ["/memory", { action: "retrieve", id: "private/x" }, 404, "id"],
    ["/memory", { action: "list", since: "yesterday" }, 400, "since"],
    ["/memory", { action: "list", cursor: "zzz" }, 400, "cursor"],
    ["/memory", { action: "forget", id: "nothing-of-the-kind" }, 404, "id"],
  ];
  for (const [path, body, status, field] of cases) {
    const shown = `${path} ${JSON.stringify(body).slice(0, 80)}`;
    const given = await at.ask(path, body, secret);
    assert.equal(given.status, status, shown);
    const answer = await refusal(given);
    assert.deepEqual([answer.status, answer.field], [status, field], `${shown}: ${answer.detail}`);
  }
  const plain = await at.ask("/search", "query=x", secret, { "content-type": "text/plain" });
  assert.equal(plain.status, 415);
  const packed = await refusal(await at.ask("/search", { query: "x" }, secret, { "content-encoding": "gzip" }));
  assert.deepEqual([packed.status, packed.code], [415, "wrong-type"]);
  assert.match(packed.detail, /uncompressed/);
  assert.equal((await at.request("DELETE", "/memory", { authorization: `Bearer ${secret}` })).status, 405);
  assert.equal((await at.request("GET", "/memory")).status, 405);
  const page = await at.request("GET", "/memory", { accept: "text/html,*/*", host: `localhost:${at.port}` });
  assert.notEqual(page.status, 405, "a browser gets the app's page");
  assert.deepEqual(await at.house.ledger.list(), []);
  assert.equal((await at.ask("/search", { query: "\ud83d\ude00" }, secret)).status, 200, "one emoji is a query");
  assert.equal((await at.ask("/memory", { ...store, content: `${"\u0001".repeat(39_999)}x` }, secret)).status, 200);
  const proto = `{"action":"store","content":"x","metadata":{"__proto__":"y","constructor":1}}`;
  assert.ok([200, 400].includes((await at.ask("/memory", proto, secret)).status));
  assert.equal(Object.getOwnPropertyNames(Object.prototype).includes("y"), false);
});

test("every route: no key, 2 MB said or streamed, JSON without a bottom, a million letters, one emoji", async () => {
  await using at = await apiHouse({ STEWARD_API_RATE: "1000000" });
  const { secret } = await at.key([...ALL, "ingest"]);
  for (const [path, { text, body }] of Object.entries(WHOLE)) {
    const told = (value: unknown) => ({ ...body, [text]: value });
    const origin = `http://localhost:${at.port}`;
    const keyless = await refusal(await at.ask(path, told("x"), undefined, { origin }));
    assert.deepEqual([keyless.status, keyless.code], [401, "not-signed-in"], path);

    const forgotten = await refusal(await at.ask(path, told("x")));
    assert.deepEqual([forgotten.status, forgotten.code], [401, "not-signed-in"], path);
    assert.match(forgotten.detail, /steward token create/, "a program that forgot its key is told of keys");

    const both = { cookie: "steward_session=x", origin };
    assert.equal((await at.ask(path, told("x"), secret, both)).status, 401, `${path}, a key and a session`);

    const large = JSON.stringify(told("x".repeat(2_000_000)));
    const said = await refusal(await at.ask(path, large, secret));
    assert.deepEqual([said.status, said.code], [413, "too-large"], `${path}, its length said`);
    const streamed = await refusal(await inPieces(at, path, large, secret));
    assert.deepEqual([streamed.status, streamed.code], [413, "too-large"], `${path}, in pieces`);

    const deep = await refusal(await at.ask(path, `{"${text}":${"[".repeat(400_000)}`, secret));
    assert.deepEqual([deep.status, deep.code], [400, "invalid"], `${path}, deep`);
    assert.match(deep.detail, /nested over 32 levels/);

    const letters = await refusal(await at.ask(path, told("a".repeat(999_000)), secret));
    assert.deepEqual([letters.status, letters.field], [400, text], `${path}, a million letters`);
    assert.ok(letters.detail.length < 200, "a refusal does not say it all again");
    for (const wrong of [5, null, true, ["x"], { x: 1 }]) {
      const typed = await refusal(await at.ask(path, told(wrong), secret));
      assert.deepEqual([typed.status, typed.field], [400, text], `${path} ${JSON.stringify(wrong)}`);
    }
    const unknown = await refusal(await at.ask(path, { ...told("x"), nonsense: 1 }, secret));
    assert.deepEqual([unknown.status, unknown.field], [400, "nonsense"], path);
    assert.equal((await at.ask(path, told("\ud83d\ude00"), secret)).status, 200, `${path}, one emoji`);
  }
});

test("an expired session is refused with its field, streamed or not, and before the model is asked", async () => {
  await using at = await apiHouse();
  const { secret } = await at.key(ALL);
  const first = (await (await at.ask("/chat", { message: "hello" }, secret)).json()) as { sessionId: string };
  at.ahead = 24 * 3_600_000 + 1;
  for (const stream of [false, true]) {
    const asked = { message: "hello again", sessionId: first.sessionId, stream };
    const refused = await refusal(await at.ask("/chat", asked, secret));
    assert.deepEqual([refused.status, refused.code, refused.field], [404, "not-found", "sessionId"]);
    assert.match(refused.detail, /ended after 24 hours/);
  }
  assert.equal((await at.house.spentToday()).tokens, 0);
});

test("the token bucket refuses with the standard headers, and fills again with time", async () => {
  await using at = await apiHouse({ STEWARD_API_RATE: "12" });
  const one = await at.key(["search"]);
  const other = await at.key(["search"]);
  const ask = (secret: string) => at.ask("/search", { query: "x" }, secret);
  const first = await ask(one.secret);
  assert.equal(first.status, 200);
  assert.equal(first.headers.get("ratelimit-limit"), "2");
  assert.equal(first.headers.get("ratelimit-remaining"), "1");
  assert.equal((await ask(one.secret)).status, 200);
  const refused = await ask(one.secret);
  assert.equal(refused.status, 429);
  assert.equal(refused.headers.get("retry-after"), "5");
  assert.equal(refused.headers.get("ratelimit-remaining"), "0");
  assert.equal((await refusal(refused)).code, "too-many");
  assert.equal((await ask(other.secret)).status, 200, "each key has its own");
  at.ahead += 5_000;
  assert.equal((await ask(one.secret)).status, 200);
});

test("an idempotency key: the same answer to the same body, 422 to another, for 24 hours and for one key's holder", async () => {
  await using at = await apiHouse();
  const { secret } = await at.key(ALL);
  const keyed = (body: object, key: string, by = secret) => at.ask("/memory", body, by, { "idempotency-key": key });
  const store = { action: "store", content: "Once" };
  const first = await keyed(store, "a");
  assert.equal(first.headers.get("idempotency-replayed"), null);
  const text = await first.text();
  const again = await keyed(store, "a");
  assert.equal(again.headers.get("idempotency-replayed"), "true");
  assert.equal(await again.text(), text);
  const other = await refusal(await keyed({ ...store, content: "Twice" }, "a"));
  assert.deepEqual([other.status, other.field], [422, "Idempotency-Key"]);
  for (const key of ["", "ü", "a b", "x".repeat(256)]) {
    const bad = await keyed(store, key).catch(() => undefined);
    if (bad) assert.deepEqual([bad.status, (await refusal(bad)).field], [400, "Idempotency-Key"], key);
  }
  const together = await Promise.all(Array.from({ length: 8 }, () => keyed({ ...store, content: "Together" }, "b")));
  for (const answer of together) assert.ok([200, 409].includes(answer.status), String(answer.status));
  assert.equal((await at.house.ledger.list()).length, 2, "each was stored once");

  const stranger = await at.key(ALL);
  assert.equal((await keyed({ ...store, content: "Another's" }, "a", stranger.secret)).status, 200);

  const refused = await keyed({ action: "forget", id: "nobody" }, "c");
  assert.equal(refused.status, 404);
  assert.equal((await keyed({ action: "forget", id: "nobody else" }, "c")).status, 404, "a refusal keeps nothing");

  const { id } = JSON.parse(text) as { id: string }; // the store's own answer
  const forgot = await (await keyed({ action: "forget", id }, "d")).text();
  const replayed = await keyed({ action: "forget", id }, "d");
  assert.equal(replayed.status, 200);
  assert.equal(await replayed.text(), forgot);

  const chat = () => at.ask("/chat", { message: "hello" }, secret, { "idempotency-key": "e" });
  const said = await (await chat()).text();
  assert.equal(await (await chat()).text(), said, "the same session and the same words");
  const streamed = await at.ask("/chat", { message: "hello", stream: true }, secret, { "idempotency-key": "f" });
  const events = await streamed.text();
  const repeated = await at.ask("/chat", { message: "hello", stream: true }, secret, { "idempotency-key": "f" });
  assert.equal(repeated.headers.get("idempotency-replayed"), "true");
  assert.equal((await repeated.text()).trim().split("\n\n").at(-1), events.trim().split("\n\n").at(-1));

  for await (const row of at.house.sealed.records.query("idempotency")) {
    assert.doesNotMatch(Buffer.from(row.body).toString("latin1"), /Once|hello/);
  }
  at.ahead = 24 * 3_600_000 + 1;
  const later = await keyed({ ...store, content: "A day later" }, "a");
  assert.equal(later.status, 200, "the key is free again");
});

test("a request that crashed after its claim can be made again; one that crashed after its write is not repeated", async () => {
  await using at = await apiHouse();
  const { secret, id } = await at.key(ALL);
  const { begin } = await import("../../idempotency.ts");
  const deps = { sealed: at.house.sealed, clock: at.house.clock };
  const body = { action: "store", content: "Before the crash" };
  await begin(deps, { by: id, path: "/memory", key: "k", body, leaseMs: 60_000 });
  const keyed = () => at.ask("/memory", body, secret, { "idempotency-key": "k" });
  assert.equal((await keyed()).status, 409);
  at.ahead = 60_001;
  assert.equal((await keyed()).status, 200);
  assert.equal((await keyed()).headers.get("idempotency-replayed"), "true");
  assert.equal((await at.house.ledger.list()).length, 1);
});

test("other origins: refused unless named exactly, then for the API with a key alone", async () => {
  const origin = "https://app.example.org";
  await using closed = await apiHouse();
  await using open = await apiHouse({ STEWARD_API_ORIGINS: `${origin}, https://other.example` });
  const preflight = (at: ApiHouse, path: string, from: string) =>
    at.request("OPTIONS", path, { origin: from, "access-control-request-method": "POST" });
  assert.equal((await preflight(closed, "/search", origin)).headers.get("access-control-allow-origin"), null);
  const { secret: kept } = await closed.key(["search"]);
  assert.equal((await closed.ask("/search", { query: "x" }, kept, { origin })).status, 403);

  const allowed = await preflight(open, "/search", origin);
  assert.equal(allowed.status, 204);
  assert.equal(allowed.headers.get("access-control-allow-origin"), origin);
  assert.match(allowed.headers.get("access-control-allow-headers") ?? "", /authorization/);
  assert.equal(allowed.headers.get("access-control-allow-credentials"), null);
  const upload = await preflight(open, "/documents/x/content", origin);
  assert.deepEqual([upload.status, upload.headers.get("access-control-allow-methods")], [204, "GET, POST, PUT"]);
  const { secret } = await open.key(["search"]);
  const headers = { origin, "sec-fetch-site": "cross-site" };
  const answer = await open.ask("/search", { query: "x" }, secret, headers);
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get("access-control-allow-origin"), origin);
  assert.match(answer.headers.get("access-control-expose-headers") ?? "", /ratelimit-remaining/);
  const wrong = await open.ask("/search", { query: "x", topK: 0 }, secret, headers);
  assert.equal(wrong.headers.get("access-control-allow-origin"), origin, "a page can read its refusals too");

  for (const [path, more] of [
    ["/search", { origin: "https://app.example.org.evil.example" }],
    ["/search", { origin: "http://app.example.org" }],
    ["/search", { origin, cookie: "steward_session=x" }],
    ["/api/tasks", { origin }],
  ] as const) {
    const refused = await open.ask(path, { query: "x" }, secret, more);
    assert.equal(refused.status, 403, JSON.stringify(more));
    assert.equal(refused.headers.get("access-control-allow-origin"), null);
  }
  assert.equal((await preflight(open, "/api/tasks", origin)).headers.get("access-control-allow-origin"), null);
  for (const wrong of ["*", "https://*.example.org", "https://app.example.org/", "app.example.org", "null"]) {
    const env = { STEWARD_HOME: open.home, STEWARD_API_ORIGINS: wrong };
    assert.throws(() => loadConfig(env), /STEWARD_API_ORIGINS: must be exact origins/, wrong);
  }
});

test("/docs shows the document from our own origin, without a script; every example in it is accepted", async () => {
  await using at = await apiHouse();
  const page = await at.request("GET", "/docs");
  assert.match(page.headers.get("content-type") ?? "", /^text\/html/);
  const html = await page.text();
  assert.doesNotMatch(html, /<script|https?:\/\//);
  for (const path of ["/chat", "/memory", "/search"])
    assert.ok(html.includes(`<b>POST</b> <code>${path}</code>`), path);
  assert.match(html, /&quot;action&quot;: &quot;store&quot;/);

  const text = await (await at.request("GET", "/openapi.json")).text();
  assert.doesNotMatch(text, /\$defs/);
  // Made by `openApi`.
  const { components } = JSON.parse(text) as { components: { schemas: Record<string, object> } };
  const { secret } = await at.key(ALL);
  for (const [path, name] of [
    ["/chat", "ChatRequest"],
    ["/search", "SearchRequest"],
    ["/memory", "MemoryRequest"],
  ] as const) {
    const examples = [...JSON.stringify(components.schemas[name]).matchAll(/"examples":(\[\{.*?\}\])/g)];
    assert.ok(examples.length > 0, name);
    for (const [, list = ""] of examples) {
      for (const example of JSON.parse(list) as object[]) {
        const { status } = await at.ask(path, example, secret);
        assert.ok(status === 200 || status === 404, `${path} ${JSON.stringify(example)}: ${status}`);
      }
    }
  }
});

/** Without saying its length: as a program that streams does. */
function inPieces(at: ApiHouse, path: string, body: string, secret: string): Promise<Response> {
  const whole = Buffer.from(body);
  const pieces = Array.from({ length: Math.ceil(whole.length / 65_536) }, (_, i) =>
    whole.subarray(i * 65_536, (i + 1) * 65_536),
  );
  return fetch(`http://127.0.0.1:${at.port}${path}`, {
    ...{ method: "POST", body: ReadableStream.from(pieces), duplex: "half" },
    headers: { authorization: `Bearer ${secret}`, "content-type": "application/json" },
  });
}
