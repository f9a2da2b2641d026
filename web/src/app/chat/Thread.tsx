import type { Citation } from "@steward/core/conversation.ts";
import { ArrowDown } from "lucide-react";
import { useEffect, useLayoutEffect, useRef, useState } from "react";
import { Answer } from "./Answer.tsx";
import { spoken } from "./cite.ts";
import type { Exchange } from "./turn.ts";

/** The questions and answers. Stays at the end while an answer grows, unless the person scrolled up to read. */
export function Thread(props: {
  read: readonly Exchange[];
  shown: { readonly answer: string; readonly n: number } | undefined;
  onCite: (answer: string) => (citation: Citation) => void;
  onRetry: ((exchange: Exchange) => void) | undefined;
}) {
  const { read, shown, onCite, onRetry } = props;
  const box = useRef<HTMLDivElement>(null);
  const [atEnd, setAtEnd] = useState(true);
  const last = read.at(-1);
  const scrolled = useRef(0);
  useLayoutEffect(() => {
    const area = box.current;
    const content = area?.firstElementChild;
    if (!atEnd || !area || !content) return;
    // Whatever grows (words, a card, the text part of the app arriving late): the end stays in view.
    const stay = (): void => {
      area.scrollTop = area.scrollHeight;
    };
    stay();
    const growing = new ResizeObserver(stay);
    growing.observe(content);
    return () => growing.disconnect();
  }, [atEnd]);
  return (
    <div className="relative min-h-0 flex-1">
      <section
        ref={box}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        tabIndex={0}
        aria-label="Messages"
        className="h-full overflow-y-auto"
        onScroll={(event) => {
          const { scrollHeight, scrollTop, clientHeight } = event.currentTarget;
          // Only going up leaves the end; growth below does not.
          if (scrollHeight - scrollTop - clientHeight < 48) setAtEnd(true);
          else if (scrollTop < scrolled.current) setAtEnd(false);
          scrolled.current = scrollTop;
        }}
      >
        <ol className="mx-auto flex max-w-[calc(var(--measure)+2rem)] flex-col gap-8 px-4 pt-5 pb-8">
          {read.map((exchange) => (
            <li key={exchange.question.id} className="flex flex-col gap-8">
              <p className="max-w-[85%] self-end rounded-[16px_16px_4px_16px] bg-sunken px-4 py-2.5 leading-relaxed break-words whitespace-pre-wrap">
                {exchange.question.program === undefined ? (
                  <span className="sr-only">You: </span>
                ) : (
                  <span className="block text-xs text-ink-3">Asked by a program</span>
                )}
                {exchange.question.text}
              </p>
              {exchange.answer && (
                <Answer
                  answer={exchange.answer}
                  live={exchange.live}
                  chosen={shown?.answer === exchange.answer.id ? shown.n : undefined}
                  onCite={onCite(exchange.answer.id)}
                  onRetry={onRetry && exchange === last ? () => onRetry(exchange) : undefined}
                />
              )}
            </li>
          ))}
        </ol>
      </section>
      {!atEnd && (
        <button
          type="button"
          className="button button-small absolute bottom-2 left-1/2 -translate-x-1/2 rounded-full shadow-card"
          onClick={() => setAtEnd(true)}
        >
          <ArrowDown size={16} strokeWidth={1.75} aria-hidden="true" />
          To the end
        </button>
      )}
      <Announcer exchange={last} />
    </div>
  );
}

/** Says once that an answer is being written, and reads it once when it is there; never word by word. */
function Announcer({ exchange }: { exchange: Exchange | undefined }) {
  const [words, setWords] = useState("");
  const answer = exchange?.answer;
  const state = exchange?.live ? (answer?.state ?? "streaming") : undefined;
  useEffect(() => {
    if (state === "streaming") setWords("Steward is answering.");
    else if (state && answer) setWords(answer.error ? answer.error.message : spoken(answer.text));
  }, [state, answer]);
  return (
    <p aria-live="polite" className="sr-only">
      {words}
    </p>
  );
}
