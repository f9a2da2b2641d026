import type { Source } from "@steward/core/item.ts";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Archive, CircleAlert, Folder, Pause, Play, RotateCcw, Trash2, Upload } from "lucide-react";
import { api } from "../../client.ts";
import { useForget } from "../forget/use-forget.ts";
import { bytes, count, plural } from "../format.ts";
import { Bar } from "../parts/Bar.tsx";
import { wordsOf } from "../parts/states.tsx";
import { toast } from "../parts/toast.tsx";
import { fractionOf } from "../shell/progress.ts";

/** A source: how far it is, what it brought, and what can be done with it. `plain` leaves the deeds out. */
export function SourceCard({
  source,
  rate,
  plain = false,
}: {
  source: Source;
  rate: number | undefined;
  plain?: boolean;
}) {
  const fraction = fractionOf(source);
  const Icon = source.kind === "sample" ? Archive : source.kind === "upload" ? Upload : Folder;
  return (
    <li
      className={plain ? "rounded-(--radius-m) border border-line px-4 py-3" : "card px-4 py-3.5"}
      aria-label={source.name}
    >
      <div className="flex items-center gap-3.5">
        <Icon size={18} strokeWidth={1.75} className="shrink-0 text-ink-2" aria-hidden="true" />
        <div className="min-w-0 flex-1">
          <div className="flex items-baseline gap-2">
            <span className="truncate font-semibold">{source.name}</span>
            <span className={`shrink-0 text-xs ${source.state === "done" ? "text-accent" : "text-ink-3"}`}>
              {STATES[source.state]}
            </span>
          </div>
          <p className="text-sm text-ink-3 tabular-nums">{lineOf(source, rate)}</p>
        </div>
        {!plain && <Deeds source={source} />}
      </div>
      {source.state === "reading" && <Bar part={fraction} label={`Reading ${source.name}`} className="mt-3" />}
      {source.error && (
        <div className="mt-3 flex items-start gap-2 rounded-(--radius-s) bg-doubt-soft px-3 py-2 text-sm text-doubt">
          <CircleAlert size={16} strokeWidth={1.75} className="mt-0.5 shrink-0" aria-hidden="true" />
          <span className="min-w-0 flex-1 break-words">
            {source.error} {source.progress.added > 0 && "What came before it is kept."}
          </span>
          {source.state === "failed" && <Retry source={source} />}
        </div>
      )}
    </li>
  );
}

const STATES: Readonly<Record<Source["state"], string>> = {
  waiting: "waits its turn",
  reading: "reading",
  done: "up to date",
  paused: "paused",
  failed: "stopped by a fault",
};

function lineOf({ state, progress }: Source, rate: number | undefined): string {
  const parts = [
    plural(progress.added, "item"),
    progress.known > 0 && `${count(progress.known)} known before`,
    progress.quarantined > 0 && `${count(progress.quarantined)} in quarantine`,
    progress.totalBytes !== undefined &&
      state !== "done" &&
      `${bytes(progress.bytes)} of ${bytes(progress.totalBytes)}`,
    state === "reading" && rate !== undefined && rate > 0 && `${count(Math.round(rate))} a second`,
  ];
  return parts.filter(Boolean).join(" · ");
}

function useRun(source: Source) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (what: "run" | "pause") => (what === "run" ? api.runSource(source.id) : api.pauseSource(source.id)),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["sources"] }),
    onError: (error) => toast({ text: wordsOf(error) }),
  });
}

function Retry({ source }: { source: Source }) {
  const act = useRun(source);
  return (
    <button
      type="button"
      className="button button-small -my-0.5 shrink-0"
      disabled={act.isPending}
      onClick={() => act.mutate("run")}
    >
      <RotateCcw size={15} strokeWidth={1.75} aria-hidden="true" />
      Retry
      <span className="sr-only">: {source.name}</span>
    </button>
  );
}

function Deeds({ source }: { source: Source }) {
  const forget = useForget();
  const act = useRun(source);
  const busy = source.state === "reading" || source.state === "waiting";
  const again = source.state === "paused" ? "Go on" : "Read again";
  return (
    <div className="-mr-2 flex shrink-0">
      {busy ? (
        <button
          type="button"
          className="button-icon"
          aria-label={`Pause ${source.name}`}
          title="Pause"
          disabled={act.isPending}
          onClick={() => act.mutate("pause")}
        >
          <Pause size={17} strokeWidth={1.75} />
        </button>
      ) : source.state === "failed" ? null : (
        <button
          type="button"
          className="button-icon"
          aria-label={`${again}: ${source.name}`}
          title={again}
          disabled={act.isPending}
          onClick={() => act.mutate("run")}
        >
          {source.state === "paused" ? (
            <Play size={17} strokeWidth={1.75} />
          ) : (
            <RotateCcw size={17} strokeWidth={1.75} />
          )}
        </button>
      )}
      <button
        type="button"
        className="button-icon"
        aria-label={`Forget ${source.name} and all it brought`}
        title="Forget, with all it brought"
        onClick={() => forget({ source: source.id }, { ask: true })}
      >
        <Trash2 size={17} strokeWidth={1.75} />
      </button>
    </div>
  );
}
