import type { Card } from "@steward/core/conversation.ts";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { AlarmClock, NotebookPen } from "lucide-react";
import { api } from "../../client.ts";
import { longDate } from "../format.ts";
import { wordsOf } from "../parts/states.tsx";
import { toast } from "../parts/toast.tsx";

/** Something Steward did that the person can take back. */
export function DoneCard({ card }: { card: Card }) {
  const queries = useQueryClient();
  const undo = useMutation({
    mutationFn: () => (card.type === "task" ? api.removeTask(card.task.id) : api.removeMemory(card.id)),
    onSuccess: () => queries.invalidateQueries({ queryKey: [card.type === "task" ? "tasks" : "memories"] }),
    onError: (error) => toast({ text: wordsOf(error) }),
  });
  const Icon = card.type === "task" ? AlarmClock : NotebookPen;
  const title = card.type === "task" ? card.task.title : card.text;
  const aside =
    card.type === "memory"
      ? "Remembered"
      : card.task.due
        ? `${longDate(card.task.due)}${card.task.zone ? ` ${zoneName(card.task.zone)} time` : ""}`
        : "On your agenda";
  return (
    <section aria-label={title} className="arrive card flex items-center gap-3.5 px-4 py-3">
      <Icon size={18} strokeWidth={1.75} className="shrink-0 text-accent" aria-hidden="true" />
      <div className={`min-w-0 flex-1 ${undo.isSuccess ? "text-ink-3 line-through" : ""}`}>
        <div className="font-semibold">{title}</div>
        <div className="text-sm text-ink-3">{aside}</div>
      </div>
      {undo.isSuccess ? (
        <span className="text-sm text-ink-3">Taken back</span>
      ) : (
        <button
          type="button"
          className="button button-small button-quiet"
          disabled={undo.isPending}
          onClick={() => undo.mutate()}
        >
          Undo
        </button>
      )}
    </section>
  );
}

export const zoneName = (zone: string): string => (zone.split("/").at(-1) ?? zone).replaceAll("_", " ");
