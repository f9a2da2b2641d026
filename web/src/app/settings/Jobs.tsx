import type { JobRow } from "@steward/core/jobs.ts";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { CircleAlert } from "lucide-react";
import { api } from "../../client.ts";
import { plural } from "../format.ts";
import { wordsOf } from "../parts/states.tsx";
import { toast } from "../parts/toast.tsx";

const NAMES: Readonly<Record<JobRow["job"]["kind"], string>> = {
  pull: "Reading a source",
  embed: "Giving passages their meaning",
  shred: "Destroying what was forgotten",
  "tidy-index": "Tidying the index",
  "rebuild-index": "Making the index anew",
  "read-again": "Reading what was set aside",
  unreadable: "Work whose record is damaged",
};

/** Background work that gave up; nothing is shown when there is none. */
export function Jobs() {
  const queries = useQueryClient();
  const jobs = useQuery({ queryKey: ["jobs"], queryFn: api.jobs });
  const act = useMutation({
    mutationFn: ({ job, what }: { job: string; what: "rerun" | "dismiss" }) =>
      what === "rerun" ? api.rerunJob(job) : api.dismissJob(job),
    onSettled: () =>
      Promise.all([
        queries.invalidateQueries({ queryKey: ["jobs"] }),
        queries.invalidateQueries({ queryKey: ["status"] }),
      ]),
    onError: (error) => toast({ text: wordsOf(error) }),
  });
  const dead = jobs.data?.filter((job) => job.state === "dead") ?? [];
  if (dead.length === 0) return null;
  return (
    <section
      aria-label="Work that gave up"
      className="rounded-(--radius-m) border border-doubt/40 bg-doubt-soft px-4 py-3"
    >
      <h2 className="flex items-center gap-2 font-semibold text-doubt">
        <CircleAlert size={18} strokeWidth={1.75} aria-hidden="true" />
        Work that gave up
      </h2>
      <ul>
        {dead.map((row) => (
          <li key={row.id} className="mt-2 flex flex-wrap items-center gap-2 text-sm">
            <span className="min-w-0 flex-1 basis-60">
              {NAMES[row.job.kind]}, after {plural(row.tries, "try", "tries")}. {row.error}
            </span>
            <button
              type="button"
              className="button button-small"
              disabled={act.isPending}
              onClick={() => act.mutate({ job: row.id, what: "rerun" })}
            >
              Run again
            </button>
            <button
              type="button"
              className="button button-small"
              disabled={act.isPending}
              onClick={() => act.mutate({ job: row.id, what: "dismiss" })}
            >
              Dismiss
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
