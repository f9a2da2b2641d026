import { resolve } from "node:path";
import type { Embedder } from "@steward/core/search/embedder.ts";
import { environment, homeOf } from "../../server/src/config.ts";
import { builtInEmbedder } from "../../server/src/embedders/built-in.ts";
import { MINILM } from "../../server/src/embedders/minilm.ts";
import { openEmbedder } from "../../server/src/embedders/open.ts";
import { modelNamed } from "../../server/src/embedders/places.ts";

/**
 * The embedders at hand on this machine: the built-in one; MiniLM where it was fetched to the home, lies in the folder
 * that STEWARD_MODELS names, or in ../shared/models.
 */
export interface AtHand {
  readonly embedders: readonly Embedder[];
  /** What is not at hand, and why, for the person. */
  readonly missing: readonly string[];
  close(): Promise<void>;
}

export async function embeddersAtHand(): Promise<AtHand> {
  const builtIn = { ...builtInEmbedder(), label: "built-in" };
  const env = environment();
  const shared = resolve(import.meta.dirname, "../../../shared/models");
  const problems: string[] = [];
  for (const modelsFolder of [env.STEWARD_MODELS ?? shared, shared]) {
    const places = { home: homeOf(env), modelsFolder };
    try {
      if ((await modelNamed(places, MINILM.name)) === undefined) continue;
      const opened = await openEmbedder({ ...places, providerEnv: {} }, { id: "minilm" });
      if (opened) return { embedders: [builtIn, opened.embedder], missing: [], close: () => opened.close() };
    } catch (error) {
      problems.push(error instanceof Error ? error.message : String(error));
    }
  }
  const why = problems[0] ?? "fetch it with `steward models add minilm`, or set STEWARD_MODELS to the folder it is in.";
  return { embedders: [builtIn], missing: [`MiniLM is not at hand: ${why}`], close: async () => {} };
}
