import assert from "node:assert/strict";
import { createServer, type Socket } from "node:net";
import { describe, it } from "node:test";
import { indexedItem, wordsOf } from "@steward/core/testing/passage-index-contract.ts";
import { EngineError, IndexTooNew, openEngine } from "./index.ts";
import { openPostgresIndex } from "./postgres-index.ts";
import { openPglite } from "./testing/pglite-client.ts";

/** A server that answers as PostgreSQL does on the wire (its manual, chapter 54), as far as a failure goes. */
async function answering(how: (socket: Socket, messages: number) => void) {
  const server = createServer((socket) => {
    let messages = 0;
    socket.on("data", () => how(socket, messages++));
    socket.on("error", () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  assert.ok(address !== null && typeof address === "object");
  return {
    url: `postgres://steward:wrong@127.0.0.1:${address.port}/steward`,
    port: address.port,
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

function message(type: string, body: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.write(type, "latin1");
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

const errorMessage = (code: string, text: string) =>
  message("E", Buffer.from(`SERROR\0VERROR\0C${code}\0M${text}\0\0`));
const READY = [message("R", Buffer.alloc(4)), message("Z", Buffer.from("I"))];

describe("PostgreSQL that does not answer", () => {
  const cases: [string, RegExp, (socket: Socket, messages: number) => void][] = [
    [
      "a wrong password",
      /Check both in the connection string/,
      (socket) => socket.end(errorMessage("28P01", 'password authentication failed for user "steward"')),
    ],
    ["a database that is not there", /Create it, or name another/, (socket) => socket.end(errorMessage("3D000", "no"))],
    [
      "a connection lost in a query",
      /nothing of the archive is lost/,
      (socket, messages) => (messages === 0 ? socket.write(Buffer.concat(READY)) : socket.destroy()),
    ],
    [
      "a statement past its time limit",
      /narrower filter, or raise statement_timeout/,
      (socket, messages) =>
        socket.write(
          messages === 0
            ? Buffer.concat(READY)
            : Buffer.concat([errorMessage("57014", "canceling statement due to statement timeout"), ...READY.slice(1)]),
        ),
    ],
    [
      "a user who may not make the extension",
      /run “create extension vector” in the database once/,
      (socket, messages) =>
        socket.write(
          messages === 0
            ? Buffer.concat(READY)
            : Buffer.concat([errorMessage("42501", "permission denied"), ...READY.slice(1)]),
        ),
    ],
  ];
  for (const [name, advice, how] of cases) {
    it(`${name}: says what to do`, async () => {
      const server = await answering(how);
      try {
        await assert.rejects(openEngine({ type: "postgres", url: server.url }), (error) => {
          assert.ok(error instanceof EngineError);
          assert.match(error.message, advice);
          assert.ok(error.cause instanceof Error);
          assert.doesNotMatch(error.message, /wrong@/);
          return true;
        });
      } finally {
        await server.close();
      }
    });
  }

  it("no server at all: says what to do", async () => {
    const server = await answering(() => {});
    await server.close();
    await assert.rejects(openEngine({ type: "postgres", url: server.url }), /Check that the server runs/);
  });

  it("no pgvector: says what to install", async () => {
    const client = await openPglite(false);
    try {
      await assert.rejects(openPostgresIndex(client), /has no pgvector. Install it/);
      // Nothing half made is left behind.
      const [row] = await client.query("select to_regnamespace('steward')::text as schema");
      assert.equal(row?.schema, null);
    } finally {
      await client.close();
    }
  });

  it("tables of a newer format: refused and left as they are", async () => {
    const client = await openPglite();
    try {
      const index = await openPostgresIndex(client);
      const item = indexedItem("a canary");
      await index.put([item]);
      await client.query("update steward.tally set format = 99");
      await assert.rejects(openPostgresIndex(client), (error) => {
        assert.ok(error instanceof IndexTooNew);
        assert.match(error.message, /format 99.*Update Steward/);
        return true;
      });
      assert.equal((await index.search(wordsOf("canary"))).total, 1);
    } finally {
      await client.close();
    }
  });
});
