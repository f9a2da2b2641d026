/**
 * BM25F (Robertson, Zaragoza, Taylor 2004): a term's occurrences in all fields of a passage are weighed and normalised by
 * the field's length, added, and saturated once. What depends on the passage alone, the saturated weight, is computed
 * when the passage is indexed and kept as one byte; a query multiplies it by the term's idf.
 */
export type Field = "body" | "quoted" | "context" | "subject" | "people" | "filename";

interface FieldWeight {
  readonly weight: number;
  /** How much length matters, 0 to 1. */
  readonly b: number;
  /** The usual length in words. A constant, so that a passage's weight never changes when others come and go. */
  readonly usual: number;
}

export const FIELD_WEIGHTS: Readonly<Record<Field, FieldWeight>> = {
  body: { weight: 1, b: 0.5, usual: 100 },
  quoted: { weight: 0.35, b: 0.5, usual: 100 },
  context: { weight: 0.4, b: 0.3, usual: 30 },
  subject: { weight: 1.8, b: 0.3, usual: 6 },
  people: { weight: 1.4, b: 0.2, usual: 8 },
  filename: { weight: 1.6, b: 0.2, usual: 4 },
};

const K1 = 1.2;

/** What one occurrence in a field of `length` words adds to the weighted frequency. */
export function occurrenceWeight(field: Field, length: number): number {
  const { weight, b, usual } = FIELD_WEIGHTS[field];
  return weight / (1 - b + (b * length) / usual);
}

/** The saturated weight as a byte, 1 to 255. */
export function impactOf(weightedFrequency: number): number {
  return Math.max(1, Math.round((255 * weightedFrequency) / (K1 + weightedFrequency)));
}

/** Of a term that stands in `found` of `all` passages; never negative. */
export function idf(found: number, all: number): number {
  return Math.log(1 + (Math.max(all, found) - found + 0.5) / (found + 0.5));
}
