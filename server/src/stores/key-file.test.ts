import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { FakeClock } from "@steward/core/testing/fake-clock.ts";
import { MemoryRecords } from "@steward/core/testing/memory-records.ts";
import { openVault } from "@steward/core/vault/keys.ts";
import {
  changePassphrase,
  createRoot,
  KeyFileError,
  kitFile,
  lockWithPassphrase,
  openRoot,
  renewRecoveryCode,
  rootState,
  unlockToKeyFile,
} from "./key-file.ts";

const folder = await mkdtemp(join(tmpdir(), "steward-key-file-test-"));
after(() => rm(folder, { recursive: true, force: true }));
let homes = 0;

test("a new home: a key file for its owner alone, and a code that opens it too", async () => {
  const home = await emptyHome();
  assert.equal(await rootState(home), "none");
  const { root, recoveryCode } = await createRoot(home);
  assert.equal(await rootState(home), "key-file");
  for (const file of ["root.key", "recovery.json"]) assert.equal((await stat(join(home, file))).mode & 0o777, 0o600);
  const opened = await openRoot(home);
  assert.deepEqual([opened.id, opened.bytes(), opened.warnings], [root.id, root.bytes(), []]);
  assert.deepEqual((await openRoot(home, { recoveryCode: recoveryCode.toLowerCase() })).bytes(), root.bytes());
  await assert.rejects(createRoot(home), hasCode("exists"));
  assert.deepEqual((await readdir(home)).sort(), ["recovery.json", "root.key"]);
});

test("no file but the key file tells the root, and none tells the code or the passphrase", async () => {
  const { home, root, recoveryCode } = await made();
  const plain = root.bytes();
  assert.ok((await readFile(join(home, "root.key"), "utf8")).includes(plain.toString("base64")));
  await lockWithPassphrase(home, root, "five words are much better");
  assert.deepEqual((await readdir(home)).sort(), ["passphrase.json", "recovery.json"]);
  for (const file of await readdir(home)) {
    const text = await readFile(join(home, file), "utf8");
    for (const secret of [plain.toString("base64"), plain.toString("hex"), recoveryCode, "five words"]) {
      assert.equal(text.includes(secret), false, file);
    }
  }
});

test("locked: the passphrase opens it, however its characters were composed; so does the code; nothing else", async () => {
  const { home, root, recoveryCode } = await made();
  await lockWithPassphrase(home, root, "caf\u00e9 au lait");
  assert.equal(await rootState(home), "passphrase");
  assert.equal((await openRoot(home, { passphrase: "cafe\u0301 au lait" })).id, root.id);
  assert.equal((await openRoot(home, { recoveryCode })).id, root.id);
  await assert.rejects(openRoot(home), hasCode("locked"));
  await assert.rejects(openRoot(home, { passphrase: "cafe au lait" }), hasCode("wrong-passphrase"));
  await assert.rejects(openRoot(home, { passphrase: "" }), hasCode("wrong-passphrase"));
  await assert.rejects(openRoot(home, { recoveryCode: (await made()).recoveryCode }), hasCode("wrong-code"));
  await assert.rejects(openRoot(home, { recoveryCode: `${recoveryCode.slice(0, -1)}` }), hasCode("mistyped-code"));
});

test("the passphrase is changed only by the one in force; a forgotten one is replaced by way of the code", async () => {
  const { home, root, recoveryCode } = await made();
  await assert.rejects(changePassphrase(home, "whatever it is", "the next one"), hasCode("missing"));
  await lockWithPassphrase(home, root, "the first one");
  await assert.rejects(changePassphrase(home, "not the first", "the second one"), hasCode("wrong-passphrase"));
  await changePassphrase(home, "the first one", "the second one");
  await assert.rejects(openRoot(home, { passphrase: "the first one" }), hasCode("wrong-passphrase"));
  await lockWithPassphrase(home, await openRoot(home, { recoveryCode }), "the third one");
  assert.equal((await openRoot(home, { passphrase: "the third one" })).id, root.id);
  await assert.rejects(lockWithPassphrase(home, root, "short"), hasCode("passphrase-too-short"));
  assert.equal((await openRoot(home, { passphrase: "the third one" })).id, root.id);
});

test("unlocked to a key file, it opens by itself again; a new code ends the old one", async () => {
  const { home, root, recoveryCode } = await made();
  await lockWithPassphrase(home, root, "the first one");
  await unlockToKeyFile(home, await openRoot(home, { passphrase: "the first one" }));
  assert.deepEqual((await readdir(home)).sort(), ["recovery.json", "root.key"]);
  assert.equal((await openRoot(home)).id, root.id);
  const renewed = await renewRecoveryCode(home, root);
  assert.equal((await openRoot(home, { recoveryCode: renewed })).id, root.id);
  await assert.rejects(openRoot(home, { recoveryCode }), hasCode("wrong-code"));
});

test("a lock that was killed half way leaves a home that opens as before", async () => {
  const { home, root } = await made();
  const keyFile = await readFile(join(home, "root.key"));
  await lockWithPassphrase(home, root, "the first one");
  await writeFile(join(home, "root.key"), keyFile, { mode: 0o600 });
  assert.equal(await rootState(home), "key-file");
  assert.equal((await openRoot(home)).id, root.id);
});

test("a missing key file: told so when the home has keys, and the code still opens it", async () => {
  const { home, root, recoveryCode } = await made();
  await rm(join(home, "root.key"));
  assert.equal(await rootState(home), "missing");
  await assert.rejects(openRoot(home), hasCode("missing"));
  await assert.rejects(createRoot(home), hasCode("missing"));
  assert.equal((await openRoot(home, { recoveryCode })).id, root.id);
  await rm(join(home, "recovery.json"));
  await assert.rejects(openRoot(home, { recoveryCode }), hasCode("missing"));
});

/** What stands there is random, so any one letter would now and then be the right one. */
const another = (letter: string): string => (letter === "A" ? "B" : "A");

test("damage to any of the files is told from a wrong secret", async () => {
  const { home, root, recoveryCode } = await made();
  for (const damage of [
    (text: string) => text.slice(0, 40),
    () => "",
    (text: string) => text.replace('"id"', '"ix"'),
    (text: string) => text.replace(/(?<="key": ")./, another),
    (text: string) => text.replace(/(?<="check": ")./, another),
  ]) {
    await writeFile(join(home, "root.key"), damage(await wholeKeyFile(home)));
    await assert.rejects(openRoot(home), hasCode("damaged"));
    await unlockToKeyFile(home, root);
  }
  await lockWithPassphrase(home, root, "the first one");
  for (const file of ["passphrase.json", "recovery.json"]) {
    const text = await readFile(join(home, file), "utf8");
    await writeFile(join(home, file), text.replace(/(?<="sealed": ")./, another));
  }
  await assert.rejects(openRoot(home, { passphrase: "the first one" }), hasCode("damaged"));
  await assert.rejects(openRoot(home, { recoveryCode }), hasCode("damaged"));
});

test("a key file that others may read is taken back, with a warning", {
  skip: process.platform === "win32",
}, async () => {
  const { home } = await made();
  await chmod(join(home, "root.key"), 0o644);
  const opened = await openRoot(home);
  assert.match(opened.warnings.join(), /could read/);
  assert.equal((await stat(join(home, "root.key"))).mode & 0o777, 0o600);
  assert.deepEqual((await openRoot(home)).warnings, []);
});

test("a home without its recovery file warns that losing the key file loses all", async () => {
  const { home } = await made();
  await rm(join(home, "recovery.json"));
  assert.match((await openRoot(home)).warnings.join(), /no recovery code/);
});

test("a key file that the system does not let us read says so", async () => {
  const { home } = await made();
  await rm(join(home, "root.key"));
  await mkdir(join(home, "root.key"));
  await assert.rejects(openRoot(home), hasCode("unreadable"));
});

test("a key file of another user is unreadable, not missing", { skip: process.getuid?.() !== 0 }, async () => {
  const { home } = await made();
  await chmod(home, 0o755);
  await chmod(folder, 0o755);
  const module = fileURLToPath(new URL("./key-file.ts", import.meta.url));
  const script = `process.setgid(65534); process.setuid(65534);
    import(${JSON.stringify(module)}).then((m) => m.openRoot(${JSON.stringify(home)}))
      .then(() => console.log("opened"), (error) => console.log(error.code));`;
  const child = spawnSync(process.execPath, ["-e", script], { encoding: "utf8" });
  // Where the checkout itself is closed to that user the question cannot be asked.
  if (child.stdout.trim() !== "EACCES") assert.equal(child.stdout.trim(), "unreadable", child.stderr);
});

test("the kit in a file: read as written, damage told, and never a new one over a broken one", async () => {
  const { home, root } = await made();
  const clock = new FakeClock();
  const deps = { records: new MemoryRecords(clock), ring: root.ring, kit: kitFile(home), clock };
  assert.equal(await deps.kit.read(), undefined);
  const vault = await openVault(deps);
  const { key, change } = vault.create("private", "one");
  await deps.records.write([change]);
  const sealed = key.seal({ table: "t", id: "i", field: "f" }, Buffer.from("x"));
  const again = await openVault({ ...deps, ring: (await openRoot(home)).ring });
  assert.ok((await again.key("private", "one")).open({ table: "t", id: "i", field: "f" }, sealed));
  assert.equal((await stat(join(home, "kit.json"))).mode & 0o777, 0o600);
  await assert.rejects(openVault({ ...deps, ring: (await made()).root.ring }), hasCode("wrong-root"));
  const text = await readFile(join(home, "kit.json"), "utf8");
  await writeFile(join(home, "kit.json"), text.slice(0, 100));
  await assert.rejects(openVault(deps), hasCode("damaged"));
});

async function emptyHome(): Promise<string> {
  const home = join(folder, `home${homes++}`);
  await mkdir(home, { mode: 0o700 });
  return home;
}

async function made() {
  const home = await emptyHome();
  return { home, ...(await createRoot(home)) };
}

function wholeKeyFile(home: string): Promise<string> {
  return readFile(join(home, "root.key"), "utf8");
}

function hasCode(code: string) {
  return (error: unknown) => error instanceof KeyFileError && error.code === code && /[.]$/.test(error.message);
}
