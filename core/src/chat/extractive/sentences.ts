import { type Word, wordsOf } from "./words.ts";

/** A sentence of a passage, or a row of a table in it. */
export interface Sentence {
  readonly text: string;
  readonly words: readonly Word[];
  readonly paragraph: number;
  readonly row: boolean;
  /** A row with its column names, "date: 2025-01-07; shop: …": its neighbours are other matters. */
  readonly record: boolean;
}

/** Sentences, rows and bullets, in order. Lines broken by a mail program at a fixed width are joined again. */
export function sentencesIn(text: string): Sentence[] {
  const sentences: Sentence[] = [];
  text.split(/\n\s*\n/).forEach((block, paragraph) => {
    for (const line of linesOf(block)) {
      const row = / \| |\t|^[^.!?]{2,30}: \S/.test(line) || line.length < 40;
      const parts = row && !/[.!?] \p{Lu}/u.test(line) ? [line] : splitSentences(line);
      for (const part of parts) {
        const sentence = part.trim();
        if (/[\p{L}\p{N}]/u.test(sentence))
          sentences.push({ text: sentence, words: wordsOf(sentence), paragraph, row, record: RECORD.test(sentence) });
      }
    }
  });
  return sentences;
}

function linesOf(block: string): string[] {
  const lines: string[] = [];
  let open = false;
  for (const raw of block.split("\n")) {
    const line = raw.trim();
    // A quoted reply is another mail's word under this one's name; the mail itself is an item of its own.
    if (line === "" || line.startsWith(">") || QUOTE_HEAD.test(line)) {
      open = false;
      continue;
    }
    // Rows of a table that lost its bars: they end in a code or an amount and begin with a capital.
    const tabular = /[\d\p{Lu}]$/u.test(lines.at(-1) ?? "") && /^\p{Lu}/u.test(line);
    const starts = tabular || /^(?:[-*•–]|\d+[.)])\s|\|/.test(line) || /^[^.!?]{2,24}:\s/.test(line);
    const last = lines.at(-1);
    if (open && !starts && last !== undefined) lines[lines.length - 1] = `${last}\n${line}`;
    else lines.push(line);
    open = line.length >= 55 && !line.includes(" | ") && !/[:!?]$/.test(line);
  }
  return lines;
}

const RECORD = /^[^:;]{2,30}: [^;]*(?:; [^:;]{2,30}: [^;]*){2,}$/;

const QUOTE_HEAD = /^(?:on|am|le|den) .{6,80} (?:wrote|schrieb.*|a écrit|skrev.*|escreveu)\s?:$/i;

function splitSentences(text: string): string[] {
  return text.split(
    /(?<=[.!?]["”')\]]?)(?<!\b(?:[A-Z]|Mr|Mrs|Ms|Dr|Prof|St|No|Nr|Fr|vs|etc|approx|ca|e\.g|i\.e|z\.B|inkl|bzw|Tel|Jan|Feb|Mar|Apr|Aug|Sept?|Oct|Nov|Dec)\.)(?<!\b\d{1,2}\.(?=\s+(?:Jan|Feb|Mär|Mar|Apr|Mai|May|Jun|Jul|Aug|Sep|Okt|Oct|Nov|Dez|Dec|OG|Stock|Obergeschoss|Etage)))\s+(?=["“'(]?[\p{Lu}\d"“])/u,
  );
}
