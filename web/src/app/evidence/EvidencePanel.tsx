import type { Citation } from "@steward/core/conversation.ts";
import type { Person } from "@steward/core/item.ts";
import type { ItemView } from "@steward/core/wire.ts";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { CircleHelp, ExternalLink, ImageOff, X } from "lucide-react";
import { useMemo } from "react";
import { api } from "../../client.ts";
import { plural, shortDate } from "../format.ts";
import { Seal } from "../parts/Seal.tsx";
import { Failure, Skeleton } from "../parts/states.tsx";
import { Badge } from "./Badge.tsx";
import { type Owner, useOwner } from "./owner.ts";
import { Paper } from "./Paper.tsx";
import { PaperHead } from "./People.tsx";
import type { Range } from "./paper.ts";
import { SidePanel } from "./SidePanel.tsx";

/** The mail or page beside the answer, with the very words that were quoted. */
export function EvidencePanel(props: {
  citation: Citation;
  all: readonly Citation[];
  onCite: (citation: Citation) => void;
  onClose: () => void;
}) {
  const { citation, all, onCite, onClose } = props;
  const isItem = !citation.memory;
  const item = useQuery({
    queryKey: ["item", citation.item],
    queryFn: () => api.item(citation.item),
    enabled: isItem,
  });
  const owner = useOwner();
  const others = all.filter((other) => other.n !== citation.n);
  const found = all.filter((c) => c.verified).length;
  return (
    <SidePanel
      title={`Evidence: ${citation.title}`}
      onClose={onClose}
      head={
        <>
          <div className="flex items-start gap-2">
            <span className="mt-1.5 -ml-0.5">
              <Badge citation={citation} chosen={false} onCite={onCite} />
            </span>
            <h2 className="min-w-0 flex-1 pt-1 font-semibold break-words">{citation.title}</h2>
            {isItem ? (
              <Link
                to="/library"
                search={{ item: citation.item }}
                className="button-icon"
                aria-label="Open in the Library"
                title="Open in the Library"
              >
                <ExternalLink size={17} strokeWidth={1.75} />
              </Link>
            ) : (
              <Link to="/memory" className="button-icon" aria-label="Open in Memory" title="Open in Memory">
                <ExternalLink size={17} strokeWidth={1.75} />
              </Link>
            )}
            <button type="button" className="button-icon -mr-2" aria-label="Close the evidence" onClick={onClose}>
              <X size={17} strokeWidth={1.75} />
            </button>
          </div>
          {item.data && (
            <div className="mt-2">
              <PaperHead item={item.data} />
            </div>
          )}
        </>
      }
    >
      {item.isError && <Failure error={item.error} onRetry={() => item.refetch()} />}
      {isItem && item.isPending && <Skeleton rows={3} />}
      {!isItem && (
        <div className="flex flex-col gap-2">
          <blockquote className="font-serif">“{citation.quote}”</blockquote>
          <p className="text-sm text-ink-3">A program of yours stored this; Steward takes it for a claim.</p>
        </div>
      )}
      {item.data && <Quoted item={item.data} citation={citation} />}
      {others.length > 0 && (
        <section aria-label="Also quoted" className="mt-6">
          <h3 className="eyebrow mb-2">Also quoted</h3>
          <ul className="flex flex-col gap-1">
            {others.map((other) => (
              <li key={other.n} className="flex items-start gap-2 py-1.5">
                <span className="mt-0.5 -ml-0.5">
                  <Badge citation={other} chosen={false} onCite={onCite} />
                </span>
                <button type="button" className="min-w-0 flex-1 text-left text-sm" onClick={() => onCite(other)}>
                  <span className="block truncate font-semibold">{other.title}</span>
                  <span className="block break-words text-ink-3">{whereOf(other, owner, item.data?.people ?? [])}</span>
                </button>
              </li>
            ))}
          </ul>
        </section>
      )}
      <p className="mt-auto flex items-center gap-2 pt-8 text-xs text-ink-3">
        {found === all.length ? (
          <Seal size={14} />
        ) : (
          <CircleHelp size={15} strokeWidth={1.75} className="text-doubt" aria-hidden="true" />
        )}
        {found} of {plural(all.length, "quote")} found word for word in the sources
      </p>
    </SidePanel>
  );
}

function Quoted({ item, citation }: { item: ItemView; citation: Citation }) {
  const marks = useMemo<Range[]>(
    () =>
      citation.verified && citation.start !== undefined && citation.end !== undefined
        ? [[citation.start, citation.end]]
        : [],
    [citation],
  );
  return (
    <>
      {!citation.verified && (
        <p className="mb-4 flex gap-2 rounded-(--radius-s) bg-doubt-soft px-3 py-2 text-sm text-doubt">
          <CircleHelp size={17} strokeWidth={1.75} className="shrink-0" aria-hidden="true" />
          <span>
            These words were quoted and are not in it: <span className="font-serif">“{citation.quote}”</span>
          </span>
        </p>
      )}
      <div className="pb-4">
        <Paper text={item.text} marks={marks} quoted={item.quoted} pageStarts={item.pageStarts} />
      </div>
      <NotLoaded item={item} />
    </>
  );
}

export function NotLoaded({ item }: { item: ItemView }) {
  if (item.remoteReferences === 0 && item.warnings.length === 0) return null;
  return (
    <div className="flex flex-col gap-1.5 border-t border-line pt-3.5 text-xs text-ink-3">
      {item.remoteReferences > 0 && (
        <p className="flex items-center gap-2">
          <ImageOff size={15} strokeWidth={1.75} aria-hidden="true" />
          {item.remoteReferences === 1
            ? "1 remote image was not loaded"
            : `${item.remoteReferences} remote images and trackers were not loaded`}
        </p>
      )}
      {item.warnings.map((warning) => (
        <p key={warning} className="flex items-start gap-2 text-doubt">
          <CircleHelp size={15} strokeWidth={1.75} className="shrink-0" aria-hidden="true" />
          {warning}
        </p>
      ))}
    </div>
  );
}

function whereOf(citation: Citation, owner: Owner, people: readonly Person[]): string {
  const folder = citation.path?.split("/").at(-2);
  return [
    citation.from ? owner.calledIn(citation.from, people) : folder,
    citation.date && shortDate(citation.date),
    citation.page ? `page ${citation.page}` : citation.kind,
  ]
    .filter(Boolean)
    .join(" · ");
}
