import type { AttributeValue, ConditionCheck, Delete, Put, Update } from "@aws-sdk/client-dynamodb";
import type { Change, Key, Range, Row } from "@steward/core/records.ts";

/**
 * How rows, conditions and ranges are said to DynamoDB. One table holds every partition:
 *
 * | attribute | type | what |
 * |---|---|---|
 * | `p`, `s` | S | partition key and sort key |
 * | `b` | B | the body, sealed by the caller |
 * | `v` | N | the version |
 * | `e` | N | when it expires, in milliseconds; reads and conditions go by it |
 * | `x` | N | the same in whole seconds, rounded up: the table's TTL attribute, by which AWS deletes some days later |
 * | `w` | B | who wrote it last by a single put (see `Write.stamp`) |
 */
export type Item = Record<string, AttributeValue>;

export function keyItem({ partition, sort }: Key): Item {
  return { p: { S: partition }, s: { S: sort } };
}

export function rowOf(item: Item): Row {
  const { p, s, b, v, e } = item;
  if (p?.S === undefined || s?.S === undefined || v?.N === undefined) {
    throw new TypeError("The table holds an item that Steward did not write (no p, s or v); remove it.");
  }
  return {
    partition: p.S,
    sort: s.S,
    body: b?.B ?? new Uint8Array(0),
    version: Number(v.N),
    ...(e?.N === undefined ? {} : { expiresAt: Number(e.N) }),
  };
}

export function isLive(row: Row, now: number): boolean {
  return row.expiresAt === undefined || row.expiresAt > now;
}

/** One change as DynamoDB takes it, alone or in a transaction. */
export type Operation =
  | { readonly kind: "put"; readonly input: Put }
  | { readonly kind: "update"; readonly input: Update }
  | { readonly kind: "delete"; readonly input: Delete }
  | { readonly kind: "check"; readonly input: ConditionCheck };

export interface Write {
  readonly table: string;
  readonly now: number;
  /** Kept with a row that is put alone, so that a put that was sent twice can be told from someone else's. */
  readonly stamp?: Uint8Array;
  /** An unconditional put onto a row that has expired: version 1 again, which an update cannot say. */
  readonly revive: boolean;
}

const ABSENT = "attribute_not_exists(p) OR e <= :now";
const LIVE = "(attribute_not_exists(e) OR e > :now)";

export function operationOf(change: Change, { table, now, stamp, revive }: Write): Operation {
  const at = { ":now": { N: String(now) } };
  // The stamp of what lies there; for a transaction it would be whole rows for nothing.
  const common = { TableName: table, ...(stamp ? { ReturnValuesOnConditionCheckFailure: "ALL_OLD" as const } : {}) };
  const demanded =
    change.if === undefined
      ? {}
      : change.if === "absent"
        ? { ConditionExpression: ABSENT, ExpressionAttributeValues: at }
        : {
            ConditionExpression: `v = :is AND ${LIVE}`,
            ExpressionAttributeValues: { ...at, ":is": { N: String(change.if.version) } },
          };
  if ("delete" in change) return { kind: "delete", input: { ...common, ...demanded, Key: keyItem(change.delete) } };
  if ("check" in change) {
    return {
      kind: "check",
      input: { ConditionExpression: ABSENT, ...common, ...demanded, Key: keyItem(change.check) },
    };
  }
  const { put } = change;
  const said = { ...expiryOf(put.expiresAt), b: { B: put.body }, ...(stamp ? { w: { B: stamp } } : {}) };
  if (change.if !== undefined || revive) {
    const version = change.if === undefined || change.if === "absent" ? 1 : change.if.version + 1;
    const condition = revive ? { ConditionExpression: ABSENT, ExpressionAttributeValues: at } : demanded;
    const Item = { ...keyItem(put), ...said, v: { N: String(version) } };
    return { kind: "put", input: { ...common, ...condition, Item } };
  }
  return { kind: "update", input: { ...common, ...counting(said, at), Key: keyItem(put) } };
}

/** Whatever lies there gets the new body and one version more; nothing there counts as version 0. */
function counting(said: Item, at: Item) {
  const gone = ["e", "x"].filter((name) => !(name in said));
  const sets = ["v = if_not_exists(v, :zero) + :one", ...Object.keys(said).map((name) => `${name} = :${name}`)];
  const values = Object.entries(said).map(([name, value]) => [`:${name}`, value] as const);
  return {
    UpdateExpression: `SET ${sets.join(", ")}${gone.length > 0 ? ` REMOVE ${gone.join(", ")}` : ""}`,
    ConditionExpression: "w" in said ? `${LIVE} AND (attribute_not_exists(w) OR w <> :w)` : LIVE,
    ExpressionAttributeValues: { ...at, ...Object.fromEntries(values), ":zero": { N: "0" }, ":one": { N: "1" } },
  };
}

function expiryOf(expiresAt: number | undefined): Item {
  if (expiresAt === undefined) return {};
  return { e: { N: String(expiresAt) }, x: { N: String(Math.ceil(expiresAt / 1_000)) } };
}

/**
 * A range as a key condition, which takes one bound below and one above at most, both inclusive, and no empty string.
 * `within` says of a row between them whether it really is in the range. Undefined when no row can be.
 */
export function conditionOf(partition: string, range: Range) {
  const lower = greatest([range.from, range.after, range.prefix]);
  const upper = least([range.to, range.prefix === undefined ? undefined : afterPrefix(range.prefix)]);
  if (range.to === "" || (lower !== undefined && upper !== undefined && compareUtf8(lower, upper) > 0))
    return undefined;
  const bounds =
    lower !== undefined && upper !== undefined
      ? " AND s BETWEEN :lower AND :upper"
      : `${lower === undefined ? "" : " AND s >= :lower"}${upper === undefined ? "" : " AND s <= :upper"}`;
  return {
    input: {
      KeyConditionExpression: `p = :p${bounds}`,
      ExpressionAttributeValues: {
        ":p": { S: partition },
        ...(lower === undefined ? {} : { ":lower": { S: lower } }),
        ...(upper === undefined ? {} : { ":upper": { S: upper } }),
      },
      ScanIndexForward: range.reverse !== true,
    },
    within: (sort: string) => sort !== range.after && sort.startsWith(range.prefix ?? ""),
  };
}

function greatest(sorts: readonly (string | undefined)[]): string | undefined {
  return sorts.reduce((a, b) => (!b ? a : a === undefined || compareUtf8(a, b) < 0 ? b : a), undefined);
}

function least(sorts: readonly (string | undefined)[]): string | undefined {
  return sorts.reduce((a, b) => (!b ? a : a === undefined || compareUtf8(a, b) > 0 ? b : a), undefined);
}

function compareUtf8(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** The least string above every string with the prefix, by code points; undefined when there is none. */
function afterPrefix(prefix: string): string | undefined {
  const points = Array.from(prefix, (char) => char.codePointAt(0) ?? 0);
  for (let last = points.pop(); last !== undefined; last = points.pop()) {
    if (last === 0x10ffff) continue;
    // U+D800 to U+DFFF are no characters: UTF-8 goes from U+D7FF to U+E000.
    const next = last === 0xd7ff ? 0xe000 : last + 1;
    return String.fromCodePoint(...points, next);
  }
  return undefined;
}
