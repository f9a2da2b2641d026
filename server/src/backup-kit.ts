import type { Kit } from "@steward/core/vault/key-ring.ts";
import type { Domain } from "@steward/core/vault/vault.ts";
import { z } from "zod";
import { BackupError } from "./backup-archive.ts";
import { KeyFileError, KitShape, readKeyFile } from "./stores/key-file.ts";
import { parse, print, readPrivate, writePrivate } from "./stores/private-file.ts";
import {
  RootByPassphrase,
  RootByRecoveryCode,
  type RootKey,
  unwrapByPassphrase,
  unwrapByRecoveryCode,
} from "./stores/root-key.ts";

/**
 * The kit that belongs to a backup: the wrapped domain keys, the root key wrapped by the recovery code (and by the
 * passphrase where there is one), and the backup's SHA-256. Whoever has this file and the code can open every backup of
 * its time; without it a backup opens for nobody. So it lies beside the backup only until the person has moved it.
 */
export const BackupKit = z.strictObject({
  format: z.literal("steward-backup-kit"),
  version: z.literal(1),
  madeAt: z.string(),
  backup: z.strictObject({ name: z.string(), size: z.int(), sha256: z.string().length(64) }),
  kit: KitShape,
  recovery: RootByRecoveryCode.optional(),
  passphrase: RootByPassphrase.optional(),
});
export type BackupKit = z.infer<typeof BackupKit>;

/** How the root key is had: exactly one of them. */
export interface RootBy {
  readonly recoveryCode?: string;
  readonly passphrase?: string;
  /** Path of a copy of `root.key`. */
  readonly rootKeyFile?: string;
}

export async function writeBackupKit(path: string, kit: BackupKit): Promise<void> {
  await writePrivate(path, print(kit));
}

/** Throws `KeyFileError` (`missing`, `damaged`, `unreadable`). */
export async function readBackupKit(path: string): Promise<BackupKit> {
  const text = await readPrivate(path);
  if (text === undefined)
    throw new KeyFileError("missing", `There is no kit ${path}. Bring it from where you keep it.`);
  return parse(path, text, BackupKit);
}

/** Throws `KeyFileError` for a wrong or mistyped secret, `BackupError` `no-key` when the kit cannot be opened that way. */
export async function rootOf(kit: BackupKit, by: RootBy): Promise<RootKey> {
  if (by.recoveryCode !== undefined && kit.recovery) return unwrapByRecoveryCode(kit.recovery, by.recoveryCode);
  if (by.passphrase !== undefined && kit.passphrase) return unwrapByPassphrase(kit.passphrase, by.passphrase);
  if (by.rootKeyFile !== undefined) return readKeyFile(by.rootKeyFile);
  if (by.passphrase !== undefined) {
    throw new BackupError(
      "no-key",
      "This backup was made without a passphrase. Give its recovery code, or a copy of root.key.",
    );
  }
  throw new BackupError("no-key", "Give the recovery code, the passphrase, or a copy of root.key to open this backup.");
}

/**
 * The generations of both: a rotation may run while the snapshot is taken, and the snapshot's data keys are wrapped by
 * what was live before or after it.
 */
export function joinKits(before: Kit, after: Kit): Kit {
  const join = (domain: Domain) => {
    const known = new Set(after.domains[domain].map(({ generation }) => generation));
    return [...before.domains[domain].filter(({ generation }) => !known.has(generation)), ...after.domains[domain]];
  };
  return {
    ...after,
    domains: {
      private: join("private"),
      published: join("published"),
      visitor: join("visitor"),
      hands: join("hands"),
      index: join("index"),
    },
  };
}
