import { Pencil, Trash2 } from "lucide-react";
import { type ReactNode, useRef, useState } from "react";
import { Form } from "./Form.tsx";
import { wordsOf } from "./states.tsx";

/** A line of a list that is changed in its place, or removed. Leaving its form gives the focus back to its pencil. */
export function EditableRow(props: {
  name: string;
  /** The word for removing it, and what that does. */
  removal: { readonly word: string; readonly isBusy?: boolean; readonly run: () => void };
  editor: (onClose: () => void) => ReactNode;
  children: ReactNode;
}) {
  const { name, removal, editor, children } = props;
  const [editing, setEditing] = useState(false);
  const pencil = useRef<HTMLButtonElement>(null);
  const close = (): void => {
    setEditing(false);
    requestAnimationFrame(() => pencil.current?.focus());
  };
  if (editing) return <li className="border-t border-line py-3 last:border-b">{editor(close)}</li>;
  return (
    <li className="flex items-start gap-3 border-t border-line py-3 last:border-b">
      {children}
      <div className="-mr-2 flex shrink-0">
        <button
          ref={pencil}
          type="button"
          className="button-icon"
          aria-label={`Change: ${name}`}
          title="Change"
          onClick={() => setEditing(true)}
        >
          <Pencil size={16} strokeWidth={1.75} />
        </button>
        <button
          type="button"
          className="button-icon"
          aria-label={`${removal.word}: ${name}`}
          title={removal.word}
          disabled={removal.isBusy}
          onClick={removal.run}
        >
          <Trash2 size={17} strokeWidth={1.75} />
        </button>
      </div>
    </li>
  );
}

/** The form that stands in the row's place. */
export function EditForm(props: {
  label: string;
  verb: string;
  /** What is written can be saved. */
  ready: boolean;
  saving: { readonly isPending: boolean; readonly error: unknown };
  hint?: string;
  onSave: () => void;
  onClose: () => void;
  children: ReactNode;
}) {
  const { label, verb, ready, saving, hint, onSave, onClose, children } = props;
  return (
    <Form aria-label={label} className="flex flex-col gap-2" onSubmit={() => ready && onSave()} onLeave={onClose}>
      {children}
      <div className="flex items-center justify-end gap-2">
        <p
          className={`min-w-0 flex-1 text-sm ${saving.error ? "text-doubt" : "text-ink-3"}`}
          role={saving.error ? "alert" : undefined}
        >
          {saving.error ? wordsOf(saving.error) : hint}
        </p>
        <button type="button" className="button button-small" onClick={onClose}>
          Cancel
        </button>
        <button type="submit" className="button button-small button-go" disabled={saving.isPending || !ready}>
          {verb}
        </button>
      </div>
    </Form>
  );
}
