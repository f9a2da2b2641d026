import type { Source } from "../item.ts";
import type { Change } from "../records.ts";
import type { SealedRecords } from "../vault/sealed-records.ts";

/** How sources lie in the store: partition `source`, each under a data key of its own, so that removing one shreds it. */
export interface StoredSource {
  readonly value: Source;
  readonly version: number;
}

export async function getSource(sealed: SealedRecords, id: string): Promise<StoredSource | undefined> {
  return sealed.get<Source>(placeOf(id));
}

export async function listSources(sealed: SealedRecords): Promise<Source[]> {
  const sources: Source[] = [];
  for await (const { value } of sealed.query<Source>("source", {}, (sort) => sort)) sources.push(value);
  return sources;
}

/** The changes that store a new source with its key. */
export function createSource(sealed: SealedRecords, source: Source): Change[] {
  const { key, change } = sealed.vault.create("private", source.id);
  return [change, sealed.put(key, placeOf(source.id), source, { if: "absent" })];
}

/** The change that stores it again, refused when someone else has changed it since `version`. */
export async function putSource(sealed: SealedRecords, source: Source, version: number): Promise<Change> {
  const key = await sealed.vault.key("private", source.id);
  return sealed.put(key, placeOf(source.id), source, { if: { version } });
}

export function removeSource(sealed: SealedRecords, id: string): Change[] {
  return [sealed.vault.destroy("private", id), { delete: { partition: "source", sort: id } }];
}

function placeOf(id: string): { partition: string; sort: string; scope: string } {
  return { partition: "source", sort: id, scope: id };
}
