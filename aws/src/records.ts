import { randomBytes, randomUUID } from "node:crypto";
import {
  BatchGetItemCommand,
  type CancellationReason,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import type { Clock } from "@steward/core/clock.ts";
import {
  type Change,
  checkLimits,
  type Key,
  keyOf,
  type Range,
  type Records,
  RecordsConflict,
  type Row,
} from "@steward/core/records.ts";
import { asCloudError, CloudBusy } from "./errors.ts";
import { conditionOf, type Item, isLive, keyItem, type Operation, operationOf, rowOf } from "./records-wire.ts";

/**
 * Records in one DynamoDB table (its shape: `records-wire.ts`). Every read is strongly consistent. One change is one
 * conditional put, update or delete, at half the price; more are a transaction.
 *
 * An answer may be lost after the write was done, and the SDK then sends the request again. A transaction carries a
 * token by which DynamoDB knows it for the same; a single put carries a stamp by which we do. So a write that was sent
 * twice counts once, and is no conflict with itself.
 */
export interface DynamoRecordsDeps {
  readonly client: DynamoDBClient;
  readonly table: string;
  readonly clock: Clock;
}

/** How often a write or a batch is tried again when AWS refuses it for the moment, beyond the SDK's own tries. */
const TRIES = 8;
const FIRST_WAIT_MS = 25;
/** DynamoDB's limit for one BatchGetItem. */
const KEYS_A_CALL = 100;

/** Throws `RecordsConflict`, `RecordsLimit` or one of `errors.ts`. */
export function dynamoRecords(deps: DynamoRecordsDeps): Records {
  return new DynamoRecords(deps);
}

class DynamoRecords implements Records {
  readonly #client: DynamoDBClient;
  readonly #table: string;
  readonly #clock: Clock;

  constructor({ client, table, clock }: DynamoRecordsDeps) {
    this.#client = client;
    this.#table = table;
    this.#clock = clock;
  }

  async get(key: Key): Promise<Row | undefined> {
    const input = { TableName: this.#table, Key: keyItem(key), ConsistentRead: true };
    const { Item } = await this.#asking(() => this.#client.send(new GetItemCommand(input)));
    return Item && this.#live(Item);
  }

  async getMany(keys: readonly Key[]): Promise<(Row | undefined)[]> {
    const keysByName = new Map(keys.map((key) => [nameOf(key), key]));
    const wanted = [...keysByName.values()].map(keyItem);
    const rowsByName = new Map<string, Row>();
    const batches: Item[][] = [];
    for (let i = 0; i < wanted.length; i += KEYS_A_CALL) batches.push(wanted.slice(i, i + KEYS_A_CALL));
    const found = await Promise.all(batches.map((batch) => Array.fromAsync(this.#batch(batch))));
    for (const row of found.flat()) rowsByName.set(nameOf(row), row);
    return keys.map((key) => {
      const row = rowsByName.get(nameOf(key));
      return row && { ...row, body: row.body.slice() };
    });
  }

  async *query(partition: string, range: Range = {}): AsyncIterable<Row> {
    const condition = conditionOf(partition, range);
    let left = range.limit ?? Number.POSITIVE_INFINITY;
    if (!condition || left <= 0) return;
    const ask = (from?: Item) => {
      // Two more than asked for: the bounds are inclusive, so a row at either end may not count.
      const most = Number.isFinite(left) ? { Limit: left + 2 } : {};
      const start = from === undefined ? {} : { ExclusiveStartKey: from };
      const input = { TableName: this.#table, ConsistentRead: true, ...condition.input, ...most, ...start };
      return this.#asking(() => this.#client.send(new QueryCommand(input)));
    };
    for (let asked = ask(); ; ) {
      const { Items = [], LastEvaluatedKey: last } = await asked;
      // Whoever reads to the end has the next page on its way meanwhile; one that nobody takes may fail unseen.
      const ahead = last !== undefined && range.limit === undefined ? ask(last) : undefined;
      ahead?.catch(() => undefined);
      for (const item of Items) {
        const row = this.#live(item);
        if (!row || !condition.within(row.sort)) continue;
        yield row;
        left -= 1;
        if (left <= 0) return;
      }
      if (last === undefined) return;
      asked = ahead ?? ask(last);
    }
  }

  async write(changes: readonly Change[]): Promise<void> {
    checkLimits(changes);
    const [first] = changes;
    if (!first) return;
    // A lost answer to a single conditional delete could not be told from someone else's delete; in a transaction it can.
    const alone = changes.length === 1 && ("put" in first || ("delete" in first && first.if === undefined));
    const stamp = alone ? randomBytes(8) : undefined;
    /** Unconditional puts that met an expired row, which has to be replaced and not counted up. */
    const revived = new Set<Change>();
    let token = randomUUID();
    for (let attempt = 1; ; attempt++) {
      const now = this.#clock.now();
      const operations = changes.map((change) =>
        operationOf(change, { table: this.#table, now, revive: revived.has(change), ...(stamp ? { stamp } : {}) }),
      );
      try {
        return await (alone ? this.#sendAlone(operations) : this.#sendTogether(operations, token));
      } catch (error) {
        if (stamp && isOurs(error, stamp)) return;
        const refused = refusalsOf(error);
        if (!isRefusal(error)) throw asCloudError(error, this.#what);
        const conflict = changes.find((change, i) => change.if && refused[i] === "ConditionalCheckFailed");
        if (conflict) throw new RecordsConflict(pick(keyOf(conflict)));
        if (attempt === TRIES) throw new CloudBusy(this.#what, error);
        const toggled = changes.filter((_, i) => refused[i] === "ConditionalCheckFailed");
        for (const change of toggled) if (!revived.delete(change)) revived.add(change);
        if (toggled.length === 0) await this.#backOff(attempt);
        // Still at work on the same one, DynamoDB says; else it is over, and the next is another.
        if (!isInProgress(error)) token = randomUUID();
      }
    }
  }

  async *#batch(keys: readonly Item[]): AsyncGenerator<Row> {
    let waiting: readonly Item[] = keys;
    for (let attempt = 1; waiting.length > 0; attempt++) {
      const input = { RequestItems: { [this.#table]: { Keys: [...waiting], ConsistentRead: true } } };
      const answer = await this.#asking(() => this.#client.send(new BatchGetItemCommand(input)));
      const found = answer.Responses?.[this.#table] ?? [];
      for (const item of found) {
        const row = this.#live(item);
        if (row) yield row;
      }
      waiting = answer.UnprocessedKeys?.[this.#table]?.Keys ?? [];
      if (waiting.length === 0) return;
      // 16 MB an answer: what did not fit is asked for at once; after an answer without any, the table is throttled.
      if (found.length > 0) attempt = 0;
      else if (attempt >= TRIES) throw new CloudBusy(this.#what, new Error("no key of a batch was read"));
      else await this.#backOff(attempt);
    }
  }

  async #sendAlone([operation]: readonly Operation[]): Promise<void> {
    switch (operation?.kind) {
      case "put":
        await this.#client.send(new PutItemCommand(operation.input));
        return;
      case "update":
        await this.#client.send(new UpdateItemCommand(operation.input));
        return;
      case "delete":
        await this.#client.send(new DeleteItemCommand(operation.input));
        return;
      default:
        throw new TypeError("A check alone is a transaction.");
    }
  }

  async #sendTogether(operations: readonly Operation[], token: string): Promise<void> {
    const TransactItems = operations.map((operation) => {
      switch (operation.kind) {
        case "put":
          return { Put: operation.input };
        case "update":
          return { Update: operation.input };
        case "delete":
          return { Delete: operation.input };
        case "check":
          return { ConditionCheck: operation.input };
      }
      return operation satisfies never;
    });
    await this.#client.send(new TransactWriteItemsCommand({ TransactItems, ClientRequestToken: token }));
  }

  #live(item: Item): Row | undefined {
    const row = rowOf(item);
    return isLive(row, this.#clock.now()) ? row : undefined;
  }

  async #asking<T>(ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (error) {
      throw asCloudError(error, this.#what);
    }
  }

  /** Twice as long each time, half of it by chance, so that writers that met once do not meet again. */
  #backOff(attempt: number): Promise<void> {
    return this.#clock.sleep(FIRST_WAIT_MS * 2 ** (attempt - 1) * (0.5 + Math.random() / 2));
  }

  get #what(): string {
    return `The table ${this.#table}`;
  }
}

/** Refused for the moment, or by a condition: nothing was written. */
const REFUSALS = new Set([
  "ConditionalCheckFailedException",
  "TransactionCanceledException",
  "TransactionConflictException",
  "TransactionInProgressException",
]);
/** Reasons of a cancelled transaction that pass. */
const PASSING = new Set([
  "None",
  "ConditionalCheckFailed",
  "TransactionConflict",
  "ProvisionedThroughputExceeded",
  "ThrottlingError",
]);

function isRefusal(error: unknown): error is Error {
  if (!(error instanceof Error) || !REFUSALS.has(error.name)) return false;
  return refusalsOf(error).every((code) => PASSING.has(code));
}

function isInProgress(error: Error): boolean {
  return error.name === "TransactionInProgressException";
}

/** Why each change was refused, by its place: a code of DynamoDB's, `"None"` for a change that was not. */
function refusalsOf(error: unknown): string[] {
  if (error instanceof ConditionalCheckFailedException) return ["ConditionalCheckFailed"];
  if (!(error instanceof TransactionCanceledException)) return [];
  return (error.CancellationReasons ?? []).map(({ Code }: CancellationReason) => Code ?? "None");
}

/** The put was refused because it had been done already: its answer was lost, and the SDK sent it again. */
function isOurs(error: unknown, stamp: Uint8Array): boolean {
  const written = error instanceof ConditionalCheckFailedException ? error.Item?.w?.B : undefined;
  return written !== undefined && Buffer.compare(written, stamp) === 0;
}

function nameOf({ partition, sort }: Key): string {
  return JSON.stringify([partition, sort]);
}

function pick({ partition, sort }: Key): Key {
  return { partition, sort };
}
