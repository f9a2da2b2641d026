import type { Found } from "@steward/core/wire.ts";
import { Search, X } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { Form } from "../parts/Form.tsx";
import { type Box, boxOf, queryOf } from "./chips.ts";

/** One box: filters as chips once they are understood, and the words being typed. */
export function SearchBox({
  q,
  found,
  onQuery,
}: {
  q: string;
  found: Found | undefined;
  onQuery: (q: string) => void;
}) {
  const [box, setBox] = useState<Box>(() => ({ chips: [], draft: q }));
  const input = useRef<HTMLInputElement>(null);
  const sent = useRef(q);
  // Filters that become chips move before the words: another text of the same query, which is not asked again (that
  // would shut what was opened from its results).
  const reshaped = useRef({ text: q, asks: q });
  const asks = (text: string): string => (text === reshaped.current.text ? reshaped.current.asks : text);
  const typed = asks(queryOf(box));
  useEffect(() => {
    // A query from elsewhere (the palette, back in the history) takes the box over.
    if (q === sent.current) return;
    sent.current = q;
    setBox({ chips: [], draft: q });
  }, [q]);
  useEffect(() => {
    if (typed === sent.current) return;
    const soon = setTimeout(() => {
      sent.current = typed;
      onQuery(typed);
    }, 160);
    return () => clearTimeout(soon);
  }, [typed, onQuery]);
  useEffect(() => {
    if (!found) return;
    setBox((now) => {
      const text = queryOf(now);
      const whole = text === reshaped.current.text ? reshaped.current.asks : text;
      if (whole !== sent.current) return now;
      const typing = document.activeElement === input.current && !now.draft.endsWith(" ");
      const next = boxOf(
        now.draft.endsWith(" ") ? `${whole} ` : whole,
        found.understood,
        typing || now.draft.endsWith(" "),
      );
      reshaped.current = { text: queryOf(next), asks: whole };
      return same(now, next) ? now : next;
    });
  }, [found]);
  const settle = (): void => {
    if (!found || typed !== sent.current) return;
    const next = boxOf(typed, found.understood);
    reshaped.current = { text: queryOf(next), asks: typed };
    setBox(next);
  };
  return (
    <search aria-label="The Library" className="min-w-0 flex-1">
      <Form
        className="field-box flex min-h-11 min-w-0 flex-1 flex-wrap items-center gap-2 rounded-(--radius-m) border border-line-strong bg-surface px-3 py-1.5"
        onSubmit={() => {
          sent.current = typed;
          onQuery(typed);
          settle();
        }}
      >
        <Search size={18} strokeWidth={1.75} className="shrink-0 text-ink-2" aria-hidden="true" />
        {box.chips.map((chip, i) => (
          <span
            key={chip.raw}
            className="inline-flex h-[26px] max-w-full items-center gap-1.5 rounded-(--radius-s) bg-accent-soft pl-2 text-sm text-accent"
          >
            <span>{chip.operator}</span>
            <span className="truncate font-semibold">{chip.value}</span>
            <button
              type="button"
              aria-label={`Remove ${chip.operator} ${chip.value}`}
              className="grid size-6 place-items-center rounded-(--radius-s)"
              onClick={() => {
                setBox({ ...box, chips: box.chips.filter((_, at) => at !== i) });
                input.current?.focus();
              }}
            >
              <X size={13} strokeWidth={2} />
            </button>
          </span>
        ))}
        <input
          ref={input}
          data-main-input
          type="search"
          aria-label="Search the Library"
          placeholder={box.chips.length > 0 ? "" : "Search: words, from:ana, in:documents, before:2024, has:pdf"}
          spellCheck={false}
          className="h-7 min-w-32 flex-1 bg-transparent outline-none [&::-webkit-search-cancel-button]:hidden"
          value={box.draft}
          onChange={(event) => setBox({ ...box, draft: event.target.value })}
          onBlur={settle}
          onKeyDown={(event) => {
            if (event.key === "Backspace" && event.currentTarget.selectionEnd === 0 && box.chips.length > 0) {
              // The last filter becomes text again, to be changed rather than lost.
              const last = box.chips.at(-1);
              setBox({ chips: box.chips.slice(0, -1), draft: `${last?.raw ?? ""}${box.draft ? ` ${box.draft}` : ""}` });
              event.preventDefault();
            } else if (event.key === "ArrowDown") {
              document.querySelector<HTMLElement>("[data-results]")?.focus();
              event.preventDefault();
            }
          }}
        />
      </Form>
    </search>
  );
}

const same = (a: Box, b: Box): boolean =>
  a.draft === b.draft && a.chips.map((c) => c.raw + c.value).join() === b.chips.map((c) => c.raw + c.value).join();
