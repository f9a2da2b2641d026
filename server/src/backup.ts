import { randomBytes } from "node:crypto";
import { copyFile, link, mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Clock } from "@steward/core/clock.ts";
import type { KitStore } from "@steward/core/vault/key-ring.ts";
import type { BackupReport } from "@steward/core/wire.ts";
import { BackupError, DATABASE, type FileToPack, writeArchive } from "./backup-archive.ts";
import { joinKits, writeBackupKit } from "./backup-kit.ts";
import { codeOf } from "./stores/errors.ts";
import { readPassphrase, readRecovery } from "./stores/key-file.ts";
import { syncFolder } from "./stores/private-file.ts";

/**
 * A backup: everything sealed of a home in one file, and beside it the kit that opens it (with the recovery code, the
 * passphrase or the root key). Keep the two apart: the backup alone opens for nobody, so it may lie anywhere.
 */
export { BackupError } from "./backup-archive.ts";
export { type RestoreReport, restoreBackup } from "./backup-restore.ts";
export { verifyBackup } from "./backup-verify.ts";

export interface BackupDeps {
  readonly home: string;
  readonly records: { snapshot(toFile: string): Promise<void> };
  readonly blobsFolder: string;
  readonly kit: KitStore;
  /** Where the backup and its kit are written; made when it is not there. */
  readonly folder: string;
  readonly clock: Clock;
}

const running = new Set<string>();

/**
 * Consistent while the house goes on working: the database by SQLite's own snapshot, the blobs (immutable) by hard links
 * taken around it. Nothing is under its name before it is whole; what a crash left is removed by the next backup.
 */
export async function createBackup(deps: BackupDeps): Promise<BackupReport> {
  if (running.has(deps.home)) throw new BackupError("busy", "A backup is being made already. Wait until it is done.");
  running.add(deps.home);
  const staging = join(deps.home, ".backup");
  try {
    await rm(staging, { recursive: true, force: true });
    await mkdir(join(staging, "blobs"), { recursive: true, mode: 0o700 });
    await mkdir(deps.folder, { recursive: true, mode: 0o700 });
    return await makeBackup(deps, staging);
  } finally {
    await rm(staging, { recursive: true, force: true });
    running.delete(deps.home);
  }
}

async function makeBackup(deps: BackupDeps, staging: string): Promise<BackupReport> {
  const madeAt = new Date(deps.clock.now()).toISOString();
  const before = await deps.kit.read();
  const blobs = join(staging, "blobs");
  // Before and after: a blob that the snapshot's rows name was there at one of the two moments.
  await linkTree(deps.blobsFolder, blobs);
  await deps.records.snapshot(join(staging, DATABASE));
  await linkTree(deps.blobsFolder, blobs);
  const after = await deps.kit.read();
  if (!before || !after)
    throw new BackupError("no-key", "This home has no kit; without it a backup could not be opened.");

  const counts = countRows(join(staging, DATABASE));
  const files = [...(await filesBelow(staging, DATABASE)), ...(await filesBelow(staging, "blobs"))];
  const name = await freeName(deps.folder, `steward-${madeAt.slice(0, 19).replaceAll(":", "-")}Z`);
  const path = join(deps.folder, `${name}.backup.zip`);
  const prefix = `.steward-${after.tenant.slice(0, 8)}-`;
  for (const left of await readdir(deps.folder)) {
    // What a backup of this home that was killed left.
    if (left.startsWith(prefix)) await rm(join(deps.folder, left), { force: true });
  }
  const draft = join(deps.folder, `${prefix}${randomBytes(4).toString("hex")}.tmp`);
  const about = { format: "steward-backup", version: 1, madeAt, tenant: after.tenant, ...counts } as const;
  const { size, sha256 } = await writeArchive(draft, files, about);

  const kit = join(deps.folder, `${name}.kit.json`);
  const [recovery, passphrase] = await Promise.all([readRecovery(deps.home), readPassphrase(deps.home)]);
  try {
    await writeBackupKit(kit, {
      format: "steward-backup-kit",
      version: 1,
      madeAt,
      backup: { name: basename(path), size, sha256 },
      kit: joinKits(before, after),
      ...(recovery ? { recovery } : {}),
      ...(passphrase ? { passphrase } : {}),
    });
    await rename(draft, path);
    await syncFolder(deps.folder);
  } catch (error) {
    await rm(draft, { force: true });
    await rm(kit, { force: true });
    throw error;
  }
  const problems = recovery ? [] : ["This home has no recovery code: this backup opens only with a copy of root.key."];
  return { path, kit, files: files.length, bytes: size, items: counts.items, ok: true, problems };
}

/** Hard links (copies, where the file system has none) of all files that are not there yet. */
async function linkTree(from: string, to: string): Promise<void> {
  for (const entry of await readdir(from, { withFileTypes: true }).catch(ignoreAbsent)) {
    if (entry.name.startsWith(".")) continue;
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) {
      await mkdir(target, { recursive: true, mode: 0o700 });
      await linkTree(source, target);
    } else if (entry.isFile()) {
      await link(source, target).catch((error: unknown) => linkFailed(error, source, target));
    }
  }
}

async function linkFailed(error: unknown, source: string, target: string): Promise<void> {
  const code = codeOf(error);
  // Linked the first time round, or deleted since the folder was read.
  if (code === "EEXIST" || code === "ENOENT") return;
  if (!["EXDEV", "EPERM", "ENOTSUP", "EOPNOTSUPP", "EMLINK", "ENOSYS"].includes(code ?? "")) throw error;
  await copyFile(source, target).catch(ignoreAbsent);
}

function ignoreAbsent(error: unknown): never[] {
  if (codeOf(error) === "ENOENT") return [];
  throw error;
}

async function filesBelow(root: string, name: string): Promise<FileToPack[]> {
  const path = join(root, name);
  const found = await stat(path);
  if (found.isFile()) return [{ name, path, size: found.size }];
  const files: FileToPack[] = [];
  for (const entry of (await readdir(path)).sort()) files.push(...(await filesBelow(root, `${name}/${entry}`)));
  return files;
}

/** What the database says in the clear anyway: how many rows there are, and how many of them are items. */
function countRows(file: string): { rows: number; items: number } {
  const db = new DatabaseSync(file, { readOnly: true });
  try {
    const row = db.prepare("SELECT count(*) AS n, count(*) FILTER (WHERE partition = 'item') AS i FROM record").get();
    return { rows: Number(row?.n), items: Number(row?.i) };
  } finally {
    db.close();
  }
}

async function freeName(folder: string, wanted: string): Promise<string> {
  const taken = new Set(await readdir(folder));
  for (let i = 1; ; i++) {
    const name = i === 1 ? wanted : `${wanted}-${i}`;
    if (!taken.has(`${name}.backup.zip`) && !taken.has(`${name}.kit.json`)) return name;
  }
}
