import assert from "node:assert/strict";
import fc from "fast-check";
import { type Change, type Range, RecordsConflict, type Row } from "../records.ts";
import type { OpenedRecords } from "./records-contract.ts";

/**
 * The same random steps done to the records and to a model of them, the port's promises in the plainest words; after each
 * step both must say the same. Part of what every adapter must pass (`records-contract.ts`).
 */
export async function doesWhatAMapWould(open: () => Promise<OpenedRecords>): Promise<void> {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async (steps) => {
      const opened = await open();
      try {
        const model = new Model();
        for (const one of steps) await playStep(opened, model, one);
      } finally {
        await opened.close();
      }
    }),
    { numRuns: 60 },
  );
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();
export const bytes = (words: string) => encoder.encode(words);
export const text = (row: Row) => decoder.decode(row.body);

/** Few keys, so that they meet; some that tell byte order from other orders. */
const someKey = fc.record({
  partition: fc.constantFrom("p", "q"),
  sort: fc.constantFrom("a", "ab", "b", "é", "\uffe5", "\u{1f600}"),
});
const someCondition = fc.oneof(
  { weight: 3, arbitrary: fc.constant(undefined) },
  fc.constant("absent" as const),
  fc.record({ version: fc.integer({ min: 1, max: 3 }) }),
);
const someChange = fc.record({
  kind: fc.constantFrom("put", "put", "put", "delete", "check"),
  key: someKey,
  body: fc.string({ maxLength: 5 }),
  ttl: fc.option(fc.integer({ min: 1, max: 30 }), { nil: undefined, freq: 3 }),
  condition: someCondition,
});
const someRange = fc.record(
  {
    from: fc.constantFrom("a", "b", "é"),
    after: fc.constantFrom("a", "ab", "\uffe5"),
    to: fc.constantFrom("ab", "b", "\u{1f600}"),
    prefix: fc.constantFrom("", "a", "ab", "\uffe5"),
    reverse: fc.boolean(),
    limit: fc.integer({ min: 1, max: 3 }),
  },
  { requiredKeys: [] },
);
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ write: fc.array(someChange, { minLength: 1, maxLength: 5 }) }) },
  { weight: 2, arbitrary: fc.record({ partition: fc.constantFrom("p", "q"), range: someRange }) },
  { weight: 1, arbitrary: fc.record({ passes: fc.integer({ min: 1, max: 20 }) }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;
type SomeChange = typeof someChange extends fc.Arbitrary<infer T> ? T : never;

/** A map from key to row, and a list sorted by bytes. */
class Model {
  rows = new Map<string, Row>();

  live(partition: string, sort: string, now: number): Row | undefined {
    const row = this.rows.get(`${partition}/${sort}`);
    return row?.expiresAt !== undefined && row.expiresAt <= now ? undefined : row;
  }

  /** The key that refuses, or undefined when all was written. */
  write(changes: readonly SomeChange[], now: number): string | undefined {
    for (const { key, condition } of changes) {
      const version = this.live(key.partition, key.sort, now)?.version;
      if (condition === undefined) continue;
      const holds = condition === "absent" ? version === undefined : version === condition.version;
      if (!holds) return `${key.partition}/${key.sort}`;
    }
    for (const { kind, key, body, ttl } of changes) {
      const id = `${key.partition}/${key.sort}`;
      if (kind === "delete") this.rows.delete(id);
      if (kind !== "put") continue;
      const version = (this.live(key.partition, key.sort, now)?.version ?? 0) + 1;
      const expiry = ttl === undefined ? {} : { expiresAt: now + ttl };
      this.rows.set(id, { ...key, body: bytes(body), version, ...expiry });
    }
    return undefined;
  }

  query(partition: string, range: Range, now: number): Row[] {
    const at = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));
    const found = [...this.rows.values()]
      .filter((row) => row.partition === partition && this.live(partition, row.sort, now))
      .filter((row) => range.from === undefined || at(row.sort, range.from) >= 0)
      .filter((row) => range.after === undefined || at(row.sort, range.after) > 0)
      .filter((row) => range.to === undefined || at(row.sort, range.to) <= 0)
      .filter((row) => row.sort.startsWith(range.prefix ?? ""))
      .sort((a, b) => (range.reverse ? at(b.sort, a.sort) : at(a.sort, b.sort)));
    return found.slice(0, range.limit);
  }
}

async function playStep({ records, clock }: OpenedRecords, model: Model, one: Step): Promise<void> {
  if ("passes" in one) return clock.advance(one.passes);
  if ("range" in one) {
    // exactOptionalPropertyTypes: fast-check leaves absent keys out, so this is a Range.
    const range = one.range as Range;
    const found: Row[] = [];
    for await (const row of records.query(one.partition, range)) found.push(row);
    assert.deepEqual(found.map(wholeRow), model.query(one.partition, range, clock.now()).map(wholeRow));
    return;
  }
  const changes = [
    ...new Map(one.write.map((change) => [`${change.key.partition}/${change.key.sort}`, change])).values(),
  ]
    // A check is nothing without a condition.
    .map((change) => (change.kind === "check" ? { ...change, condition: change.condition ?? "absent" } : change));
  const refused = model.write(changes, clock.now());
  const written = records.write(changes.map((change) => changeOf(change, clock.now())));
  if (refused === undefined) await written;
  else {
    await assert.rejects(
      written,
      (error) => error instanceof RecordsConflict && `${error.key.partition}/${error.key.sort}` === refused,
    );
  }
  const keys = changes.map((change) => change.key);
  assert.deepEqual(
    (await records.getMany(keys)).map(wholeRow),
    keys.map(({ partition, sort }) => wholeRow(model.live(partition, sort, clock.now()))),
  );
}

function changeOf({ kind, key, body, ttl, condition }: SomeChange, now: number): Change {
  const demand = condition === undefined ? {} : { if: condition };
  if (kind === "delete") return { delete: key, ...demand };
  if (kind === "check") return { check: key, if: condition ?? "absent" };
  return { put: { ...key, body: bytes(body), ...(ttl === undefined ? {} : { expiresAt: now + ttl }) }, ...demand };
}

function wholeRow(row: Row | undefined) {
  return row && { ...row, body: text(row) };
}
