import type { Reader, ReaderInput, ReaderOutcome } from "@steward/core/intake/reader.ts";
import { MAX_INPUT } from "./limits.ts";
import { ReaderProcess } from "./reader-process.ts";

/**
 * Reader at home: a pool of sandboxed processes that parse foreign bytes. They start when there is something to read
 * and end after a while without work, so an idle house holds none.
 *
 * When a process dies over its documents (a crash, too slow, too much memory), those without an answer are each tried
 * once more alone: the one that kills again is set aside with the reason, the others are read.
 */
export interface ReadersOptions {
  /** Processes at most; 2 by default. The second starts only when one has more than it can take. */
  readonly processes?: number;
  /** Resident memory of one process, MB; 1024 by default. */
  readonly memoryMb?: number;
  /** Time for one document, ms; 30,000 by default. */
  readonly timeoutMs?: number;
  /** How long a process without work is kept, ms; 20,000 by default. */
  readonly idleMs?: number;
  /** Another program in the reader's place: how the tests take the sandbox to its limits. */
  readonly script?: string;
  /** What a process may read; this project's code unless said otherwise. */
  readonly readable?: readonly string[];
}

export interface Waiting {
  readonly input: ReaderInput;
  readonly resolve: (outcome: ReaderOutcome) => void;
  /** Read it with nothing else in the process: it was there when one died. */
  alone: boolean;
}

/** What a process holds at once: enough to keep it busy, little enough to share the rest among the others. */
const IN_FLIGHT = 48;
const IN_FLIGHT_BYTES = 2 * 1024 * 1024;
/** Larger documents are read alone from the start: they are the likely ones to be killed. */
const ALONE_BYTES = 512 * 1024;

export function openReaders(options: ReadersOptions = {}): Reader {
  const processes = Array.from(
    { length: options.processes ?? 2 },
    () =>
      new ReaderProcess({
        memoryMb: options.memoryMb ?? 1024,
        timeoutMs: options.timeoutMs ?? 30_000,
        idleMs: options.idleMs ?? 20_000,
        ...(options.script === undefined ? {} : { script: options.script }),
        ...(options.readable === undefined ? {} : { readable: options.readable }),
        onFree: deal,
        onDeath: takeBack,
      }),
  );
  const queue: Waiting[] = [];
  let closed = false;

  /** Hands out what waits, the first process first: a second one starts only when the first has its fill. */
  function deal(): void {
    for (const process of processes) {
      while (queue[0] && accepts(process, queue[0])) {
        const next = queue.shift();
        if (next) process.give(next);
      }
    }
  }

  function accepts(process: ReaderProcess, next: Waiting): boolean {
    if (process.inFlight === 0) return true;
    if (next.alone || process.holdsOneAlone) return false;
    return process.inFlight < IN_FLIGHT && process.inFlightBytes + next.input.bytes.length <= IN_FLIGHT_BYTES;
  }

  /** Unanswered documents of a dead process. A single one is the culprit; of several, each is tried alone. */
  function takeBack(unanswered: readonly Waiting[], code: "too-slow" | "too-large" | "crashed", reason: string): void {
    if (closed) code = "crashed";
    if (closed || unanswered.length === 1) {
      for (const each of unanswered) each.resolve({ ok: false, code, reason });
    } else {
      for (const each of unanswered) each.alone = true;
      queue.unshift(...unanswered);
    }
    deal();
  }

  function read(input: ReaderInput): Promise<ReaderOutcome> {
    if (closed) return Promise.reject(new Error("The readers are closed. Open them again to read more."));
    if (input.bytes.length > MAX_INPUT) {
      const reason = `It is larger than the ${MAX_INPUT / 1024 / 1024} MB a reader takes at once.`;
      return Promise.resolve({ ok: false, code: "too-large", reason });
    }
    return new Promise((resolve) => {
      queue.push({ input, resolve, alone: input.bytes.length > ALONE_BYTES });
      deal();
    });
  }

  return {
    read,
    readMany: (inputs) => Promise.all(inputs.map(read)),
    async close() {
      closed = true;
      for (const each of queue.splice(0)) {
        each.resolve({ ok: false, code: "crashed", reason: "Reading was stopped before this was read." });
      }
      await Promise.all(processes.map((process) => process.close()));
    },
  };
}
