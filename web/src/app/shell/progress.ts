import type { Source } from "@steward/core/item.ts";
import type { Progress } from "@steward/core/wire.ts";
import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useEffect, useSyncExternalStore } from "react";
import { watchProgress } from "../../client.ts";

/** The live progress of all sources: one stream for the whole app, opened while anything on the screen looks. */
interface Live {
  readonly progress: Progress | undefined;
  /** False when the server stopped answering. */
  readonly up: boolean;
}

let live: Live = { progress: undefined, up: true };
const listeners = new Set<() => void>();

function change(next: Partial<Live>): void {
  live = { ...live, ...next };
  for (const listener of listeners) listener();
}

/** Keep it mounted once, in whatever frame holds the screens. */
export function useProgressStream(): void {
  const queries = useQueryClient();
  useEffect(
    () =>
      watchProgress(
        (progress) => {
          const before = live.progress;
          change({ progress, up: true });
          if (before) refreshAfter(queries, before.sources, progress.sources);
        },
        (up) => {
          // Back again, or refused: what was known before may be old, the session first of all.
          if (up !== live.up) void queries.invalidateQueries(up ? {} : { queryKey: ["session"] });
          change({ up });
        },
      ),
    [queries],
  );
}

/** When a source has ended, or came or went, what was counted and found before is old. */
function refreshAfter(queries: QueryClient, before: readonly Source[], after: readonly Source[]): void {
  const states = (sources: readonly Source[]): string =>
    sources.map((s) => `${s.id}:${s.state}:${s.progress.quarantined}`).join();
  if (states(before) === states(after)) return;
  for (const key of ["sources", "search", "status", "quarantine"]) void queries.invalidateQueries({ queryKey: [key] });
}

export function useLive(): Live {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => live,
  );
}

/** 0 to 1, or undefined when nobody knows how much there is. */
export function fractionOf(source: Source): number | undefined {
  const { bytes, totalBytes } = source.progress;
  return totalBytes ? Math.min(1, bytes / totalBytes) : undefined;
}
