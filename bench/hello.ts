/**
 * What "hello" costs: the prompt's tokens (tool schemas included) as the budget counts them and as a public tokenizer
 * does, and the time to the first text over a model that answers at once. `node bench/hello.ts`.
 */
import { countRequest } from "@steward/core/chat/budget.ts";
import type { CallOptions } from "@steward/core/chat/model.ts";
import { scriptedModel } from "@steward/core/testing/scripted-model.ts";
import { houseWith } from "@steward/core/testing/turn-house.ts";
import { countTokens } from "gpt-tokenizer/encoding/o200k_base";

const RUNS = 200;
const ITEMS = Array.from({ length: 50 }, (_, i) => ({
  id: `item-${i}`,
  title: `Note ${i}`,
  text: `Note ${i} says that the meeting about project ${i} is on ${(i % 28) + 1} May 2026.`,
}));

let sent: CallOptions | undefined;
const model = scriptedModel((options) => {
  sent = options;
  return [{ text: "Hello!" }];
});
const house = await houseWith(ITEMS, { model });

const hello = await timesToFirstText("hello");
if (!sent) throw new Error("The model was not asked.");
const judged = countTokens(JSON.stringify({ messages: sent.prompt, tools: sent.tools }));
const question = await timesToFirstText("When is the meeting about project 7?");

console.log(
  `prompt of "hello": ${judged} tokens (o200k), ${countRequest(sent)} as counted before sending; goal ≤ 1,500`,
);
console.log(`time to first text, instant model, ${RUNS} runs: hello ${shown(hello)}, a question ${shown(question)}`);

/** Milliseconds from asking to the first text, sorted. */
async function timesToFirstText(text: string): Promise<number[]> {
  const times: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    const begun = performance.now();
    let first: number | undefined;
    for await (const event of house.ask(text)) if (event.type === "text") first ??= performance.now() - begun;
    times.push(first ?? Number.NaN);
  }
  return times.sort((a, b) => a - b);
}

function shown(times: readonly number[]): string {
  const at = (share: number) => (times[Math.floor(times.length * share)] ?? Number.NaN).toFixed(2);
  return `p50 ${at(0.5)} ms, p99 ${at(0.99)} ms`;
}
