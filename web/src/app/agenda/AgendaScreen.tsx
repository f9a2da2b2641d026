import type { Task } from "@steward/core/agenda.ts";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Trash2 } from "lucide-react";
import { useState } from "react";
import { api } from "../../client.ts";
import { zoneName } from "../chat/Cards.tsx";
import { longDate } from "../format.ts";
import { Page } from "../parts/Page.tsx";
import { Empty, Failure, Skeleton, wordsOf } from "../parts/states.tsx";
import { toast } from "../parts/toast.tsx";

export function AgendaScreen() {
  const list = useQuery({ queryKey: ["tasks"], queryFn: api.tasks });
  const open = list.data?.filter((task) => !task.done).sort(byDue) ?? [];
  const done = list.data?.filter((task) => task.done) ?? [];
  return (
    <Page title="Agenda" about="What is to be done. Due times are shown, not yet rung.">
      <section aria-label="To do" className="flex flex-col gap-5">
        <AddTask />
        {list.isError && <Failure error={list.error} onRetry={() => list.refetch()} />}
        {list.isPending && <Skeleton rows={3} />}
        {list.data && open.length === 0 && (
          <Empty title="Nothing to do">
            Write a task above, or tell Steward in Chat: “remind me to call mum tomorrow at nine”.
          </Empty>
        )}
        <ul className="flex flex-col">
          {open.map((task) => (
            <TaskRow key={task.id} task={task} />
          ))}
        </ul>
      </section>
      {done.length > 0 && (
        <section aria-labelledby="done">
          <h2 id="done" className="eyebrow mb-2">
            Done
          </h2>
          <ul className="flex flex-col">
            {done.map((task) => (
              <TaskRow key={task.id} task={task} />
            ))}
          </ul>
        </section>
      )}
    </Page>
  );
}

const byDue = (a: Task, b: Task): number => (a.due ?? "9").localeCompare(b.due ?? "9") || a.createdAt - b.createdAt;

function AddTask() {
  const queries = useQueryClient();
  const [title, setTitle] = useState("");
  const [due, setDue] = useState("");
  const settings = useQuery({ queryKey: ["settings"], queryFn: api.settings });
  const add = useMutation({
    mutationFn: () =>
      api.addTask({
        title: title.trim(),
        ...(due ? { due, ...(settings.data ? { zone: settings.data.timeZone } : {}) } : {}),
      }),
    onSuccess: () => {
      setTitle("");
      setDue("");
      return queries.invalidateQueries({ queryKey: ["tasks"] });
    },
  });
  return (
    <form
      className="flex flex-col gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        if (title.trim()) add.mutate();
      }}
    >
      <div className="flex flex-wrap gap-2">
        <input
          data-main-input
          aria-label="A task"
          placeholder="A task"
          className="field min-w-48 flex-1 basis-60"
          value={title}
          onChange={(event) => setTitle(event.target.value)}
        />
        <input
          type="datetime-local"
          aria-label="Due"
          className="field w-auto"
          value={due}
          onChange={(event) => setDue(event.target.value)}
        />
        <button type="submit" className="button" disabled={add.isPending || title.trim() === ""}>
          Add
        </button>
      </div>
      {add.error && (
        <p role="alert" className="text-sm text-doubt">
          {wordsOf(add.error)}
        </p>
      )}
    </form>
  );
}

function TaskRow({ task }: { task: Task }) {
  const queries = useQueryClient();
  const refresh = () => queries.invalidateQueries({ queryKey: ["tasks"] });
  const onError = (error: unknown): void => void toast({ text: wordsOf(error) });
  const check = useMutation({
    mutationFn: () => api.changeTask(task.id, { done: !task.done }),
    onSettled: refresh,
    onError,
  });
  const again = async (): Promise<void> => {
    const { title, due, zone, note } = task;
    const made = await api.addTask({
      title,
      ...(due ? { due } : {}),
      ...(zone ? { zone } : {}),
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
  const done = check.isPending ? !task.done : task.done;
  return (
    <li className="flex items-start gap-3 border-t border-line py-3 last:border-b">
      <input
        type="checkbox"
        aria-label={`Done: ${task.title}`}
        className="mt-1 size-4 accent-accent"
        checked={done}
        onChange={() => check.mutate()}
      />
      <div className="min-w-0 flex-1">
        <p className={`break-words ${done ? "text-ink-3 line-through" : ""}`}>{task.title}</p>
        <p className="text-xs text-ink-3">
          {[task.due && `${longDate(task.due)}${task.zone ? ` ${zoneName(task.zone)} time` : ""}`, task.note]
            .filter(Boolean)
            .join(" · ")}
          {task.conversation && (
            <>
              {(task.due || task.note) && " · "}
              <Link
                to="/chat/$conversation"
                params={{ conversation: task.conversation }}
                className="text-accent underline underline-offset-2"
              >
                from a conversation
              </Link>
            </>
          )}
        </p>
      </div>
      <button
        type="button"
        className="button-icon -mr-2"
        aria-label={`Remove: ${task.title}`}
        title="Remove"
        onClick={() => remove.mutate()}
      >
        <Trash2 size={17} strokeWidth={1.75} />
      </button>
    </li>
  );
}
