import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { makeSampleIn, PathRefused } from "./sample.ts";

const folder = realpathSync(mkdtempSync(join(tmpdir(), "steward-paths-")));
after(() => rmSync(folder, { recursive: true }));
const home = join(folder, "home");
mkdirSync(join(home, "blobs"), { recursive: true });
const { checkPath } = makeSampleIn(home);

const refuses = (path: string, why: RegExp) =>
  assert.rejects(checkPath(path), (error) => error instanceof PathRefused && why.test(error.message));

test("a file or a folder is taken by its absolute path, from the person's own folder too", async () => {
  const file = join(folder, "mail.mbox");
  writeFileSync(file, "");
  assert.equal(await checkPath(file), file);
  assert.equal(await checkPath(`${folder}/x/../`), folder);
  assert.equal(await checkPath("~/"), homedir());
});

test("what is not there, or is Steward's own, is refused by its name", async () => {
  await refuses(join(folder, "nowhere"), /There is nothing at .*nowhere\./);
  await refuses(home, /its own sealed files/);
  await refuses(join(home, "blobs"), /its own sealed files/);
});

test("what holds no files but shows the system is refused, under any name", {
  skip: process.platform !== "linux",
}, async () => {
  for (const path of ["/proc", "/proc/self/status", "/sys", "/sys/kernel", "/dev"])
    await refuses(path, new RegExp(`^${path} holds no files`));
  await refuses("/dev/null", /neither a file nor a folder/);
  const link = join(folder, "link");
  symlinkSync("/proc", link);
  await refuses(link, new RegExp(`^${link} holds no files`));
});
