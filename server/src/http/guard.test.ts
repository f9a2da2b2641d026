import assert from "node:assert/strict";
import { request } from "node:http";
import { test } from "node:test";
import { FakeClock } from "@steward/core/testing/fake-clock.ts";
import { fakeDoor } from "../testing/fake-door.ts";
import { codeOf, type Listening, listen } from "../testing/listening.ts";
import { CONTENT_SECURITY_POLICY } from "./guard.ts";

test("only our own names are answered, on every path", async () => {
  await using at = await listen();
  const { port } = at.serving;
  for (const host of [`localhost:${port}`, `127.0.0.1:${port}`, `[::1]:${port}`, "localhost", `LOCALHOST:${port}`]) {
    assert.equal((await at.ask("/healthz", { headers: { host } })).status, 200, host);
  }
  for (const host of [
    "evil.example",
    `evil.example:${port}`,
    "localhost.evil.example",
    "127.0.0.1.nip.io",
    "0.0.0.0",
  ]) {
    for (const path of ["/healthz", "/api/session", "/", "/assets/app.js"]) {
      const answer = await at.ask(path, { headers: { host } });
      assert.equal(answer.status, 421, `${host} ${path}`);
      assert.equal(await codeOf(answer), "wrong-host");
    }
  }
});

test("a configured base URL is answered too, with a Secure __Host- cookie", async () => {
  await using at = await listen({ config: { baseUrl: "https://steward.example.org" } });
  const headers = { host: "steward.example.org", origin: "https://steward.example.org" };
  const signedIn = await at.send("POST", "/api/session", { password: "correct horse" }, headers);
  assert.equal(signedIn.status, 200);
  const cookie = signedIn.headers.get("set-cookie") ?? "";
  assert.match(cookie, /^__Host-steward=/);
  assert.match(cookie, /Secure/);
  const http = { ...headers, origin: "http://steward.example.org" };
  assert.equal(await codeOf(await at.send("POST", "/api/session", { password: "x" }, http)), "wrong-origin");
});

test("what changes something must come from our own origin", async () => {
  await using at = await listen();
  const headers = await at.signIn("correct horse");
  const post = (more: Record<string, string>) => at.send("POST", "/api/tasks", { title: "x" }, { ...headers, ...more });
  assert.equal((await post({})).status, 200);
  const { port } = at.serving;
  for (const origin of ["https://evil.example", "null", `http://localhost:${port + 1}`, `http://127.0.0.1:${port}`]) {
    assert.equal(await codeOf(await post({ origin })), "wrong-origin", origin);
  }
  assert.equal(await codeOf(await post({ "sec-fetch-site": "cross-site" })), "wrong-origin");
  assert.equal(await codeOf(await post({ "sec-fetch-site": "same-site" })), "wrong-origin");
  assert.equal((await post({ "sec-fetch-site": "same-origin" })).status, 200);
  const read = await at.ask("/api/tasks", { headers: { ...headers, "sec-fetch-site": "cross-site" } });
  assert.equal(await codeOf(read), "wrong-origin", "the API is not read from another site either");
});

test("a change without Origin is refused to a cookie", async () => {
  await using at = await listen();
  const headers = await at.signIn("correct horse");
  const status = await new Promise<number | undefined>((resolve, reject) => {
    const outgoing = request(
      {
        port: at.serving.port,
        host: "127.0.0.1",
        method: "POST",
        path: "/api/tasks",
        headers: { ...headers, host: `localhost:${at.serving.port}`, "content-type": "application/json" },
      },
      (incoming) => resolve(incoming.resume().statusCode),
    );
    outgoing.once("error", reject).end('{"title":"x"}');
  });
  assert.equal(status, 403);
});

test("a change needs the session's own CSRF value", async () => {
  await using at = await listen();
  const headers = await at.signIn("correct horse");
  const other = await at.signIn("correct horse");
  const post = (csrf: string | undefined) =>
    at.send(
      "POST",
      "/api/tasks",
      { title: "x" },
      { cookie: headers.cookie ?? "", ...(csrf ? { "x-steward-csrf": csrf } : {}) },
    );
  assert.equal(await codeOf(await post(undefined)), "wrong-csrf");
  assert.equal(await codeOf(await post("guess")), "wrong-csrf");
  assert.equal(await codeOf(await post(other["x-steward-csrf"])), "wrong-csrf", "of another session");
  assert.equal((await post(headers["x-steward-csrf"])).status, 200);
});

test("every answer carries the security headers, errors and pages included", async () => {
  await using at = await listen();
  for (const path of ["/api/session", "/api/nothing", "/healthz", "/", "/openapi.json", "/api/status"]) {
    const { headers } = await at.ask(path);
    assert.equal(headers.get("content-security-policy"), CONTENT_SECURITY_POLICY, path);
    assert.equal(headers.get("referrer-policy"), "no-referrer");
    assert.equal(headers.get("x-content-type-options"), "nosniff");
    assert.equal(headers.get("cross-origin-opener-policy"), "same-origin");
    assert.equal(headers.get("cross-origin-resource-policy"), "same-origin");
    assert.equal(headers.get("cache-control"), "no-store", path);
    assert.equal(headers.get("access-control-allow-origin"), null);
  }
  assert.match(CONTENT_SECURITY_POLICY, /default-src 'none'; script-src 'self'; style-src 'self'/);
  assert.doesNotMatch(CONTENT_SECURITY_POLICY, /unsafe|https?:|\*/);
});

test("pages asked for by address are sent to localhost; the API and health checks are not", async () => {
  await using at = await listen();
  const { port } = at.serving;
  const byAddress = { host: `127.0.0.1:${port}` };
  const page = await at.ask("/library?q=secret", { headers: byAddress });
  assert.equal(page.status, 302);
  assert.equal(page.headers.get("location"), `http://localhost:${port}/library`);
  assert.equal((await at.ask("/", { headers: { host: `[::1]:${port}` } })).status, 302);
  for (const path of ["/healthz", "/readyz", "/api/session", "/openapi.json"]) {
    assert.equal((await at.ask(path, { headers: byAddress })).status, 200, path);
  }
});

test("guessing the password is slowed down; the right one is let in again after the wait only", async () => {
  await using at = await listen();
  for (let guess = 0; guess < 5; guess++) {
    assert.equal(await codeOf(await at.send("POST", "/api/session", { password: `guess ${guess}` })), "wrong-password");
  }
  const refused = await at.send("POST", "/api/session", { password: "correct horse" });
  assert.equal(refused.status, 429);
  const seconds = Number(refused.headers.get("retry-after"));
  assert.ok(seconds >= 1 && seconds <= 60, String(seconds));
  assert.equal((await at.send("POST", "/api/setup", { token: "t", password: "x", timeZone: "UTC" })).status, 429);
  assert.equal((await at.send("POST", "/api/unlock", { passphrase: "x" })).status, 429);
});

test("a right password forgets the wrong ones before it", async () => {
  await using at = await listen();
  for (let round = 0; round < 3; round++) {
    for (let guess = 0; guess < 4; guess++) await at.send("POST", "/api/session", { password: "guess" });
    assert.equal((await at.send("POST", "/api/session", { password: "correct horse" })).status, 200);
  }
});

test("sessions: rotation at sign-in, sign-out, expiry, disuse, and a changed password", async () => {
  const clock = new FakeClock();
  await using at = await listen({ clock, door: fakeDoor({ password: "correct horse", clock }) });
  const state = async (headers: Record<string, string>) => {
    const { cookie = "" } = headers;
    return ((await (await at.ask("/api/session", { headers: { cookie } })).json()) as { state: string }).state;
  };

  const first = await at.signIn("correct horse");
  const again = await at.send("POST", "/api/session", { password: "correct horse" }, { cookie: first.cookie ?? "" });
  const second = { cookie: again.headers.get("set-cookie")?.split(";")[0] ?? "" };
  assert.notEqual(second.cookie, first.cookie);
  assert.equal(await state(first), "signed-out", "the former session of this browser has ended");
  assert.equal(await state(second), "signed-in");

  const third = await at.signIn("correct horse");
  const out = await at.send("DELETE", "/api/session", undefined, third);
  assert.equal(out.status, 204);
  assert.match(out.headers.get("set-cookie") ?? "", /steward_session=;/);
  assert.equal(await state(third), "signed-out");

  await clock.advance(8 * 24 * 3_600_000);
  assert.equal(await state(second), "signed-out", "unused for a week");
  const used = await at.signIn("correct horse");
  for (let week = 0; week < 5; week++) {
    await clock.advance(6 * 24 * 3_600_000);
    assert.equal(await state(used), week < 4 ? "signed-in" : "signed-out", `after ${(week + 1) * 6} days of use`);
  }

  const here = await at.signIn("correct horse");
  const elsewhere = await at.signIn("correct horse");
  const wrong = await at.send("POST", "/api/password", { current: "guess", next: "battery staple" }, here);
  assert.equal(await codeOf(wrong), "wrong-password");
  const changed = await at.send("POST", "/api/password", { current: "correct horse", next: "battery staple" }, here);
  assert.equal(changed.status, 204);
  assert.equal(await state(here), "signed-in");
  assert.equal(await state(elsewhere), "signed-out");
});

test("the cookie's secret is not in the records", async () => {
  await using at = await listen();
  const { cookie = "" } = await at.signIn("correct horse");
  const secret = cookie.split("=")[1] ?? "";
  assert.ok(secret.length === 43);
  for await (const row of at.door.fake.sealed.records.query("session")) {
    assert.ok(!row.sort.includes(secret));
    assert.ok(!Buffer.from(row.body).includes(secret));
  }
});

test("tokens reach what their scopes name and nothing of the owner's alone", async () => {
  await using at = await listen();
  const headers = await at.signIn("correct horse");
  const made = await at.send("POST", "/api/tokens", { name: "script", scopes: ["read"] }, headers);
  const { id, secret } = (await made.json()) as { id: string; secret: string };
  assert.match(secret, /^stw_[\w-]{43}$/);
  const bearer = { authorization: `Bearer ${secret}` };
  assert.equal((await at.ask("/api/search?q=invoice", { headers: bearer })).status, 200);
  for (const [method, path] of [
    ["GET", "/api/settings"],
    ["GET", "/api/tokens"],
    ["GET", "/api/export"],
    ["POST", "/api/chat"],
    ["POST", "/api/forget"],
    ["POST", "/api/password"],
    ["POST", "/api/lock"],
    ["POST", "/api/backup"],
  ] as const) {
    assert.equal(
      await codeOf(await at.send(method, path, method === "POST" ? {} : undefined, bearer)),
      "forbidden",
      path,
    );
  }
  assert.equal(
    await codeOf(await at.send("POST", "/api/tokens", { name: "x", scopes: ["everything"] }, headers)),
    "invalid",
  );
  const listed = await (await at.ask("/api/tokens", { headers })).text();
  assert.ok(!listed.includes(secret));
  assert.equal((await at.send("DELETE", `/api/tokens/${id}`, undefined, headers)).status, 204);
  assert.equal(await codeOf(await at.ask("/api/search?q=x", { headers: bearer })), "not-signed-in");
});

test("a token ends on its day", async () => {
  const clock = new FakeClock();
  await using at = await listen({ clock, door: fakeDoor({ password: "correct horse", clock }) });
  const made = await at.terminal("POST", "/api/tokens", { name: "script", scopes: ["read"], days: 1 });
  const { secret } = (await made.json()) as { secret: string };
  const search = () => at.ask("/api/search?q=x", { headers: { authorization: `Bearer ${secret}` } });
  await clock.advance(86_399_000);
  assert.equal((await search()).status, 200);
  await clock.advance(1_000);
  assert.equal(await codeOf(await search()), "not-signed-in");
});

test("the socket is the owner; no header over TCP can claim to be", async () => {
  await using at = await listen();
  assert.equal((await at.terminal("GET", "/api/status")).status, 200);
  for (const claim of [
    { via: "socket" },
    { "x-via": "socket" },
    { "x-forwarded-for": "unix:" },
    { forwarded: "for=unix" },
  ]) {
    assert.equal(await codeOf(await at.ask("/api/status", { headers: claim })), "not-signed-in");
  }
  const headers = await at.signIn("correct horse");
  assert.equal(await codeOf(await at.send("POST", "/api/lock", { passphrase: "long enough" }, headers)), "forbidden");
  const locked = await at.terminal("POST", "/api/lock", { passphrase: "long enough" });
  assert.deepEqual(await locked.json(), { lock: "passphrase", recoveryCode: "ABCD-EFGH" });
  assert.equal(
    (await at.terminal("POST", "/api/password", { next: "battery staple" })).status,
    204,
    "no current one asked",
  );
});

test("bodies: too large, too deep, not JSON, of another type, with wrong or unknown fields", async () => {
  await using at = await listen();
  const headers = await at.signIn("correct horse");
  const post = (body: string, type = "application/json") =>
    at.ask("/api/tasks", { method: "POST", body, headers: { ...headers, "content-type": type } });
  const large = await post(JSON.stringify({ title: "x".repeat(1_000_001) }));
  assert.equal(await codeOf(large), "too-large");
  assert.equal(await codeOf(await post(`{"title":${"[".repeat(100_000)}${"]".repeat(100_000)}}`)), "invalid");
  assert.equal((await post(`{"title":"${"[".repeat(50)}"}`)).status, 200, "brackets in a string are not depth");
  assert.equal(await codeOf(await post("{")), "invalid");
  assert.equal(await codeOf(await post("title=x", "application/x-www-form-urlencoded")), "wrong-type");
  assert.equal(await codeOf(await post("{}", "text/plain")), "wrong-type");
  const problem = (await (await post('{"title":"x","due":"tomorrow"}')).json()) as { field: string; detail: string };
  assert.equal(problem.field, "due");
  assert.match(problem.detail, /YYYY-MM-DD/);
  assert.equal(await codeOf(await post('{"title":"x","admin":true}')), "invalid");
});

test("a streamed body without a length is cut at the limit too", async () => {
  await using at = await listen();
  const headers = await at.signIn("correct horse");
  async function* endless() {
    for (let at = 0; at < 64; at++) yield Buffer.alloc(65_536, 0x20);
  }
  const answer = await at
    .ask("/api/tasks", { method: "POST", body: endless(), headers: { ...headers, "content-type": "application/json" } })
    .catch((error: unknown) => error);
  // The refusal arrives, or the connection is cut while we still send.
  if (answer instanceof Response) assert.equal(answer.status, 413);
  else assert.match(String((answer as { code?: unknown }).code), /EPIPE|ECONNRESET/);
});

test("an original is an attachment that nothing renders, whatever its name holds", async () => {
  await using at = await listen();
  const headers = await at.signIn("correct horse");
  const answer = await at.ask("/api/items/item-3/original", { headers });
  assert.equal(answer.headers.get("content-type"), "application/octet-stream");
  assert.match(answer.headers.get("content-security-policy") ?? "", /^sandbox/);
  assert.equal(
    answer.headers.get("content-disposition"),
    `attachment; filename="na_ve__name_.html"; filename*=UTF-8''na%C3%AFve%0D%0Aname%22.html`,
  );
  assert.equal(await answer.text(), "<script>alert(1)</script>".slice(0, 23));
  assert.equal(await codeOf(await at.ask("/api/items/nothing/original", { headers })), "not-found");
  assert.equal(await codeOf(await at.ask("/api/items/..%2F..%2Fetc%2Fpasswd", { headers })), "not-found");
});

test("an unexpected error tells nothing of the inside", async () => {
  const logged: string[] = [];
  const log = { debug() {}, info() {}, warn() {}, error: (event: string) => void logged.push(event) };
  await using at = await listen({ log });
  at.door.fake.failing = true;
  const answer = await at.terminal("GET", "/api/search?q=x");
  assert.equal(answer.status, 500);
  assert.ok(!(await answer.text()).includes("secret words"));
  assert.deepEqual(logged, ["request-failed"]);
});

test("unknown addresses and methods are told apart", async () => {
  await using at = await listen();
  assert.equal(await codeOf(await at.ask("/api/nothing")), "not-found");
  assert.equal(await codeOf(await at.send("PUT", "/api/session", {})), "wrong-method");
});

test("what is not there is 404 on every route with an id", async () => {
  await using at = await listen();
  const gone: readonly (readonly [string, string, unknown?])[] = [
    ["GET", "/api/items/none"],
    ["GET", "/api/conversations/none"],
    ["PATCH", "/api/conversations/none", { title: "x" }],
    ["GET", "/api/sources/none"],
    ["POST", "/api/sources/none/run"],
    ["POST", "/api/sources/none/pause"],
    ["POST", "/api/quarantine/none/retry"],
    ["DELETE", "/api/quarantine/none"],
    ["POST", "/api/jobs/none/rerun"],
    ["DELETE", "/api/jobs/none"],
    ["POST", "/api/forget", { item: "none" }],
    ["GET", "/api/forget/none"],
    ["POST", "/api/forget/none/undo"],
    ["POST", "/api/forget/none/confirm"],
    ["DELETE", "/api/memories/none"],
    ["PATCH", "/api/tasks/none", { done: true }],
    ["DELETE", "/api/tasks/none"],
    ["DELETE", "/api/tokens/none"],
    ["POST", "/api/chat/stop", { answer: "none" }],
    ["GET", "/api/chat/none"],
  ];
  await Promise.all(gone.map(async ([method, path, body]) => is404(at, method, path, body)));
});

async function is404(at: Listening, method: string, path: string, body: unknown): Promise<void> {
  const answer = await at.terminal(method, path, body);
  assert.equal(answer.status, 404, `${method} ${path}`);
  assert.equal(await codeOf(answer), "not-found");
}
