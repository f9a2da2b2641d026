import { useQuery } from "@tanstack/react-query";
import { api } from "../../client.ts";
import { countsOf, openForgetting } from "../forget/opened.ts";
import { moment } from "../format.ts";
import { Failure, Skeleton } from "../parts/states.tsx";

/** What was hidden and waits, and the receipts of what is gone. */
export function Forgotten() {
  const list = useQuery({ queryKey: ["forgettings"], queryFn: api.forgettings });
  if (list.isError) return <Failure error={list.error} onRetry={() => list.refetch()} />;
  if (!list.data) return <Skeleton rows={1} />;
  const told = list.data.filter((forgetting) => forgetting.state !== "undone");
  if (told.length === 0) return <p className="text-ink-2">Nothing.</p>;
  return (
    <ul>
      {told.map((forgetting) => (
        <li key={forgetting.id} className="flex items-center gap-3 border-t border-line py-2.5 last:border-b">
          <div className="min-w-0 flex-1">
            <p className="truncate">{forgetting.label}</p>
            <p className="text-xs text-ink-3">
              {forgetting.state === "done"
                ? `forgotten ${moment(forgetting.receipt?.at ?? forgetting.askedAt)}`
                : forgetting.state === "hidden"
                  ? `hidden ${moment(forgetting.askedAt)}`
                  : "the keys are being destroyed"}
              {" · "}
              {countsOf(forgetting)}
            </p>
          </div>
          <button type="button" className="button button-small" onClick={() => openForgetting(forgetting.id)}>
            {forgetting.state === "done" ? "Receipt" : "Decide"}
            <span className="sr-only">: {forgetting.label}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}
