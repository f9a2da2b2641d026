import type { Sheet, SheetPassage } from "./sheet.ts";

/** What the built-in model says, or which tools it asks for. */
export interface Reply {
  readonly text: string;
  readonly calls: readonly { readonly tool: string; readonly input: unknown }[];
}

export async function reply(sheet: Sheet): Promise<Reply> {
  const words = new Set(sheet.question.toLowerCase().match(/[\p{L}\p{N}]{3,}/gu) ?? []);
  let best: { score: number; sentence: string; passage: SheetPassage } | undefined;
  for (const passage of sheet.passages) {
    for (const sentence of passage.text.split(/(?<=[.!?])\s+|\n/)) {
      const score = (sentence.toLowerCase().match(/[\p{L}\p{N}]{3,}/gu) ?? []).filter((word) => words.has(word)).length;
      if (score > 0 && score > (best?.score ?? 0)) best = { score, sentence: sentence.trim(), passage };
    }
  }
  if (!best) return { text: "I did not find that in your mail and files.", calls: [] };
  return { text: `${best.sentence} [[${best.passage.n}|${best.sentence}]]`, calls: [] };
}
