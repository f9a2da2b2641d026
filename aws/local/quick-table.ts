import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { type Answer, type Asked, jsonError } from "../src/testing/wire.ts";

/**
 * A DynamoDB table in memory, in the very words that `records-wire.ts` uses and no others: for measuring what the function
 * itself takes, since moto needs some milliseconds for every request. Correctness is tested on moto.
 */
type Item = Record<string, AttributeValue>;

// biome-ignore lint/suspicious/noExplicitAny: requests as the SDK sends them, read by the words they have
type Any = any;

/** A rule for the wire: DynamoDB is answered here, everything else passed on. */
export function quickTable(): (asked: Asked) => Answer | undefined {
  const partitions = new Map<string, Map<string, Item>>();
  const rowsOf = (p: string) => {
    const rows = partitions.get(p) ?? new Map<string, Item>();
    partitions.set(p, rows);
    return rows;
  };
  const find = ({ p, s }: Any): Item | undefined => rowsOf(p.S).get(s.S);

  function holds(condition: string | undefined, item: Item | undefined, values: Item = {}): boolean {
    if (condition === undefined) return true;
    const terms = condition
      .replace(/attribute_not_exists\((\w+)\)/g, (_, name: string) => String(item?.[name] === undefined))
      .replace(/\b(\w+) (<=|>|=|<>) (:\w+)/g, (_, name: string, operator: string, value: string) =>
        String(compare(item?.[name], operator, values[value])),
      );
    return someOf(terms);
  }

  function write(request: Any): boolean {
    const key = request.Item ?? request.Key;
    const item = find(key);
    if (!holds(request.ConditionExpression, item, request.ExpressionAttributeValues)) return false;
    return true;
  }

  function apply(kind: string, request: Any): void {
    const { p, s } = request.Item ?? request.Key;
    const rows = rowsOf(p.S);
    if (kind === "Put") rows.set(s.S, request.Item);
    if (kind === "Delete") rows.delete(s.S);
    if (kind !== "Update") return;
    const next: Item = { ...(rows.get(s.S) ?? request.Key) };
    const values = request.ExpressionAttributeValues;
    next.v = { N: String(Number(next.v?.N ?? 0) + 1) };
    for (const name of ["b", "e", "x", "w"]) {
      if (`:${name}` in values) next[name] = values[`:${name}`];
      else delete next[name];
    }
    rows.set(s.S, next);
  }

  function query(request: Any): Any {
    const values = request.ExpressionAttributeValues;
    const { ":p": p, ":lower": lower, ":upper": upper } = values;
    const inside = [...rowsOf(p.S)].filter(([s]) => (!lower || s >= lower.S) && (!upper || s <= upper.S));
    const sorted = inside.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, item]) => item);
    if (request.ScanIndexForward === false) sorted.reverse();
    return { Items: sorted, Count: sorted.length };
  }

  return ({ service, operation, body }) => {
    if (service !== "dynamodb") return undefined;
    const request: Any = JSON.parse(body.toString());
    const single = /^(Put|Update|Delete)Item$/.exec(operation)?.[1];
    if (operation === "GetItem") return answer({ Item: find(request.Key) });
    if (operation === "Query") return answer(query(request));
    if (operation === "BatchGetItem") {
      const [[table, { Keys }]] = Object.entries<Any>(request.RequestItems) as [[string, Any]];
      return answer({ Responses: { [table]: Keys.map(find).filter(Boolean) }, UnprocessedKeys: {} });
    }
    if (single) {
      if (!write(request)) return jsonError("ConditionalCheckFailedException");
      apply(single, request);
      return answer({});
    }
    if (operation === "TransactWriteItems") {
      const changes: [string, Any][] = request.TransactItems.map((one: Any) => Object.entries(one)[0]);
      const held = changes.map(([, change]) => write(change));
      if (held.includes(false)) {
        const CancellationReasons = held.map((ok) => ({ Code: ok ? "None" : "ConditionalCheckFailed" }));
        return jsonError("TransactionCanceledException", 400, { CancellationReasons });
      }
      for (const [kind, change] of changes) apply(kind, change);
      return answer({});
    }
    return undefined;
  };
}

function answer(body: object): Answer {
  return { status: 200, headers: { "content-type": "application/x-amz-json-1.0" }, body: JSON.stringify(body) };
}

function compare(value: AttributeValue | undefined, operator: string, other: AttributeValue | undefined): boolean {
  if (value === undefined || other === undefined) return false;
  if (operator === "<>") return JSON.stringify(value) !== JSON.stringify(other);
  const [a, b] = [Number(value.N), Number(other.N)];
  return operator === "=" ? a === b : operator === ">" ? a > b : a <= b;
}

/** `true AND (false OR true)`. */
function someOf(terms: string): boolean {
  const inner = /\(([^()]*)\)/;
  let text = terms;
  while (inner.test(text)) text = text.replace(inner, (_, part: string) => String(someOf(part)));
  return text.split(" OR ").some((part) => part.split(" AND ").every((word) => word.trim() === "true"));
}
