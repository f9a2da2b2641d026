import assert from "node:assert/strict";
import { test } from "node:test";
import { collect, houseWith } from "../testing/turn-house.ts";
import { messagesOf, titleFrom } from "./conversations.ts";

const ITEM = { id: "a", title: "Rent", text: "The rent is CHF 2,340 a month." };

test("conversations are listed newest first, found by their words, and renamed", async () => {
  const house = await houseWith([ITEM]);
  const idOf = async (text: string) => {
    const [first] = await collect(house.ask(text));
    await house.clock.advance(1000);
    return first?.type === "turn" ? first.conversation : "";
  };
  const rent = await idOf("How much is the rent?");
  const hello = await idOf("Hello");
  const ids = async (query?: string) => (await house.conversations.list(query)).map(({ id }) => id);
  assert.deepEqual(await ids(), [hello, rent]);
  assert.deepEqual(await ids("RÉNT 2,340"), [rent]);
  assert.deepEqual(await ids("nowhere"), []);
  assert.equal((await house.conversations.rename(rent, "  The  flat "))?.title, "The flat");
  assert.equal((await house.conversations.get(rent))?.titledBy, "owner");
  assert.equal(await house.conversations.rename("gone", "x"), undefined);
});

test("a conversation is sealed under its own key: destroying it leaves nothing to read", async () => {
  const house = await houseWith([ITEM]);
  const [first] = await collect(house.ask("How much is the rent?"));
  assert.ok(first?.type === "turn");
  await house.sealed.write([house.sealed.vault.destroy("private", first.conversation)]);
  house.sealed.vault.forgotten("private", first.conversation);
  assert.deepEqual(await house.conversations.list(), []);
  assert.equal(await house.conversations.view(first.conversation), undefined);
  const rows = [];
  for await (const row of house.sealed.query(messagesOf(first.conversation), {}, () => first.conversation))
    rows.push(row);
  assert.deepEqual(rows, []);
});

test("a title is the first line of the question, cut at a word", () => {
  assert.equal(titleFrom("  When is it?\nAnd more"), "When is it?");
  assert.equal(titleFrom("\n"), "Conversation");
  const long = titleFrom("word ".repeat(40));
  assert.ok(long.length <= 61);
  assert.match(long, /word…$/);
});
