import type { ChatEvent, TurnError } from "@steward/core/conversation.ts";
import type { House, Turn } from "../house.ts";
import type { Log } from "../log.ts";
import { spokenOf } from "./problems.ts";
import { watchForStop } from "./stops.ts";

/**
 * The turns that run now. A turn belongs to the house, not to the connection that asked: it is read to its end here and
 * stored by the house even when the browser goes away. Who listens reads the events kept so far, then the new ones, at
 * their own pace.
 */
export class Turns {
  readonly #log: Log;
  readonly #running = new Set<RunningTurn>();
  readonly #following = new Set<Promise<unknown>>();

  constructor(log: Log) {
    this.#log = log;
  }

  start(house: House, turn: Turn): RunningTurn {
    const running = new RunningTurn(house, turn, this.#log);
    this.#running.add(running);
    void running.ended.then(() => this.#running.delete(running));
    return running;
  }

  find(answer: string): RunningTurn | undefined {
    for (const turn of this.#running) if (turn.answer === answer) return turn;
    return undefined;
  }

  /** Stops all and resolves when each has stored what was written. */
  async stopAll(): Promise<void> {
    const turns = [...this.#running];
    for (const turn of turns) turn.stop();
    await Promise.all(turns.map((turn) => turn.ended));
  }

  /** What is done after a turn has ended, such as keeping its outcome: waited for like the turn. */
  follow(work: Promise<unknown>): void {
    this.#following.add(work);
    const done = () => this.#following.delete(work);
    work.then(done, done);
  }

  /** Resolves when nothing runs any more. A process that is put to sleep after each request waits for this first. */
  async idle(): Promise<void> {
    while (this.#running.size + this.#following.size > 0) {
      await Promise.allSettled([...[...this.#running].map((turn) => turn.ended), ...this.#following]);
    }
  }

  get size(): number {
    return this.#running.size;
  }
}

export class RunningTurn {
  /** The answer's id, once the turn has begun. */
  answer: string | undefined;
  readonly ended: Promise<void>;
  readonly #stopping = new AbortController();
  readonly #events: ChatEvent[] = [];
  #done = false;
  #wake: (() => void)[] = [];

  constructor(house: House, turn: Turn, log: Log) {
    this.ended = this.#read(house, house.answer(turn, this.#stopping.signal), log);
  }

  stop(): void {
    this.#stopping.abort();
  }

  /** All events from the first, until the last or until the listener leaves. */
  async *listen(signal: AbortSignal): AsyncGenerator<ChatEvent> {
    const wake = () => this.#wakeAll();
    signal.addEventListener("abort", wake, { once: true });
    try {
      for (let at = 0; !signal.aborted; ) {
        const event = this.#events[at];
        if (event) {
          at += 1;
          yield event;
        } else if (this.#done) return;
        else await new Promise<void>((resolve) => this.#wake.push(resolve));
      }
    } finally {
      signal.removeEventListener("abort", wake);
    }
  }

  async #read(house: House, events: AsyncIterable<ChatEvent>, log: Log): Promise<void> {
    const ended = new AbortController();
    try {
      for await (const event of events) {
        if (event.type === "turn") {
          this.answer = event.answer;
          if (house.shared) void watchForStop(house, event.answer, () => this.stop(), ended.signal);
        }
        this.#events.push(event);
        this.#wakeAll();
      }
    } catch (error) {
      // The house promises never to throw from a turn; if it does, the listener still gets the one visible end.
      log.error("turn-threw", error);
      this.#events.push(brokenEnd(this.#events, spokenOf(error)?.message));
    } finally {
      ended.abort();
      this.#done = true;
      this.#wakeAll();
    }
  }

  #wakeAll(): void {
    const sleepers = this.#wake;
    this.#wake = [];
    for (const wake of sleepers) wake();
  }
}

/** The end of a turn whose stream broke: what was said so far, and that it failed. Nothing of it was stored. */
function brokenEnd(events: readonly ChatEvent[], why: string | undefined): ChatEvent {
  const begun = events.find((event) => event.type === "turn");
  const error: TurnError = {
    code: "internal",
    message: `The answer broke off and was not kept. ${why ?? "Ask again; `steward doctor` may tell why."}`,
    retryable: true,
  };
  return {
    type: "error",
    error,
    message: {
      id: begun?.answer ?? "",
      role: "steward",
      answers: begun?.question ?? "",
      text: events.map((event) => (event.type === "text" ? event.delta : "")).join(""),
      state: "failed",
      citations: [],
      unsupported: [],
      steps: [],
      cards: [],
      model: begun?.model ?? "",
      usage: { inputTokens: 0, outputTokens: 0, promptTokens: 0, ms: 0 },
      error,
      at: 0,
    },
  };
}
