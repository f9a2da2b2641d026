import { X } from "lucide-react";
import { useSyncExternalStore } from "react";

/** Short notes at the head of the window, where they cover neither composer nor bar: what was done, and how to take it back. */
export interface Toast {
  readonly text: string;
  readonly actions?: readonly { readonly label: string; readonly run: () => void }[];
  /** Stays until dismissed; for what waits on a decision. */
  readonly stays?: boolean;
}

interface Shown extends Toast {
  readonly id: number;
}

let shown: readonly Shown[] = [];
let serial = 0;
const listeners = new Set<() => void>();

function change(next: readonly Shown[]): void {
  shown = next;
  for (const listener of listeners) listener();
}

export function toast(note: Toast): number {
  const id = ++serial;
  change([...shown.slice(-2), { ...note, id }]);
  if (!note.stays) setTimeout(() => dismissToast(id), note.actions ? 10_000 : 5000);
  return id;
}

export function dismissToast(id: number): void {
  change(shown.filter((note) => note.id !== id));
}

export function Toasts() {
  const notes = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => shown,
  );
  return (
    <section
      aria-label="Notes"
      aria-live="polite"
      className="pointer-events-none fixed inset-x-0 top-3 z-50 flex flex-col items-center gap-2 px-3"
    >
      {notes.map((note) => (
        <div
          key={note.id}
          className="arrive card pointer-events-auto flex max-w-lg items-center gap-1 py-1.5 pr-1.5 pl-4 text-sm"
        >
          <span className="mr-2 min-w-0 flex-1">{note.text}</span>
          {note.actions?.map((action) => (
            <button
              key={action.label}
              type="button"
              className="button button-small button-quiet"
              onClick={() => {
                dismissToast(note.id);
                action.run();
              }}
            >
              {action.label}
            </button>
          ))}
          <button type="button" className="button-icon" aria-label="Dismiss" onClick={() => dismissToast(note.id)}>
            <X size={16} strokeWidth={1.75} />
          </button>
        </div>
      ))}
    </section>
  );
}
