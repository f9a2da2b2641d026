import type { Blobs } from "../blobs.ts";
import { AT_ONCE, breath } from "../breath.ts";
import type { Clock } from "../clock.ts";
import type { Source } from "../item.ts";
import type { Library } from "../library.ts";
import type { Change } from "../records.ts";
import type { PassageIndex } from "../search/passage-index.ts";
import type { SealedRecords } from "../vault/sealed-records.ts";
import type { Pulled } from "./connector.ts";
import { contentMark, type Grown, grow, seenAlready } from "./grow.ts";
import { quarantineChanges } from "./quarantine.ts";
import type { Reader, ReaderInput } from "./reader.ts";
import { openShelf } from "./shelve.ts";

/**
 * Ingest: what happens to one batch of entries on its way into the house. Two halves, so that the next batch is read
 * (in the sandbox, on another core) while this one is kept and indexed.
 *
 *   prepare:  unseen → read → split          nothing is written
 *   keep:     write rows → index             all of an entry or none of it, with the cursor that stands after it
 *
 * Killed between two writes it resumes at the cursor; what was kept already is recognised by its `seen` rows.
 */
export interface IngestDeps {
  readonly clock: Clock;
  readonly sealed: SealedRecords;
  readonly blobs: Blobs;
  readonly library: Library;
  readonly index: Pick<PassageIndex, "put">;
  readonly reader: Reader;
  /** The owner's own addresses, lower case: mail from these is the owner's. */
  readonly ownAddresses: ReadonlySet<string>;
}

/** What a batch became, read and split, with nothing written yet. */
export type Prepared = readonly Grown[];

export interface Tally {
  readonly added: number;
  readonly known: number;
  readonly quarantined: number;
}

export async function prepare(deps: IngestDeps, source: Source, batch: readonly Pulled[]): Promise<Prepared> {
  const marks = batch.map((one) => (one.type === "entry" ? contentMark(deps, one.name, one.bytes) : undefined));
  const known = await seenAlready(deps, marks);
  const unseen = batch.map((one, i) => (one.type === "entry" && !known[i] ? inputOf(one) : undefined));
  const outcomes = (await deps.reader.readMany(unseen.filter((input) => input !== undefined)))[Symbol.iterator]();

  const prepared: Grown[] = [];
  for (const [i, one] of batch.entries()) {
    if (i % AT_ONCE === AT_ONCE - 1) await breath();
    if (one.type === "trouble") prepared.push(refused(one));
    else if (known[i]) prepared.push({ trees: [], known: 1, quarantined: [] });
    else {
      const outcome = outcomes.next().value;
      if (!outcome) throw new Error("The reader gave back fewer outcomes than it was given things to read.");
      prepared.push(await grow(deps, source, { ...one, mark: marks[i] ?? "" }, outcome));
    }
  }
  return prepared;
}

/** Writes what was prepared. `alongside` (the source's row with its cursor, the job's guard) goes with the last write. */
export async function keep(
  deps: IngestDeps,
  source: Source,
  prepared: Prepared,
  alongside: (tally: Tally) => Promise<readonly Change[]>,
): Promise<Tally> {
  const shelf = openShelf(deps);
  let tally: Tally = { added: 0, known: 0, quarantined: 0 };
  let trees = 0;
  for (const grown of prepared) {
    tally = sum(tally, { added: 0, known: grown.known, quarantined: grown.quarantined.length });
    for (const tree of grown.trees) {
      if (++trees % AT_ONCE === 0) await breath();
      const added = await shelf.tree(tree);
      tally = sum(tally, { added, known: added === 0 ? 1 : 0, quarantined: 0 });
    }
    for (const one of grown.quarantined) await shelf.changes(await quarantineChanges(deps, source, one));
  }
  await shelf.finish(await alongside(tally));
  return tally;
}

function refused(trouble: Extract<Pulled, { type: "trouble" }>): Grown {
  const { path, reason, size } = trouble;
  return { trees: [], known: 0, quarantined: [{ path, reason, size, code: "unreadable" }] };
}

function sum(a: Tally, b: Tally): Tally {
  return { added: a.added + b.added, known: a.known + b.known, quarantined: a.quarantined + b.quarantined };
}

function inputOf(entry: Extract<Pulled, { type: "entry" }>): ReaderInput {
  const { bytes, name, mediaType, modifiedAt } = entry;
  return {
    bytes,
    name,
    ...(mediaType === undefined ? {} : { mediaType }),
    ...(modifiedAt === undefined ? {} : { modifiedAt }),
  };
}
