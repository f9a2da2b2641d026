import { useSyncExternalStore } from "react";
import { Problem, upload } from "../../client.ts";

/**
 * The files on their way to Steward, one after the other. They live outside the screens: going elsewhere does not stop
 * them. A file that has arrived leaves the list, as it is a source now; one that failed stays until tried or dismissed.
 */
export interface Sending {
  readonly id: number;
  readonly file: File;
  readonly sent: number;
  readonly state: "waiting" | "sending" | "failed";
  /** What was refused, in words. */
  readonly refusal?: string;
}

let sendings: readonly Sending[] = [];
let serial = 0;
let running: { readonly id: number; readonly stop: AbortController } | undefined;
const listeners = new Set<() => void>();

function change(next: readonly Sending[]): void {
  sendings = next;
  for (const listener of listeners) listener();
}

const set = (id: number, part: Partial<Sending>): void =>
  change(sendings.map((sending) => (sending.id === id ? { ...sending, ...part } : sending)));

export function useUploads(): readonly Sending[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => sendings,
  );
}

export function sendFiles(files: readonly File[]): void {
  change([...sendings, ...files.map((file) => ({ id: ++serial, file, sent: 0, state: "waiting" as const }))]);
  void next();
}

export function sendAgain(id: number): void {
  change(sendings.map((one) => (one.id === id ? { id, file: one.file, sent: 0, state: "waiting" as const } : one)));
  void next();
}

/** Stops it when it is on its way, and takes it off the list. */
export function takeOff(id: number): void {
  if (running?.id === id) running.stop.abort();
  change(sendings.filter((sending) => sending.id !== id));
}

async function next(): Promise<void> {
  const first = sendings.find((sending) => sending.state === "waiting");
  if (running || !first) return;
  const { id, file } = first;
  running = { id, stop: new AbortController() };
  set(id, { state: "sending" });
  try {
    await upload(file, (sent) => set(id, { sent }), running.stop.signal);
    change(sendings.filter((sending) => sending.id !== id));
  } catch (error) {
    if (!running.stop.signal.aborted) {
      set(id, { state: "failed", refusal: error instanceof Problem ? error.message : String(error) });
    }
  }
  running = undefined;
  void next();
}
