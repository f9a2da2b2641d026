import type { Segment } from "./paper.ts";

/** Text with its marked stretches under the highlighter. */
export function Marked({ segments, tight = false }: { segments: readonly Segment[]; tight?: boolean }) {
  let at = 0;
  return segments.map(({ text, marked }) => {
    const key = at;
    at += text.length;
    return marked ? (
      <mark key={key} className={tight ? "py-0" : undefined}>
        {text}
      </mark>
    ) : (
      <span key={key}>{text}</span>
    );
  });
}
