import { type LucideIcon, Plus } from "lucide-react";
import { type ReactNode, useState } from "react";

/** What there is to choose from: what can be chosen now, and the rest behind a line that names it. */
export function Choices<T extends { readonly label: string }>(props: {
  name: string;
  near: readonly T[];
  far: readonly T[];
  card: (choice: T) => ReactNode;
}) {
  const { name, near, far, card } = props;
  const [all, setAll] = useState(false);
  return (
    <ul aria-label={name} className="flex flex-col gap-3">
      {near.map(card)}
      {far.length > 0 && !all && (
        <li className="rounded-(--radius-m) border border-line bg-surface">
          <button
            type="button"
            onClick={() => setAll(true)}
            className="flex w-full items-center gap-3.5 rounded-(--radius-m) px-4 py-3 text-left"
          >
            <Plus size={18} strokeWidth={1.75} aria-hidden="true" className="shrink-0 text-ink-2" />
            <span>
              <span className="block font-semibold">Another</span>
              <span className="block text-sm text-ink-2">{listed(far.map((choice) => choice.label))}.</span>
            </span>
          </button>
        </li>
      )}
      {all && far.map(card)}
    </ul>
  );
}

/** "Ollama, OpenAI or another server": the last, which is no name, begins small in the middle of a line. */
function listed(labels: readonly string[]): string {
  return labels.join(", ").replace(/, Another\b/, " or another");
}

/** One of them. It is chosen at once, or (`asks`) opens and asks for something first. */
export function Choice(props: {
  icon: LucideIcon;
  name: string;
  about: ReactNode;
  /** Where it stands, in a word or two. */
  state: ReactNode;
  current: boolean;
  asks: boolean;
  open: boolean;
  onPick: () => void;
  children: ReactNode;
}) {
  const { icon: Icon, name, about, state, current, asks, open, onPick, children } = props;
  return (
    <li
      className={`rounded-(--radius-m) border bg-surface ${current ? "border-accent shadow-[0_0_0_3px_var(--accent-soft)]" : "border-line"}`}
    >
      <button
        type="button"
        aria-pressed={current}
        aria-expanded={asks ? open : undefined}
        onClick={onPick}
        className="flex w-full items-center gap-3.5 rounded-(--radius-m) px-4 py-3 text-left"
      >
        <Icon
          size={18}
          strokeWidth={1.75}
          aria-hidden="true"
          className={`shrink-0 ${current ? "text-accent" : "text-ink-2"}`}
        />
        <span className="min-w-0 flex-1">
          <span className="block font-semibold">{name}</span>
          <span className="block text-sm text-ink-2">{about}</span>
        </span>
        <span className="shrink-0 text-xs text-ink-3">{state}</span>
      </button>
      {open && children}
    </li>
  );
}
