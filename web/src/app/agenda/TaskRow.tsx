import type { Task } from "@steward/core/agenda.ts";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { api } from "../../client.ts";
import { zoneName } from "../chat/Cards.tsx";
import { longDate } from "../format.ts";
import { EditableRow, EditForm } from "../parts/editing.tsx";
import { wordsOf } from "../parts/states.tsx";
import { toast } from "../parts/toast.tsx";
import { DueFields } from "./DueFields.tsx";

/** One task: done or not, changed in place, removed; each can be taken back. */
export function TaskRow({ task, overdue, zone }: { task: Task; overdue: boolean; zone: string }) {
  const queries = useQueryClient();
  const refresh = () => queries.invalidateQueries({ queryKey: ["tasks"] });
  const onError = (error: unknown): void => void toast({ text: wordsOf(error) });
  const check = useMutation({
    mutationFn: (done: boolean) => api.changeTask(task.id, { done }),
    onSuccess: (_, done) => {
      const back = () => api.changeTask(task.id, { done: !done }).then(refresh, onError);
      if (done) toast({ text: `“${task.title}” is done`, actions: [{ label: "Undo", run: () => void back() }] });
    },
    onSettled: refresh,
    onError,
  });
  const again = async (): Promise<void> => {
    const { title, due, zone: own, note } = task;
    const made = await api.addTask({
      title,
      ...(due ? { due } : {}),
      ...(own ? { zone: own } : {}),
      ...(note ? { note } : {}),
    });
    if (task.done) await api.changeTask(made.id, { done: true });
    await refresh();
  };
  const remove = useMutation({
    mutationFn: () => api.removeTask(task.id),
    onSuccess: () => {
      toast({ text: `“${task.title}” removed`, actions: [{ label: "Undo", run: () => void again().catch(onError) }] });
      return refresh();
    },
    onError,
  });
  const done = check.isPending ? check.variables : task.done;
  const due =
    task.due && `${longDate(task.due)}${task.zone && task.zone !== zone ? ` ${zoneName(task.zone)} time` : ""}`;
  return (
    <EditableRow
      name={task.title}
      removal={{ word: "Remove", isBusy: remove.isPending, run: () => remove.mutate() }}
      editor={(onClose) => <Editor task={task} onClose={onClose} />}
    >
      <input
        type="checkbox"
        aria-label={`Done: ${task.title}`}
        className="mt-1 size-4 accent-accent"
        checked={done}
        onChange={(event) => check.mutate(event.target.checked)}
      />
      <div className="min-w-0 flex-1">
        <p className={`break-words ${done ? "text-ink-3 line-through" : ""}`}>{task.title}</p>
        {due && (
          <p className="text-xs text-ink-3">
            {overdue ? <span className="font-semibold text-ink-2">Was due {due}</span> : due}
          </p>
        )}
        {task.note && <p className="mt-0.5 text-sm break-words whitespace-pre-wrap text-ink-2">{task.note}</p>}
        {task.conversation && (
          <p className="text-xs">
            <Link
              to="/chat/$conversation"
              params={{ conversation: task.conversation }}
              className="text-accent underline underline-offset-2"
            >
              from a conversation
            </Link>
          </p>
        )}
      </div>
    </EditableRow>
  );
}

function Editor({ task, onClose }: { task: Task; onClose: () => void }) {
  const queries = useQueryClient();
  const [title, setTitle] = useState(task.title);
  const [due, setDue] = useState(task.due ?? "");
  const [note, setNote] = useState(task.note ?? "");
  const save = useMutation({
    mutationFn: () => api.changeTask(task.id, { title: title.trim(), due, note: note.trim() }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ["tasks"] });
      onClose();
    },
  });
  return (
    <EditForm
      label={`Change “${task.title}”`}
      verb="Save"
      ready={title.trim() !== ""}
      saving={save}
      onSave={save.mutate}
      onClose={onClose}
    >
      <div className="flex flex-wrap gap-2">
        <input
          aria-label="Task"
          className="field min-w-48 flex-1 basis-60"
          // biome-ignore lint/a11y/noAutofocus: the person just chose to change it
          autoFocus
          value={title}
          onChange={(event) => setTitle(event.target.value)}
        />
        <DueFields due={due} onDue={setDue} />
      </div>
      <textarea
        aria-label="Note"
        placeholder="A note"
        rows={note.includes("\n") ? 4 : 2}
        className="field resize-y"
        value={note}
        onChange={(event) => setNote(event.target.value)}
      />
    </EditForm>
  );
}
