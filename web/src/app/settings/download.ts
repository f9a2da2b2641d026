import { useSyncExternalStore } from "react";
import { addEmbedder, Problem } from "../../client.ts";

/**
 * The fetching of an embedder's model, one at a time. It lives outside the screens: going to Chat does not stop it.
 * What was fetched before a stop is kept by the server, and fetching goes on from there.
 */
export interface Download {
  readonly id: string;
  readonly bytes: number;
  readonly totalBytes: number;
  /** Bytes a second since the first word of the server; undefined until there are two to tell it from. */
  readonly rate: number | undefined;
  /** Why it ended early. */
  readonly refusal?: string;
}

/** What had come when the rate began to be taken. */
export interface Since {
  readonly bytes: number;
  readonly at: number;
}

let current: Download | undefined;
let stop: AbortController | undefined;
const listeners = new Set<() => void>();

function change(next: Download | undefined): void {
  current = next;
  for (const listener of listeners) listener();
}

export function useDownload(): Download | undefined {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => current,
  );
}

/** True when the whole model has come. A refusal or a stop stays in view as `refusal`, or leaves nothing. */
export async function download(id: string, totalBytes: number): Promise<boolean> {
  if (current && current.refusal === undefined) return false;
  stop = new AbortController();
  const { signal } = stop;
  let since: Since | undefined;
  change({ id, bytes: 0, totalBytes, rate: undefined });
  const fail = (refusal: string): false => {
    change(current && { ...current, refusal });
    return false;
  };
  try {
    for await (const event of addEmbedder(id, signal)) {
      if (event.type === "error") return fail(event.message);
      if (event.type === "done") {
        change(undefined);
        return true;
      }
      since ??= { bytes: event.bytes, at: performance.now() };
      const { bytes, totalBytes: all } = event;
      change({ id, bytes, totalBytes: all, rate: rateOf(since, { bytes, at: performance.now() }) });
    }
    return fail("The line was cut. What had come is kept; fetch again to go on from there.");
  } catch (error) {
    if (signal.aborted) {
      change(undefined);
      return false;
    }
    return fail(error instanceof Problem ? error.message : `It could not be fetched (${String(error)}).`);
  }
}

export function stopDownload(): void {
  stop?.abort();
}

/** Bytes a second, or undefined before half a second has passed: a rate from less jumps about. */
export function rateOf(since: Since, now: Since): number | undefined {
  const seconds = (now.at - since.at) / 1000;
  return seconds < 0.5 ? undefined : Math.max(0, now.bytes - since.bytes) / seconds;
}
