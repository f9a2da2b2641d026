import type { Memory } from "../memory.ts";
import type { Embedder } from "../search/embedder.ts";
import { LEAST_LIKENESS } from "../search/fuse.ts";
import { beyondUsual } from "../search/index/background.ts";
import { clipTokens, countTokens } from "../tokens.ts";
import type { Ledger } from "./ledger.ts";

/**
 * What of the ledger a turn is told. *Facts*, which the owner said themself, go into the always-on prompt: those that touch
 * the question first, then the newest, within a small budget. *Claims*, which programs stored or which came from mail, never
 * do: swapping every item leaves that prompt byte for byte the same. The few nearest to the question are shown to the model
 * as data, like passages. The ledger is never read whole: facts have an index of their own, claims their vectors.
 */
export interface RecallDeps {
  readonly ledger: Pick<Ledger, "own" | "vectors">;
  /** The embedder in force; without one no claim is near anything. */
  embedder?(): Promise<Embedder | undefined>;
}

export interface Recalled {
  readonly facts: readonly string[];
  readonly claims: readonly Memory[];
}

/** Facts that are looked through; older ones are recalled when they are near the question. */
const FACTS = 200;
const CLAIMS = 3;
const NEAR = 16;
/** In standard deviations: a claim shown in vain costs some tokens, one left out may cost the answer. */
const EASIER = 0.5;

/** `query`: what is looked up for the question; for small talk nothing is, and then no claim is shown. */
export async function recall(deps: RecallDeps, question: string, query?: string, tokens = 240): Promise<Recalled> {
  const [own, near] = await Promise.all([deps.ledger.own(FACTS), query === undefined ? [] : nearest(deps, query)]);
  const known = new Map([...own, ...near.filter(({ trust }) => trust === "owner")].map((fact) => [fact.id, fact]));
  const facts = [...known.values()].filter(({ supersededBy }) => !supersededBy);
  const claims = near.filter(({ trust, supersededBy }) => trust !== "owner" && !supersededBy);
  return { facts: chosen(facts, question, tokens), claims: claims.slice(0, CLAIMS) };
}

function chosen(facts: readonly Memory[], question: string, tokens: number): string[] {
  const asked = wordsOf(question);
  const ranked = facts
    .map((fact) => ({ fact, touch: [...wordsOf(fact.text)].filter((word) => asked.has(word)).length }))
    .sort((a, b) => b.touch - a.touch || b.fact.learnedAt - a.fact.learnedAt);
  const taken: Memory[] = [];
  let left = tokens;
  for (const { fact } of ranked) {
    const text = clipTokens(fact.text, 80);
    const cost = countTokens(text) + 2;
    if (cost > left) continue;
    left -= cost;
    taken.push({ ...fact, text });
  }
  // In the order they were learned: the prompt's beginning stays the same for as long as the choice does.
  return taken.sort((a, b) => a.learnedAt - b.learnedAt).map(({ text }) => text);
}

/** Those that are nearer than chance. An embedder that fails leaves a turn without claims, not without an answer. */
async function nearest(deps: RecallDeps, query: string): Promise<Memory[]> {
  try {
    const embedder = await deps.embedder?.();
    if (!embedder || embedder.knows?.(query) === false) return [];
    const [values] = await embedder.embed([query], "query");
    if (!values) return [];
    const { hits, usual } = await deps.ledger.vectors.near({ embedder, values, limit: NEAR });
    const least = beyondUsual(usual, (embedder.floor ?? LEAST_LIKENESS) - EASIER);
    return hits.filter(({ score }) => score >= least).map(({ memory }) => memory);
  } catch {
    return [];
  }
}

function wordsOf(text: string): Set<string> {
  return new Set((text.toLowerCase().match(/[\p{L}\p{N}]{3,}/gu) ?? []).map((word) => word.slice(0, 6)));
}
