import { Bytes, Numbers } from "./growing.ts";
import { endOfPositions, PostingBuffer, PostingWriter } from "./postings.ts";
import { Segment, type SegmentColumns } from "./segment.ts";
import { StringTable, sortStrings } from "./strings.ts";
import { TableWalk } from "./table-walk.ts";

/** A segment to be merged, and which of its items to take over. */
export interface Mergeable {
  readonly segment: Segment;
  isAlive(item: number): boolean;
}

/** A merged segment, and where each of its items comes from: its input, and its place there. */
export interface Merged {
  readonly segment: Segment;
  readonly inputOf: Uint16Array;
  readonly itemOf: Uint32Array;
}

/** One segment of the living items of several. Every item may live in one of them only. */
export function mergeSegments(inputs: readonly Mergeable[]): Segment {
  return mergeAtOnce(inputs).segment;
}

export function mergeAtOnce(inputs: readonly Mergeable[]): Merged {
  const steps = mergeInSteps(inputs);
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/**
 * The same, pausing often enough that whoever drives it can do something else meanwhile (each step is some milliseconds
 * at most). Which items live is asked once, at the beginning.
 */
export function* mergeInSteps(given: readonly Mergeable[]): Generator<void, Merged> {
  const inputs = given.map(asNow);
  const taken = yield* orderItems(inputs);
  const itemCount = taken.itemOf.length;
  const firstPassage = new Uint32Array(itemCount + 1);
  /** By input: passage → its new number, or -1. */
  const renumbered = inputs.map(({ segment }) => new Int32Array(segment.passages).fill(-1));
  const columnsOf = inputs.map(({ segment }) => segment.columns);
  let passages = 0;
  for (let n = 0; n < itemCount; n += 1) {
    firstPassage[n] = passages;
    const input = taken.inputOf[n] ?? 0;
    const item = taken.itemOf[n] ?? 0;
    const from = columnsOf[input]?.firstPassage;
    const numbers = renumbered[input];
    for (let p = from?.[item] ?? 0; p < (from?.[item + 1] ?? 0); p += 1) if (numbers) numbers[p] = passages++;
    if (n % PAUSE_AFTER === 0) yield;
  }
  firstPassage[itemCount] = passages;

  const of = (n: number) => columnsOf[taken.inputOf[n] ?? 0];
  const taking = (column: (columns: SegmentColumns) => ArrayLike<number>) => (n: number) => {
    const columns = of(n);
    return columns ? (column(columns)[taken.itemOf[n] ?? 0] ?? 0) : 0;
  };
  const u8 = (column: (columns: SegmentColumns) => ArrayLike<number>) =>
    filled(new Uint8Array(itemCount), taking(column));
  const u32 = (column: (columns: SegmentColumns) => ArrayLike<number>) =>
    filled(new Uint32Array(itemCount), taking(column));
  // Only strings that a living item uses are taken over: what was forgotten must not stay in a table.
  const merge = (table: TableName, usedBy: UsedBy) => mergeTables(inputs, table, usedBy);
  const persons = yield* merge("persons", function* ({ firstPerson: first, people: entries }, item) {
    for (let i = first[item] ?? 0; i < (first[item + 1] ?? 0); i += 1) yield (entries[i] ?? 0) & 0xffffff;
  });
  const sources = yield* merge("sources", (columns, item) => [columns.source[item] ?? 0]);
  const threads = yield* merge("threads", (columns, item) => [(columns.thread[item] ?? 0) - 1]);
  const filenames = yield* merge("filenames", (columns, item) => [(columns.filename[item] ?? 0) - 1]);
  const has = yield* merge("has", ({ hasBits }, item) => bitsOf(hasBits[item] ?? 0));
  const languages = yield* merge("languages", (columns) =>
    Array.from({ length: columns.languages.length }, (_, i) => i),
  );
  const inputOf = (n: number) => taken.inputOf[n] ?? 0;

  const firstPerson = new Uint32Array(itemCount + 1);
  const people = new Numbers();
  for (let n = 0; n < itemCount; n += 1) {
    if (n % PAUSE_AFTER === 0) yield;
    firstPerson[n] = people.length;
    const input = inputOf(n);
    const item = taken.itemOf[n] ?? 0;
    const columns = columnsOf[input];
    for (let i = columns?.firstPerson[item] ?? 0; i < (columns?.firstPerson[item + 1] ?? 0); i += 1) {
      const entry = columns?.people[i] ?? 0;
      people.push(((entry & 0xff000000) | (persons.mapped[input]?.[entry & 0xffffff] ?? 0)) >>> 0);
    }
  }
  firstPerson[itemCount] = people.length;

  const optional = function* (column: "thread" | "filename", table: MergedTable) {
    const positions = yield* u32((columns) => columns[column]);
    return positions.map((value, n) => (value === 0 ? 0 : (table.mapped[inputOf(n)]?.[value - 1] ?? 0) + 1));
  };
  const { terms, ...postings } = yield* mergePostings(inputs, renumbered);
  const segment = new Segment({
    ids: taken.ids,
    terms,
    ...postings,
    persons: persons.table,
    sources: sources.table,
    threads: threads.table,
    filenames: filenames.table,
    has: has.table,
    languages: languages.table,
    kind: yield* u8((columns) => columns.kind),
    trust: yield* u8((columns) => columns.trust),
    source: (yield* u32((columns) => columns.source)).map((value, n) => sources.mapped[inputOf(n)]?.[value] ?? 0),
    date: yield* filled(new Float64Array(itemCount), (n) => of(n)?.date[taken.itemOf[n] ?? 0] ?? Number.NaN),
    thread: yield* optional("thread", threads),
    filename: yield* optional("filename", filenames),
    hasBits: (yield* u32((columns) => columns.hasBits)).map((bits, n) => mapBits(bits, has.mapped[inputOf(n)] ?? [])),
    version: yield* u32((columns) => columns.version),
    hashA: yield* u32((columns) => columns.hashA),
    hashB: yield* u32((columns) => columns.hashB),
    firstPassage,
    firstPerson,
    people: people.done(),
  });
  return { segment, inputOf: taken.inputOf, itemOf: taken.itemOf };
}

/** Items, or terms, between two pauses. */
const PAUSE_AFTER = 2_048;
const PAUSE_AFTER_TERMS = 32;

function* filled<T extends Uint8Array | Uint32Array | Float64Array>(column: T, at: (n: number) => number) {
  for (let n = 0; n < column.length; n += 1) {
    if (n % PAUSE_AFTER === 0) yield;
    column[n] = at(n);
  }
  return column;
}

/** An input as it is now: items may die while it is merged, and then die in what it became. */
function asNow(input: Mergeable): Mergeable {
  const alive = Uint8Array.from({ length: input.segment.items }, (_, item) => (input.isAlive(item) ? 1 : 0));
  return { segment: input.segment, isAlive: (item) => alive[item] === 1 };
}

/** The living items of all inputs by id; in each input they lie in that order already. */
function* orderItems(inputs: readonly Mergeable[]): Generator<void, Omit<Merged, "segment"> & { ids: StringTable }> {
  const tables = inputs.map(({ segment }) => segment.columns.ids);
  const walk = new TableWalk(tables);
  const froms = new Numbers();
  const items = new Numbers();
  const names = new Bytes();
  const starts = new Numbers();
  for (let n = 0; walk.next(); n += 1) {
    if (n % PAUSE_AFTER === 0) yield;
    for (const input of walk.holders) {
      const table = tables[input];
      const item = walk.at[input] ?? 0;
      if (!table || !inputs[input]?.isAlive(item)) continue;
      froms.push(input);
      items.push(item);
      starts.push(names.length);
      names.append(table.bytes, table.starts[item] ?? 0, table.starts[item + 1] ?? 0);
    }
  }
  starts.push(names.length);
  const ids = new StringTable(names.done(), starts.done());
  return { ids, inputOf: Uint16Array.from(froms.done()), itemOf: items.done() };
}

type UsedBy = (columns: SegmentColumns, item: number) => Iterable<number>;

interface MergedTable {
  readonly table: StringTable;
  /** By input: old position → new position. */
  readonly mapped: readonly Uint32Array[];
}

type TableName = "persons" | "sources" | "threads" | "filenames" | "has" | "languages";

function* mergeTables(inputs: readonly Mergeable[], name: TableName, usedBy: UsedBy): Generator<void, MergedTable> {
  const texts: Map<number, string>[] = [];
  for (const input of inputs) {
    const { columns, items } = input.segment;
    const used = new Map<number, string>();
    for (let item = 0; item < items; item += 1) {
      if (item % PAUSE_AFTER === 0) yield;
      if (!input.isAlive(item)) continue;
      for (const at of usedBy(columns, item)) if (at >= 0 && !used.has(at)) used.set(at, columns[name].at(at));
    }
    texts.push(used);
  }
  const sorted = sortStrings([...new Set(texts.flatMap((used) => [...used.values()]))]);
  const positions = new Map(sorted.map((text, i) => [text, i]));
  return {
    table: StringTable.from(sorted),
    mapped: texts.map((used, input) => {
      const mapped = new Uint32Array(inputs[input]?.segment.columns[name].length ?? 0);
      for (const [at, text] of used) mapped[at] = positions.get(text) ?? 0;
      return mapped;
    }),
  };
}

function bitsOf(bits: number): number[] {
  return Array.from({ length: 32 }, (_, bit) => bit).filter((bit) => (bits >>> bit) & 1);
}

function mapBits(bits: number, mapped: ArrayLike<number>): number {
  let result = 0;
  for (let bit = 0; bit < 32; bit += 1) if ((bits >>> bit) & 1) result |= 1 << (mapped[bit] ?? 0);
  return result >>> 0;
}

/** Walks the sorted terms of all inputs at once; a term none of whose passages lives is left out. */
function* mergePostings(inputs: readonly Mergeable[], renumbered: readonly Int32Array[]) {
  const tables = inputs.map(({ segment }) => segment.columns.terms);
  const walk = new TableWalk(tables);
  const writer = new PostingWriter();
  const names = new Bytes();
  const starts = new Numbers();
  const buffer = new PostingBuffer();
  const gathered = new Gathered();
  for (let n = 0; walk.next(); n += 1) {
    // A common term is as much work as many rare ones.
    if (n % PAUSE_AFTER_TERMS === 0 || gathered.length > PAUSE_AFTER) yield;
    gathered.clear();
    for (const input of walk.holders) {
      const { segment } = inputs[input] ?? {};
      const numbers = renumbered[input];
      if (segment && numbers) gathered.take(input, segment, walk.at[input] ?? 0, numbers, buffer);
    }
    const [holder = 0] = walk.holders;
    const table = tables[holder];
    if (!table || gathered.length === 0) continue;
    const name = walk.at[holder] ?? 0;
    starts.push(names.length);
    names.append(table.bytes, table.starts[name] ?? 0, table.starts[name + 1] ?? 0);
    writer.beginTerm();
    gathered.write(writer, inputs);
    writer.endTerm();
  }
  starts.push(names.length);
  return { terms: new StringTable(names.done(), starts.done()), ...writer.done() };
}

/** The postings of one term from all inputs, with where their positions lie. */
class Gathered {
  length = 0;
  #docs: number[] = [];
  #impacts: number[] = [];
  #inputs: number[] = [];
  #from: number[] = [];
  #to: number[] = [];
  #rising = true;

  clear(): void {
    this.length = 0;
    this.#rising = true;
  }

  take(input: number, segment: Segment, term: number, numbers: Int32Array, buffer: PostingBuffer): void {
    segment.postings.decode(term, buffer);
    const { blockPositions, firstBlock } = segment.columns;
    const positions = positionsOf(segment);
    let at = blockPositions[firstBlock[term] ?? 0] ?? 0;
    for (let i = 0; i < buffer.length; i += 1) {
      const end = endOfPositions(positions, at);
      const doc = numbers[buffer.docs[i] ?? 0] ?? -1;
      if (doc >= 0) {
        if (this.length > 0 && doc < (this.#docs[this.length - 1] ?? 0)) this.#rising = false;
        this.#docs[this.length] = doc;
        this.#impacts[this.length] = buffer.impacts[i] ?? 1;
        this.#inputs[this.length] = input;
        this.#from[this.length] = at;
        this.#to[this.length] = end;
        this.length += 1;
      }
      at = end;
    }
  }

  write(writer: PostingWriter, inputs: readonly Mergeable[]): void {
    // Segments mostly follow one another; where their items lie between each other's, the order has to be made.
    const order = this.#rising
      ? undefined
      : Array.from({ length: this.length }, (_, i) => i).sort((a, b) => (this.#docs[a] ?? 0) - (this.#docs[b] ?? 0));
    for (let n = 0; n < this.length; n += 1) {
      const i = order?.[n] ?? n;
      writer.add(this.#docs[i] ?? 0, this.#impacts[i] ?? 1);
      const positions = inputs[this.#inputs[i] ?? 0]?.segment.columns.positions;
      if (positions) writer.copyPositions(positions, this.#from[i] ?? 0, this.#to[i] ?? 0);
    }
  }
}

function positionsOf({ columns }: Segment): Uint8Array {
  if (!columns.positions) throw new Error("A segment is merged without its positions; this is a fault of the index.");
  return columns.positions;
}
