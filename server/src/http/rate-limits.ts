import type { Clock } from "@steward/core/clock.ts";
import { Problem } from "./problems.ts";

/**
 * How much one API key may ask: a token bucket (ten seconds' worth of its rate, refilled continuously) and a number of
 * requests at once. The headers are those of draft-ietf-httpapi-ratelimit-headers-07, and Retry-After (RFC 9110).
 */
const BUCKET_SECONDS = 10;
const AT_ONCE = 64;
const TURNS_AT_ONCE = 8;

interface Bucket {
  level: number;
  filledAt: number;
  running: number;
  turns: number;
}

export class ApiLimits {
  readonly #clock: Clock;
  readonly #perSecond: number;
  readonly #capacity: number;
  readonly #buckets = new Map<string, Bucket>();

  constructor(clock: Clock, perMinute: number) {
    this.#clock = clock;
    this.#perSecond = perMinute / 60;
    this.#capacity = Math.max(1, Math.ceil(this.#perSecond * BUCKET_SECONDS));
  }

  /** Takes one request out of the caller's bucket. `refusal` says why it is not admitted; `leave` ends an admitted one. */
  enter(by: string): { headers: Record<string, string>; refusal?: Problem; leave(): void } {
    const bucket = this.#bucketOf(by);
    const full = bucket.running >= AT_ONCE;
    const taken = !full && bucket.level >= 1;
    if (taken) {
      bucket.level -= 1;
      bucket.running += 1;
    }
    const headers = {
      "ratelimit-policy": `${this.#capacity};w=${BUCKET_SECONDS}`,
      "ratelimit-limit": String(this.#capacity),
      "ratelimit-remaining": String(Math.floor(bucket.level)),
      "ratelimit-reset": String(Math.ceil((this.#capacity - bucket.level) / this.#perSecond)),
    };
    const leave = once(() => {
      if (taken) bucket.running -= 1;
    });
    if (taken) return { headers, leave };
    const seconds = full ? 1 : Math.max(1, Math.ceil((1 - bucket.level) / this.#perSecond));
    const what = full ? `At most ${AT_ONCE} requests run at once for one key.` : "This key asks too often.";
    const retry = { "retry-after": String(seconds) };
    return {
      headers,
      refusal: new Problem("too-many", `${what} Wait ${seconds} s and try again.`, { headers: retry }),
      leave,
    };
  }

  /** A turn costs money and time: fewer of them at once. Returns what ends it. Throws when there are too many. */
  beginTurn(by: string): () => void {
    const bucket = this.#bucketOf(by);
    if (bucket.turns >= TURNS_AT_ONCE) {
      const headers = { "retry-after": "1" };
      throw new Problem("too-many", `At most ${TURNS_AT_ONCE} answers are written at once for one key.`, { headers });
    }
    bucket.turns += 1;
    return once(() => {
      bucket.turns -= 1;
    });
  }

  #bucketOf(by: string): Bucket {
    const now = this.#clock.now();
    const bucket = this.#buckets.get(by) ?? { level: this.#capacity, filledAt: now, running: 0, turns: 0 };
    const passed = Math.max(0, now - bucket.filledAt) / 1000;
    bucket.level = Math.min(this.#capacity, bucket.level + passed * this.#perSecond);
    bucket.filledAt = now;
    this.#buckets.set(by, bucket);
    return bucket;
  }
}

function once(end: () => void): () => void {
  let done = false;
  return () => {
    if (!done) end();
    done = true;
  };
}
