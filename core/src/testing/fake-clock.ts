import type { Clock } from "../clock.ts";

interface Sleeper {
  readonly wakeAt: number;
  wake(): void;
}

/**
 * A clock that stands still until it is told to go on, so that leases, expiry and schedules are tested without waiting
 * and without luck.
 */
export class FakeClock implements Clock {
  #now: number;
  readonly #sleepers = new Set<Sleeper>();

  /** Milliseconds since the epoch; a round day unless said otherwise. */
  constructor(now = Date.UTC(2026, 10, 21)) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  /** How many are asleep now. */
  get sleeping(): number {
    return this.#sleepers.size;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (ms <= 0 || signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = () => {
        this.#sleepers.delete(sleeper);
        signal?.removeEventListener("abort", wake);
        resolve();
      };
      const sleeper: Sleeper = { wakeAt: this.#now + ms, wake };
      this.#sleepers.add(sleeper);
      signal?.addEventListener("abort", wake, { once: true });
    });
  }

  /**
   * Lets `ms` pass. Sleepers wake in the order of their times, each at its own time, and what they do next (sleeping
   * again included) happens before time goes on. Resolves when the time has passed and the woken have had their turn.
   */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    await settle();
    for (let next = this.#next(end); next; next = this.#next(end)) {
      this.#now = Math.max(this.#now, next.wakeAt);
      next.wake();
      await settle();
    }
    this.#now = end;
    await settle();
  }

  /** The wall clock is set: time jumps, forwards or back, and nobody is woken until time passes. */
  jumpTo(now: number): void {
    this.#now = now;
  }

  #next(end: number): Sleeper | undefined {
    let first: Sleeper | undefined;
    for (const sleeper of this.#sleepers) {
      if (sleeper.wakeAt <= end && (!first || sleeper.wakeAt < first.wakeAt)) first = sleeper;
    }
    return first;
  }
}

/** A few turns of the event loop: enough for promises, and for chains of them, that wait for no I/O. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
}
