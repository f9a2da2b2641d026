import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { LLMock } from "@copilotkit/aimock";
import { DENTIST } from "@steward/core/testing/turn-house.ts";
import { chosen, WIRED } from "./testing/providers.ts";
import { ANSWER, collect, endingOf, QUESTION, turnWith } from "./testing/turn.ts";

/**
 * Every provider through the real turn, against a fake of its wire that others wrote and check against the real ones.
 */
const mock = new LLMock({ port: 0, host: "127.0.0.1", chunkSize: 7 });

before(async () => {
  await mock.start();
});
after(() => mock.stop());

for (const wired of WIRED) {
  test(`${wired.id}: an answer streams in with a citation that was found in the item; tokens and money are stored`, async () => {
    mock.reset();
    // The fake lists the models its answers name.
    mock.on({ model: wired.setup("").model ?? "", userMessage: "never asked" }, { content: "" });
    const usage = { prompt_tokens: 900, completion_tokens: 40, input_tokens: 900, output_tokens: 40 };
    mock.onMessage(/dentist/, { content: ANSWER.join(""), usage });
    const house = await turnWith(await chosen(wired, mock.url));
    const events = await collect(house.ask(QUESTION));
    const ending = await endingOf(house, events);
    assert.ok(ending.type === "finish", JSON.stringify(ending));
    assert.equal(ending.message.text, "It is on 26 November at 8:30[^1].");
    const [citation] = ending.message.citations;
    assert.ok(citation?.verified);
    assert.equal(citation.item, DENTIST.id);
    assert.equal(citation.quote, "on Thursday 26 November 2026 at 8:30");
    assert.ok(events.filter(({ type }) => type === "text").length > 2, "it came in pieces");
    assert.equal(ending.message.model, `${wired.id}/${wired.setup("").model}`);
    assert.equal(ending.message.usage.inputTokens, 900);
    assert.equal(ending.message.usage.outputTokens, 40);
    const [input = 0, output = 0] = wired.price ?? [];
    const cost = (900 * input + 40 * output) / 1e6;
    assert.equal(ending.message.usage.cost, cost);
    assert.deepEqual(await house.spent(), { usd: cost, tokens: 0 });
  });

  test(`${wired.id}: a tool call makes a task, and the second round tells of it`, async () => {
    mock.reset();
    // The fake lists the models its answers name.
    mock.on({ model: wired.setup("").model ?? "", userMessage: "never asked" }, { content: "" });
    mock.on(
      { userMessage: /bins/, hasToolResult: false },
      { toolCalls: [{ name: "create_task", arguments: { title: "Put out the bins", due: "2026-11-24T07:00" } }] },
    );
    mock.on({ userMessage: /bins/, hasToolResult: true }, { content: "I will remind you on Tuesday at 7:00." });
    const house = await turnWith(await chosen(wired, mock.url));
    const events = await collect(house.ask("Remind me of the bins on Tuesday at 7"));
    const ending = await endingOf(house, events);
    assert.ok(ending.type === "finish", JSON.stringify(ending));
    assert.equal(ending.message.text, "I will remind you on Tuesday at 7:00.");
    const [card] = ending.message.cards;
    assert.ok(card?.type === "task");
    assert.equal(card.task.title, "Put out the bins");
    assert.equal(card.task.due, "2026-11-24T07:00");
    const asked = mock.getRequests().filter(({ method }) => method === "POST");
    assert.equal(asked.length, 2);
  });
}
