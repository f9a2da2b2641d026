import assert from "node:assert/strict";
import { test } from "node:test";
import { fakeDoor } from "../testing/fake-door.ts";
import { codeOf, listen } from "../testing/listening.ts";
import { ROUTES } from "./owner-face.ts";

test("health checks answer everybody; readiness follows the door", async () => {
  await using at = await listen({ door: fakeDoor({ locked: "open sesame" }) });
  assert.deepEqual(await (await at.ask("/healthz")).json(), { ok: true });
  const unready = await at.ask("/readyz");
  assert.equal(unready.status, 503);
  assert.deepEqual(await unready.json(), { ok: false, reason: "locked" });
  assert.equal((await at.send("POST", "/api/unlock", { passphrase: "open sesame" })).status, 200);
  assert.equal((await at.ask("/readyz")).status, 200);
});

test("set-up: the one-time token sets the password, signs in, and works once", async () => {
  await using at = await listen({ door: fakeDoor() });
  assert.deepEqual(await (await at.ask("/api/session")).json(), { state: "setup" });
  const token = at.app.link.issue();
  at.app.link.recoveryCode = "ABCD-1234";
  const setup = { token, password: "correct horse", timeZone: "Europe/Paris", name: "Ada" };

  assert.equal(await codeOf(await at.send("POST", "/api/setup", { ...setup, token: "guess" })), "link-expired");
  const short = await at.send("POST", "/api/setup", { ...setup, password: "short" });
  assert.equal(short.status, 400, "a refused password leaves the link usable");
  const done = await at.send("POST", "/api/setup", setup);
  assert.equal(done.status, 200);
  const session = (await done.json()) as { csrf: string };
  assert.deepEqual(session, {
    state: "signed-in",
    csrf: session.csrf,
    owner: { name: "Ada", timeZone: "Europe/Paris" },
    recoveryCode: "ABCD-1234",
  });
  assert.equal(at.app.link.recoveryCode, undefined, "it is shown once");
  const cookie = done.headers.get("set-cookie") ?? "";
  assert.match(cookie, /^steward_session=[\w-]{43};/);
  assert.match(cookie, /HttpOnly/);
  assert.match(cookie, /SameSite=Strict/);
  assert.match(cookie, /Path=\//);
  const search = await at.ask("/api/search?q=invoice", { headers: { cookie: cookie.split(";")[0] ?? "" } });
  assert.equal(search.status, 200);
  assert.equal(await codeOf(await at.send("POST", "/api/setup", setup)), "conflict");
});

test("before a password is set, nothing but set-up is open to a browser", async () => {
  await using at = await listen({ door: fakeDoor() });
  assert.equal(await codeOf(await at.ask("/api/items/item-1")), "setup-needed");
  assert.equal(await codeOf(await at.send("POST", "/api/session", { password: "x" })), "setup-needed");
});

test("while locked, only the session and unlocking answer", async () => {
  await using at = await listen({ door: fakeDoor({ locked: "open sesame", password: "correct horse" }) });
  assert.deepEqual(await (await at.ask("/api/session")).json(), { state: "locked", unlockBy: "passphrase" });
  assert.equal(await codeOf(await at.ask("/api/status")), "locked");
  assert.equal(await codeOf(await at.terminal("GET", "/api/status")), "locked");
  assert.equal(await codeOf(await at.send("POST", "/api/unlock", { passphrase: "guess" })), "wrong-secret");
  const opened = await at.send("POST", "/api/unlock", { recoveryCode: "RECOVERY" });
  assert.deepEqual(await opened.json(), { state: "signed-out" });
});

test("search, items, sources, tasks and the rest answer the signed-in owner", async () => {
  await using at = await listen();
  const headers = await at.signIn("correct horse");
  const get = async (path: string) => (await at.ask(path, { headers })).json();
  const found = (await get("/api/search?q=invoice&limit=5")) as { hits: { id: string }[] };
  assert.deepEqual(
    found.hits.map((hit) => hit.id),
    ["item-1"],
  );
  const pasted = await at.send("POST", "/api/search", { q: "🎉".repeat(5_000) }, headers);
  assert.equal(pasted.status, 200, "an address has no room for this");
  assert.equal((await at.send("POST", "/api/search", { q: "x", limit: 0 }, headers)).status, 400);
  assert.equal((await at.send("POST", "/api/search", { q: "x" })).status, 401);
  assert.equal(((await get("/api/items/item-1")) as { title: string }).title, "Invoice 2041 from Nordlicht");
  const added = await at.send("POST", "/api/sources", { path: "/mail/inbox.mbox" }, headers);
  assert.equal(added.status, 200);
  assert.equal(((await get("/api/sources")) as unknown[]).length, 1);
  const task = await at.send("POST", "/api/tasks", { title: "Call mum", due: "2026-12-01" }, headers);
  const { id } = (await task.json()) as { id: string };
  const done = await at.send("PATCH", `/api/tasks/${id}`, { done: true }, headers);
  assert.equal(((await done.json()) as { done: boolean }).done, true);
  assert.equal((await at.send("DELETE", `/api/tasks/${id}`, undefined, headers)).status, 204);
  const status = (await get("/api/status")) as { version: string; model: { id: string } };
  assert.equal(status.version, "0.0.0");
  assert.equal(status.model.id, "extractive");
});

test("every route of the contract is there, and openapi.json tells of each", async () => {
  await using at = await listen();
  const description = (await (await at.ask("/openapi.json")).json()) as {
    openapi: string;
    paths: Record<string, Record<string, { operationId: string; requestBody?: object }>>;
  };
  assert.equal(description.openapi, "3.1.0");
  const told = Object.entries(description.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method} ${path}`),
  );
  assert.equal(told.length, ROUTES.length);
  for (const wanted of [
    ..."get /healthz|get /readyz|get /api/session|post /api/setup|post /api/session|delete /api/session".split("|"),
    ..."post /api/unlock|get /api/status|get /api/settings|patch /api/settings|get /api/models".split("|"),
    ..."post /api/models/prove|put /api/models|get /api/conversations|get /api/conversations/{id}".split("|"),
    ..."patch /api/conversations/{id}|post /api/chat|post /api/chat/stop|get /api/search|post /api/search".split("|"),
    ..."get /api/items/{id}|get /api/items/{id}/original|get /api/sources|post /api/sources|post /api/uploads".split(
      "|",
    ),
    ..."post /api/sources/{id}/run|post /api/sources/{id}/pause|get /api/progress|get /api/quarantine".split("|"),
    ..."post /api/quarantine/{id}/retry|delete /api/quarantine/{id}|get /api/jobs|post /api/jobs/{id}/rerun".split("|"),
    ..."delete /api/jobs/{id}|post /api/forget|post /api/forget/{id}/undo|post /api/forget/{id}/confirm".split("|"),
    ..."get /api/forget|get /api/memories|delete /api/memories/{id}|get /api/tasks|post /api/tasks".split("|"),
    ..."patch /api/tasks/{id}|delete /api/tasks/{id}|get /api/tokens|post /api/tokens|delete /api/tokens/{id}".split(
      "|",
    ),
    ..."post /api/backup|post /api/backup/verify|post /api/password|get /api/export".split("|"),
  ]) {
    assert.ok(told.includes(wanted), wanted);
  }
  const operations = Object.values(description.paths).flatMap((methods) => Object.values(methods));
  assert.equal(new Set(operations.map((operation) => operation.operationId)).size, operations.length);
  assert.ok(description.paths["/api/chat"]?.post?.requestBody);
});
