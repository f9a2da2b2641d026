import type { Pooling } from "./sentence-model.ts";

/**
 * One vector of a text's pieces (Reimers and Gurevych, "Sentence-BERT", 2019), L2-normalised. `states`: at least
 * `pieces` rows of `dimensions`; padding comes after them and is not looked at.
 */
export function poolRow(states: Float32Array, dimensions: number, pieces: number, pooling: Pooling): Float32Array {
  const sum = new Float64Array(dimensions);
  switch (pooling) {
    case "cls":
      sum.set(states.subarray(0, dimensions));
      break;
    case "lasttoken":
      sum.set(states.subarray((pieces - 1) * dimensions, pieces * dimensions));
      break;
    case "max":
      sum.fill(Number.NEGATIVE_INFINITY);
      for (let i = 0; i < pieces * dimensions; i += 1) {
        sum[i % dimensions] = Math.max(sum[i % dimensions] ?? 0, states[i] ?? 0);
      }
      break;
    // Divided by their number or by its root: the same once it is one long.
    case "mean":
    case "mean_sqrt_len_tokens":
      for (let piece = 0, at = 0; piece < pieces; piece += 1) {
        for (let d = 0; d < dimensions; d += 1, at += 1) sum[d] = (sum[d] ?? 0) + (states[at] ?? 0);
      }
      break;
    default:
      return pooling satisfies never;
  }
  let squares = 0;
  for (const value of sum) squares += value * value;
  const length = Math.sqrt(squares);
  if (!(length > 0 && length < Number.POSITIVE_INFINITY))
    throw new Error("The model gives a vector without direction.");
  return Float32Array.from(sum, (value) => value / length);
}
