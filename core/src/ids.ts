import { randomBytes } from "node:crypto";

let lastMs = 0;
let sequence = 0;

/** Random bytes of ids are drawn many at a time, which costs a tenth. They are no secret. */
const RANDOM = 8;
let random = Buffer.alloc(0);

/**
 * A UUIDv7 (RFC 9562 §5.7): 48 bits of milliseconds, then a 12-bit counter, then 62 random bits. Ids made by one
 * process sort in the order they were made, even within a millisecond and when the clock steps back, which is what
 * lets a restart replay the rows newer than a mark.
 */
export function newId(now: number): string {
  if (now > lastMs) {
    lastMs = now;
    sequence = 0;
  } else if (++sequence > 0xfff) {
    lastMs += 1;
    sequence = 0;
  }
  if (random.length < RANDOM) random = randomBytes(RANDOM * 256);
  const bytes = Buffer.allocUnsafe(16);
  bytes.writeUIntBE(lastMs, 0, 6);
  bytes.writeUInt16BE(0x7000 | sequence, 6);
  bytes.set(random.subarray(0, RANDOM), 8);
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f);
  random = random.subarray(RANDOM);
  const hex = bytes.toString("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** The milliseconds since the epoch that a UUIDv7 carries. */
export function timeOfId(id: string): number {
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
}

/** Where the ids of this moment begin in the order of ids: every id made at or after `ms` sorts behind it. */
export function firstIdAt(ms: number): string {
  const hex = Math.max(0, Math.min(2 ** 48 - 1, Math.ceil(ms)))
    .toString(16)
    .padStart(12, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8)}`;
}
