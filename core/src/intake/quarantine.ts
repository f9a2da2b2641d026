import type { Blobs } from "../blobs.ts";
import { newId } from "../ids.ts";
import type { Quarantined, Source } from "../item.ts";
import { collect } from "../library.ts";
import type { Change } from "../records.ts";
import type { DataKey } from "../vault/vault.ts";
import type { IngestDeps } from "./ingest.ts";

/**
 * Quarantine: what could not be read is kept with its reason, and so are its bytes, sealed under a key of its own, so
 * that a better reader can try again. Nothing is dropped.
 */
export interface QuarantineDraft {
  readonly path: string;
  readonly code: Quarantined["code"];
  readonly reason: string;
  readonly size: number;
  /** Undefined when they could not even be got at. */
  readonly bytes?: Uint8Array;
  /** The `seen` mark, so that pulling the source again does not quarantine it twice. */
  readonly mark?: string;
}

/** As stored: the noun, and what forgetting it needs. */
export interface StoredQuarantined extends Quarantined {
  readonly mark: string;
  readonly blob?: string;
}

type Deps = Pick<IngestDeps, "clock" | "sealed"> & { readonly blobs: Blobs };

/** The changes that record it; none when the same bytes are there already. */
export async function quarantineChanges(deps: Deps, source: Source, draft: QuarantineDraft): Promise<Change[]> {
  const { sealed } = deps;
  const mark = draft.mark ?? sealed.vault.hmac("private", "seen-trouble", source.id, draft.path, draft.reason);
  if (await sealed.records.get({ partition: "seen", sort: mark })) return [];
  const id = newId(deps.clock.now());
  const { key, change } = sealed.vault.create("private", id);
  const house = await sealed.vault.standing("private", "house:seen");
  const blob = draft.bytes === undefined ? undefined : await storeBytes(deps, key, id, draft.bytes);
  const row: StoredQuarantined = {
    id,
    source: source.id,
    path: draft.path,
    reason: draft.reason,
    code: draft.code,
    size: draft.size,
    at: deps.clock.now(),
    mark,
    ...(blob === undefined ? {} : { blob }),
  };
  return [
    change,
    sealed.put(key, { partition: "quarantine", sort: id, scope: id }, row),
    sealed.put(house, { partition: "seen", sort: mark, scope: "house:seen" }, { quarantined: id }),
  ];
}

export async function listQuarantine(deps: Pick<Deps, "sealed">): Promise<StoredQuarantined[]> {
  const rows: StoredQuarantined[] = [];
  const query = deps.sealed.query<StoredQuarantined>("quarantine", { reverse: true }, (sort) => sort);
  for await (const { value } of query) rows.push(value);
  return rows;
}

/** Its bytes, to try again; undefined when they were never had. */
export async function quarantinedBytes(deps: Deps, row: StoredQuarantined): Promise<Uint8Array | undefined> {
  if (row.blob === undefined) return undefined;
  const bytes = await deps.blobs.get(row.blob);
  if (!bytes) return undefined;
  const key = await deps.sealed.vault.key("private", row.id);
  return collect(key.openStream(contextOf(row.id), pieces(bytes)));
}

/** Removes the row, the key and (after the write) the blob. With `forgetMark` the same bytes may come in again. */
export async function removeQuarantined(
  deps: Deps,
  row: StoredQuarantined,
  options: { forgetMark: boolean },
): Promise<void> {
  await deps.sealed.write([
    deps.sealed.vault.destroy("private", row.id),
    { delete: { partition: "quarantine", sort: row.id } },
    ...(options.forgetMark ? [{ delete: { partition: "seen", sort: row.mark } }] : []),
  ]);
  deps.sealed.vault.forgotten("private", row.id);
  if (row.blob !== undefined) await deps.blobs.delete(row.blob);
}

async function storeBytes(deps: Deps, key: DataKey, id: string, bytes: Uint8Array): Promise<string> {
  const name = `quarantine/${id}`;
  await deps.blobs.put(name, key.sealStream(contextOf(id), pieces(bytes)));
  return name;
}

function contextOf(id: string): { table: string; id: string; field: string } {
  return { table: "quarantine", id, field: "blob" };
}

async function* pieces(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}
