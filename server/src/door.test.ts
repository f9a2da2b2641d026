import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { systemClock } from "@steward/core/clock.ts";
import { loadConfig } from "./config.ts";
import { openDoor } from "./door.ts";
import { type Door, WrongSecret } from "./http/door.ts";
import { quiet } from "./log.ts";
import { createRoot, pathsOf, readRecovery } from "./stores/key-file.ts";
import { withDoor } from "./testing/opened.ts";

const folder = mkdtempSync(join(tmpdir(), "steward-door-"));
after(() => rmSync(folder, { recursive: true, force: true }));

let homes = 0;
const newHome = () => join(folder, `home-${++homes}`);

const remembered = async (door: Door) => (await door.house()?.ledger.list())?.map(({ text }) => text);

test("a new home opens by its key file and gives its recovery code once", async () => {
  const home = newHome();
  await withDoor(home, async (door) => {
    assert.match(door.takeRecoveryCode() ?? "", /^(\w{4}-){6}\w{4}$/);
    assert.equal(door.takeRecoveryCode(), undefined);
    assert.deepEqual(door.warnings(), []);
    assert.ok(door.house());
  });
  await withDoor(home, async (door) => assert.equal(door.takeRecoveryCode(), undefined));
});

test("a full disk is a warning, as long as it is full", async () => {
  let free = 1e6;
  const config = loadConfig({ STEWARD_HOME: newHome() });
  const door = await openDoor({ config, clock: systemClock, log: quiet, freeBytes: () => free });
  try {
    assert.match(door.warnings().join(), /disk is full.*Free some space/);
    free = 1e9;
    assert.deepEqual(door.warnings(), []);
  } finally {
    await door.close();
  }
});

test("a home whose making was cut short before the recovery code gets one at the next start, shown once", async () => {
  const home = newHome();
  await withDoor(home, async (door) => void (await door.house()?.ledger.remember("The cat is called Ada")));
  rmSync(pathsOf(home).recovery);
  const code = await withDoor(home, async (door) => {
    const made = door.takeRecoveryCode();
    assert.equal(door.takeRecoveryCode(), undefined);
    assert.deepEqual(door.warnings(), [], "it has one now");
    return made;
  });
  assert.ok(code && (await readRecovery(home)));
  rmSync(pathsOf(home).root);
  await withDoor(home, async (door) => {
    await door.unlock({ recoveryCode: code });
    assert.deepEqual(await remembered(door), ["The cat is called Ada"]);
  });
  await withDoor(home, async (door) => assert.equal(door.takeRecoveryCode(), undefined));
});

test("a missing key file says so, opens by the recovery code alone, and is put back", async () => {
  const home = newHome();
  const code = await withDoor(home, async (door) => {
    await door.house()?.ledger.remember("The cat is called Ada");
    return door.takeRecoveryCode() ?? "";
  });
  rmSync(pathsOf(home).root);
  const file = join(folder, "passphrase.txt");
  writeFileSync(file, "of another home\n");
  await withDoor(
    home,
    async (door) => {
      assert.equal(door.house(), undefined, "a passphrase file opens nothing here, and breaks nothing");
      assert.equal(door.unlockBy(), "recovery-code");
      assert.equal(door.protection(), "key-file");
      await assert.rejects(door.unlock({ passphrase: "any at all" }), /key file .* is gone.*recovery code/);
      await assert.rejects(door.unlock({ recoveryCode: "ABCD" }), WrongSecret);
      await door.unlock({ recoveryCode: code });
      assert.deepEqual(await remembered(door), ["The cat is called Ada"]);
      assert.match(door.warnings().join(), /written anew/);
    },
    { STEWARD_PASSPHRASE_FILE: file },
  );
  assert.equal(statSync(pathsOf(home).root).mode & 0o777, 0o600);
  await withDoor(home, async (door) => assert.ok(door.house(), "the next start needs no code"));
});

test("a key file open to others is closed, and the door says what to do", async () => {
  const home = newHome();
  await withDoor(home, async () => {});
  chmodSync(pathsOf(home).root, 0o644);
  await withDoor(home, async (door) => assert.equal(door.warnings().length, 1));
  await withDoor(home, async (door) => assert.deepEqual(door.warnings(), []));
});

test("wrapped by a passphrase it opens by that, by the file that holds it, and by the recovery code", async () => {
  const home = newHome();
  const code = await withDoor(home, async (door) => {
    await door.protect("correct horse battery");
    assert.equal(door.protection(), "passphrase");
    return door.takeRecoveryCode() ?? "";
  });
  assert.equal(existsSync(pathsOf(home).root), false);
  await withDoor(home, async (door) => {
    assert.equal(door.unlockBy(), "passphrase");
    await assert.rejects(door.unlock({ passphrase: "wrong horse battery" }), WrongSecret);
    const [one, two] = await Promise.all([
      door.unlock({ passphrase: "correct horse battery" }),
      door.unlock({ recoveryCode: code }),
    ]);
    assert.equal(one, two, "two unlocks at once open one house");
  });
  const file = join(folder, "right.txt");
  writeFileSync(file, "correct horse battery\n");
  const env = { STEWARD_PASSPHRASE_FILE: file };
  await withDoor(home, async (door) => assert.ok(door.house()), env);
  writeFileSync(file, "wrong horse battery\n");
  await assert.rejects(
    withDoor(home, async () => {}, env),
    WrongSecret,
  );
  rmSync(file);
  await assert.rejects(
    withDoor(home, async () => {}, env),
    /STEWARD_PASSPHRASE_FILE/,
  );
  await withDoor(home, async (door) => assert.equal(door.house(), undefined, "and the home is free again"));
  await assert.rejects(createRoot(home), /already/);
});
