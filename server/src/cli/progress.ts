import type { Source } from "@steward/core/item.ts";
import { MultiBar, type SingleBar } from "cli-progress";
import type { Io } from "./io.ts";
import { bytes, oneLine } from "./print.ts";

export interface ProgressBars {
  /** `rate` in items per second. */
  show(source: Source, rate: number): void;
  stop(): void;
}

/** Bars on standard error for a person; a plain line each five seconds and at the end for a log. */
export function progressBars(io: Io): ProgressBars {
  return io.errIsTty ? drawnBars() : plainLines(io);
}

function drawnBars(): ProgressBars {
  const format = "{name} {bar} {percentage}% {read} {items} items {rate}/s {state}";
  const bars = new MultiBar({ format, hideCursor: true, barsize: 24, stream: process.stderr, clearOnComplete: false });
  const barById = new Map<string, SingleBar>();
  return {
    show(source, rate) {
      const { progress } = source;
      const total = Math.max(progress.totalBytes ?? progress.bytes, 1);
      const payload = {
        name: oneLine(source.name, 28).padEnd(28),
        read: bytes(progress.bytes),
        items: (progress.added + progress.known).toLocaleString("en"),
        rate: Math.round(rate).toLocaleString("en"),
        state: source.state === "reading" ? "" : source.state,
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

function plainLines(io: Io): ProgressBars {
  const shownAt = new Map<string, { at: number; state: string }>();
  return {
    show(source, rate) {
      const now = performance.now();
      const last = shownAt.get(source.id);
      if (last && last.state === source.state && now - last.at < LINE_EVERY_MS) return;
      shownAt.set(source.id, { at: now, state: source.state });
      const { added, known, bytes: read, totalBytes } = source.progress;
      const of = totalBytes === undefined ? "" : ` of ${bytes(totalBytes)}`;
      io.err(
        `${oneLine(source.name, 60)}: ${source.state}, ${added + known} items, ${bytes(read)}${of}, ${Math.round(rate)}/s\n`,
      );
    },
    stop: () => {},
  };
}
