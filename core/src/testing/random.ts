/**
 * Chance for tests and benches: the same numbers in every run and on every machine, each at least 0 and below 1.
 * Mulberry32 (Tommy Ettinger), with 32 bits of state. Not for secrets, and not for what is kept: the sample archive has a
 * generator of its own, which no test can change.
 */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
