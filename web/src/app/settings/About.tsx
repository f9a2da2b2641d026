import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { CircleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { api } from "../../client.ts";
import { count, dollars, plural } from "../format.ts";
import { Failure, Skeleton, wordsOf } from "../parts/states.tsx";
import { toast } from "../parts/toast.tsx";
import { IndexRow } from "./IndexRow.tsx";

/** What is running, where it keeps things, and how it is locked. */
export function About() {
  const queries = useQueryClient();
  const status = useQuery({ queryKey: ["status"], queryFn: api.status });
  const signOut = useMutation({
    mutationFn: api.signOut,
    onSuccess: () => {
      // Nothing of the person's stays in the page.
      queries.clear();
      location.assign("/");
    },
    onError: (error) => toast({ text: wordsOf(error) }),
  });
  if (status.isError) return <Failure error={status.error} onRetry={() => status.refetch()} />;
  if (!status.data) return <Skeleton rows={3} />;
  const { data } = status;
  const rows: readonly (readonly [string, ReactNode])[] = [
    ["Holds", `${plural(data.items, "item")}, ${plural(data.passages, "passage")}`],
    [
      "Found by",
      data.embedder ? `words and meaning (${data.embedder}, ${count(data.index.embedded)} passages)` : "words",
    ],
    ["Index", <IndexRow key="index" index={data.index} />],
    ["Spent today", `${dollars(data.spend.today)} of ${dollars(data.spend.cap)}`],
    [
      "Lock",
      data.lock === "passphrase"
        ? "a passphrase, asked for at each start"
        : "a key file; “npx steward lock --passphrase” asks for a passphrase instead",
    ],
    ["Running", `Steward ${data.version}, for ${uptime(data.uptimeS)}, ${data.memoryMb} MB of memory`],
  ];
  return (
    <>
      {data.warnings && data.warnings.length > 0 && (
        <ul aria-label="What you should know" className="mb-4 flex flex-col gap-2">
          {data.warnings.map((warning) => (
            <li key={warning} className="flex gap-2.5 rounded-(--radius-m) bg-doubt-soft px-3 py-2 text-sm text-doubt">
              <CircleAlert size={17} strokeWidth={1.75} className="mt-px shrink-0" aria-hidden="true" />
              {warning}
            </li>
          ))}
        </ul>
      )}
      <dl className="grid grid-cols-[6.5rem_1fr] gap-y-1.5 text-sm">
        {rows.map(([name, value]) => (
          <div key={name} className="contents">
            <dt className="text-ink-3">{name}</dt>
            <dd className="tabular-nums">{value}</dd>
          </div>
        ))}
        <dt className="text-ink-3">Home folder</dt>
        <dd className="font-mono text-xs leading-5 break-all">{data.home}</dd>
      </dl>
      <button type="button" className="button mt-5" disabled={signOut.isPending} onClick={() => signOut.mutate()}>
        Sign out
      </button>
    </>
  );
}

function uptime(seconds: number): string {
  if (seconds < 120) return plural(Math.round(seconds), "second");
  if (seconds < 7200) return plural(Math.round(seconds / 60), "minute");
  if (seconds < 172_800) return plural(Math.round(seconds / 3600), "hour");
  return plural(Math.round(seconds / 86_400), "day");
}
