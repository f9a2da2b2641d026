import type { OpenShelf } from "./open-shelf.ts";
import { compareBytes, type StringTable } from "./strings.ts";

/** Buries of every item that lies in two shelves the one that was put earlier. Two of the same put are not looked at. */
export function buryOlder(shelves: readonly OpenShelf[]): void {
  for (const [i, a] of shelves.entries()) {
    for (const b of shelves.slice(i + 1)) {
      const [of, than] = [a.segment.columns, b.segment.columns];
      const pairs = pairsOf(of.ids, than.ids);
      for (let n = 0; n < pairs.length; n += 2) {
        const inA = pairs[n] ?? 0;
        const inB = pairs[n + 1] ?? 0;
        if ((of.version[inA] ?? 0) > (than.version[inB] ?? 0)) b.bury(inB);
        else a.bury(inA);
      }
    }
  }
}

/** The positions of the ids that are in both sorted tables: by turns in the one and in the other. */
export function pairsOf(a: StringTable, b: StringTable): Uint32Array {
  if (a.length === 0 || b.length === 0) return new Uint32Array(0);
  let i = a.lowerBound(bytesAt(b, 0));
  let j = b.lowerBound(bytesAt(a, 0));
  const pairs = new Uint32Array(2 * Math.min(a.length - i, b.length - j));
  let count = 0;
  while (i < a.length && j < b.length) {
    const inA = a.starts[i] ?? 0;
    const inB = b.starts[j] ?? 0;
    const order = compareBytes(a.bytes, inA, a.starts[i + 1] ?? inA, b.bytes, inB, b.starts[j + 1] ?? inB);
    if (order === 0) {
      pairs[count] = i;
      pairs[count + 1] = j;
      count += 2;
    }
    if (order <= 0) i += 1;
    if (order >= 0) j += 1;
  }
  return pairs.subarray(0, count);
}

function bytesAt(table: StringTable, index: number): Uint8Array {
  return table.bytes.subarray(table.starts[index], table.starts[index + 1]);
}
