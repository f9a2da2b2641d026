import { createHash } from "node:crypto";
import { looksLikeMbox, MboxSplitter, type SplitMail } from "../readers/mbox-splitter.ts";
import type { Bytes } from "./bytes.ts";

/** The mails of an mbox of any size, in order, with what is needed to go on after any of them. */
const CHUNK = 2 * 1024 * 1024;
export const MAX_MAIL = 64 * 1024 * 1024;

/** A place between two mails. */
export interface MboxMark {
  /** Byte offset of the next separator, or of the end. */
  readonly offset: number;
  /** Mails before it. */
  readonly count: number;
  /** Hash of what stands just before it: tells an mbox that grew from one that was rewritten. */
  readonly check: string;
}

export interface MarkedMail extends SplitMail {
  readonly after: MboxMark;
}

export async function isMbox(bytes: Bytes): Promise<boolean> {
  return looksLikeMbox(await bytes.read(0, 4096));
}

/** From `mark` on when what lies before it is still the same, else from the start. */
export async function* mailsOf(bytes: Bytes, mark: MboxMark | undefined): AsyncGenerator<MarkedMail> {
  const start = mark && (await stillStands(bytes, mark)) ? mark : { offset: 0, count: 0 };
  const splitter = new MboxSplitter({ maxMail: MAX_MAIL, start: start.offset });
  const tail = new Tail();
  let count = start.count;
  for (let at = start.offset; ; ) {
    const read = await bytes.read(at, CHUNK);
    const chunk = Buffer.from(read.buffer, read.byteOffset, read.length);
    if (chunk.length > 0) tail.push(chunk, at);
    at += chunk.length;
    for (const mail of chunk.length > 0 ? splitter.push(chunk) : splitter.end()) {
      count += 1;
      yield { ...mail, after: { offset: mail.end, count, check: tail.checkAt(mail.end) } };
    }
    if (chunk.length === 0) return;
  }
}

async function stillStands(bytes: Bytes, mark: MboxMark): Promise<boolean> {
  if (mark.offset > bytes.size) return false;
  const from = Math.max(0, mark.offset - CHECKED);
  const before = await bytes.read(from, mark.offset - from);
  if (before.length !== mark.offset - from || hash(before) !== mark.check) return false;
  const next = Buffer.from(await bytes.read(mark.offset, 5)).toString("latin1");
  return next === "" || next === "From ";
}

const CHECKED = 256;
/** More than a separator line held back by the splitter, and what is checked before it. */
const TAIL = 2048;

function hash(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("base64url").slice(0, 16);
}

/** The last chunk and a little before it: holds the bytes before any separator just found. */
class Tail {
  #before: Buffer = Buffer.alloc(0);
  #chunk: Buffer = Buffer.alloc(0);
  #at = 0;

  push(chunk: Buffer, at: number): void {
    const kept = this.#chunk.length >= TAIL ? this.#chunk : Buffer.concat([this.#before, this.#chunk]);
    this.#before = Buffer.from(kept.subarray(-TAIL));
    this.#chunk = chunk;
    this.#at = at;
  }

  checkAt(end: number): string {
    const to = end - this.#at;
    const from = to - CHECKED;
    if (from >= 0) return hash(this.#chunk.subarray(from, to));
    const edge = this.#before.length;
    const earlier = this.#before.subarray(Math.max(0, edge + from), edge + Math.min(0, to));
    return hash(Buffer.concat([earlier, this.#chunk.subarray(0, Math.max(0, to))]));
  }
}
