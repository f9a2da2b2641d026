import type { Forgetting } from "@steward/core/wire.ts";
import { useSyncExternalStore } from "react";
import { plural } from "../format.ts";

/**
 * Which forgetting is being decided on or read. The dialog itself is fetched with the first forgetting, before anything
 * offers to open it, so that it opens at once.
 */
type ForgetDialog = typeof import("./ForgetDialog.tsx").default;

interface Opened {
  readonly id: string | undefined;
  readonly Dialog: ForgetDialog | undefined;
}

let opened: Opened = { id: undefined, Dialog: undefined };
const listeners = new Set<() => void>();

function change(part: Partial<Opened>): void {
  opened = { ...opened, ...part };
  for (const listener of listeners) listener();
}

export async function prepareForgetting(): Promise<void> {
  if (!opened.Dialog) change({ Dialog: (await import("./ForgetDialog.tsx")).default });
}

/** Opens the dialog on one forgetting, from a note or from Settings. */
export function openForgetting(id: string | undefined): void {
  change({ id });
  if (id) void prepareForgetting();
}

export function useOpenedForgetting(): Opened {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => opened,
  );
}

export function countsOf({ counts }: Forgetting): string {
  const parts = [
    counts.items > 0 && plural(counts.items, "item"),
    counts.passages > 0 && plural(counts.passages, "passage"),
    counts.messages > 0 && plural(counts.messages, "message"),
    counts.memories > 0 && plural(counts.memories, "memory", "memories"),
  ].filter(Boolean);
  return parts.length > 0 ? parts.join(", ") : "nothing else";
}
