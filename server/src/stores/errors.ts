/**
 * What can go wrong below the storage ports, in words for the person who runs the house. The adapters here translate
 * the codes of SQLite and of the file system into these; the cause stays attached.
 */

/** The disk (or the quota) is full; nothing of the write is visible. */
export class StoreFull extends Error {
  constructor(where: string, cause?: unknown) {
    super(`There is no room left on the disk that holds ${where}. Free some space; nothing was lost.`, { cause });
    this.name = "StoreFull";
  }
}

/** The bytes on the disk are not a store any more, or never were. */
export class StoreDamaged extends Error {
  constructor(file: string, detail: string, cause?: unknown) {
    super(
      `The database ${file} is damaged (${detail}). Stop Steward, keep a copy of the home folder, check the disk, ` +
        "and bring back the last backup with `steward backup restore`.",
      { cause },
    );
    this.name = "StoreDamaged";
  }
}

/** Another program holds the database and did not let go in time. */
export class StoreBusy extends Error {
  constructor(file: string, cause?: unknown) {
    super(`Another program is using ${file} and did not let go of it. Close it, then try again.`, { cause });
    this.name = "StoreBusy";
  }
}

/** The disk or the system refused for another reason. */
export class StoreTrouble extends Error {
  constructor(where: string, detail: string, cause?: unknown) {
    super(`Reading or writing ${where} failed (${detail}). Check the disk and the folder's permissions.`, { cause });
    this.name = "StoreTrouble";
  }
}

/** The `code` that Node puts on an error of the system (`ENOSPC`, `EIO`, `ERR_SQLITE_ERROR`). */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}
