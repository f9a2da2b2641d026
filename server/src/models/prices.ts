import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Price } from "@steward/core/chat/model.ts";
import { z } from "zod";

/**
 * What models cost and how much they read at once. The owner's `prices.json` in the home folder goes before the table,
 * so that a changed price needs no new version:
 *
 *     { "openai/gpt-6.2-sol": { "inputPerM": 2, "outputPerM": 10, "contextTokens": 1050000 } }
 *
 * Keys are a stored answer's model (`provider/model`). A model without a price is held by the daily token cap instead.
 */
export const PRICES_AS_OF = "2026-11-21";

export interface ModelFacts {
  /** US dollars per million tokens: the provider's list price, short prompts, no cache. */
  readonly price?: Price;
  /** The window in tokens: prompt and answer together. */
  readonly contextTokens?: number;
  /** It thinks before it writes, and thoughts count as output: the turn asks for little of it. */
  readonly thinks?: boolean;
}

const priced = (inputPerM: number, outputPerM: number, contextTokens: number, thinks = true): ModelFacts => ({
  price: { inputPerM, outputPerM },
  contextTokens,
  ...(thinks ? { thinks } : {}),
});

/** From platform.claude.com/docs/en/models (each model's overview). The first is the one offered first. */
const ANTHROPIC: Readonly<Record<string, ModelFacts>> = {
  "claude-sonnet-5-5": priced(2, 10, 1_000_000),
  // Up to 100,000 tokens of prompt, which a turn never reaches.
  "claude-haiku-5-5": priced(0.1, 0.5, 1_000_000),
  "claude-opus-5-5": priced(4, 20, 1_000_000),
  "claude-fable-5-1": priced(10, 50, 1_000_000),
  "claude-opus-5": priced(5, 25, 1_000_000),
  "claude-opus-4-6": priced(5, 25, 1_000_000),
  "claude-sonnet-4-6": priced(3, 15, 1_000_000),
  "claude-sonnet-4-5": priced(3, 15, 200_000, false),
  "claude-haiku-4-5": priced(1, 5, 200_000, false),
};

/** From developers.openai.com/api/docs/models and the announcement of GPT-6.2; prompts up to 272,000 tokens. */
const OPENAI: Readonly<Record<string, ModelFacts>> = {
  "gpt-6.2-sol": priced(2, 10, 1_050_000),
  "gpt-6-luna": priced(0.1, 0.5, 1_050_000),
  "gpt-6.2-astra": priced(8, 40, 1_050_000),
  "gpt-6.1-sol": priced(2, 10, 1_050_000),
  "gpt-6.1-terra": priced(1, 5, 1_050_000),
  "gpt-6-sol": priced(2, 10, 1_050_000),
  "gpt-6-astra": priced(10, 50, 1_050_000),
  "gpt-5.6-luna": priced(0.2, 1.2, 1_050_000),
};

/** Bedrock takes the maker's prices; a profile that stays in one geography costs a tenth more than the global one. */
const BEDROCK: Readonly<Record<string, ModelFacts>> = {
  "global.anthropic.claude-sonnet-5-5": priced(2, 10, 1_000_000),
  "global.anthropic.claude-haiku-5-5": priced(0.1, 0.5, 1_000_000),
  "global.anthropic.claude-opus-5-5": priced(4, 20, 1_000_000),
};

const TABLE: Readonly<Record<string, Readonly<Record<string, ModelFacts>>>> = {
  anthropic: ANTHROPIC,
  openai: OPENAI,
  bedrock: BEDROCK,
};

/** The models of a provider that stand in the table, the one to offer first first. */
export function knownModels(provider: string): string[] {
  return Object.keys(TABLE[provider] ?? {});
}

export interface OwnPrices {
  readonly facts: Readonly<Record<string, ModelFacts>>;
  /** Why the owner's file does not count, in a sentence; the table's prices do not count then either. */
  readonly fault?: string;
}

/** Facts of one model: the owner's word first, then the table's. Without either: nothing is known. */
export function factsOf(provider: string, model: string, own: OwnPrices): ModelFacts {
  const table = provider === "bedrock" ? bedrockFacts(model) : TABLE[provider]?.[model];
  // With a file that cannot be read nobody knows which prices were meant: the token cap counts until it is mended.
  const { price, ...rest } = table ?? {};
  return { ...rest, ...(price && !own.fault ? { price } : {}), ...own.facts[`${provider}/${model}`] };
}

function bedrockFacts(model: string): ModelFacts | undefined {
  const listed = BEDROCK[model];
  if (listed) return listed;
  const [, area, name] =
    /^(?:(us|eu|apac|jp|au|global)\.)?anthropic\.(claude-[a-z]+-\d+(?:-\d+)?)(?:-v1)?$/.exec(model) ?? [];
  const facts = name === undefined ? undefined : ANTHROPIC[name];
  if (!facts?.price || area === "global") return facts;
  return {
    ...facts,
    price: { inputPerM: facts.price.inputPerM * 1.1, outputPerM: facts.price.outputPerM * 1.1 },
  };
}

const OwnFile = z.record(
  z.string().regex(/^[a-z]+\/.+$/, "must be named provider/model"),
  z
    .strictObject({
      inputPerM: z.number().min(0).exactOptional(),
      outputPerM: z.number().min(0).exactOptional(),
      contextTokens: z.int().min(2000).exactOptional(),
    })
    .refine(
      ({ inputPerM, outputPerM }) => (inputPerM === undefined) === (outputPerM === undefined),
      "needs both inputPerM and outputPerM, or neither",
    ),
);

/** Reads `prices.json` of the home folder. Never throws: no file is no prices, a broken one says so. */
export async function readOwnPrices(home: string): Promise<OwnPrices> {
  let text: string;
  try {
    text = await readFile(join(home, "prices.json"), "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return { facts: {} };
    return { facts: {}, fault: "prices.json in the home folder cannot be read. Check its permissions." };
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { facts: {}, fault: "prices.json in the home folder is not JSON. Correct it, or delete it." };
  }
  const parsed = OwnFile.safeParse(json);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const where = issue?.path.join(" ") ?? "";
    return {
      facts: {},
      fault: `prices.json in the home folder: ${where} ${issue?.message ?? "is wrong"}. Correct it.`,
    };
  }
  const facts = Object.entries(parsed.data).map(([name, { inputPerM, outputPerM, contextTokens }]) => [
    name,
    {
      ...(inputPerM === undefined || outputPerM === undefined ? {} : { price: { inputPerM, outputPerM } }),
      ...(contextTokens === undefined ? {} : { contextTokens }),
    },
  ]);
  return { facts: Object.fromEntries(facts) };
}
