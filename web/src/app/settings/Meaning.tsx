import type { EmbedderChoice } from "@steward/core/wire.ts";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Cloud, CloudUpload, Cpu, Download as DownloadIcon, Laptop, type LucideIcon, WholeWord } from "lucide-react";
import { useState } from "react";
import { api, type ModelSetup } from "../../client.ts";
import { bytes, count } from "../format.ts";
import { Bar } from "../parts/Bar.tsx";
import { Choice, Choices } from "../parts/choices.tsx";
import { ProviderForm } from "../parts/ProviderForm.tsx";
import { Failure, Skeleton } from "../parts/states.tsx";
import { useLive } from "../shell/progress.ts";
import { download, stopDownload, useDownload } from "./download.ts";

/** Which embedder answers: chosen here, fetched here where it must be, and what still waits for it. */
export function Meaning() {
  const queries = useQueryClient();
  const embedders = useQuery({ queryKey: ["embedders"], queryFn: api.embedders });
  const [open, setOpen] = useState<string>();
  const fetching = useDownload();
  const choose = useMutation({
    mutationFn: (setup: ModelSetup) => api.chooseEmbedder(setup),
    onSuccess: (choices) => {
      queries.setQueryData(["embedders"], choices);
      for (const key of ["status", "search"]) void queries.invalidateQueries({ queryKey: [key] });
      setOpen(undefined);
    },
  });
  if (embedders.isError) return <Failure error={embedders.error} onRetry={() => embedders.refetch()} />;
  if (!embedders.data) return <Skeleton rows={3} />;
  const pick = (choice: EmbedderChoice): void => {
    choose.reset();
    if (choice.current) setOpen(undefined);
    else if (isAtOnce(choice)) choose.mutate({ id: choice.id });
    else setOpen(open === choice.id ? undefined : choice.id);
  };
  const fetchIt = async (choice: EmbedderChoice): Promise<void> => {
    if (await download(choice.id, choice.bytes ?? 0)) choose.mutate({ id: choice.id });
  };
  const refusal = choose.error?.message;
  // What can be chosen now; one that needs an address first stands with the others.
  const near = embedders.data.filter(
    (choice) =>
      choice.current ||
      (choice.id !== "compatible" && (choice.state === "ready" || (choice.local && choice.state === "needs-download"))),
  );
  const far = embedders.data.filter((choice) => !near.includes(choice));
  const cardOf = (choice: EmbedderChoice) => {
    const isFetching = fetching?.id === choice.id;
    return (
      <Choice
        key={choice.id}
        icon={iconOf(choice)}
        name={choice.label}
        about={choice.description}
        state={stateOf(choice)}
        current={choice.current}
        asks={!choice.current && !isAtOnce(choice)}
        open={!choice.current && (open === choice.id || isFetching)}
        onPick={() => pick(choice)}
      >
        {choice.state === "needs-download" ? (
          <Fetching choice={choice} onFetch={() => void fetchIt(choice)} />
        ) : (
          <ProviderForm
            choice={choice}
            noModel="The usual one when empty"
            hasKey={choice.state === "ready"}
            verb="Choose it"
            busy={choose.isPending}
            refusal={refusal}
            onChoose={choose.mutate}
          >
            {!choice.local && <Leaving />}
          </ProviderForm>
        )}
      </Choice>
    );
  };
  return (
    <div className="flex flex-col gap-3">
      <Choices name="Embedders" near={near} far={far} card={cardOf} />
      {refusal && open === undefined && <Failure error={choose.error} />}
      <Waiting />
    </div>
  );
}

/** "Meaning · 1,204 of 9,310 passages": nothing stops meanwhile. */
function Waiting() {
  const { progress } = useLive();
  const status = useQuery({ queryKey: ["status"], queryFn: api.status });
  const embedding = progress?.embedding;
  if (embedding && embedding.done < embedding.total) {
    return (
      <div className="px-1 text-sm text-ink-2">
        <p className="tabular-nums">
          Meaning · {count(embedding.done)} of {count(embedding.total)} passages, by {embedding.embedder}. All are found
          by words meanwhile.
        </p>
        <Bar part={embedding.done / embedding.total} label="Passages that have their meaning" className="mt-2" />
      </div>
    );
  }
  if (!status.data?.embedder || status.data.index.embedded === 0) return null;
  return (
    <p className="px-1 text-sm text-ink-3 tabular-nums">
      {count(status.data.index.embedded)} of {count(status.data.passages)} passages have their meaning.
    </p>
  );
}

/** What a distant embedder gets to see. */
function Leaving() {
  return (
    <p className="flex items-start gap-2.5 rounded-(--radius-s) bg-wax-soft px-3 py-2 text-sm text-wax">
      <CloudUpload size={17} strokeWidth={1.75} className="mt-px shrink-0" aria-hidden="true" />
      The text of every passage goes there once, of new papers as they come, and the words of every search. They see
      what they embed.
    </p>
  );
}

/** What will be fetched, or how far it is: bytes, rate, and a way to stop. */
function Fetching({ choice, onFetch }: { choice: EmbedderChoice; onFetch: () => void }) {
  const fetching = useDownload();
  const own = fetching?.id === choice.id ? fetching : undefined;
  if (own && own.refusal === undefined) {
    const part = own.totalBytes > 0 ? own.bytes / own.totalBytes : 0;
    return (
      <div className="flex items-center gap-4 border-t border-line px-4 py-3">
        <div className="min-w-0 flex-1">
          <p className="text-sm text-ink-2 tabular-nums">
            {own.bytes === 0 ? "Asking for it" : `${bytes(own.bytes)} of ${bytes(own.totalBytes)}`}
            {own.rate !== undefined && ` · ${bytes(own.rate)} a second`}
          </p>
          <Bar part={part} label={`Fetching ${choice.label}`} className="mt-2" />
        </div>
        <button type="button" className="button button-small" onClick={stopDownload}>
          Stop
        </button>
      </div>
    );
  }
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-2 border-t border-line px-4 py-3">
      <p
        className={`min-w-0 flex-1 basis-60 text-sm break-words ${own?.refusal ? "text-doubt" : "text-ink-2"}`}
        role="status"
      >
        {own?.refusal ??
          "The model is fetched once and kept in the home folder. Your papers are then read here; none of them leaves."}
      </p>
      <button type="button" className="button button-small button-go" disabled={fetching !== own} onClick={onFetch}>
        <DownloadIcon size={16} strokeWidth={1.75} aria-hidden="true" />
        {own?.refusal ? "Go on" : choice.bytes ? `Fetch ${bytes(choice.bytes)}` : "Fetch it"}
      </button>
    </div>
  );
}

function isAtOnce(choice: EmbedderChoice): boolean {
  return choice.local && choice.state === "ready";
}

function iconOf(choice: EmbedderChoice): LucideIcon {
  if (choice.id === "none") return WholeWord;
  if (choice.id === "built-in") return Cpu;
  return choice.local ? Laptop : Cloud;
}

function stateOf(choice: EmbedderChoice): string {
  if (choice.current) return "answers";
  if (choice.id === "compatible") return "needs an address";
  switch (choice.state) {
    case "ready":
      return "ready";
    case "needs-download":
      return choice.bytes ? bytes(choice.bytes) : "to be fetched";
    case "needs-key":
      return "needs a key";
    case "not-found":
      return "not found";
    default:
      return choice.state satisfies never;
  }
}
