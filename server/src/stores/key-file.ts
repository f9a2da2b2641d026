import { join } from "node:path";
import type { Kit, KitStore } from "@steward/core/vault/key-ring.ts";
import { z } from "zod";
import { KeyFileError } from "./key-file-error.ts";
import { KitShape } from "./kit-shape.ts";
import { exists, parse, print, readPrivate, removePrivate, tighten, writePrivate } from "./private-file.ts";
import {
  PlainRoot,
  plainForm,
  RootByPassphrase,
  RootByRecoveryCode,
  RootKey,
  unwrapByPassphrase,
  unwrapByRecoveryCode,
  wrapByNewRecoveryCode,
  wrapByPassphrase,
} from "./root-key.ts";

/**
 * The keys of a home as files in its folder, each 0600 and written whole or not at all:
 *
 * | file | what | when |
 * |---|---|---|
 * | `root.key` | the root key, plain | opened by the file alone (the default) |
 * | `passphrase.json` | the root key wrapped by Argon2id of a passphrase | after `steward lock` |
 * | `recovery.json` | the root key wrapped by the printed recovery code | always |
 * | `kit.json` | the kit: the domain keys wrapped by the root key | always |
 *
 * While `root.key` is there the home is open to whoever can read it, whatever else lies beside it.
 */
export { KeyFileError } from "./key-file-error.ts";
export { KitShape } from "./kit-shape.ts";
export { RootKey } from "./root-key.ts";

/** `missing`: a home with keys of its own whose root key is gone. */
export type RootState = "none" | "key-file" | "passphrase" | "missing";

export async function rootState(home: string): Promise<RootState> {
  const at = pathsOf(home);
  if (await exists(at.root)) return "key-file";
  if (await exists(at.passphrase)) return "passphrase";
  return (await exists(at.kit)) || (await exists(at.recovery)) ? "missing" : "none";
}

/** Makes the root key of a new home. The code is shown once and stored nowhere. */
export async function createRoot(home: string): Promise<{ readonly root: RootKey; readonly recoveryCode: string }> {
  const state = await rootState(home);
  if (state === "missing") throw missing(home);
  if (state !== "none") throw new KeyFileError("exists", `${home} has a root key already; it is not replaced.`);
  const root = RootKey.generate();
  await writePrivate(pathsOf(home).root, print(plainForm(root)));
  return { root, recoveryCode: await renewRecoveryCode(home, root) };
}

/**
 * The root key of a home, by its key file, or by whichever of the two is given. Throws `KeyFileError`; `locked` when a
 * passphrase is needed.
 */
export async function openRoot(
  home: string,
  by: { readonly passphrase?: string; readonly recoveryCode?: string } = {},
): Promise<RootKey> {
  const at = pathsOf(home);
  if (by.recoveryCode !== undefined) {
    const wrapped = await readRecovery(home);
    if (wrapped) return unwrapByRecoveryCode(wrapped, by.recoveryCode);
    throw new KeyFileError("missing", `${at.recovery} is gone, and the recovery code opens nothing else. Put it back.`);
  }
  const state = await rootState(home);
  switch (state) {
    case "key-file":
      return readKeyFile(at.root, await exists(at.recovery));
    case "passphrase": {
      const wrapped = await readPassphrase(home);
      if (by.passphrase !== undefined && wrapped) return unwrapByPassphrase(wrapped, by.passphrase);
      throw new KeyFileError("locked", "This home is locked. Give its passphrase, or its recovery code.");
    }
    case "missing":
    case "none":
      throw missing(home);
    default:
      throw new Error(`Unknown state ${state satisfies never}`);
  }
}

/** From now on the home opens by the passphrase (or the recovery code) only: the plain key file is removed. */
export async function lockWithPassphrase(home: string, root: RootKey, passphrase: string): Promise<void> {
  const at = pathsOf(home);
  await writePrivate(at.passphrase, print(await wrapByPassphrase(root, passphrase)));
  await removePrivate(at.root);
}

/** From now on the home opens by its key file, without a passphrase. */
export async function unlockToKeyFile(home: string, root: RootKey): Promise<void> {
  const at = pathsOf(home);
  await writePrivate(at.root, print(plainForm(root)));
  await removePrivate(at.passphrase);
}

/** Throws `KeyFileError` `wrong-passphrase`. Kits given out before still open by the old passphrase. */
export async function changePassphrase(home: string, current: string, next: string): Promise<void> {
  const wrapped = await readPassphrase(home);
  if (!wrapped) throw new KeyFileError("missing", "This home has no passphrase yet; lock it with one first.");
  await lockWithPassphrase(home, await unwrapByPassphrase(wrapped, current), next);
}

/** A new recovery code; the older one no longer opens this home (it still opens kits given out before). */
export async function renewRecoveryCode(home: string, root: RootKey): Promise<string> {
  const { code, wrapped } = wrapByNewRecoveryCode(root);
  await writePrivate(pathsOf(home).recovery, print(wrapped));
  return code;
}

/** The wrapped forms of the root, for the kit that goes with a backup. */
export async function readPassphrase(home: string): Promise<RootByPassphrase | undefined> {
  return readDocument(pathsOf(home).passphrase, RootByPassphrase);
}

export async function readRecovery(home: string): Promise<RootByRecoveryCode | undefined> {
  return readDocument(pathsOf(home).recovery, RootByRecoveryCode);
}

/** A key file by its path, wherever it lies. */
export async function readKeyFile(path: string, hasRecovery = true): Promise<RootKey> {
  const warning = (await exists(path)) ? await tighten(path) : undefined;
  const document = await readDocument(path, PlainRoot);
  if (!document) throw new KeyFileError("missing", `There is no key file ${path}.`);
  const bytes = Buffer.from(document.key, "base64");
  const warnings = [
    ...(warning === undefined ? [] : [warning]),
    ...(hasRecovery ? [] : ["This home has no recovery code: make one, or losing the key file loses everything."]),
  ];
  if (bytes.length !== 32 || new RootKey(bytes).id !== document.id) {
    throw new KeyFileError("damaged", `${path} is damaged (its key is not the one it names). Put back a copy of it.`);
  }
  const root = new RootKey(bytes, warnings);
  bytes.fill(0);
  return root;
}

/** The kit in `kit.json` of the home. */
export function kitFile(home: string): KitStore {
  const path = pathsOf(home).kit;
  return {
    async read(): Promise<Kit | undefined> {
      return (await readDocument(path, z.strictObject({ format: z.literal("steward-kit"), kit: KitShape })))?.kit;
    },
    write: (kit) => writePrivate(path, print({ format: "steward-kit", kit })),
  };
}

export function pathsOf(home: string) {
  return {
    root: join(home, "root.key"),
    passphrase: join(home, "passphrase.json"),
    recovery: join(home, "recovery.json"),
    kit: join(home, "kit.json"),
  };
}

async function readDocument<T>(path: string, schema: z.ZodType<T>): Promise<T | undefined> {
  const text = await readPrivate(path);
  return text === undefined ? undefined : parse(path, text, schema);
}

function missing(home: string): KeyFileError {
  return new KeyFileError(
    "missing",
    `The key file ${pathsOf(home).root} is gone. Put back a copy of it, or open this home with its recovery code.`,
  );
}
