import type { Citation } from "@steward/core/conversation.ts";
import { Seal } from "../parts/Seal.tsx";

/** A citation: sealed when its quote was found word for word. */
export function Badge({
  citation,
  chosen,
  onCite,
}: {
  citation: Citation;
  chosen: boolean;
  onCite: (citation: Citation) => void;
}) {
  const { n, title, verified } = citation;
  return (
    <button
      type="button"
      onClick={() => onCite(citation)}
      aria-label={`Source ${n}: ${title}${verified ? ", found word for word" : ", the quote was not found"}`}
      aria-pressed={chosen}
      title={title}
      className={`mx-px inline-flex h-[1.125rem] items-center gap-1 rounded-full px-1.5 align-[0.1em] text-[0.6875rem] leading-none font-semibold whitespace-nowrap ${
        verified ? "bg-accent-soft text-accent" : "bg-doubt-soft text-doubt"
      } ${chosen ? "ring-1 ring-accent" : ""}`}
    >
      {verified && <Seal size={12} />}
      {n}
    </button>
  );
}
