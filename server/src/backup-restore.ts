import { randomBytes } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, readdir, rename, rm, rmdir } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import { BackupError, DATABASE, digestOf, hashing, type Manifest, readArchive } from "./backup-archive.ts";
import { type BackupKit, type RootBy, readBackupKit, rootOf } from "./backup-kit.ts";
import { codeOf } from "./stores/errors.ts";
import { kitFile, pathsOf, unlockToKeyFile } from "./stores/key-file.ts";
import { print, syncFolder, writePrivate } from "./stores/private-file.ts";
import { proveContent } from "./stores/prove-content.ts";
import type { RootKey } from "./stores/root-key.ts";

export interface RestoreOptions extends RootBy {
  readonly backup: string;
  readonly kit: string;
  /** A folder that is empty or not there. */
  readonly home: string;
  /**
   * Take a kit that was made with another backup of the same home. It opens this one when no key was rotated between the
   * two; that nothing was left out of the backup is then not proven.
   */
  readonly otherKit?: boolean;
}

export interface RestoreReport {
  readonly home: string;
  readonly items: number;
  readonly files: number;
  /** How the restored home opens: `passphrase` only when it was restored by its passphrase. */
  readonly lock: "key-file" | "passphrase";
}

/**
 * Restores a backup with its kit and one secret into an empty home, all or nothing: it is built beside the home, proven
 * (every hash, every data key) and then renamed. Throws `BackupError` or `KeyFileError`; the home is then as it was.
 */
export async function restoreBackup(options: RestoreOptions): Promise<RestoreReport> {
  const home = resolve(options.home);
  await refuseUnlessEmpty(home);
  const kit = await readBackupKit(options.kit);
  const root = await rootOf(kit, options);
  const whole = await digestOf(createReadStream(options.backup));
  await mkdir(dirname(home), { recursive: true, mode: 0o700 });
  const prefix = `.${basename(home)}.restoring-`;
  for (const name of await readdir(dirname(home))) {
    // What a restore that was killed left.
    if (name.startsWith(prefix)) await rm(join(dirname(home), name), { recursive: true, force: true });
  }
  const building = join(dirname(home), `${prefix}${randomBytes(4).toString("hex")}`);
  await mkdir(building, { mode: 0o700 });
  try {
    const manifest = await unpack(options.backup, building, kit);
    refuseUnlessPair(options, whole.sha256, manifest, kit);
    const problems = await proveContent(join(building, DATABASE), kit.kit, root);
    if (problems.length > 0) throw new BackupError("damaged", `The backup does not open: ${problems.join(" ")}`);
    const lock = await writeKeys(building, kit, root, options);
    await syncTree(building);
    await rmdir(home).catch((error: unknown) => {
      if (codeOf(error) !== "ENOENT") throw error;
    });
    await rename(building, home);
    await syncFolder(dirname(home));
    return { home, items: manifest.items, files: manifest.files.length, lock };
  } catch (error) {
    await rm(building, { recursive: true, force: true });
    throw error;
  }
}

async function refuseUnlessEmpty(home: string): Promise<void> {
  try {
    if ((await readdir(home)).length === 0) return;
  } catch (error) {
    if (codeOf(error) === "ENOENT") return;
    throw error;
  }
  throw new BackupError(
    "not-empty",
    `${home} is not empty. A backup is restored into a new home: move this one away, or name another folder with STEWARD_HOME.`,
  );
}

function refuseUnlessPair(options: RestoreOptions, sha256: string, manifest: Manifest, kit: BackupKit): void {
  if (sha256 === kit.backup.sha256) return;
  if (manifest.madeAt !== kit.madeAt) {
    if (options.otherKit) return;
    throw new BackupError(
      "wrong-kit",
      `That kit was made with the backup of ${kit.madeAt}, and this backup is of ${manifest.madeAt}. Use the kit that was made with it.`,
    );
  }
  throw new BackupError(
    "damaged",
    `${options.backup} is not byte for byte what its kit was made with. Use an undamaged copy of it; nothing was restored.`,
  );
}

async function unpack(backup: string, folder: string, kit: BackupKit): Promise<Manifest> {
  const damaged = (what: string) =>
    new BackupError("damaged", `${what} Use another copy of the backup; nothing was restored.`);
  const { manifest, missing } = await readArchive(backup, async ({ name, expected, bytes }, { tenant }) => {
    if (tenant !== kit.kit.tenant) {
      throw new BackupError(
        "wrong-kit",
        "That kit belongs to another home than the backup. Use the kit that was made with it.",
      );
    }
    // Only names of the manifest, whose form was checked, are ever written.
    if (!expected) throw damaged(`${name} is in the backup and not in its manifest.`);
    const target = join(folder, ...name.split("/"));
    await mkdir(dirname(target), { recursive: true, mode: 0o700 });
    let found = "";
    const hash = hashing((sha256) => {
      found = sha256;
    });
    await pipeline(await bytes(), hash, createWriteStream(target, { flags: "wx", mode: 0o600, flush: true }));
    if (found !== expected.sha256) throw damaged(`${name} in the backup is damaged.`);
  });
  if (missing[0] !== undefined) throw damaged(`${missing[0]} is missing from the backup.`);
  await mkdir(join(folder, "blobs"), { recursive: true, mode: 0o700 });
  return manifest;
}

/** The kit and the wrapped root as they were; the plain key file unless the person opened it by the passphrase. */
async function writeKeys(home: string, kit: BackupKit, root: RootKey, by: RootBy): Promise<"key-file" | "passphrase"> {
  await kitFile(home).write(kit.kit);
  if (kit.recovery) await writePrivate(pathsOf(home).recovery, print(kit.recovery));
  if (by.recoveryCode === undefined && by.passphrase !== undefined && kit.passphrase) {
    await writePrivate(pathsOf(home).passphrase, print(kit.passphrase));
    return "passphrase";
  }
  await unlockToKeyFile(home, root);
  return "key-file";
}

async function syncTree(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) await syncTree(join(folder, entry.name));
  }
  await syncFolder(folder);
}
