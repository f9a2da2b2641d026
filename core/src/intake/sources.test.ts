import assert from "node:assert/strict";
import { test } from "node:test";
import type { Source } from "../item.ts";
import { RowJobs } from "../job-rows.ts";
import { runJobs } from "../job-worker.ts";
import { Library } from "../library.ts";
import type { IndexedItem, PassageIndex } from "../search/passage-index.ts";
import { FakeClock } from "../testing/fake-clock.ts";
import { MemoryBlobs } from "../testing/memory-blobs.ts";
import { MemoryRecords } from "../testing/memory-records.ts";
import { plainVault } from "../testing/plain-vault.ts";
import { ScriptReader, scripted } from "../testing/script-reader.ts";
import { SealedRecords } from "../vault/sealed-records.ts";
import type { Connector, Pulled } from "./connector.ts";
import { NoSuchSource, Sources, type SourcesDeps } from "./sources.ts";
import { openUpload } from "./uploads.ts";

const MAILS = 300;

/** A source of so many notes; `before` is called ahead of each, and may wait or throw. */
function notes(count: number, before: (at: number) => Promise<void> = async () => {}): Connector {
  return {
    kind: "path",
    measure: async () => count,
    async *pull(_, cursor, signal): AsyncGenerator<Pulled> {
      for (let at = Number(cursor ?? 0); at < count && !signal.aborted; at++) {
        await before(at);
        const bytes = scripted({ title: `note ${at}`, text: `text of ${at}` });
        yield {
          type: "entry",
          name: `${at}.txt`,
          path: `/n/${at}.txt`,
          bytes,
          position: at + 1,
          cursor: String(at + 1),
        };
      }
    },
  };
}

function open(
  connector: Connector,
  stores = { records: new MemoryRecords(new FakeClock()), blobs: new MemoryBlobs() },
  more: Partial<SourcesDeps> = {},
) {
  const clock = new FakeClock();
  const { records, blobs } = stores;
  const sealed = new SealedRecords(records, plainVault(records));
  const library = new Library({ sealed, blobs });
  const indexed: IndexedItem[] = [];
  const index = { put: async (items: readonly IndexedItem[]) => void indexed.push(...items) } as Partial<PassageIndex>;
  const queue = new RowJobs({ sealed, clock });
  const uploads: Connector = {
    kind: "upload",
    measure: async (source) => (await openUpload({ sealed, blobs }, source)).size,
    async *pull(source, cursor): AsyncGenerator<Pulled> {
      if (cursor !== undefined) return;
      const { size, read } = await openUpload({ sealed, blobs }, source);
      const bytes = await read(0, size);
      yield { type: "entry", name: source.name, path: source.name, bytes, position: size, cursor: "end" };
    },
  };
  const sources = new Sources({
    ...{ clock, sealed, blobs, library, queue, reader: new ScriptReader(), index: index as PassageIndex },
    connectors: { path: connector, sample: connector, upload: uploads },
    ownAddresses: async () => new Set<string>(),
    sampleFolder: async () => "/sample",
    checkPath: async (path) => {
      if (path === "/missing") throw new Error("There is nothing at /missing.");
      return path;
    },
    ...more,
  });
  const stop = new AbortController();
  const run = () =>
    runJobs(
      {
        ...{ queue, clock, log: () => {} },
        handle: async (job, at) => (job.kind === "pull" ? sources.pull(job.source, at, at.signal) : undefined),
      },
      stop.signal,
    );
  return { sources, indexed, queue, records, blobs, clock, run, stop, stores };
}

test("a path is pulled to its end, with what it brought counted", async () => {
  const { sources, indexed, run, stop } = open(notes(MAILS));
  const added = await sources.addPath("/notes");
  assert.equal(added.state, "waiting");
  const working = run();
  const done = await sources.finished(added.id);
  assert.equal(done.state, "done");
  assert.deepEqual(
    [done.progress.added, done.progress.known, done.progress.bytes, done.progress.totalBytes],
    [MAILS, 0, MAILS, MAILS],
  );
  assert.equal(indexed.length, MAILS);
  stop.abort();
  await working;
});

test("the same path again is the same source, and adds nothing", async () => {
  const { sources, run, stop } = open(notes(20));
  const first = await sources.addPath("/notes");
  const working = run();
  await sources.finished(first.id);
  const second = await sources.addPath("/notes");
  assert.equal(second.id, first.id);
  const done = await sources.finished(first.id);
  assert.deepEqual([done.progress.added, done.progress.known], [0, 20]);
  assert.equal((await sources.list()).length, 1);
  stop.abort();
  await working;
});

test("paused, it stops after its batch and goes on from there when run again", async () => {
  let reached = () => {};
  const halfway = new Promise<void>((resolve) => {
    reached = resolve;
  });
  let go = () => {};
  const held = new Promise<void>((resolve) => {
    go = resolve;
  });
  const connector = notes(MAILS, async (at) => {
    if (at !== 200) return;
    reached();
    await held;
  });
  const { sources, indexed, run, stop } = open(connector);
  const added = await sources.addPath("/notes");
  const working = run();
  await halfway;
  const pausing = sources.pause(added.id);
  go();
  const paused = await pausing;
  assert.equal(paused.state, "paused");
  const before = indexed.length;
  assert.ok(before < MAILS, `${before} were taken in before the pause`);
  assert.equal((await sources.run(added.id)).state, "waiting");
  const done = await sources.finished(added.id);
  assert.deepEqual([done.state, done.progress.added, done.progress.known], ["done", MAILS, 0]);
  stop.abort();
  await working;
});

test("one that fails says why, and is tried again by itself", async () => {
  let broken = true;
  const connector = notes(10, async () => {
    if (broken) throw new Error("The disk is full.");
  });
  const { sources, clock, run, stop } = open(connector);
  const added = await sources.addPath("/notes");
  const working = run();
  const failed = await sources.finished(added.id);
  assert.deepEqual([failed.state, failed.error], ["failed", "The disk is full."]);
  broken = false;
  for (let i = 0; i < 20 && (await sources.get(added.id))?.state !== "done"; i++) await clock.advance(30_000);
  const done = await sources.get(added.id);
  assert.deepEqual([done?.state, done?.error, done?.progress.added], ["done", undefined, 10]);
  stop.abort();
  await working;
});

test("one is done once all it brought is findable, and has failed where the index did", async () => {
  for (const fails of [false, true]) {
    const waiting = Promise.withResolvers<void>();
    const put = async (items: readonly IndexedItem[]) => {
      // The last batch alone is waited for: the others are indexed while the next are written.
      if (items.some(({ title }) => title === `note ${MAILS - 1}`)) await waiting.promise;
    };
    const { sources, run, stop } = open(notes(MAILS), undefined, { index: { put } as unknown as PassageIndex });
    const added = await sources.addPath("/notes");
    const working = run();
    while ((await sources.get(added.id))?.progress.added !== MAILS) await new Promise(setImmediate);
    for (let turn = 0; turn < 50; turn += 1) await new Promise(setImmediate);
    assert.equal((await sources.get(added.id))?.state, "reading");
    if (fails) waiting.reject(new Error("The index is full."));
    else waiting.resolve();
    const { state, error } = await sources.finished(added.id);
    assert.deepEqual([state, error], fails ? ["failed", "The index is full."] : ["done", undefined]);
    stop.abort();
    await working;
  }
});

test("a path that is not there is refused, and nothing is added", async () => {
  const { sources } = open(notes(1));
  await assert.rejects(sources.addPath("/missing"), /nothing at \/missing/);
  assert.deepEqual(await sources.list(), []);
});

test("an upload is sealed while it streams, taken in, and its blob is gone afterwards", async () => {
  const { sources, indexed, blobs, run, stop } = open(notes(0));
  async function* bytes() {
    const all = scripted({ title: "Upload", text: "uploaded" });
    yield all.subarray(0, 10);
    yield all.subarray(10);
  }
  const added = await sources.addUpload("folder/up.txt", bytes());
  assert.equal(added.name, "up.txt");
  const working = run();
  const done = await sources.finished(added.id);
  assert.equal(done.progress.added, 1);
  assert.equal(indexed[0]?.title, "Upload");
  stop.abort();
  await working;
  const left: string[] = [];
  for await (const name of blobs.list("upload/")) left.push(name);
  assert.deepEqual(left, []);
});

test("an upload that is cut off leaves nothing", async () => {
  const { sources, blobs } = open(notes(0));
  async function* cut() {
    yield new Uint8Array(100_000);
    throw new Error("The connection was lost.");
  }
  await assert.rejects(sources.addUpload("up.zip", cut()), /connection was lost/);
  assert.deepEqual(await sources.list(), []);
  for await (const name of blobs.list()) assert.fail(`${name} is left`);
});

test("a source whose job a kill took with it is taken up at the next start", async () => {
  const first = open(notes(5));
  const added = await first.sources.addPath("/notes");
  // Killed between the two writes: the source waits, and there is no job.
  for (const job of await first.queue.list()) {
    const lease = await first.queue.claim();
    assert.equal(lease?.id, job.id);
    if (lease) await first.queue.complete(lease);
  }
  const second = open(notes(5), first.stores);
  await second.sources.open();
  const working = second.run();
  assert.equal((await second.sources.finished(added.id)).state, "done");
  second.stop.abort();
  await working;
});

test("what was quarantined is taken in when it can be read, and can be dismissed when it cannot", async () => {
  const junk: Pulled[] = ["a.pdf", "b.pdf"].map((name, i) => {
    const place = { name, path: `/n/${name}`, position: i, cursor: String(i) };
    return { type: "entry" as const, ...place, bytes: new Uint8Array([i, 255]) };
  });
  const connector: Connector = {
    kind: "path",
    measure: async () => undefined,
    async *pull() {
      yield* junk;
    },
  };
  const { sources, indexed, run, stop } = open(connector);
  const added = await sources.addPath("/n");
  const working = run();
  assert.equal((await sources.finished(added.id)).progress.quarantined, 2);
  const [one, two] = await sources.quarantine();
  assert.equal((await sources.retryQuarantined(one?.id ?? ""))?.code, "damaged");
  // A better reader comes along.
  const better = ScriptReader.prototype.read;
  ScriptReader.prototype.read = async (input) => ({
    ok: true,
    document: {
      kind: "file",
      title: input.name,
      people: [],
      mediaType: "application/pdf",
      text: "now read",
      marks: [],
      parts: [],
      warnings: [],
    },
  });
  try {
    assert.equal(await sources.retryQuarantined(one?.id ?? ""), undefined);
  } finally {
    ScriptReader.prototype.read = better;
  }
  assert.equal(indexed.length, 1);
  assert.equal(await sources.dismissQuarantined(two?.id ?? ""), true);
  assert.equal(await sources.dismissQuarantined(two?.id ?? ""), false);
  assert.deepEqual(await sources.quarantine(), []);
  stop.abort();
  await working;
});

test("asking for a source that is not there is told", async () => {
  const { sources } = open(notes(0));
  await assert.rejects(sources.run("nothing"), NoSuchSource);
  await assert.rejects(sources.pause("nothing"), NoSuchSource);
  assert.equal(await sources.retryQuarantined("nothing"), undefined);
});

test("progress is told at once, after every change, and ends with the signal", async () => {
  const { sources, clock, run, stop } = open(notes(MAILS));
  const ended = new AbortController();
  const states: (Source["state"] | undefined)[] = [];
  const following = (async () => {
    for await (const { sources: all } of sources.progress(ended.signal)) {
      states.push(all[0]?.state);
      if (all[0]?.state === "done") ended.abort();
    }
  })();
  const added = await sources.addPath("/notes");
  const working = run();
  await sources.finished(added.id);
  for (let i = 0; i < 20 && !ended.signal.aborted; i++) await clock.advance(300);
  await following;
  assert.equal(states[0], undefined);
  assert.equal(states.at(-1), "done");
  stop.abort();
  await working;
});

test("of two processes one reads, the other follows it, and its pause reaches the reading one", async () => {
  const held = Promise.withResolvers<void>();
  const reading = open(
    notes(MAILS, async (at) => {
      if (at === 150) await held.promise;
    }),
    undefined,
    { shared: true },
  );
  const asked = open(notes(0), reading.stores, { shared: true });
  const added = await asked.sources.addPath("/notes");
  const working = reading.run();

  const seen: string[] = [];
  const following = (async () => {
    for await (const { sources: all, again } of asked.sources.progress(new AbortController().signal)) {
      seen.push(`${all[0]?.state} ${again ?? "more to come"}`);
    }
  })();
  while (!seen.includes("reading more to come")) await asked.clock.advance(500);

  const paused = await asked.sources.pause(added.id);
  assert.equal(paused.state, "paused");
  held.resolve();
  while ((await reading.queue.list()).length > 0) await reading.clock.advance(500);
  while (!seen.at(-1)?.startsWith("paused")) await asked.clock.advance(500);
  await following;
  assert.equal(seen.at(-1), "paused 5000", "nothing moves: the stream ends and says when to ask again");
  const stored = await reading.sources.get(added.id);
  assert.equal(stored?.state, "paused");
  assert.ok((stored?.progress.added ?? 0) < MAILS);

  // It goes on where it stood, in whichever process.
  await asked.sources.run(added.id);
  while ((await reading.sources.get(added.id))?.state !== "done") await reading.clock.advance(500);
  // The batch that was cut off had kept some already: they are known now.
  const { progress } = await asked.sources.finished(added.id);
  assert.equal(progress.added + progress.known, MAILS);
  assert.equal(new Set(reading.indexed.map(({ item }) => item)).size, MAILS);
  reading.stop.abort();
  await working;
});
