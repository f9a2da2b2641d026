import type { Strength } from "./strength.ts";

/** Three bars and the sentence that says what they mean. */
export function StrengthLine({ strength }: { strength: Strength }) {
  return (
    <div className="flex items-center gap-3 text-sm">
      <span className="flex w-24 shrink-0 gap-1" aria-hidden="true">
        {[1, 2, 3].map((bar) => (
          <span
            key={bar}
            className={`h-[3px] flex-1 rounded-full ${strength.level >= bar ? (strength.level === 1 ? "bg-doubt" : "bg-accent") : "bg-line"}`}
          />
        ))}
      </span>
      <span className={strength.level === 1 ? "text-doubt" : "text-ink-3"} aria-live="polite">
        {strength.words}
      </span>
    </div>
  );
}
