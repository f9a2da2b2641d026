import type { AnswerMessage, Citation } from "@steward/core/conversation.ts";
import { CircleAlert, CircleHelp, Copy, ListTree, RotateCcw } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { count, dollars } from "../format.ts";
import { copyText } from "../parts/copy.ts";
import { DoneCard } from "./Cards.tsx";
import { doubtLine, plainAnswer } from "./cite.ts";
import { type LiveTurn, stepsLine } from "./turn.ts";

/** Markdown is the largest part of the app: fetched beside the first answer, or while one thinks of a question. */
const loadText = () => import("./AnswerText.tsx");
const AnswerText = lazy(loadText);
export const prepareAnswers = (): void => void loadText();

/** One answer as it stands on the page: what was done, the words, the doubt, the cards, and what it cost. */
export function Answer(props: {
  answer: AnswerMessage;
  live: LiveTurn | undefined;
  chosen: number | undefined;
  onCite: (citation: Citation) => void;
  onRetry: (() => void) | undefined;
}) {
  const { answer, live, chosen, onCite, onRetry } = props;
  const doubt = answer.state === "streaming" ? undefined : doubtLine(answer.text, answer.unsupported);
  return (
    <article aria-label="Steward's answer" aria-busy={answer.state === "streaming"} className="flex flex-col gap-3">
      <Steps answer={answer} />
      {live?.retrying && <Note>{`${live.retrying.reason} Trying again, number ${live.retrying.attempt}.`}</Note>}
      {answer.text ? (
        <Suspense fallback={<Waiting />}>
          <AnswerText answer={answer} chosen={chosen} onCite={onCite} />
        </Suspense>
      ) : (
        answer.state === "streaming" && !live?.retrying && <Waiting />
      )}
      {doubt && (
        <p className="flex items-start gap-2.5 rounded-(--radius-m) bg-doubt-soft px-3 py-2 text-sm text-doubt">
          <CircleHelp size={18} strokeWidth={1.75} className="shrink-0" aria-hidden="true" />
          {doubt}
        </p>
      )}
      {answer.cards.map((card) => (
        <DoneCard key={card.type === "task" ? card.task.id : card.id} card={card} />
      ))}
      {answer.state === "stopped" && <Note>You stopped this answer here. What is above was kept.</Note>}
      {answer.error && <Failed error={answer.error} onRetry={onRetry} />}
      {answer.state !== "streaming" && <Foot answer={answer} onRetry={answer.error ? undefined : onRetry} />}
    </article>
  );
}

function Steps({ answer }: { answer: AnswerMessage }) {
  const [open, setOpen] = useState(false);
  const line = stepsLine(answer);
  if (!line) return null;
  return (
    <div>
      <button
        type="button"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
        className="flex items-center gap-2.5 rounded-(--radius-s) text-left text-sm text-ink-3 hover:text-ink-2"
      >
        <ListTree size={16} strokeWidth={1.75} aria-hidden="true" className="shrink-0" />
        {line}
      </button>
      {open && (
        <ol className="mt-2 ml-[7px] flex flex-col gap-1 border-l border-line pl-4 text-sm text-ink-2">
          {answer.steps.map((step, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: steps are only ever added at the end
            <li key={i} className="flex gap-3">
              <span className="min-w-0 flex-1">
                {step.kind === "search" ? "Searched" : step.kind === "open" ? "Opened" : "Did"}{" "}
                <span className="font-serif">{step.label}</span>
              </span>
              <span className="shrink-0 text-xs text-ink-3 tabular-nums">
                {step.found !== undefined && `${step.found} found · `}
                {step.ms < 10 ? step.ms.toFixed(1) : Math.round(step.ms)} ms
              </span>
            </li>
          ))}
        </ol>
      )}
    </div>
  );
}

function Foot({ answer, onRetry }: { answer: AnswerMessage; onRetry: (() => void) | undefined }) {
  const tokens = answer.usage.inputTokens + answer.usage.outputTokens;
  const { cost } = answer.usage;
  const copy = () => copyText(plainAnswer(answer.text, answer.citations), "Answer and sources copied");
  return (
    <div className="flex items-center gap-4 text-xs text-ink-3">
      {isBuiltIn(answer.model) ? (
        <span className="truncate" title={`${count(tokens)} tokens read and written, which cost nothing`}>
          Built-in · on this computer
        </span>
      ) : (
        answer.model && <span className="truncate">{answer.model}</span>
      )}
      {tokens > 0 && !isBuiltIn(answer.model) && (
        <span className="shrink-0 tabular-nums">
          {count(tokens)} tokens{cost === undefined ? "" : ` · ${dollars(cost)}`}
        </span>
      )}
      <span className="-my-1 -mr-1 ml-auto flex gap-1">
        {answer.text && (
          <button type="button" className="button-icon" aria-label="Copy answer" title="Copy answer" onClick={copy}>
            <Copy size={17} strokeWidth={1.75} />
          </button>
        )}
        {onRetry && (
          <button
            type="button"
            className="button-icon"
            aria-label="Answer again"
            title="Answer again"
            onClick={onRetry}
          >
            <RotateCcw size={17} strokeWidth={1.75} />
          </button>
        )}
      </span>
    </div>
  );
}

/** Its tokens cost nothing and say little: they are counted only for those who look. */
const isBuiltIn = (model: string): boolean => model === "extractive" || model === "Built-in";

function Failed({ error, onRetry }: { error: NonNullable<AnswerMessage["error"]>; onRetry: (() => void) | undefined }) {
  return (
    <div
      role="alert"
      className="flex flex-wrap items-center gap-x-3 gap-y-2 rounded-(--radius-m) border border-doubt/40 bg-doubt-soft px-3 py-2.5 text-sm text-doubt"
    >
      <CircleAlert size={18} strokeWidth={1.75} className="shrink-0" aria-hidden="true" />
      <span className="min-w-0 flex-1 basis-60">{error.message}</span>
      {error.retryable && onRetry && (
        <button type="button" className="button button-small" onClick={onRetry}>
          <RotateCcw size={16} strokeWidth={1.75} aria-hidden="true" />
          Retry
        </button>
      )}
    </div>
  );
}

function Note({ children }: { children: string }) {
  return <p className="text-sm text-ink-3">{children}</p>;
}

/** Three lines in the shape of an answer. */
function Waiting() {
  return (
    <div aria-hidden="true" className="flex flex-col gap-2.5 py-1">
      <div className="skeleton h-3.5 w-11/12" />
      <div className="skeleton h-3.5 w-3/4" />
    </div>
  );
}
