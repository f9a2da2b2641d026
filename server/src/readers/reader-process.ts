import { Socket } from "node:net";
import { parseAnswer } from "./answer.ts";
import { READY } from "./answer-frames.ts";
import { FrameReader, frameHead } from "./frames.ts";
import type { Waiting } from "./index.ts";
import { MAX_PARTS_BYTES } from "./limits.ts";
import { residentBytes, type Sandboxed, startSandboxed } from "./sandbox.ts";

/** How often a working process's memory is looked at. */
const WATCH_MS = process.platform === "linux" ? 50 : 500;
/** A process may need this long to start on a busy machine, on top of a document's own time. */
const START_MS = 10_000;
/** A text of 16 million units may take six times that as escaped JSON, its marks as much again. */
const MAX_ANSWER = MAX_PARTS_BYTES + 256 * 1024 * 1024;

export interface ReaderProcessOptions {
  readonly memoryMb: number;
  readonly timeoutMs: number;
  readonly idleMs: number;
  readonly script?: string;
  readonly readable?: readonly string[];
  /** There is room for more. */
  readonly onFree: () => void;
  /** The process died; these had no answer yet. */
  readonly onDeath: (
    unanswered: readonly Waiting[],
    code: "too-slow" | "too-large" | "crashed",
    reason: string,
  ) => void;
}

interface Running {
  readonly child: Sandboxed;
  readonly frames: FrameReader;
  readonly gone: Promise<void>;
  /** The last words of the process: V8 says there when its heap was full. */
  said: string;
  killedFor?: { readonly code: "too-slow" | "too-large"; readonly reason: string };
}

/** One place of the pool: a process while there is work and a little after, nothing else. */
export class ReaderProcess {
  readonly #options: ReaderProcessOptions;
  readonly #unanswered = new Map<number, Waiting>();
  #running: Running | undefined;
  #bytes = 0;
  #lastId = 0;
  #clock: NodeJS.Timeout | undefined;
  #watch: NodeJS.Timeout | undefined;
  #idle: NodeJS.Timeout | undefined;

  constructor(options: ReaderProcessOptions) {
    this.#options = options;
  }

  get inFlight(): number {
    return this.#unanswered.size;
  }

  get inFlightBytes(): number {
    return this.#bytes;
  }

  get holdsOneAlone(): boolean {
    return this.#unanswered.size === 1 && this.#unanswered.values().some((each) => each.alone);
  }

  give(waiting: Waiting): void {
    const fresh = this.#running === undefined;
    this.#running ??= this.#start();
    const { bytes, ...about } = waiting.input;
    const id = ++this.#lastId;
    if (this.#unanswered.size === 0) this.#wake(this.#running, fresh);
    this.#unanswered.set(id, waiting);
    this.#bytes += bytes.length;
    const { stdin } = this.#running.child;
    stdin.cork();
    stdin.write(frameHead({ id, ...about }, bytes.length));
    if (bytes.length > 0) stdin.write(bytes);
    process.nextTick(() => stdin.uncork());
  }

  async close(): Promise<void> {
    const running = this.#running;
    if (!running) return;
    hold(running.child, true);
    running.child.kill("SIGKILL");
    await running.gone;
  }

  #start(): Running {
    const child = startSandboxed(this.#options);
    const gone = Promise.withResolvers<void>();
    const running: Running = { child, frames: new FrameReader(MAX_ANSWER), gone: gone.promise, said: "" };
    child.stdout.on("data", (chunk: Buffer) => this.#hear(running, chunk));
    child.stderr.on("data", (chunk: Buffer) => {
      running.said = (running.said + chunk.toString("latin1")).slice(-8_000);
    });
    // A pipe that breaks because the process died tells nothing that its end does not.
    child.stdin.on("error", () => {});
    const end = () => {
      this.#buried(running);
      gone.resolve();
    };
    child.on("error", end);
    child.on("close", end);
    return running;
  }

  /** Work begins: the process keeps the house alive, its time and memory are watched. */
  #wake(running: Running, fresh: boolean): void {
    clearTimeout(this.#idle);
    hold(running.child, true);
    this.#restartClock(running, fresh ? START_MS : 0);
    this.#watch = setInterval(() => void this.#weigh(running), WATCH_MS);
  }

  #rest(running: Running): void {
    clearTimeout(this.#clock);
    clearInterval(this.#watch);
    hold(running.child, false);
    this.#idle = setTimeout(() => {
      // Its input ends, so it ends; the next document starts another.
      this.#running = undefined;
      running.child.stdin.end();
    }, this.#options.idleMs);
    this.#idle.unref();
  }

  #restartClock(running: Running, extraMs = 0): void {
    clearTimeout(this.#clock);
    const seconds = Math.round(this.#options.timeoutMs / 1000);
    this.#clock = setTimeout(() => {
      running.killedFor ??= { code: "too-slow", reason: `Reading it took longer than ${seconds} s.` };
      running.child.kill("SIGKILL");
    }, this.#options.timeoutMs + extraMs);
  }

  async #weigh(running: Running): Promise<void> {
    const { pid } = running.child;
    const bytes = pid === undefined ? undefined : await residentBytes(pid);
    if (bytes === undefined || bytes <= this.#options.memoryMb * 1024 * 1024) return;
    running.killedFor ??= { code: "too-large", reason: tooMuchMemory(this.#options.memoryMb) };
    running.child.kill("SIGKILL");
  }

  #hear(running: Running, chunk: Buffer): void {
    try {
      for (const frame of running.frames.push(chunk)) {
        const { id, outcome } = parseAnswer(frame);
        if (id === READY) continue;
        const waiting = this.#unanswered.get(id);
        if (!waiting) throw new Error(`an answer nobody waits for: ${id}`);
        this.#unanswered.delete(id);
        this.#bytes -= waiting.input.bytes.length;
        waiting.resolve(outcome);
      }
    } catch {
      // It does not keep to the protocol: whatever took it over gets no second word.
      running.child.stdout.removeAllListeners("data");
      running.child.kill("SIGKILL");
      return;
    }
    if (this.#unanswered.size === 0) this.#rest(running);
    else this.#restartClock(running);
    this.#options.onFree();
  }

  #buried(running: Running): void {
    if (this.#running !== running) return;
    this.#running = undefined;
    clearTimeout(this.#clock);
    clearTimeout(this.#idle);
    clearInterval(this.#watch);
    const unanswered = [...this.#unanswered.values()];
    this.#unanswered.clear();
    this.#bytes = 0;
    if (unanswered.length === 0) {
      this.#options.onFree();
      return;
    }
    const heapFull = /heap out of memory|heap limit/i.test(running.said);
    const { code, reason } =
      running.killedFor ??
      (heapFull
        ? ({ code: "too-large", reason: tooMuchMemory(this.#options.memoryMb) } as const)
        : ({ code: "crashed", reason: "The reader ended while reading it." } as const));
    this.#options.onDeath(unanswered, code, reason);
  }
}

function tooMuchMemory(memoryMb: number): string {
  return `Reading it needs more than the ${memoryMb} MB a reader may use.`;
}

/** Whether a process and its pipes keep the house from ending. */
function hold(child: Sandboxed, held: boolean): void {
  const verb = held ? "ref" : "unref";
  child[verb]();
  // A pipe to a child is a socket, which can be let go of; its declared type, a stream, does not say so.
  for (const pipe of [child.stdin, child.stdout, child.stderr]) if (pipe instanceof Socket) pipe[verb]();
}
