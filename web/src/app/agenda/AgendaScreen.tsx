import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../client.ts";
import { Form } from "../parts/Form.tsx";
import { Page } from "../parts/Page.tsx";
import { Empty, Failure, Skeleton, wordsOf } from "../parts/states.tsx";
import { DueFields } from "./DueFields.tsx";
import { GROUPS, groupOf, inOrder, isOverdue } from "./groups.ts";
import { TaskRow } from "./TaskRow.tsx";

export function AgendaScreen() {
  const list = useQuery({ queryKey: ["tasks"], queryFn: api.tasks });
  const settings = useQuery({ queryKey: ["settings"], queryFn: api.settings });
  const zone = settings.data?.timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
  const now = Date.now();
  const tasks = inOrder(list.data ?? []);
  return (
    <Page title="Agenda" about="What is to be done. Due times are shown, not yet rung.">
      <section aria-label="A new task" className="flex flex-col gap-5">
        <AddTask />
        {list.isError && <Failure error={list.error} onRetry={() => list.refetch()} />}
        {list.isPending && <Skeleton rows={3} />}
        {list.data && tasks.every((task) => task.done) && (
          <Empty title="Nothing to do">
            Write a task above, or tell Steward in Chat: “remind me to call mum tomorrow at nine”.
          </Empty>
        )}
      </section>
      {GROUPS.map(([group, name]) => {
        const own = tasks.filter((task) => groupOf(task, now, zone) === group);
        if (own.length === 0) return null;
        return (
          <section key={group} aria-labelledby={`agenda-${group}`}>
            <h2 id={`agenda-${group}`} className="eyebrow mb-2">
              {name}
            </h2>
            <ul className="flex flex-col">
              {own.map((task) => (
                <TaskRow key={task.id} task={task} overdue={isOverdue(task, now, zone)} zone={zone} />
              ))}
            </ul>
          </section>
        );
      })}
    </Page>
  );
}

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
    <Form className="flex flex-col gap-2" onSubmit={() => title.trim() && add.mutate()}>
      <div className="flex flex-wrap gap-2">
        <input
          data-main-input
          aria-label="A task"
          placeholder="A task"
          className="field min-w-48 flex-1 basis-60"
          value={title}
          onChange={(event) => setTitle(event.target.value)}
        />
        <DueFields due={due} onDue={setDue} />
        <button type="submit" className="button" disabled={add.isPending || title.trim() === ""}>
          Add
        </button>
      </div>
      {add.error && (
        <p role="alert" className="text-sm text-doubt">
          {wordsOf(add.error)}
        </p>
      )}
    </Form>
  );
}
