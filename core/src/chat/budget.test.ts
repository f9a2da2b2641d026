import assert from "node:assert/strict";
import { test } from "node:test";
import { countTokens as judged } from "gpt-tokenizer/encoding/o200k_base";
import { scriptedModel } from "../testing/scripted-model.ts";
import { collect, houseWith } from "../testing/turn-house.ts";
import { clipTokens, countTokens } from "../tokens.ts";
import { newestThatFit } from "./budget.ts";
import type { CallOptions, ChatModel } from "./model.ts";

const SAMPLES = {
  english:
    "Dear Nora, the contract for the translation is attached; please sign it by Friday and send it back to us. ".repeat(
      8,
    ),
  german:
    "Sehr geehrte Frau Lindqvist, gerne bestätigen wir Ihnen die Wohnungsübergabe am Donnerstag um halb vier Uhr. ".repeat(
      8,
    ),
  numbers: "Account | 84-220917-3 | CHF 7,020.00 | 2024-01-19 | AV 2418 07:10 - 08:55\n".repeat(8),
  japanese: "会議は三月十日の午後二時から、東京駅の近くで行われます。".repeat(8),
  code: 'const a = { b: [1, 2, 3], "c": x => x?.y ?? z };\n'.repeat(8),
};

test("tokens are counted never too few and not far too many", () => {
  for (const [name, text] of Object.entries(SAMPLES)) {
    const truth = judged(text);
    const counted = countTokens(text);
    assert.ok(counted >= truth, `${name}: ${counted} < ${truth}`);
    assert.ok(counted <= truth * 2, `${name}: ${counted} > 2 × ${truth}`);
  }
});

test("a text is clipped at a word within the budget", () => {
  const clipped = clipTokens(SAMPLES.english, 40);
  assert.ok(countTokens(clipped) <= 41);
  assert.match(clipped, /\w…$/);
  assert.equal(clipTokens("short", 40), "short");
});

test("the newest entries that fit are kept in order", () => {
  assert.deepEqual(
    newestThatFit([5, 4, 3, 2], (n) => n, 9),
    [4, 3, 2],
  );
  assert.deepEqual(
    newestThatFit([50], (n) => n, 9),
    [],
  );
});

test("hello costs at most 1,500 prompt tokens, tool schemas included, and searches nothing", async () => {
  let sent: CallOptions | undefined;
  const model: ChatModel = scriptedModel((options) => {
    sent = options;
    return [{ text: "Hello!" }];
  });
  const house = await houseWith([{ id: "a", title: "Hello", text: "hello hello hello" }], { model });
  for (let i = 0; i < 40; i++)
    await house.ledger.keep({ text: `Fact number ${i}: something about me that is rather long` });
  await collect(house.ask("hello"));
  assert.ok(sent);
  assert.deepEqual(house.asked, []);
  assert.ok((sent.tools ?? []).length >= 4);
  const tokens = judged(JSON.stringify({ messages: sent.prompt, tools: sent.tools }));
  assert.ok(tokens <= 1500, `${tokens} tokens`);
});
