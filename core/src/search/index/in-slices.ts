import { Bytes } from "./growing.ts";

/** Long work lets everything else go on at least this often. */
const SLICE_MS = 8;

/** Drives work that pauses often, some milliseconds at a time. */
export async function inSlices<T>(steps: Generator<void, T>): Promise<T> {
  for (let since = performance.now(); ; ) {
    const step = steps.next();
    if (step.done) return step.value;
    if (performance.now() - since < SLICE_MS) continue;
    await breath();
    since = performance.now();
  }
}

/** The same without a pause, for work that is known to be small. */
export function atOnce<T>(steps: Generator<void, T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/** Bytes that are handed on at a time. */
const PIECE = 262_144;

/** Bytes piece by piece, letting everything else go on between pieces. */
export async function* breathing(pieces: Iterable<Uint8Array>): AsyncIterable<Uint8Array> {
  let since = performance.now();
  for (const piece of pieces) {
    for (let at = 0; at < piece.length; at += PIECE) {
      yield piece.subarray(at, at + PIECE);
      if (performance.now() - since < SLICE_MS) continue;
      await breath();
      since = performance.now();
    }
  }
}

/** Small pieces as larger ones: a store takes long over each. */
export async function* inPieces(small: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  let piece = new Bytes();
  for await (const bytes of small) {
    piece.append(bytes, 0, bytes.length);
    if (piece.length < PIECE) continue;
    yield piece.done();
    piece = new Bytes();
  }
  yield piece.done();
}

function breath(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
