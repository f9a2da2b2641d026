import type { Memory } from "../memory.ts";
import { clipTokens, countTokens } from "../tokens.ts";
import type { Ledger } from "./ledger.ts";

/**
 * What of the ledger goes into the always-on prompt: facts the owner said themself, those that touch the question first,
 * then the newest, within a small budget. Facts from mail or files never do: swapping every item leaves the prompt
 * byte for byte the same.
 */
export async function recall(ledger: Pick<Ledger, "list">, question: string, tokens = 240): Promise<string[]> {
  const asked = wordsOf(question);
  const facts = (await ledger.list()).filter(({ trust, supersededBy }) => trust === "owner" && !supersededBy);
  const ranked = facts
    .map((fact) => ({ fact, touch: [...wordsOf(fact.text)].filter((word) => asked.has(word)).length }))
    .sort((a, b) => b.touch - a.touch || b.fact.learnedAt - a.fact.learnedAt);
  const chosen: Memory[] = [];
  let left = tokens;
  for (const { fact } of ranked) {
    const text = clipTokens(fact.text, 80);
    const cost = countTokens(text) + 2;
    if (cost > left) continue;
    left -= cost;
    chosen.push({ ...fact, text });
  }
  // In the order they were learned: the prompt's beginning stays the same for as long as the choice does.
  return chosen.sort((a, b) => a.learnedAt - b.learnedAt).map(({ text }) => text);
}

function wordsOf(text: string): Set<string> {
  return new Set((text.toLowerCase().match(/[\p{L}\p{N}]{3,}/gu) ?? []).map((word) => word.slice(0, 6)));
}
