import type { Source } from "@steward/core/item.ts";
import { MultiBar, type SingleBar } from "cli-progress";
import type { Io } from "./io.ts";
import { bytes, oneLine } from "./print.ts";

export interface ProgressBars {
  /** `rate`: items per second over the last seconds, as the house tells it; 0 when it cannot yet. */
  show(source: Source, rate: number): void;
  stop(): void;
}

/** Milliseconds from any beginning. */
type Now = () => number;

/** Bars on standard error for a person; a plain line each five seconds and at the end for a log. */
export function progressBars(io: Io, now: Now = () => performance.now()): ProgressBars {
  const pace = new Pace(now);
  return io.errIsTty ? drawnBars(pace) : plainLines(io, pace, now);
}

/**
 * How fast a source is read, and how long it will take. While it is read: the house's own rate, or the average until
 * there is one. At its end the average, so that the last line is true of the whole, however short.
 */
export class Pace {
  readonly #now: Now;
  readonly #begunAt = new Map<string, number>();
  readonly #openedAt: number;

  constructor(now: Now) {
    this.#now = now;
    this.#openedAt = now();
  }

  /** `perSecond` in items, `left` in seconds; undefined where it cannot be told. */
  of(source: Source, rate: number): { perSecond: number | undefined; left: number | undefined } {
    if (source.state === "waiting") {
      this.#begunAt.set(source.id, this.#now());
      return { perSecond: undefined, left: undefined };
    }
    const { added, known, bytes: read, totalBytes } = source.progress;
    const seconds = (this.#now() - (this.#begunAt.get(source.id) ?? this.#openedAt)) / 1_000;
    const average = seconds > 0 && added + known > 0 ? (added + known) / seconds : undefined;
    if (source.state !== "reading") return { perSecond: average, left: undefined };
    const left =
      seconds > 1 && read > 0 && totalBytes !== undefined ? ((totalBytes - read) * seconds) / read : undefined;
    return { perSecond: rate > 0 ? rate : average, left: left === undefined ? undefined : Math.max(0, left) };
  }
}

/** `40 s`, `2 min`, `3 h`: as near as an estimate deserves. */
export function roughly(seconds: number): string {
  if (seconds < 60) return `${Math.ceil(seconds)} s`;
  if (seconds < 5_400) return `${Math.round(seconds / 60)} min`;
  return `${Math.round(seconds / 3_600)} h`;
}

function drawnBars(pace: Pace): ProgressBars {
  const format = "{name} {bar} {percentage}% {read} {items} items{rate} {state}";
  const bars = new MultiBar({ format, hideCursor: true, barsize: 18, stream: process.stderr, clearOnComplete: false });
  const barById = new Map<string, SingleBar>();
  return {
    show(source, rate) {
      const { progress } = source;
      const { perSecond, left } = pace.of(source, rate);
      const total = Math.max(progress.totalBytes ?? progress.bytes, 1);
      const payload = {
        name: oneLine(source.name, 20).padEnd(20),
        read: bytes(progress.bytes),
        items: (progress.added + progress.known).toLocaleString("en"),
        rate: rateText(perSecond),
        state: source.state !== "reading" ? source.state : left === undefined ? "" : `${roughly(left)} left`,
      };
      const position = source.state === "done" ? total : Math.min(progress.bytes, total);
      const bar = barById.get(source.id) ?? bars.create(total, 0, payload);
      barById.set(source.id, bar);
      bar.setTotal(total);
      bar.update(position, payload);
    },
    stop: () => bars.stop(),
  };
}

const LINE_EVERY_MS = 5_000;

function plainLines(io: Io, pace: Pace, now: Now): ProgressBars {
  const shownAt = new Map<string, { at: number; state: string }>();
  return {
    show(source, rate) {
      const { perSecond, left } = pace.of(source, rate);
      const last = shownAt.get(source.id);
      if (last && last.state === source.state && now() - last.at < LINE_EVERY_MS) return;
      shownAt.set(source.id, { at: now(), state: source.state });
      const { added, known, bytes: read, totalBytes } = source.progress;
      const of = totalBytes === undefined ? "" : ` of ${bytes(totalBytes)}`;
      const rest = left === undefined ? "" : `, ${roughly(left)} left`;
      io.err(
        `${oneLine(source.name, 60)}: ${source.state}, ${(added + known).toLocaleString("en")} items, ` +
          `${bytes(read)}${of}${rateText(perSecond)}${rest}\n`,
      );
    },
    stop: () => {},
  };
}

function rateText(perSecond: number | undefined): string {
  if (perSecond === undefined) return "";
  return `, ${perSecond < 10 ? perSecond.toFixed(1) : Math.round(perSecond).toLocaleString("en")}/s`;
}
