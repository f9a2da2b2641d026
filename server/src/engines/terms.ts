import { analyze } from "@steward/core/search/analyze.ts";
import { type Field, impactOf, occurrenceWeight } from "@steward/core/search/index/bm25.ts";
import { spelledOut, UNITS_PER_WORD } from "@steward/core/search/index/build.ts";
import type { Meant, Sequence } from "@steward/core/search/index/match.ts";
import { stemmedAs } from "@steward/core/search/language.ts";
import type { IndexedItem, IndexedPassage } from "@steward/core/search/passage-index.ts";
import { storable } from "./sql.ts";

/**
 * What the core's analysis makes of a passage, in the forms PostgreSQL searches: a `tsvector` of our own terms (so that
 * folding and stemming are those of the private index, not of the server's dictionaries) and the BM25F weight of each
 * term as a byte, the very number the private index keeps.
 *
 * In the `tsvector` every word stands twice at its position: as its stem, and as it was written (`stem=form`), for
 * phrases. The labels say the field: A subject, B people and file name, C context, D text.
 */
export interface PassageTerms {
  readonly tsvector: string;
  readonly impactByTerm: Readonly<Record<string, number>>;
}

const LABELS: Readonly<Record<Field, string>> = {
  ...{ subject: "A", people: "B", filename: "B", context: "C", body: "D", quoted: "D" },
};

/** Between fields, so that no phrase runs from one into the next. */
const GAP = 8;
/** PostgreSQL knows positions up to here, and at most 256 of a term; what lies behind is found, but in no phrase. */
const LAST_POSITION = 16_383;

/** By passage. An item without text is still found by its subject, people and file name. */
export function termsOf(item: IndexedItem): PassageTerms[] {
  const language = stemmedAs(item.language);
  const passages: readonly IndexedPassage[] = item.passages.length > 0 ? item.passages : [{ text: "", context: "" }];
  return passages.map((passage, n) => {
    const fields: [Field, string][] = [
      [passage.quoted ? "quoted" : "body", passage.text],
      ["context", passage.context],
    ];
    if (n === 0) {
      fields.push(
        ["subject", item.title],
        ["people", item.people.map((p) => `${p.name ?? ""} ${p.address ?? ""}`).join(" · ")],
        ["filename", item.filename === undefined ? "" : spelledOut(item.filename)],
      );
    }
    return termsOfFields(fields, language);
  });
}

function termsOfFields(fields: readonly (readonly [Field, string])[], language: string): PassageTerms {
  const placesByLexeme = new Map<string, string[]>();
  const frequencyByTerm = new Map<string, number>();
  const place = (lexeme: string, at: string) => {
    const places = placesByLexeme.get(lexeme);
    if (places) places.push(at);
    else placesByLexeme.set(lexeme, [at]);
  };
  let start = 1;
  for (const [field, text] of fields) {
    if (text === "") continue;
    const weight = occurrenceWeight(field, Math.max(1, text.length / UNITS_PER_WORD));
    const used = analyze(text, language, {
      token(term, position, _start, _end, compound, form) {
        const at = `${Math.min(LAST_POSITION, start + position)}${LABELS[field]}`;
        place(term, at);
        if (!compound) place(writtenAs(term, form), at);
        frequencyByTerm.set(term, (frequencyByTerm.get(term) ?? 0) + weight);
      },
    });
    start += used + GAP;
  }
  return {
    tsvector: [...placesByLexeme].map(([lexeme, places]) => `${quoted(lexeme)}:${places.join(",")}`).join(" "),
    impactByTerm: Object.fromEntries([...frequencyByTerm].map(([term, f]) => [storable(term), impactOf(f)])),
  };
}

/** No term holds "=". */
function writtenAs(term: string, form: number): string {
  return `${term}=${form}`;
}

/** A lexeme as the text form of `tsvector` and `tsquery` has it. */
function quoted(lexeme: string): string {
  return `'${storable(lexeme).replaceAll("\\", "\\\\").replaceAll("'", "''")}'`;
}

/** A `tsquery` that holds where the words stand one behind the other; `labels` narrows the fields. */
export function tsqueryOf(sequence: Sequence, labels = ""): string {
  const suffix = labels === "" ? "" : `:${labels}`;
  const word = (meant: readonly Meant[]) =>
    `(${meant.map(({ term, form }) => quoted(form === undefined ? term : writtenAs(term, form)) + suffix).join(" | ")})`;
  return `(${sequence.map(word).join(" <-> ")})`;
}

/** Holds where any of them does; undefined for none. */
export function anyOf(queries: readonly string[]): string | undefined {
  return queries.length === 0 ? undefined : queries.join(" | ");
}
