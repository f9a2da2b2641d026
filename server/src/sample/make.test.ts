import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { mimeOf } from "./mail.ts";
import { makeSample, sampleFiles, sampleMails } from "./make.ts";

/** What is in the archive, and that it reads back, is tested with the questions on it: scripts/sample/sample.test.ts. */
function digestOf(files: ReadonlyMap<string, Uint8Array>): string {
  const hash = createHash("sha256");
  for (const [path, bytes] of files) hash.update(`${path} ${bytes.length}\n`).update(bytes);
  return hash.digest("hex");
}

test("the same seed gives the same bytes, another seed other ones", () => {
  assert.equal(digestOf(sampleFiles()), digestOf(sampleFiles()));
  assert.notEqual(digestOf(sampleFiles(7)), digestOf(sampleFiles(8)));
});

test("the zone of the machine changes nothing", () => {
  const zone = process.env.TZ;
  const here = digestOf(sampleFiles());
  try {
    process.env.TZ = "Pacific/Auckland";
    assert.equal(digestOf(sampleFiles()), here);
  } finally {
    if (zone === undefined) delete process.env.TZ;
    else process.env.TZ = zone;
  }
});

test("the archive is written as it is made, small, with some 400 mails", async () => {
  const folder = await mkdtemp(join(tmpdir(), "steward-sample-"));
  try {
    const report = await makeSample(folder);
    assert.ok(report.mails >= 380 && report.mails <= 460, `${report.mails} mails`);
    assert.ok(report.bytes < 3_000_000, `${report.bytes} bytes`);
    const written = await readdir(folder, { recursive: true, withFileTypes: true });
    assert.equal(written.filter((entry) => entry.isFile()).length, report.files);
    for (const [path, bytes] of sampleFiles())
      assert.deepEqual(new Uint8Array(await readFile(join(folder, path))), bytes);
    const note = await stat(join(folder, "notes", "flat.md"));
    assert.equal(note.mtime.toISOString(), "2024-03-04T19:10:00.000Z", "a note is as old as its story says");
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("every mail has a name of its own, answers an earlier one and lies within the two years", () => {
  const mails = sampleMails();
  const at = new Map(mails.map((mail) => [mail.id, mail.at]));
  assert.equal(at.size, mails.length);
  for (const mail of mails) {
    assert.ok(mail.at >= "2024-01-01" && mail.at < "2026-01-01", `${mail.id} is of ${mail.at}`);
    if (mail.re !== undefined) assert.ok((at.get(mail.re) ?? "9") < mail.at, `${mail.id} answers ${mail.re}`);
  }
});

test("a mail that cannot be written in its charset is refused, not garbled", () => {
  const mail = {
    id: "x",
    at: "2024-01-01 10:00",
    from: "nora",
    subject: "x",
    body: "–",
    charset: "iso-8859-1",
  } as const;
  assert.throws(() => mimeOf(mail, new Map(), []), /choose another charset/);
});
