import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, test } from "node:test";
import { collect } from "@steward/core/library.ts";
import type { House } from "./house.ts";
import { withHouse } from "./testing/opened.ts";

/**
 * Canaries: words that stand nowhere else, planted in every kind of content. After the process has stopped, no byte
 * under the home or the temporary folder holds one; after forgetting, nothing that is left opens to one, with any key.
 */
const CANARY = {
  subject: "zirkonsubject71",
  body: "zirkonbody72",
  attachmentName: "zirkonfile73",
  attachment: "zirkonattachment74",
  fileName: "zirkonnote75",
  file: "zirkontext76",
  person: "zirkonperson77",
  question: "zirkonquestion78",
  memory: "zirkonmemory79",
  task: "zirkontask80",
  quarantined: "zirkonbroken81",
  upload: "zirkonupload82",
} as const;
const CANARIES = Object.values(CANARY);

const MAIL = `From: Ana ${CANARY.person} <ana@example.org>
To: me@example.org
Subject: The ${CANARY.subject} is confirmed
Date: Sat, 11 Jan 2025 18:22:00 +0000
Message-ID: <canary@example.org>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain

The deposit ${CANARY.body} of 350 francs was paid on 2 April 2025.

--b
Content-Type: text/plain; name="${CANARY.attachmentName}.txt"
Content-Disposition: attachment; filename="${CANARY.attachmentName}.txt"

The attached ${CANARY.attachment} says the same.
--b--
`;

let folder: string;
let home: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "steward-canary-"));
  home = join(folder, "home");
});
after(() => rm(folder, { recursive: true, force: true }));

test("nothing readable is stored, and nothing forgotten can be opened", async (t) => {
  await plant();
  await t.test("no byte of the home or the temporary folder holds a canary", async () => {
    assert.deepEqual(await canariesIn(await filesBelow(home)), []);
    assert.deepEqual(await canariesIn(await filesInTemporaryFolder()), []);
  });

  await t.test("the owner's own keys do open them: the scan below would find what is there", async () => {
    const readable = await withHouse(home, everythingReadable);
    for (const canary of CANARIES)
      assert.ok(readable.includes(canary), `${canary} is nowhere, so the scan proves nothing`);
  });

  const sealedBefore = await sealedBodies();
  await withHouse(home, forgetEverything);

  await t.test("after forgetting, no live key opens anything that holds a canary", async () => {
    const readable = await withHouse(home, everythingReadable);
    assert.deepEqual(
      CANARIES.filter((canary) => readable.includes(canary)),
      [],
    );
  });

  await t.test("the sealed bytes themselves are gone from every file of the store", async () => {
    const left = new Set((await sealedBodies()).map((body) => body.toString("base64")));
    const gone = sealedBefore.filter((body) => !left.has(body.toString("base64")));
    assert.ok(gone.length > 20, `only ${gone.length} sealed bodies went`);
    const files = await Promise.all((await filesBelow(home)).map((file) => readFile(file)));
    const found = gone.filter((body) => files.some((bytes) => bytes.includes(body.subarray(0, 56))));
    assert.equal(found.length, 0, `${found.length} of ${gone.length} deleted bodies still lie in a file`);
  });
});

/** Everything that can be planted through a face; then the process stops as a person would stop it. */
async function plant(): Promise<void> {
  const inbox = join(folder, "inbox");
  await mkdir(inbox);
  await writeFile(join(inbox, "mail.eml"), MAIL);
  await writeFile(join(inbox, `${CANARY.fileName}.md`), `# Note\n\nThe ${CANARY.file} lies in the drawer.\n`);
  await writeFile(join(inbox, `${CANARY.quarantined}.pdf`), "%PDF-1.7 and then nothing of a PDF");
  await withHouse(home, async (house) => {
    const added = await house.sources.addPath(inbox);
    const done = await house.sources.finished(added.id);
    assert.equal(done.state, "done");
    assert.equal(done.progress.quarantined, 1);
    const upload = await house.sources.addUpload("upload.md", once(Buffer.from(`A note on ${CANARY.upload}.`)));
    await house.sources.finished(upload.id);
    await ask(house, `What does the mail from Ana say of the deposit ${CANARY.body}? And ${CANARY.question}?`);
    await house.ledger.remember(`My locker is ${CANARY.memory}.`);
    await house.tasks.create({ title: `Call about ${CANARY.task}` });
    assert.equal((await house.find(`"${CANARY.attachment}"`)).total, 1);
    await house.index.flush();
  });
  await rm(inbox, { recursive: true });
}

async function forgetEverything(house: House): Promise<void> {
  const asked = [
    ...(await house.sources.list()).map(({ id }) => ({ source: id })),
    ...(await house.conversations.list()).map(({ id }) => ({ conversation: id })),
    ...(await house.ledger.list()).map(({ id }) => ({ memory: id })),
  ];
  for (const what of asked) {
    const forgetting = await house.forgetting.ask(what);
    assert.ok(forgetting);
    await house.forgetting.confirm(forgetting.id);
  }
  for (const task of await house.tasks.list()) await house.tasks.remove(task.id);
  for (let i = 0; i < 400; i++) {
    const all = await house.forgetting.list();
    if (all.length === asked.length && all.every(({ state }) => state === "done")) break;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  const receipts = await house.forgetting.list();
  assert.ok(
    receipts.every(({ receipt }) => receipt && receipt.keysDestroyed > 0),
    JSON.stringify(receipts),
  );
}

/** What every live data key opens of every row and every blob, as one text. */
async function everythingReadable(house: House): Promise<string> {
  const rows = allRows();
  const scopes = rows
    .filter((row) => row.partition === "key")
    .map((row) => /^([a-z]+)\/(.+)$/.exec(row.sort))
    .filter((match) => match !== null);
  let text = "";
  for (const [, domain = "", scope = ""] of scopes) {
    const key = await house.vault.key(domain as "private" | "index", scope);
    for (const row of rows) {
      try {
        const plain = key.open({ table: row.partition, id: row.sort, field: "body" }, row.body);
        text += `${Buffer.from(plain).toString("utf8")}\n`;
      } catch {
        // Sealed under another key.
      }
    }
    const original = domain === "private" ? await house.library.original(scope).catch(() => undefined) : undefined;
    if (original) text += Buffer.from(await collect(original.bytes)).toString("utf8");
  }
  const quarantined = await house.sources.quarantine();
  return text + JSON.stringify(quarantined);
}

function allRows(): { partition: string; sort: string; body: Buffer }[] {
  const db = new DatabaseSync(join(home, "steward.db"), { readOnly: true });
  try {
    return db
      .prepare("SELECT partition, sort, body FROM record")
      .all()
      .map((row) => ({
        partition: String(row.partition),
        sort: String(row.sort),
        body: Buffer.from(row.body as Uint8Array),
      }));
  } finally {
    db.close();
  }
}

async function sealedBodies(): Promise<Buffer[]> {
  return allRows()
    .map((row) => row.body)
    .filter((body) => body.length >= 72);
}

async function ask(house: House, text: string): Promise<void> {
  let ended = false;
  for await (const event of house.answer({ text }, new AbortController().signal)) ended = event.type === "finish";
  assert.ok(ended, "the turn did not finish");
}

/** Each canary as text, in UTF-16, in base64 at each of its three offsets, and in hexadecimal. */
function formsOf(canary: string): Buffer[] {
  const bytes = Buffer.from(canary);
  const base64 = [0, 1, 2].map((pad) => {
    const shifted = Buffer.concat([Buffer.alloc(pad), bytes]).toString("base64");
    return Buffer.from(shifted.slice(pad === 0 ? 0 : 4, -4));
  });
  return [bytes, Buffer.from(canary, "utf16le"), Buffer.from(bytes.toString("hex")), ...base64];
}

async function canariesIn(files: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const file of files) {
    if (CANARIES.some((canary) => file.slice(home.length).includes(canary))) found.push(`the name ${file}`);
    const bytes = await readFile(file).catch(() => Buffer.alloc(0));
    for (const canary of CANARIES) {
      if (formsOf(canary).some((form) => bytes.includes(form))) found.push(`${canary} in ${file}`);
    }
  }
  return found;
}

async function filesBelow(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true, recursive: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

/** What lies in the temporary folder itself and was made by us, but for this test's own folder. */
async function filesInTemporaryFolder(): Promise<string[]> {
  const entries = await readdir(tmpdir(), { withFileTypes: true });
  const ours = entries.filter((entry) => /steward/i.test(entry.name) && join(tmpdir(), entry.name) !== folder);
  const below = await Promise.all(
    ours.map((entry) => {
      const path = join(tmpdir(), entry.name);
      return entry.isFile() ? [path] : filesBelow(path).catch(() => []);
    }),
  );
  return below.flat();
}

async function* once(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}
