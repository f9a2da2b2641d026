/**
 * Exact inner products of every vector with a query, unrounded: what `/search` promises of memories. With SIMD in
 * WebAssembly where there is any (scan.as), else in JavaScript; the two differ by rounding alone.
 */
export class VectorScan {
  readonly dimensions: number;
  /** Numbers of a row: the dimensions, made up to a multiple of 16 with zeros. */
  readonly #width: number;
  #capacity = 0;
  #count = 0;
  #place: Place = { floats: new Float32Array(0) };

  constructor(dimensions: number) {
    this.dimensions = dimensions;
    this.#width = Math.ceil(dimensions / 16) * 16;
  }

  get count(): number {
    return this.#count;
  }

  /** A vector of another size is cut or made up with zeros: the caller has compared sizes. */
  add(values: Float32Array): void {
    if (this.#count === this.#capacity) this.#grow();
    this.#place.floats.set(values.subarray(0, this.dimensions), this.#rowsAt + this.#count * this.#width);
    this.#count += 1;
  }

  /**
   * By row, of all rows or of the first `most`. Good until the next call: a copy of each would be most of what a search
   * leaves to be collected.
   */
  products(query: Float32Array, most = this.#count): Float32Array {
    const { floats, scan } = this.#place;
    const count = Math.min(most, this.#count);
    if (count === 0) return new Float32Array(0);
    if (!scan) return this.#plain(query, count);
    floats.set(query.subarray(0, this.dimensions), 0);
    const out = this.#width;
    scan(this.#rowsAt * 4, count, this.#width * 4, 0, out * 4);
    return floats.subarray(out, out + count);
  }

  /** The query comes first, then the products, then the rows. */
  get #rowsAt(): number {
    return this.#width + Math.ceil(this.#capacity / 16) * 16;
  }

  #plain(query: Float32Array, count: number): Float32Array {
    const { floats } = this.#place;
    const products = new Float32Array(count);
    for (let row = 0, at = this.#rowsAt; row < products.length; row += 1, at += this.#width) {
      let sum = 0;
      for (let i = 0; i < this.dimensions; i += 1) sum += (floats[at + i] ?? 0) * (query[i] ?? 0);
      products[row] = sum;
    }
    return products;
  }

  #grow(): void {
    const rows = this.#place.floats.slice(this.#rowsAt, this.#rowsAt + this.#count * this.#width);
    this.#capacity = Math.max(64, this.#capacity * 2);
    this.#place = placeOf((this.#rowsAt + this.#capacity * this.#width) * 4);
    this.#place.floats.set(rows, this.#rowsAt);
  }
}

type Scan = (rows: number, count: number, stride: number, query: number, out: number) => void;

interface Place {
  readonly floats: Float32Array;
  readonly scan?: Scan;
}

/** Part of every Node and browser this runs on, but not of the types the core is checked with. */
declare const WebAssembly:
  | {
      validate(bytes: Uint8Array): boolean;
      readonly Module: new (bytes: Uint8Array) => object;
      readonly Memory: new (size: { initial: number }) => { readonly buffer: ArrayBuffer };
      readonly Instance: new (module: object, imports: object) => { readonly exports: { readonly scan: Scan } };
    }
  | undefined;

const PAGE = 65_536;

function placeOf(bytes: number): Place {
  const api = typeof WebAssembly === "undefined" ? undefined : WebAssembly;
  const code = Uint8Array.from(atob(MODULE), (character) => character.charCodeAt(0));
  if (!api?.validate(code)) return { floats: new Float32Array(Math.ceil(bytes / 4)) };
  const memory = new api.Memory({ initial: Math.ceil(bytes / PAGE) });
  const { scan } = new api.Instance(new api.Module(code), { env: { memory } }).exports;
  return { floats: new Float32Array(memory.buffer), scan };
}

/** scan.as, by `asc -O3 --noAssert --runtime stub --enable simd --importMemory`. */
const MODULE =
  "AGFzbQEAAAABCQFgBX9/f39/AAIPAQNlbnYGbWVtb3J5AgAAAwIBAAcRAgRzY2FuAAAGbWVtb3J5AgAKngIBmwICBHsCfyACIANqIQoDQCABIA" +
  "lKBED9DAAAAAAAAAAAAAAAAAAAAAAhBf0MAAAAAAAAAAAAAAAAAAAAACEG/QwAAAAAAAAAAAAAAAAAAAAAIQf9DAAAAAAAAAAAAAAAAAAAAAAh" +
  "CCADIQIDQCACIApJBEAgBSAA/QAEACAC/QAEAP3mAf3kASEFIAYgAP0ABBAgAv0ABBD95gH95AEhBiAHIAD9AAQgIAL9AAQg/eYB/eQBIQcgCC" +
  "AA/QAEMCAC/QAEMP3mAf3kASEIIABBQGshACACQUBrIQIMAQsLIAQgCUECdGogBSAG/eQBIAcgCP3kAf3kASIF/R8AIAX9HwGSIAX9HwKSIAX9" +
  "HwOSOAIAIAlBAWohCQwBCwsL";
