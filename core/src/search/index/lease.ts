import type { Clock } from "../../clock.ts";
import { newId } from "../../ids.ts";
import { type Change, RecordsConflict } from "../../records.ts";
import type { Place, SealedRecords } from "../../vault/sealed-records.ts";

/**
 * The writer's lease: a row that says which process writes the index, and until when. Every write of the index carries
 * a condition on the row's version, so a writer whose lease another has taken writes nothing more. The row is never
 * deleted, only given back: its version must not begin again.
 *
 * It is renewed by the writes themselves, once half of it has passed, in the same transaction; an idle writer writes
 * nothing and may lose it. Time decides only who may take it, never whether a write is safe.
 */
export interface LeaseTerms {
  /** How long it holds without a write, in ms: a minute unless said otherwise. */
  readonly holdMs?: number;
  /** How long to wait for a holder that is alive, in ms: not at all unless said otherwise. */
  readonly waitMs?: number;
}

/** Another process holds the lease, and it has not lapsed. */
export class IndexHeld extends Error {
  constructor(until: number) {
    super(
      `Another process writes this search index (its lease runs to ${new Date(until).toISOString()}). ` +
        "Let it finish or stop it, then try again; reading the index is possible meanwhile.",
    );
    this.name = "IndexHeld";
  }
}

/** The lease was taken by another process; nothing was written. */
export class IndexWriterLost extends Error {
  constructor(cause?: unknown) {
    super(
      "Another process writes this search index now, so this one wrote nothing. Nothing is lost: close the index and open it again.",
      { cause },
    );
    this.name = "IndexWriterLost";
  }
}

interface LeaseRow {
  readonly holder: string;
  /** How often the lease has changed hands. */
  readonly fence: number;
  /** Milliseconds since the epoch; 0 when it was given back. */
  readonly expiresAt: number;
}

const SCOPE = "house:index";
const PLACE: Place = { partition: "index", sort: "lease", scope: SCOPE, domain: "index" };
const HOLD_MS = 60_000;
/** The holder counts it as lapsed this much earlier: clocks of two machines differ. */
const SKEW_MS = 5_000;
const LOOK_AGAIN_MS = 1_000;

export interface LeaseDeps {
  readonly sealed: SealedRecords;
  readonly clock: Clock;
}

export class WriterLease {
  readonly #deps: LeaseDeps;
  readonly #holdMs: number;
  /** Nobody else can take it, so it is not renewed. */
  readonly #isAlone: boolean;
  readonly #holder: string;
  readonly #fence: number;
  #version: number;
  #expiresAt: number;
  #busy: Promise<unknown> = Promise.resolve();

  private constructor(deps: LeaseDeps, terms: LeaseTerms | undefined, row: LeaseRow, version: number) {
    this.#deps = deps;
    this.#holdMs = terms?.holdMs ?? HOLD_MS;
    this.#isAlone = terms === undefined;
    this.#holder = row.holder;
    this.#fence = row.fence;
    this.#version = version;
    this.#expiresAt = row.expiresAt;
  }

  /** Without `terms` the caller knows that it is alone, so whoever held the lease is gone. @throws IndexHeld */
  static async take(deps: LeaseDeps, terms?: LeaseTerms): Promise<WriterLease> {
    const { sealed, clock } = deps;
    const holdMs = terms?.holdMs ?? HOLD_MS;
    const holder = newId(clock.now());
    const giveUp = clock.now() + (terms?.waitMs ?? 0);
    for (;;) {
      const held = await sealed.get<LeaseRow>(PLACE);
      const now = clock.now();
      const until = held?.value.expiresAt ?? 0;
      if (terms && until > now) {
        if (now >= giveUp) throw new IndexHeld(until);
        await clock.sleep(Math.min(until, giveUp, now + LOOK_AGAIN_MS) - now);
        continue;
      }
      const row = { holder, fence: (held?.value.fence ?? 0) + 1, expiresAt: now + holdMs };
      const key = await sealed.vault.standing("index", SCOPE);
      try {
        await sealed.write([sealed.put(key, PLACE, row, { if: held ? { version: held.version } : "absent" })]);
        return new WriterLease(deps, terms, row, (held?.version ?? 0) + 1);
      } catch (error) {
        // Somebody was quicker, or the holder renewed it.
        if (!(error instanceof RecordsConflict)) throw error;
      }
    }
  }

  /** Whether nobody else can have taken it yet. */
  get isLive(): boolean {
    return this.#isAlone || this.#deps.clock.now() < this.#expiresAt - SKEW_MS;
  }

  /** Writes, all or none, and only while the lease is this writer's; one write after the other. @throws IndexWriterLost */
  write(changes: readonly Change[]): Promise<void> {
    const writing = this.#busy.then(() => this.#writeOrTell(changes));
    this.#busy = writing.catch(() => undefined);
    return writing;
  }

  async #writeOrTell(changes: readonly Change[]): Promise<void> {
    try {
      await this.#write(changes);
    } catch (error) {
      if (!isAboutLease(error)) throw error;
      // A renewal whose answer was lost has moved the version on, and the lease is still ours.
      if (!(await this.#findOwn())) throw new IndexWriterLost(error);
      await this.#write(changes);
    }
  }

  /** Called in long work that writes nothing for a while. @throws IndexWriterLost */
  async keep(): Promise<void> {
    if (this.#isHalfOver()) await this.write([]);
  }

  /** Gives it back, so that the next writer need not wait. Nothing is done when it was lost. */
  async release(): Promise<void> {
    if (this.#isAlone) return;
    try {
      await this.#deps.sealed.write([await this.#put(0)]);
      this.#expiresAt = 0;
    } catch (error) {
      if (!isAboutLease(error)) throw error;
    }
  }

  async #write(changes: readonly Change[]): Promise<void> {
    if (!this.#isHalfOver()) {
      const check: Change = { check: { partition: PLACE.partition, sort: PLACE.sort }, if: { version: this.#version } };
      return this.#deps.sealed.write([check, ...changes]);
    }
    const expiresAt = this.#deps.clock.now() + this.#holdMs;
    await this.#deps.sealed.write([await this.#put(expiresAt), ...changes]);
    this.#version += 1;
    this.#expiresAt = expiresAt;
  }

  #isHalfOver(): boolean {
    return !this.#isAlone && this.#deps.clock.now() > this.#expiresAt - this.#holdMs / 2;
  }

  async #put(expiresAt: number): Promise<Change> {
    const { sealed } = this.#deps;
    const row: LeaseRow = { holder: this.#holder, fence: this.#fence, expiresAt };
    const key = await sealed.vault.standing("index", SCOPE);
    return sealed.put(key, PLACE, row, { if: { version: this.#version } });
  }

  async #findOwn(): Promise<boolean> {
    const held = await this.#deps.sealed.get<LeaseRow>(PLACE);
    if (held?.value.holder !== this.#holder) return false;
    this.#version = held.version;
    this.#expiresAt = held.value.expiresAt;
    return true;
  }
}

function isAboutLease(error: unknown): boolean {
  return error instanceof RecordsConflict && error.key.partition === PLACE.partition && error.key.sort === PLACE.sort;
}
