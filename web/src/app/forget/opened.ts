import type { Forgetting } from "@steward/core/wire.ts";
import { useSyncExternalStore } from "react";
import { plural } from "../format.ts";

/** Which forgetting is being decided on or read. The dialog itself is fetched when first needed. */
let opened: string | undefined;
const listeners = new Set<() => void>();

/** Opens the dialog on one forgetting, from a note or from Settings. */
export function openForgetting(id: string | undefined): void {
  opened = id;
  for (const listener of listeners) listener();
}

export function useOpenedForgetting(): string | undefined {
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
