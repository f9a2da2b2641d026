import type { Clock } from "@steward/core/clock.ts";
import type { Bindings } from "./binding.ts";
import { Problem } from "./problems.ts";

/**
 * Guesses of a secret: five a minute from one address, then wait; loopback counts too, since any page in any browser
 * on this machine can knock there. A right one forgets the wrong ones.
 */
export class Guesses {
  readonly #counts: GuessCounts;
  readonly #clock: Clock;

  constructor(clock: Clock, counts: GuessCounts = countsInMemory(clock)) {
    this.#clock = clock;
    this.#counts = counts;
  }

  async count(env: Bindings): Promise<void> {
    if (env.via === "socket") return;
    const { guesses, until } = await this.#counts.add(addressOf(env));
    if (guesses <= MOST) return;
    const seconds = Math.max(1, Math.ceil((until - this.#clock.now()) / 1000));
    throw new Problem("too-many", `Too many tries. Wait ${seconds} seconds and try again.`, {
      headers: { "retry-after": String(seconds) },
    });
  }

  async forgive(env: Bindings): Promise<void> {
    if (env.via === "tcp") await this.#counts.clear(addressOf(env));
  }
}

/** Where guesses are counted: in memory where one process answers, in rows where several do. */
export interface GuessCounts {
  /** One guess more, and until when they count: `COUNTED_MS` from the first, or from the one that was too many. */
  add(address: string): Promise<GuessCount>;
  clear(address: string): Promise<void>;
}

export interface GuessCount {
  readonly guesses: number;
  /** Milliseconds since the epoch. */
  readonly until: number;
}

const MOST = 5;
const COUNTED_MS = 60_000;
/** Addresses remembered before those whose time is over are dropped. */
const MANY = 10_000;

/** What one guess more makes of the count before. */
export function oneMore(before: GuessCount | undefined, now: number): GuessCount {
  if (!before || before.until <= now) return { guesses: 1, until: now + COUNTED_MS };
  const guesses = before.guesses + 1;
  return { guesses, until: guesses === MOST + 1 ? now + COUNTED_MS : before.until };
}

function countsInMemory(clock: Clock): GuessCounts {
  const counts = new Map<string, GuessCount>();
  return {
    async add(address) {
      const now = clock.now();
      if (counts.size > MANY) for (const [one, { until }] of counts) if (until <= now) counts.delete(one);
      const count = oneMore(counts.get(address), now);
      counts.set(address, count);
      return count;
    },
    async clear(address) {
      counts.delete(address);
    },
  };
}

function addressOf(env: Bindings): string {
  const address = env.address ?? env.incoming?.socket.remoteAddress ?? "unknown";
  return /^(?:::ffff:)?127\.|^::1$/.test(address) ? "loopback" : address;
}
