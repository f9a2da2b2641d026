import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { requestOver } from "./cli/wire.ts";
import { CannotListen, isAnswering, serve, socketPathOf } from "./serve.ts";
import { listen } from "./testing/listening.ts";

const app = {
  fetch: async (_: Request, env: { via: string }) => new Response(env.via),
  stop: async () => {},
};

function folder(): string {
  return mkdtempSync(join(tmpdir(), "steward-serve-"));
}

test("serves both loopback addresses and a socket for the owner alone", async () => {
  const home = folder();
  const socketPath = socketPathOf(home);
  const serving = await serve({ app, port: 0, socketPath });
  assert.equal(statSync(socketPath).mode & 0o777, 0o600);
  assert.equal(await (await requestOver({ host: "127.0.0.1", port: serving.port }, "/")).text(), "tcp");
  assert.equal(await (await requestOver({ socketPath }, "/")).text(), "socket");
  const v6 = await requestOver({ host: "::1", port: serving.port }, "/").catch((error: unknown) => error);
  // A machine without IPv6 has no ::1 to refuse us on.
  if (v6 instanceof Response) assert.equal(await v6.text(), "tcp");
  else assert.match(String((v6 as { code?: unknown }).code), /EADDRNOTAVAIL|EAFNOSUPPORT/);
  await serving.stop();
  assert.equal(existsSync(socketPath), false, "the socket is removed");
  rmSync(home, { recursive: true });
});

test("a socket left by a killed server is replaced; one that answers is not", async () => {
  const home = folder();
  const socketPath = socketPathOf(home);
  writeFileSync(socketPath, "");
  const serving = await serve({ app, port: 0, socketPath });
  await assert.rejects(serve({ app, port: 0, socketPath }), /runs already for this home/);
  assert.equal(await isAnswering(socketPath), true);
  await serving.stop();
  rmSync(home, { recursive: true });
});

test("a taken port is said with what to do, and nothing is left listening", async () => {
  const home = folder();
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  const address = other.address();
  const port = typeof address === "object" && address ? address.port : 0;
  const socketPath = socketPathOf(home);
  await assert.rejects(serve({ app, port, socketPath }), (error: unknown) => {
    assert.ok(error instanceof CannotListen);
    assert.match(error.message, new RegExp(`Port ${port} is taken.*STEWARD_PORT=${port + 1} npm start.*doctor`, "s"));
    return true;
  });
  assert.equal(existsSync(socketPath), false);
  other.close();
  rmSync(home, { recursive: true });
});

test("a home with a long path gets a short socket in a private folder", async () => {
  const home = join(tmpdir(), "x".repeat(120));
  const socketPath = socketPathOf(home);
  assert.ok(Buffer.byteLength(socketPath) <= 100, socketPath);
  assert.notEqual(socketPath, socketPathOf(`${home}y`));
  const serving = await serve({ app, port: 0, socketPath });
  assert.equal(statSync(dirname(socketPath)).mode & 0o777, 0o700);
  assert.equal(statSync(socketPath).mode & 0o777, 0o600);
  await serving.stop();
});

test("a stop lets the request under way finish and ends the streams", async () => {
  const at = await listen();
  const stream = await at.terminal("GET", "/api/progress");
  const { promise, resolve } = Promise.withResolvers<void>();
  at.door.fake.script = { words: ["one ", "two"], hold: promise };
  const chat = await at.terminal("POST", "/api/chat", { text: "count" });
  const events = chat.text();
  const progress = stream.text();
  const stopped = at.serving.stop();
  assert.match(await progress, /^data: /);
  assert.match(await events, /"type":"finish".*"state":"stopped"/s, "a running turn is stopped and stored");
  await stopped;
  assert.equal(at.door.fake.ended[0]?.state, "stopped");
  await assert.rejects(at.ask("/healthz"), { code: "ECONNREFUSED" });
  resolve();
  await at[Symbol.asyncDispose]();
});
