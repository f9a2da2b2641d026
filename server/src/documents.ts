import type { Clock } from "@steward/core/clock.ts";
import { newId } from "@steward/core/ids.ts";
import type { Source } from "@steward/core/item.ts";
import type { Change, Condition } from "@steward/core/records.ts";
import type { SealedRecords, Stored } from "@steward/core/vault/sealed-records.ts";
import type { House, NewDocument, UploadTicket } from "./house.ts";

/**
 * Documents that programs bring, of any size: announced, sent to the address of a ticket, then read like any other upload.
 * The document's id becomes its source's, so there is one row more than for other uploads: who announced it, and until
 * when its bytes are awaited.
 */
export interface DocumentState {
  readonly id: string;
  readonly name: string;
  /** `waiting` for its bytes; `expired` when none came in time. */
  readonly state: "waiting" | "expired" | "reading" | "done" | "failed";
  readonly expiresAt: number;
  /** Once the bytes are here. */
  readonly source?: Source;
}

interface StoredDocument extends Omit<NewDocument, "id"> {
  /** The key's id, or `owner`. */
  readonly by: string;
  readonly expiresAt: number;
  readonly arrivedAt?: number;
}

export type DocumentsDeps = Pick<House, "sealed" | "clock" | "blobs" | "sources" | "uploads">;

const SCOPE = "house:documents";
/** How long one may ask what became of it. */
const KEPT_MS = 30 * 24 * 3_600_000;

export class Documents {
  readonly #sealed: SealedRecords;
  readonly #clock: Clock;
  readonly #deps: DocumentsDeps;

  constructor(deps: DocumentsDeps) {
    this.#deps = deps;
    this.#sealed = deps.sealed;
    this.#clock = deps.clock;
  }

  /** `also` are changes to be written with it or not at all. */
  async announce(
    by: string,
    file: Omit<NewDocument, "id">,
    also?: (id: string) => Promise<readonly Change[]>,
  ): Promise<UploadTicket> {
    const id = newId(this.#clock.now());
    const ticket = await this.#deps.uploads.begin({ ...file, id });
    await this.#put(id, { ...file, by, expiresAt: ticket.expiresAt }, "absent", await also?.(id));
    return ticket;
  }

  /** A fresh address for a document whose bytes have not come; undefined when they have, or it is not there. */
  async announceAgain(id: string): Promise<UploadTicket | undefined> {
    const stored = await this.#get(id);
    if (!stored || stored.value.arrivedAt !== undefined) return undefined;
    const { name, size, mediaType } = stored.value;
    const about = { ...(size === undefined ? {} : { size }), ...(mediaType === undefined ? {} : { mediaType }) };
    const ticket = await this.#deps.uploads.begin({ id, name, ...about });
    await this.#put(id, { ...stored.value, expiresAt: ticket.expiresAt }, { version: stored.version });
    return ticket;
  }

  /**
   * Takes the bytes in, once; bytes that were here already give the source they became. `RecordsConflict` while they are
   * on their way by another request, `WrongSize` when they are not as many as announced, undefined when no such document
   * was announced, or it was forgotten. Cut off half-way they may be sent again.
   */
  async arrived(id: string, bytes: AsyncIterable<Uint8Array>): Promise<Source | undefined> {
    const stored = await this.#get(id);
    if (!stored) return undefined;
    const { name, size, arrivedAt } = stored.value;
    if (arrivedAt !== undefined) return this.#deps.sources.get(id);
    // Whole, though whoever took it in died before saying so below.
    const before = await this.#deps.sources.get(id);
    const known = before && (await this.#isWhole(before)) ? before : undefined;
    const sized = size === undefined ? bytes : exactly(size, bytes);
    const source = known ?? (await this.#deps.sources.addUpload(name, sized, id));
    await this.#put(id, { ...stored.value, arrivedAt: this.#clock.now() }, { version: stored.version });
    return source;
  }

  async #isWhole({ state, blob }: Source): Promise<boolean> {
    return state !== "waiting" || (blob !== undefined && (await this.#deps.blobs.size(blob)) !== undefined);
  }

  /** Undefined when it was never announced, was announced by another, or was forgotten. `by` is left out for the owner. */
  async state(id: string, by?: string): Promise<DocumentState | undefined> {
    const document = (await this.#get(id))?.value;
    if (!document || (by !== undefined && by !== document.by)) return undefined;
    const { name, expiresAt } = document;
    const source = await this.#deps.sources.get(id);
    const isHere = source && (document.arrivedAt !== undefined || (await this.#isWhole(source)));
    if (isHere) return { id, name, state: stateOf(source), expiresAt, source };
    if (document.arrivedAt !== undefined) return undefined;
    return { id, name, state: expiresAt > this.#clock.now() ? "waiting" : "expired", expiresAt };
  }

  #get(id: string): Promise<Stored<StoredDocument> | undefined> {
    return this.#sealed.get<StoredDocument>({ partition: "document", sort: id, scope: SCOPE });
  }

  async #put(id: string, document: StoredDocument, condition: Condition, also: readonly Change[] = []): Promise<void> {
    const key = await this.#sealed.vault.standing("private", SCOPE);
    const place = { partition: "document", sort: id, scope: SCOPE };
    const expiresAt = document.expiresAt + KEPT_MS;
    await this.#sealed.write([this.#sealed.put(key, place, document, { if: condition, expiresAt }), ...also]);
  }
}

/** The bytes are not as many as were announced; its message is for whoever sent them. */
export class WrongSize extends Error {
  constructor(announced: number) {
    super(`The document was announced with ${announced} bytes, and another number came. Send all of them again.`);
    this.name = "WrongSize";
  }
}

async function* exactly(size: number, bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let come = 0;
  for await (const chunk of bytes) {
    come += chunk.byteLength;
    if (come > size) throw new WrongSize(size);
    yield chunk;
  }
  if (come !== size) throw new WrongSize(size);
}

function stateOf({ state }: Source): DocumentState["state"] {
  return state === "done" || state === "failed" ? state : "reading";
}
