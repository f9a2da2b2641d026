import assert from "node:assert/strict";
import { request } from "node:http";
import { test } from "node:test";
import type { ChatEvent } from "@steward/core/conversation.ts";
import { codeOf, type Listening, listen } from "../testing/listening.ts";
import { sse } from "./sse.ts";

/** Resolves when the condition holds. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resume) => setImmediate(resume));
}

function eventsIn(text: string): ChatEvent[] {
  return text
    .split("\n\n")
    .filter((frame) => frame.startsWith("data: "))
    .map((frame) => JSON.parse(frame.slice(6)) as ChatEvent); // frames of our own app
}

function held(): { promise: Promise<void>; release: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { promise, release: resolve };
}

async function ask(at: Listening, signal?: AbortSignal): Promise<{ answer: Response; first: ChatEvent[] }> {
  const headers = { ...(await at.signIn("correct horse")), "content-type": "application/json" };
  const body = JSON.stringify({ text: "When is it due?" });
  const answer = await at.ask("/api/chat", { method: "POST", body, headers, ...(signal ? { signal } : {}) });
  return { answer, first: [] };
}

test("a turn streams its events in order and ends with finish", async () => {
  await using at = await listen();
  const { answer } = await ask(at);
  assert.equal(answer.headers.get("content-type"), "text/event-stream");
  const events = eventsIn(await answer.text());
  assert.deepEqual(
    events.map((event) => event.type),
    ["turn", "step", "text", "text", "text", "finish"],
  );
});

test("a turn goes on and is stored when the listener leaves", async () => {
  await using at = await listen();
  const hold = held();
  at.door.fake.script = { words: ["one ", "two ", "three"], hold: hold.promise };
  const leaving = new AbortController();
  const { answer } = await ask(at, leaving.signal);
  await answer.body?.getReader().read();
  leaving.abort();
  hold.release();
  await until(() => at.door.fake.ended.length === 1);
  assert.equal(at.door.fake.ended[0]?.state, "done");
  assert.equal(at.door.fake.ended[0]?.text, "one two three");
});

test("stop ends the turn with finish, state stopped, and keeps what was written", async () => {
  await using at = await listen();
  at.door.fake.script = { words: ["one ", "two "], hold: held().promise };
  const headers = await at.signIn("correct horse");
  const answer = await at.send("POST", "/api/chat", { text: "count" }, headers);
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (!text.includes('"text"')) text += (await reader?.read())?.value ?? "";
  const [turn] = eventsIn(text);
  assert.ok(turn?.type === "turn");

  const listening = await at.ask(`/api/chat/${turn.answer}`, { headers });
  const stopped = await at.send("POST", "/api/chat/stop", { answer: turn.answer }, headers);
  assert.equal(stopped.status, 204);
  for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) text += part.value;
  const last = eventsIn(text).at(-1);
  assert.ok(last?.type === "finish");
  assert.equal(last.message.state, "stopped");
  assert.equal(last.message.text, "one ");
  assert.deepEqual(
    eventsIn(await listening.text()),
    eventsIn(text),
    "who listened again heard the same from the start",
  );
  await until(() => at.door.fake.ended.length === 1);
  assert.equal(await codeOf(await at.send("POST", "/api/chat/stop", { answer: turn.answer }, headers)), "not-found");
});

test("a failed turn ends its stream with one error event", async () => {
  await using at = await listen();
  const answer = await at.terminal("POST", "/api/chat", { text: "fail" });
  const events = eventsIn(await answer.text());
  assert.deepEqual(
    events.filter((event) => event.type === "error" || event.type === "finish").map((event) => event.type),
    ["error"],
  );
});

test("a turn that throws against its promise still ends with one error event that tells nothing of the inside", async () => {
  await using at = await listen();
  const answer = await at.terminal("POST", "/api/chat", { text: "throw" });
  const text = await answer.text();
  const last = eventsIn(text).at(-1);
  assert.ok(last?.type === "error");
  assert.equal(last.error.code, "internal");
  assert.equal(last.message.text, "Due on 1 April.[^1]");
  assert.ok(!text.includes("secret words"));
});

test("progress is streamed until the client leaves", async () => {
  await using at = await listen();
  const headers = await at.signIn("correct horse");
  const leaving = new AbortController();
  const answer = await at.ask("/api/progress", { headers, signal: leaving.signal });
  const reader = answer.body?.getReader();
  const first = new TextDecoder().decode((await reader?.read())?.value);
  assert.match(first, /^data: \{"sources":\[\]/);
  leaving.abort();
  const madeThen = () => at.door.fake.progressMade;
  let before = -1;
  // The source ends: what it makes stops growing over two of its own intervals.
  while (before !== madeThen()) {
    before = madeThen();
    await new Promise((resume) => setTimeout(resume, 60));
  }
});

test("a client that does not read holds its source back; memory does not grow with it", async () => {
  await using at = await listen();
  const headers = await at.signIn("correct horse");
  at.door.fake.progressPadding = 65_536;
  const stuck = request({
    host: "127.0.0.1",
    port: at.serving.port,
    path: "/api/progress",
    headers: { ...headers, host: `localhost:${at.serving.port}` },
  });
  const opened = new Promise<void>((resolve) => {
    stuck.once("response", (incoming) => {
      incoming.pause();
      resolve();
    });
  });
  stuck.on("error", () => {}).end();
  await opened;
  let before = -1;
  while (before !== at.door.fake.progressMade) {
    before = at.door.fake.progressMade;
    await new Promise((resume) => setTimeout(resume, 100));
  }
  // What the kernel's and the stream's buffers hold, and no more: an unheld source would have made thousands.
  assert.ok(before < 400, `${before} events of 64 kB were made for a client that reads none`);
  const others = await at.ask("/healthz");
  assert.equal(others.status, 200, "others are served");
  stuck.destroy();
});

test("a silent stream beats", async () => {
  const silent = new AbortController();
  async function* nothing(signal: AbortSignal) {
    yield { first: true };
    await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
  }
  const answer = sse(nothing, { gone: silent.signal, heartbeatMs: 5 });
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  const read = async () => (await reader?.read())?.value;
  assert.equal(await read(), 'data: {"first":true}\n\n');
  assert.equal(await read(), ": still here\n\n");
  assert.equal(await read(), ": still here\n\n");
  silent.abort();
  let part = await reader?.read();
  while (part && !part.done) part = await reader?.read();
  assert.equal(part?.done, true);
});

test("a source that throws ends the stream as broken, not as finished", async () => {
  async function* broken() {
    yield 1;
    throw new Error("gone");
  }
  const answer = sse(broken, { gone: new AbortController().signal });
  await assert.rejects(answer.text(), /gone/);
});

test("an upload streams into the house and is counted", async () => {
  await using at = await listen();
  const headers = await at.signIn("correct horse");
  const chunk = Buffer.alloc(65_536, 7);
  async function* file() {
    for (let part = 0; part < 160; part++) yield chunk;
  }
  const answer = await at.ask("/api/uploads?name=..%2F..%2Fmail.mbox", { method: "POST", body: file(), headers });
  assert.equal(answer.status, 200);
  assert.deepEqual(at.door.fake.uploaded, [{ name: "mail.mbox", bytes: 160 * 65_536 }]);
  assert.equal((await at.send("POST", "/api/uploads", undefined, headers)).status, 400);
});

test("the export is a zip with the originals by kind and the rest as JSON", async () => {
  await using at = await listen();
  await (await at.terminal("POST", "/api/chat", { text: "When is it due?" })).text();
  await at.terminal("POST", "/api/memories", { text: "The cat is called Ada." });
  const answer = await at.terminal("GET", "/api/export");
  assert.equal(answer.headers.get("content-type"), "application/zip");
  const { unzipSync, strFromU8 } = await import("fflate");
  const files = unzipSync(new Uint8Array(await answer.arrayBuffer()));
  assert.deepEqual(Object.keys(files).sort(), [
    "conversations.json",
    "file/naïve__name_.html",
    "items.json",
    "mail/2025-03-14 Invoice 2041 from Nordlicht.eml",
    "memories.json",
    "note/2025-05-02 garden.md",
    "settings.json",
    "tasks.json",
  ]);
  const items = JSON.parse(strFromU8(files["items.json"] ?? new Uint8Array())) as { file: string; id: string }[];
  assert.equal(items[0]?.id, "item-1");
  assert.equal(items[0]?.file, "mail/2025-03-14 Invoice 2041 from Nordlicht.eml");
  assert.match(strFromU8(files["conversations.json"] ?? new Uint8Array()), /1 April/);
});
