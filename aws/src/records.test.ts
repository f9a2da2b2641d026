import assert from "node:assert/strict";
import { it } from "node:test";
import { DynamoDBClient, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { type Change, RecordsConflict } from "@steward/core/records.ts";
import { FakeClock } from "@steward/core/testing/fake-clock.ts";
import { testRecords } from "@steward/core/testing/records-contract.ts";
import { sdkSettings } from "./clients.ts";
import { CloudBusy, CloudMissing, CloudRefused, CloudTrouble } from "./errors.ts";
import { dynamoRecords } from "./records.ts";
import { HastyClock } from "./testing/hasty-clock.ts";
import { makeTable } from "./testing/make.ts";
import { onMoto } from "./testing/moto.ts";
import { type Asked, type Instead, jsonError } from "./testing/wire.ts";

const key = (sort: string) => ({ partition: "p", sort });
const put = (sort: string, expiresAt?: number) => ({
  put: { ...key(sort), body: Uint8Array.of(1), ...(expiresAt === undefined ? {} : { expiresAt }) },
});

await onMoto(async ({ access, wire }) => {
  const client = new DynamoDBClient(sdkSettings(access));
  // Its second try comes within a tenth of a second.
  const twice = new DynamoDBClient({ ...sdkSettings(access), maxAttempts: 2 });

  const openForContract = async () => {
    const clock = new FakeClock();
    return { records: dynamoRecords({ client, table: await makeTable(client), clock }), clock, close: async () => {} };
  };
  // 6 MB are seven pages of DynamoDB's, and moto takes a second to write a hundred rows.
  testRecords("DynamoDB", openForContract, { many: 300 });

  const open = async () => {
    const clock = new HastyClock();
    const table = await makeTable(client);
    wire.asked.length = 0;
    return { records: dynamoRecords({ client: twice, table, clock }), table, clock };
  };
  /** Puts `instead` in the place of the first `times` requests for the operation. */
  const first = (times: number, operation: string, instead: (asked: Asked) => Instead) => {
    let left = times;
    wire.intercept((asked) => (asked.operation === operation && left-- > 0 ? instead(asked) : undefined));
  };
  const cancelled = (...codes: string[]) =>
    jsonError("TransactionCanceledException", 400, {
      CancellationReasons: codes.map((Code) => ({ Code })),
      Message: "cancelled",
    });
  const always = Number.POSITIVE_INFINITY;
  const operations = () => wire.asked.map(({ operation }) => operation);
  const versions = async (records: ReturnType<typeof dynamoRecords>, ...sorts: string[]) =>
    (await records.getMany(sorts.map(key))).map((row) => row?.version);

  it("gets through a throttle that passes, and writes once", async () => {
    const { records } = await open();
    for (const name of ["ProvisionedThroughputExceededException", "ThrottlingException", "InternalServerError"]) {
      first(1, "UpdateItem", () => jsonError(name, name.startsWith("Internal") ? 500 : 400));
      await records.write([put("a")]);
    }
    wire.restore();
    assert.deepEqual(await versions(records, "a"), [3]);
  });

  it("says that it is busy when a throttle stays, and has written nothing", async () => {
    const { records } = await open();
    for (const operation of ["UpdateItem", "TransactWriteItems", "GetItem", "BatchGetItem", "Query"]) {
      first(always, operation, () => jsonError("ThrottlingException"));
      const asking = {
        UpdateItem: () => records.write([put("a")]),
        TransactWriteItems: () => records.write([put("a"), put("b")]),
        GetItem: () => records.get(key("a")),
        BatchGetItem: () => records.getMany([key("a")]),
        Query: () => Array.fromAsync(records.query("p")),
      }[operation];
      await assert.rejects(asking ?? assert.fail(operation), (error) => {
        return error instanceof CloudBusy && /ThrottlingException.*try again/.test(error.message);
      });
    }
    wire.restore();
    assert.deepEqual(await versions(records, "a", "b"), [undefined, undefined]);
  });

  it("counts a put once whose answer was lost, and sees no conflict with itself", async () => {
    const { records } = await open();
    const cases: [operation: string, change: Change][] = [
      ["UpdateItem", put("a")],
      ["UpdateItem", put("a")],
      ["PutItem", { ...put("a"), if: { version: 2 } }],
      ["PutItem", { ...put("b"), if: "absent" }],
    ];
    for (const [operation, change] of cases) {
      first(1, operation, () => "cut");
      wire.asked.length = 0;
      await records.write([change]);
      assert.deepEqual(operations(), [operation, operation], "sent twice");
    }
    wire.restore();
    assert.deepEqual(await versions(records, "a", "b"), [3, 1]);
    await assert.rejects(records.write([{ ...put("b"), if: "absent" }]), RecordsConflict, "another put is another");
  });

  it("counts exactly over a line that loses one answer in three and refuses another", async () => {
    const { table, clock } = await open();
    const records = dynamoRecords({ client, table, clock });
    let asked = 0;
    wire.intercept(({ operation }) => {
      if (operation !== "UpdateItem" && operation !== "PutItem") return undefined;
      return [undefined, "cut" as const, jsonError("InternalServerError", 500)][asked++ % 3];
    });
    const writes = 8;
    for (let version = 1; version < writes; version += 2) {
      await records.write([put("a")]);
      await records.write([{ ...put("a"), if: { version } }]);
    }
    wire.restore();
    assert.ok(asked > writes, `${asked} requests for ${writes} writes`);
    assert.deepEqual(await versions(records, "a"), [writes]);
  });

  it("sends a transaction whose answer was lost again under the same token", async () => {
    const { records } = await open();
    const tokens: unknown[] = [];
    // As DynamoDB does for ten minutes; moto would do it twice.
    first(2, "TransactWriteItems", ({ body }) => {
      const { ClientRequestToken } = JSON.parse(body.toString());
      const known = tokens.includes(ClientRequestToken);
      tokens.push(ClientRequestToken);
      return known ? { status: 200, body: "{}" } : "cut";
    });
    await records.write([
      { ...put("a"), if: "absent" },
      { ...put("b"), if: "absent" },
    ]);
    wire.restore();
    assert.deepEqual(await versions(records, "a", "b"), [1, 1]);
    assert.equal(tokens.length, 2);
    assert.equal(new Set(tokens).size, 1);
    // A single conditional delete is a transaction as well: without its row nobody could tell whose delete it was.
    wire.asked.length = 0;
    await records.write([{ delete: key("a"), if: { version: 1 } }]);
    assert.deepEqual(operations(), ["TransactWriteItems"]);
  });

  it("tries again when two transactions meet, each time as a new one, longer and longer", async () => {
    const { records, clock } = await open();
    first(3, "TransactWriteItems", () => cancelled("TransactionConflict", "None"));
    await records.write([{ ...put("a"), if: "absent" }, put("b")]);
    assert.deepEqual(await versions(records, "a", "b"), [1, 1]);
    const tokens = wire.asked.flatMap(({ operation, body }) =>
      operation === "TransactWriteItems" ? [JSON.parse(body.toString()).ClientRequestToken] : [],
    );
    assert.equal(new Set(tokens).size, 4);
    const [one = 0, two = 0, three = 0] = clock.slept;
    assert.ok(one >= 12.5 && one <= 25 && two >= 25 && two <= 50 && three >= 50 && three <= 100, String(clock.slept));
    first(2, "UpdateItem", () => jsonError("TransactionConflictException"));
    await records.write([put("a")]);
    assert.deepEqual(await versions(records, "a"), [2]);
    wire.restore();
  });

  it("says that it is busy, and not that there was a conflict, when transactions go on meeting", async () => {
    const { records, clock } = await open();
    for (const reason of ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"]) {
      clock.slept.length = 0;
      first(always, "TransactWriteItems", () => cancelled(reason, "None"));
      await assert.rejects(records.write([{ ...put("a"), if: "absent" }, put("b")]), CloudBusy);
      assert.equal(clock.slept.length, 7);
    }
    // A condition that did not hold is final, whatever else was the matter.
    first(always, "TransactWriteItems", () => cancelled("TransactionConflict", "ConditionalCheckFailed"));
    await assert.rejects(records.write([put("a"), { ...put("b"), if: "absent" }]), (error) => {
      return error instanceof RecordsConflict && error.key.sort === "b";
    });
    wire.restore();
  });

  it("waits for a transaction that is still at work, under its own token", async () => {
    const { records } = await open();
    first(2, "TransactWriteItems", () => jsonError("TransactionInProgressException"));
    await records.write([put("a"), put("b")]);
    wire.restore();
    assert.equal(new Set(wire.asked.map(({ body }) => JSON.parse(body.toString()).ClientRequestToken)).size, 1);
  });

  it("begins again at version 1 on rows that have expired, however many are in a write", async () => {
    const { records, clock } = await open();
    const sorts = ["a", "b", "c"];
    await records.write(sorts.map((sort) => put(sort, clock.now() + 1_000)));
    await records.write([put("a", clock.now() + 1_000), put("live")]);
    clock.pass(1_000);
    await assert.rejects(records.write([put("a"), put("b"), { check: key("c"), if: { version: 1 } }]), RecordsConflict);
    await records.write([...sorts.map((sort) => put(sort)), put("live"), put("new")]);
    assert.deepEqual(await versions(records, "a", "b", "c", "live", "new"), [1, 1, 1, 2, 1]);
  });

  it("reads on where a batch was cut off, and gives up when nothing comes any more", async () => {
    const { records, table, clock } = await open();
    const sorts = Array.from({ length: 150 }, (_, i) => String(i).padStart(3, "0"));
    for (let i = 0; i < 150; i += 50) await records.write(sorts.slice(i, i + 50).map((sort) => put(sort)));
    const unread = ({ body }: Asked) => {
      const UnprocessedKeys = JSON.parse(body.toString()).RequestItems;
      return { status: 200, body: JSON.stringify({ Responses: { [table]: [] }, UnprocessedKeys }) };
    };
    wire.asked.length = 0;
    first(2, "BatchGetItem", unread);
    const found = await records.getMany(sorts.map(key));
    assert.deepEqual(
      found.map((row) => row?.sort),
      sorts,
    );
    assert.deepEqual(operations(), Array(4).fill("BatchGetItem"), "two of 100 and 50, and two that were cut off");
    assert.equal(clock.slept.length, 2);
    first(always, "BatchGetItem", unread);
    await assert.rejects(records.getMany([key("000")]), CloudBusy);
    wire.restore();
  });

  it("has the next page on its way, which nobody need take; one that fails fails whoever reads on", {
    timeout: 20_000,
  }, async () => {
    const { records } = await open();
    const large = (sort: string) => ({ put: { ...key(sort), body: new Uint8Array(340_000) } });
    await records.write(["a", "b", "c", "d", "e"].map(large));
    const takeOne = async () => {
      wire.asked.length = 0;
      for await (const row of records.query("p")) {
        assert.equal(row.sort, "a");
        while (wire.asked.length < 2) await new Promise((resolve) => setImmediate(resolve));
        break;
      }
      assert.deepEqual(operations(), ["Query", "Query"]);
    };
    await takeOne();
    wire.intercept(({ body }) =>
      JSON.parse(body.toString()).ExclusiveStartKey ? jsonError("AccessDeniedException") : undefined,
    );
    await takeOne();
    await assert.rejects(Array.fromAsync(records.query("p")), CloudRefused);
    wire.asked.length = 0;
    await Array.fromAsync(records.query("p", { limit: 1 }));
    assert.deepEqual(operations(), ["Query"]);
    wire.restore();
    assert.equal((await Array.fromAsync(records.query("p"))).length, 5);
  });

  it("reads consistently, writes one change without a transaction, and asks for few rows when few are wanted", async () => {
    const { records } = await open();
    await records.write([put("a")]);
    await records.write([{ ...put("a"), if: { version: 1 } }]);
    await records.write([{ delete: key("a") }]);
    assert.deepEqual(operations(), ["UpdateItem", "PutItem", "DeleteItem"]);
    await records.write([put("a"), put("b")]);
    wire.asked.length = 0;
    await records.get(key("a"));
    await records.getMany([key("a"), key("a")]);
    await Array.fromAsync(records.query("p", { limit: 1 }));
    const [get, batch, query] = wire.asked.map(({ body }) => JSON.parse(body.toString()));
    assert.equal(get.ConsistentRead, true);
    const [[, asked = { ConsistentRead: false, Keys: [] }] = []] = Object.entries<{
      ConsistentRead: boolean;
      Keys: unknown[];
    }>(batch.RequestItems);
    assert.deepEqual([asked.ConsistentRead, asked.Keys.length], [true, 1]);
    assert.deepEqual([query.ConsistentRead, query.Limit], [true, 3]);
  });

  it("has DynamoDB delete a row in the second after it expired, never before", async () => {
    const { records, table, clock } = await open();
    await records.write([put("a", clock.now() + 1), { ...put("b", clock.now() + 1_000), if: "absent" }]);
    const seconds = async (sort: string) =>
      (await client.send(new GetItemCommand({ TableName: table, Key: { p: { S: "p" }, s: { S: sort } } }))).Item?.x?.N;
    const now = clock.now() / 1_000;
    assert.deepEqual([await seconds("a"), await seconds("b")], [String(now + 1), String(now + 1)]);
    await records.write([put("a")]);
    assert.equal(await seconds("a"), undefined, "what no longer expires must not be deleted");
  });

  it("says that the role may not, that the table is gone, or what else was refused", async () => {
    const { records, clock } = await open();
    await assert.rejects(dynamoRecords({ client, table: "no-such-table", clock }).get(key("a")), CloudMissing);
    for (const [name, expected] of [
      ["AccessDeniedException", CloudRefused],
      ["UnrecognizedClientException", CloudRefused],
      ["ValidationException", CloudTrouble],
    ] as const) {
      wire.intercept(() => jsonError(name));
      await assert.rejects(records.get(key("a")), expected);
      await assert.rejects(records.write([put("a")]), expected);
      await assert.rejects(records.write([put("a"), put("b")]), expected);
    }
    wire.intercept(() => cancelled("ValidationError", "None"));
    await assert.rejects(records.write([put("a"), put("b")]), CloudTrouble);
    wire.restore();
  });

  it("says so when the table holds what Steward did not write", async () => {
    const { records, table } = await open();
    await client.send(new PutItemCommand({ TableName: table, Item: { p: { S: "p" }, s: { S: "a" } } }));
    await assert.rejects(records.get(key("a")), /did not write/);
  });
});
