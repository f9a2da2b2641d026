import { argon2, randomBytes, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";

/**
 * The hash of the sign-in password: Argon2id with 19 MiB, two passes, one lane (the OWASP Password Storage Cheat Sheet's
 * first choice), as a PHC string `$argon2id$v=19$m=19456,t=2,p=1$<salt>$<hash>`. It guards the door of a running house; it
 * is no key and opens nothing that is sealed.
 */
const derive = promisify(argon2);

const NOW = { memory: 19_456, passes: 2, parallelism: 1 } as const;
const SALT_BYTES = 16;
const HASH_BYTES = 32;
const PHC = /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})$/;

interface Parsed {
  readonly memory: number;
  readonly passes: number;
  readonly parallelism: number;
  readonly salt: Buffer;
  readonly hash: Buffer;
}

export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const hash = await hashOf(password, { ...NOW, salt, hash: Buffer.alloc(HASH_BYTES) });
  return `$argon2id$v=19$m=${NOW.memory},t=${NOW.passes},p=${NOW.parallelism}$${bare(salt)}$${bare(hash)}`;
}

/** Compared in constant time. A string that is no such hash verifies nothing; it takes as long as one that is. */
export async function verifyPassword(password: string, phc: string): Promise<boolean> {
  const parsed = parse(phc) ?? { ...NOW, salt: Buffer.alloc(SALT_BYTES), hash: Buffer.alloc(HASH_BYTES) };
  const equal = timingSafeEqual(await hashOf(password, parsed), parsed.hash);
  return equal && parse(phc) !== undefined;
}

/** Whether a hash was made with other costs than today's: then hash again at the next sign-in. */
export function needsRehash(phc: string): boolean {
  const parsed = parse(phc);
  return (
    !parsed ||
    parsed.memory !== NOW.memory ||
    parsed.passes !== NOW.passes ||
    parsed.parallelism !== NOW.parallelism ||
    parsed.salt.length !== SALT_BYTES ||
    parsed.hash.length !== HASH_BYTES
  );
}

function hashOf(password: string, { memory, passes, parallelism, salt, hash }: Parsed): Promise<Buffer> {
  const message = Buffer.from(password.normalize("NFKC"));
  return derive("argon2id", { message, nonce: salt, memory, passes, parallelism, tagLength: hash.length });
}

function parse(phc: string): Parsed | undefined {
  const match = PHC.exec(phc);
  if (!match) return undefined;
  const [memory, passes, parallelism] = [Number(match[1]), Number(match[2]), Number(match[3])];
  // RFC 9106 §3.1: 8 KiB for each lane at least; above, no hash of ours, and a way to exhaust the machine.
  if (passes < 1 || parallelism < 1 || memory < 8 * parallelism || memory > 1_048_576) return undefined;
  return {
    memory,
    passes,
    parallelism,
    salt: Buffer.from(match[4] ?? "", "base64"),
    hash: Buffer.from(match[5] ?? "", "base64"),
  };
}

/** PHC strings carry base64 without padding. */
function bare(bytes: Buffer): string {
  return bytes.toString("base64").replace(/=+$/, "");
}
