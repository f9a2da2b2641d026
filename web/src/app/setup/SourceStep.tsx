import { AddSource } from "../library/AddSource.tsx";
import { SourceCard } from "../library/SourceCard.tsx";
import { useLive, useProgressStream } from "../shell/progress.ts";

/** The first source, with what it brings counted while it is read. */
export function SourceStep({ onBack, onDone }: { onBack: () => void; onDone: () => void }) {
  useProgressStream();
  const { progress } = useLive();
  const sources = progress?.sources ?? [];
  return (
    <div className="flex flex-col gap-4">
      <p className="text-ink-2">
        Point Steward at a mailbox file or a folder, or try it with an invented person's archive first. It reads, seals
        and indexes; nothing leaves this machine.
      </p>
      <AddSource sample={!sources.some((source) => source.kind === "sample")} />
      {sources.length > 0 && (
        <ul aria-label="Sources" className="flex flex-col gap-2">
          {sources.map((source) => (
            <SourceCard key={source.id} source={source} rate={progress?.rates[source.id]} plain />
          ))}
        </ul>
      )}
      <div className="mt-2 flex justify-between">
        <button type="button" className="button" onClick={onBack}>
          Back
        </button>
        <button type="button" className={sources.length > 0 ? "button button-go" : "button"} onClick={onDone}>
          {sources.length > 0 ? "Start asking" : "Later"}
        </button>
      </div>
    </div>
  );
}
