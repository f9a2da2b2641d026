import { Bytes, Numbers } from "./growing.ts";
import { endOfPositions, PostingBuffer, PostingWriter } from "./postings.ts";
import { Segment, type SegmentColumns } from "./segment.ts";
import { compareBytes, StringTable, sortStrings } from "./strings.ts";

/** A segment to be merged, and which of its items to take over. */
export interface Mergeable {
  readonly segment: Segment;
  isAlive(item: number): boolean;
}

/** One segment of the living items of several. Every item may live in one of them only. */
export function mergeSegments(inputs: readonly Mergeable[]): Segment {
  const taken = orderItems(inputs);
  const itemCount = taken.length;
  const firstPassage = new Uint32Array(itemCount + 1);
  /** By input: passage → its new number, or -1. */
  const renumbered = inputs.map(({ segment }) => new Int32Array(segment.passages).fill(-1));
  let passages = 0;
  for (const [n, { input, item }] of taken.entries()) {
    firstPassage[n] = passages;
    const from = inputs[input]?.segment.columns.firstPassage;
    const numbers = renumbered[input];
    for (let p = from?.[item] ?? 0; p < (from?.[item + 1] ?? 0); p += 1) if (numbers) numbers[p] = passages++;
  }
  firstPassage[itemCount] = passages;

  const of = (n: number) => inputs[taken[n]?.input ?? 0]?.segment.columns;
  const pick = (column: (columns: SegmentColumns) => ArrayLike<number>) => ({
    length: itemCount,
    at: (n: number): number => {
      const columns = of(n);
      return columns ? (column(columns)[taken[n]?.item ?? 0] ?? 0) : 0;
    },
  });
  const u8 = (column: (columns: SegmentColumns) => ArrayLike<number>) => {
    const picked = pick(column);
    return Uint8Array.from({ length: itemCount }, (_, n) => picked.at(n));
  };
  const u32 = (column: (columns: SegmentColumns) => ArrayLike<number>) => {
    const picked = pick(column);
    return Uint32Array.from({ length: itemCount }, (_, n) => picked.at(n));
  };
  // Only strings that a living item uses are taken over: what was forgotten must not stay in a table.
  const merge = (table: TableName, usedBy: (columns: SegmentColumns, item: number) => Iterable<number>) =>
    mergeTables(inputs, table, usedBy);
  const persons = merge("persons", function* ({ firstPerson: first, people: entries }, item) {
    for (let i = first[item] ?? 0; i < (first[item + 1] ?? 0); i += 1) yield (entries[i] ?? 0) & 0xffffff;
  });
  const sources = merge("sources", (columns, item) => [columns.source[item] ?? 0]);
  const threads = merge("threads", (columns, item) => [(columns.thread[item] ?? 0) - 1]);
  const filenames = merge("filenames", (columns, item) => [(columns.filename[item] ?? 0) - 1]);
  const has = merge("has", ({ hasBits }, item) => bitsOf(hasBits[item] ?? 0));
  const languages = merge("languages", (columns) => Array.from({ length: columns.languages.length }, (_, i) => i));
  const inputOf = (n: number) => taken[n]?.input ?? 0;

  const firstPerson = new Uint32Array(itemCount + 1);
  const people = new Numbers();
  for (const [n, { input, item }] of taken.entries()) {
    firstPerson[n] = people.length;
    const columns = inputs[input]?.segment.columns;
    for (let i = columns?.firstPerson[item] ?? 0; i < (columns?.firstPerson[item + 1] ?? 0); i += 1) {
      const entry = columns?.people[i] ?? 0;
      people.push(((entry & 0xff000000) | (persons.mapped[input]?.[entry & 0xffffff] ?? 0)) >>> 0);
    }
  }
  firstPerson[itemCount] = people.length;

  const optional = (column: "thread" | "filename", table: MergedTable) =>
    u32((columns) => columns[column]).map((value, n) =>
      value === 0 ? 0 : (table.mapped[inputOf(n)]?.[value - 1] ?? 0) + 1,
    );
  const { terms, ...postings } = mergePostings(inputs, renumbered);
  return new Segment({
    ids: StringTable.from(taken.map(({ id }) => id)),
    terms,
    ...postings,
    persons: persons.table,
    sources: sources.table,
    threads: threads.table,
    filenames: filenames.table,
    has: has.table,
    languages: languages.table,
    kind: u8((columns) => columns.kind),
    trust: u8((columns) => columns.trust),
    source: u32((columns) => columns.source).map((value, n) => sources.mapped[inputOf(n)]?.[value] ?? 0),
    date: Float64Array.from({ length: itemCount }, (_, n) => of(n)?.date[taken[n]?.item ?? 0] ?? Number.NaN),
    thread: optional("thread", threads),
    filename: optional("filename", filenames),
    hasBits: u32((columns) => columns.hasBits).map((bits, n) => mapBits(bits, has.mapped[inputOf(n)] ?? [])),
    version: u32((columns) => columns.version),
    hashA: u32((columns) => columns.hashA),
    hashB: u32((columns) => columns.hashB),
    firstPassage,
    firstPerson,
    people: people.done(),
  });
}

function orderItems(inputs: readonly Mergeable[]): { input: number; item: number; id: string }[] {
  const taken: { input: number; item: number; id: string }[] = [];
  for (const [input, source] of inputs.entries()) {
    const { segment } = source;
    for (let item = 0; item < segment.items; item += 1) {
      if (source.isAlive(item)) taken.push({ input, item, id: segment.columns.ids.at(item) });
    }
  }
  return taken.sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
}

interface MergedTable {
  readonly table: StringTable;
  /** By input: old position → new position. */
  readonly mapped: readonly Uint32Array[];
}

type TableName = "persons" | "sources" | "threads" | "filenames" | "has" | "languages";

function mergeTables(
  inputs: readonly Mergeable[],
  name: TableName,
  usedBy: (columns: SegmentColumns, item: number) => Iterable<number>,
): MergedTable {
  const texts = inputs.map((input) => {
    const { columns, items } = input.segment;
    const used = new Map<number, string>();
    for (let item = 0; item < items; item += 1) {
      if (!input.isAlive(item)) continue;
      for (const at of usedBy(columns, item)) if (at >= 0 && !used.has(at)) used.set(at, columns[name].at(at));
    }
    return used;
  });
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
function mergePostings(inputs: readonly Mergeable[], renumbered: readonly Int32Array[]) {
  const tables = inputs.map(({ segment }) => segment.columns.terms);
  const at = inputs.map(() => 0);
  const writer = new PostingWriter();
  const names = new Bytes();
  const starts = new Numbers();
  const buffer = new PostingBuffer();
  const gathered = new Gathered();
  for (;;) {
    const least = leastTerm(tables, at);
    if (least < 0) break;
    const table = tables[least];
    if (!table) break;
    const from = table.starts[at[least] ?? 0] ?? 0;
    const to = table.starts[(at[least] ?? 0) + 1] ?? from;
    gathered.clear();
    for (const [input, other] of tables.entries()) {
      const term = at[input] ?? 0;
      if (term >= other.length) continue;
      const start = other.starts[term] ?? 0;
      const end = other.starts[term + 1] ?? start;
      if (input !== least && compareBytes(other.bytes, start, end, table.bytes, from, to) !== 0) continue;
      const { segment } = inputs[input] ?? {};
      const numbers = renumbered[input];
      if (segment && numbers) gathered.take(input, segment, term, numbers, buffer);
      if (input !== least) at[input] = term + 1;
    }
    at[least] = (at[least] ?? 0) + 1;
    if (gathered.length === 0) continue;
    starts.push(names.length);
    names.append(table.bytes, from, to);
    writer.beginTerm();
    gathered.write(writer, inputs);
    writer.endTerm();
  }
  starts.push(names.length);
  return { terms: new StringTable(names.done(), starts.done()), ...writer.done() };
}

function leastTerm(tables: readonly StringTable[], at: readonly number[]): number {
  let least = -1;
  for (const [input, table] of tables.entries()) {
    const term = at[input] ?? 0;
    if (term >= table.length) continue;
    const best = tables[least];
    if (!best) {
      least = input;
      continue;
    }
    const bestTerm = at[least] ?? 0;
    const order = compareBytes(
      table.bytes,
      table.starts[term] ?? 0,
      table.starts[term + 1] ?? 0,
      best.bytes,
      best.starts[bestTerm] ?? 0,
      best.starts[bestTerm + 1] ?? 0,
    );
    if (order < 0) least = input;
  }
  return least;
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
    const { positions, blockPositions, firstBlock } = segment.columns;
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
