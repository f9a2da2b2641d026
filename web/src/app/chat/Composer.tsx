import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ArrowUp, Cloud, Cpu, Laptop, Square } from "lucide-react";
import { useEffect, useRef } from "react";
import { api } from "../../client.ts";
import { dollars } from "../format.ts";
import { Form } from "../parts/Form.tsx";

/** Where one asks. Enter sends, Shift Enter breaks the line, Escape stops an answer. */
export function Composer(props: {
  text: string;
  onText: (text: string) => void;
  onAsk: () => void;
  onStop: (() => void) | undefined;
  stopping: boolean;
  /** A conversation not begun: the question is what one came for. */
  fresh: boolean;
}) {
  const { text, onText, onAsk, onStop, stopping, fresh } = props;
  const box = useRef<HTMLTextAreaElement>(null);
  const touch = matchMedia("(pointer: coarse)").matches;
  useEffect(() => {
    if (!touch && fresh) box.current?.focus();
  }, [touch, fresh]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the height follows the text
  useEffect(() => {
    const area = box.current;
    if (!area) return;
    area.style.height = "auto";
    area.style.height = `${Math.min(area.scrollHeight, 220)}px`;
  }, [text]);
  return (
    <Form
      aria-label="Ask Steward"
      className="field-box rounded-(--radius-l) border border-line-strong bg-surface px-4 pt-3.5 pb-2.5 shadow-card"
      onSubmit={onAsk}
    >
      <textarea
        ref={box}
        data-main-input
        rows={1}
        aria-label="Your question"
        placeholder="Ask, or tell me to do something"
        className="block w-full resize-none bg-transparent px-0.5 text-base leading-6 outline-none"
        value={text}
        onChange={(event) => onText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter" && !event.shiftKey && !event.nativeEvent.isComposing) {
            event.preventDefault();
            onAsk();
          } else if (event.key === "Escape" && onStop) {
            event.preventDefault();
            onStop();
          }
        }}
      />
      <div className="mt-2.5 flex items-center gap-3 text-xs text-ink-3">
        <ModelAndSpend />
        {onStop ? (
          <button
            type="button"
            aria-label="Stop"
            title="Stop (Esc)"
            disabled={stopping}
            onClick={onStop}
            className="grid size-8 shrink-0 place-items-center rounded-full border border-line-strong text-ink disabled:opacity-50"
          >
            <Square size={13} strokeWidth={2} className="fill-current" />
          </button>
        ) : (
          <button
            type="submit"
            aria-label="Ask"
            title="Ask (Enter)"
            aria-disabled={text.trim() === ""}
            className="grid size-8 shrink-0 place-items-center rounded-full bg-accent text-on-accent"
          >
            <ArrowUp size={18} strokeWidth={2} />
          </button>
        )}
      </div>
    </Form>
  );
}

function ModelAndSpend() {
  const status = useQuery({ queryKey: ["status"], queryFn: api.status });
  if (!status.data) return <span className="flex-1" />;
  const { model, spend } = status.data;
  const Icon = model.id === "extractive" ? Cpu : model.local ? Laptop : Cloud;
  return (
    <>
      <Link
        to="/settings"
        hash="model"
        className="flex min-w-0 items-center gap-1.5 rounded-(--radius-s) hover:text-ink"
        title="Change the model"
      >
        <Icon size={15} strokeWidth={1.75} className="shrink-0" aria-hidden="true" />
        <span className="truncate">
          {model.id === "extractive" ? `${model.label} · on this computer` : model.label}
        </span>
      </Link>
      <span className="flex-1" />
      {/* The built-in model costs nothing; what others cost today is still worth knowing. */}
      {(model.id !== "extractive" || spend.today > 0) && (
        <span className="hidden shrink-0 tabular-nums phone:inline">
          {dollars(spend.today)} of {dollars(spend.cap)} today
        </span>
      )}
    </>
  );
}
