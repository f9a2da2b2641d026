/**
 * Principal components of centred rows, the same bits on every machine: plain double arithmetic in a fixed order, and
 * of `Math` only `sqrt`, which IEEE 754 rounds exactly.
 */

/** The covariance of `rows` (row-major, `dimensions` wide), less their mean. */
export function covarianceOf(rows: Float64Array, dimensions: number): { mean: Float64Array; covariance: Float64Array } {
  const count = rows.length / dimensions;
  const mean = new Float64Array(dimensions);
  for (let r = 0; r < count; r += 1) for (let d = 0; d < dimensions; d += 1) mean[d]! += rows[r * dimensions + d]!;
  for (let d = 0; d < dimensions; d += 1) mean[d]! /= count;
  const covariance = new Float64Array(dimensions * dimensions);
  const row = new Float64Array(dimensions);
  for (let r = 0; r < count; r += 1) {
    for (let d = 0; d < dimensions; d += 1) row[d] = rows[r * dimensions + d]! - mean[d]!;
    for (let i = 0; i < dimensions; i += 1) {
      const left = row[i]!;
      const at = i * dimensions;
      for (let j = 0; j <= i; j += 1) covariance[at + j]! += left * row[j]!;
    }
  }
  for (let i = 0; i < dimensions; i += 1) {
    for (let j = 0; j <= i; j += 1) {
      covariance[i * dimensions + j]! /= count;
      covariance[j * dimensions + i] = covariance[i * dimensions + j]!;
    }
  }
  return { mean, covariance };
}

/**
 * Eigenvalues (largest first) and unit eigenvectors (row by row) of a symmetric matrix, by cyclic Jacobi rotations
 * (Golub and Van Loan, Matrix Computations, §8.5). Each vector's largest entry is positive.
 */
export function eigenOf(matrix: Float64Array, size: number): { values: Float64Array; vectors: Float64Array } {
  const a = matrix.slice();
  const v = new Float64Array(size * size);
  for (let i = 0; i < size; i += 1) v[i * size + i] = 1;
  let total = 0;
  for (const entry of a) total += entry * entry;
  for (let sweep = 0; sweep < 30; sweep += 1) {
    let off = 0;
    for (let p = 0; p < size; p += 1) for (let q = p + 1; q < size; q += 1) off += a[p * size + q]! ** 2;
    if (off <= total * 1e-24) break;
    for (let p = 0; p < size; p += 1) for (let q = p + 1; q < size; q += 1) rotate(a, v, size, p, q);
  }
  const order = Array.from({ length: size }, (_, i) => i).sort((i, j) => a[j * size + j]! - a[i * size + i]!);
  const values = Float64Array.from(order, (i) => a[i * size + i]!);
  const vectors = new Float64Array(size * size);
  for (const [k, i] of order.entries()) {
    let largest = 0;
    for (let d = 0; d < size; d += 1) if (Math.abs(v[i * size + d]!) > Math.abs(largest)) largest = v[i * size + d]!;
    const sign = largest < 0 ? -1 : 1;
    for (let d = 0; d < size; d += 1) vectors[k * size + d] = sign * v[i * size + d]!;
  }
  return { values, vectors };
}

/** One Jacobi rotation that makes entry (p, q) zero; `v` holds the eigenvectors as rows. */
function rotate(a: Float64Array, v: Float64Array, size: number, p: number, q: number): void {
  const apq = a[p * size + q]!;
  if (apq === 0) return;
  const theta = (a[q * size + q]! - a[p * size + p]!) / (2 * apq);
  const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
  const c = 1 / Math.sqrt(t * t + 1);
  const s = t * c;
  const rowP = p * size;
  const rowQ = q * size;
  for (let k = 0; k < size; k += 1) {
    const akp = a[k * size + p]!;
    const akq = a[k * size + q]!;
    a[k * size + p] = c * akp - s * akq;
    a[k * size + q] = s * akp + c * akq;
  }
  for (let k = 0; k < size; k += 1) {
    const apk = a[rowP + k]!;
    const aqk = a[rowQ + k]!;
    a[rowP + k] = c * apk - s * aqk;
    a[rowQ + k] = s * apk + c * aqk;
    const vpk = v[rowP + k]!;
    const vqk = v[rowQ + k]!;
    v[rowP + k] = c * vpk - s * vqk;
    v[rowQ + k] = s * vpk + c * vqk;
  }
}
