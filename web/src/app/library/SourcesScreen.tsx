import type { Quarantined } from "@steward/core/item.ts";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ArrowLeft, FileWarning, RotateCcw, X } from "lucide-react";
import { api } from "../../client.ts";
import { bytes, count, moment } from "../format.ts";
import { Page } from "../parts/Page.tsx";
import { Failure, Skeleton, wordsOf } from "../parts/states.tsx";
import { toast } from "../parts/toast.tsx";
import { useLive } from "../shell/progress.ts";
import { AddSource } from "./AddSource.tsx";
import { SourceCard } from "./SourceCard.tsx";

export function SourcesScreen() {
  const { progress } = useLive();
  const listed = useQuery({ queryKey: ["sources"], queryFn: api.sources });
  // The stream is newer where it runs; the list is there before it.
  const sources = progress?.sources ?? listed.data;
  const { embedding } = progress ?? {};
  return (
    <Page
      title="Sources"
      about="Where Steward's knowledge comes from. What is read twice is kept once."
      before={
        <Link to="/library" className="button-icon -ml-2" aria-label="Back to the Library">
          <ArrowLeft size={18} strokeWidth={1.75} />
        </Link>
      }
    >
      <section aria-label="Sources read" className="flex flex-col gap-2.5">
        {listed.isError && <Failure error={listed.error} onRetry={() => listed.refetch()} />}
        {!sources && !listed.isError && <Skeleton rows={2} />}
        {sources?.length === 0 && <p className="text-ink-2">None yet. Add the first below.</p>}
        <ul className="flex flex-col gap-2.5">
          {sources?.map((source) => (
            <SourceCard key={source.id} source={source} rate={progress?.rates[source.id]} />
          ))}
        </ul>
        {embedding && embedding.done < embedding.total && (
          <p className="text-sm text-ink-3 tabular-nums">
            Meaning · {count(embedding.done)} of {count(embedding.total)} passages, by {embedding.embedder}. All are
            found by words already.
          </p>
        )}
      </section>
      <section aria-labelledby="add-source">
        <h2 id="add-source" className="mb-3 text-lg font-semibold">
          Add a source
        </h2>
        <AddSource sample={sources !== undefined && !sources.some((source) => source.kind === "sample")} />
      </section>
      <Quarantine />
    </Page>
  );
}

/** What could not be read: the reason, and what can be tried. */
function Quarantine() {
  const list = useQuery({ queryKey: ["quarantine"], queryFn: api.quarantine });
  return (
    <section aria-labelledby="quarantine" id="quarantine-list">
      <h2 id="quarantine" className="text-lg font-semibold">
        Quarantine
      </h2>
      <p className="mb-3 text-sm text-ink-3">What could not be read. The rest went on without it.</p>
      {list.isError && <Failure error={list.error} onRetry={() => list.refetch()} />}
      {list.isPending && <Skeleton rows={2} />}
      {list.data?.length === 0 && <p className="text-ink-2">Nothing. Everything met so far could be read.</p>}
      <ul className="flex flex-col">
        {list.data?.map((entry) => (
          <Entry key={entry.id} entry={entry} />
        ))}
      </ul>
    </section>
  );
}

function Entry({ entry }: { entry: Quarantined }) {
  const queries = useQueryClient();
  const refresh = () =>
    Promise.all(["quarantine", "status", "search"].map((key) => queries.invalidateQueries({ queryKey: [key] })));
  const onError = (error: unknown): void => void toast({ text: wordsOf(error) });
  const retry = useMutation({
    mutationFn: () => api.retryQuarantined(entry.id),
    onSuccess: async (still) => {
      toast({
        text: still
          ? `“${nameOf(entry)}” still could not be read: ${still.reason}`
          : `“${nameOf(entry)}” was read, and is in the Library.`,
      });
      await refresh();
    },
    onError,
  });
  const dismiss = useMutation({ mutationFn: () => api.dismissQuarantined(entry.id), onSuccess: refresh, onError });
  return (
    <li className="flex items-start gap-3.5 border-t border-line py-3.5 last:border-b">
      <FileWarning size={18} strokeWidth={1.75} className="mt-0.5 shrink-0 text-doubt" aria-hidden="true" />
      <div className="min-w-0 flex-1">
        <div className="font-semibold break-words">{nameOf(entry)}</div>
        <div className="text-sm text-ink-2">{entry.reason}</div>
        <div className="mt-0.5 text-xs break-all text-ink-3">
          {entry.path} · {bytes(entry.size)} · {moment(entry.at)}
        </div>
      </div>
      <div className="-mr-2 flex shrink-0">
        <button
          type="button"
          className="button-icon"
          aria-label={`Try ${nameOf(entry)} again`}
          title="Try again"
          disabled={retry.isPending}
          onClick={() => retry.mutate()}
        >
          <RotateCcw size={17} strokeWidth={1.75} />
        </button>
        <button
          type="button"
          className="button-icon"
          aria-label={`Dismiss ${nameOf(entry)}`}
          title="Dismiss"
          disabled={dismiss.isPending}
          onClick={() => dismiss.mutate()}
        >
          <X size={17} strokeWidth={1.75} />
        </button>
      </div>
    </li>
  );
}

const nameOf = (entry: Quarantined): string => entry.path.split(/[/!]/).filter(Boolean).at(-1) ?? entry.path;
