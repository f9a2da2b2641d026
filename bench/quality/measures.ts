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
