import { createReadStream, createWriteStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { BackupReport } from "@steward/core/wire.ts";
import { BackupError, DATABASE, digestOf, type Manifest, messageOf, readArchive } from "./backup-archive.ts";
import { type BackupKit, type RootBy, readBackupKit, rootOf } from "./backup-kit.ts";
import { exists } from "./stores/private-file.ts";
import { proveContent } from "./stores/prove-content.ts";
import type { RootKey } from "./stores/root-key.ts";

export interface VerifyOptions extends RootBy {
  /** Path of the kit; the one beside the backup when it is there. */
  readonly kit?: string;
  readonly root?: RootKey;
}

/**
 * Whether a backup can be restored. Always: every file's SHA-256 against the manifest. With the kit: the whole file
 * against the kit. With the kit and the root key (or what gives it): every data key is unwrapped and a sample of items is
 * opened. What is wrong is in `problems`, a sentence each; it throws only when there is nothing to verify, or the secret
 * is wrong.
 */
export async function verifyBackup(path: string, options: VerifyOptions = {}): Promise<BackupReport> {
  const problems: string[] = [];
  const kitPath = options.kit ?? kitBeside(path);
  const kit = options.kit !== undefined || (await exists(kitPath)) ? await readBackupKit(kitPath) : undefined;
  const whole = await digestOf(createReadStream(path));
  const manifest = await verifyFiles(path, problems);
  if (kit) verifyKit(kit, whole, manifest, problems);
  const root = options.root ?? (kit && asksToOpen(options) ? await rootOf(kit, options) : undefined);
  if (kit && root && manifest && problems.length === 0) await verifyContent(path, kit, root, problems);
  return {
    path,
    kit: kit ? kitPath : "",
    files: manifest?.files.length ?? 0,
    bytes: whole.size,
    items: manifest?.items ?? 0,
    ok: problems.length === 0,
    problems,
  };
}

export function kitBeside(path: string): string {
  return `${path.replace(/\.backup\.zip$/, "")}.kit.json`;
}

/** Undefined, with the reason in `problems`, when not even the manifest can be read. */
async function verifyFiles(path: string, problems: string[]): Promise<Manifest | undefined> {
  try {
    const { manifest, missing } = await readArchive(path, async ({ name, expected, bytes }) => {
      if (!expected) {
        problems.push(`${name} is in the backup and not in its manifest: someone put it there.`);
        return;
      }
      try {
        const { sha256 } = await digestOf(await bytes());
        if (sha256 !== expected.sha256) problems.push(`${name} is damaged: its bytes are not those backed up.`);
      } catch (error) {
        problems.push(`${name} cannot be read: ${messageOf(error)}`);
      }
    });
    for (const name of missing) problems.push(`${name} is missing from the backup.`);
    if (!manifest.files.some(({ name }) => name === DATABASE)) problems.push("The backup holds no database.");
    return manifest;
  } catch (error) {
    if (!(error instanceof BackupError)) throw error;
    problems.push(error.message);
    return undefined;
  }
}

function verifyKit(
  kit: BackupKit,
  whole: { sha256: string; size: number },
  manifest: Manifest | undefined,
  problems: string[],
) {
  if (manifest && manifest.tenant !== kit.kit.tenant) {
    problems.push("The kit belongs to another home than the backup. Use the kit that was made with it.");
  } else if (kit.backup.sha256 !== whole.sha256) {
    problems.push(
      kit.backup.size === whole.size
        ? "The backup is not byte for byte the one its kit was made with: it was changed since, or the kit is of another backup."
        : `The backup has ${whole.size} bytes and the one its kit was made with had ${kit.backup.size}: it was cut, or the kit is of another backup.`,
    );
  }
}

/** The snapshot is unpacked as it is, sealed, into a folder of its own, and opened with the kit. */
async function verifyContent(path: string, kit: BackupKit, root: RootKey, problems: string[]): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "steward-verify-"));
  try {
    const database = join(folder, DATABASE);
    await readArchive(path, async ({ name, bytes }) => {
      if (name === DATABASE) await pipeline(await bytes(), createWriteStream(database, { mode: 0o600 }));
    });
    problems.push(...(await proveContent(database, kit.kit, root)));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function asksToOpen(by: RootBy): boolean {
  return by.recoveryCode !== undefined || by.passphrase !== undefined || by.rootKeyFile !== undefined;
}
