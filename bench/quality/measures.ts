/** Measures of a ranking against judged documents, as BEIR reports them (trec_eval's definitions). */

/** Grade by document id; only what was judged relevant, with a grade above 0. */
export type Grades = ReadonlyMap<string, number>;

/** Normalised discounted cumulative gain with linear gains and a log2 discount (Järvelin and Kekäläinen, 2002). */
export function ndcgAt(k: number, ranked: readonly string[], grades: Grades): number {
  const gain = (values: readonly number[]) => values.reduce((sum, value, i) => sum + value / Math.log2(i + 2), 0);
  const ideal = gain([...grades.values()].sort((a, b) => b - a).slice(0, k));
  return ideal === 0 ? 0 : gain(ranked.slice(0, k).map((id) => grades.get(id) ?? 0)) / ideal;
}

/** The share of what is relevant that stands among the first `k`. */
export function recallAt(k: number, ranked: readonly string[], grades: Grades): number {
  return grades.size === 0 ? 0 : ranked.slice(0, k).filter((id) => grades.has(id)).length / grades.size;
}

/** What is measured of one question, or the means over many. */
export interface Measured {
  readonly ndcg10: number;
  readonly recall5: number;
  readonly recall10: number;
  readonly recall100: number;
  /** Milliseconds the search took, the question's embedding included. */
  readonly ms: number;
}

export function measure(ranked: readonly string[], grades: Grades): Omit<Measured, "ms"> {
  const recall = (k: number) => recallAt(k, ranked, grades);
  return { ndcg10: ndcgAt(10, ranked, grades), recall5: recall(5), recall10: recall(10), recall100: recall(100) };
}

export function meanOf(rows: readonly Measured[]): Measured {
  const mean = (of: (row: Measured) => number) =>
    rows.reduce((sum, row) => sum + of(row), 0) / Math.max(1, rows.length);
  return {
    ndcg10: mean((row) => row.ndcg10),
    recall5: mean((row) => row.recall5),
    recall10: mean((row) => row.recall10),
    recall100: mean((row) => row.recall100),
    ms: mean((row) => row.ms),
  };
}
