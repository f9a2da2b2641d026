import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { mboxMails } from "../../bench/mails.ts";
import { withHouse } from "./testing/opened.ts";

/**
 * `kill -9` at a random moment, fifty times over one home, while a mailbox with attachments of the larger kind is taken
 * in; then a run to the end. Every mail must be there once, whole, and found. The seed of the moments is printed.
 */
const KILLS = 50;
const MAILS = 4_000;

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "steward-kill-"));
});
after(() => rm(folder, { recursive: true, force: true }));

test(`killed ${KILLS} times at random moments, nothing is lost and nothing doubled`, {
  timeout: 280_000,
}, async (t) => {
  const home = join(folder, "home");
  const mbox = join(folder, "all.mbox");
  await writeFile(mbox, [...mboxMails(MAILS)].join(""));
  const seed = Date.now() % 100_000;
  t.diagnostic(`seed ${seed}`);
  const random = seeded(seed);

  let ended = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    const child = start(home, mbox);
    // Some before the home is open, most while mails are being written.
    if (random() < 0.2) await Promise.race([sleep(random() * 400), child.ended]);
    else {
      await child.opened;
      await Promise.race([sleep(random() * 120), child.ended]);
    }
    if (child.process.exitCode === 0) ended++;
    child.process.kill("SIGKILL");
    await child.ended;
  }
  assert.ok(ended < KILLS / 2, `${ended} of ${KILLS} runs ended before they were killed: too little was interrupted`);

  const last = start(home, mbox);
  await last.ended;
  assert.equal(last.process.exitCode, 0, last.said());

  await withHouse(home, async (house) => {
    const { items, total } = await house.index.list({}, { limit: MAILS * 2 });
    assert.equal(total, MAILS);
    const ids = new Set<string>();
    for (const id of items) {
      const item = await house.library.item(id);
      assert.ok(item?.messageId && !ids.has(item.messageId), `a mail is doubled: ${item?.messageId}`);
      ids.add(item.messageId);
      assert.ok((await house.library.reading(id))?.text.includes("Reference bench"), "a mail has lost its text");
    }
    assert.equal(ids.size, MAILS);
    for (const i of [0, 1, 1234, MAILS - 1]) assert.equal((await house.find(`"bench${i}code"`)).total, 1, `mail ${i}`);
    const [source] = await house.sources.list();
    assert.equal(source?.state, "done");
    // What the last stop gave back is done now; nothing may be left over, dead or running.
    for (let i = 0; i < 400 && (await house.queue.list()).length > 0; i++) await sleep(25);
    assert.deepEqual(await house.queue.list(), []);
  });
});

function start(home: string, path: string) {
  const script = join(import.meta.dirname, "testing", "take-in.ts");
  const child: ChildProcess = spawn(process.execPath, [script, home, path], {
    env: {},
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  const opened = new Promise<void>((resolve) => {
    child.stdout?.on("data", (chunk) => {
      said += chunk;
      if (said.includes("opened")) resolve();
    });
    child.once("exit", () => resolve());
  });
  child.stderr?.on("data", (chunk) => {
    said += chunk;
  });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  return { process: child, opened, ended, said: () => said };
}

function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 4_294_967_296;
  };
}
