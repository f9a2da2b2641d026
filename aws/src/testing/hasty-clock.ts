import type { Clock } from "@steward/core/clock.ts";

/** A clock on which nobody waits, so that what is tried again is tried at once; it counts how often. */
export class HastyClock implements Clock {
  /** Milliseconds of each sleep that was asked for. */
  readonly slept: number[] = [];
  #now = Date.UTC(2026, 10, 21);

  now(): number {
    return this.#now;
  }

  sleep(ms: number): Promise<void> {
    this.slept.push(ms);
    return Promise.resolve();
  }

  pass(ms: number): void {
    this.#now += ms;
  }
}
