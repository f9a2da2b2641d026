import type { AttachmentRef } from "@steward/core/item.ts";
import type { Hit, ItemView } from "@steward/core/wire.ts";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { CornerLeftUp, Download, Ellipsis, FileText, Image, Lock, MessageSquareQuote, Trash2, X } from "lucide-react";
import { useMemo } from "react";
import { api, originalUrl } from "../../client.ts";
import { NotLoaded } from "../evidence/EvidencePanel.tsx";
import { useOwner } from "../evidence/owner.ts";
import { Paper } from "../evidence/Paper.tsx";
import { PaperHead } from "../evidence/People.tsx";
import type { Range } from "../evidence/paper.ts";
import { SidePanel } from "../evidence/SidePanel.tsx";
import { useForget } from "../forget/use-forget.ts";
import { bytes, plural, shortDate } from "../format.ts";
import { KINDS } from "../parts/kinds.ts";
import { Menu } from "../parts/Menu.tsx";
import { Failure, Skeleton } from "../parts/states.tsx";

/** One item: who, when, its text with the found words, what hangs on it, its thread. */
export function ItemPanel(props: {
  id: string;
  hit: Hit | undefined;
  onClose: () => void;
  onOpen: (id: string) => void;
}) {
  const { id, hit, onClose, onOpen } = props;
  const item = useQuery({ queryKey: ["item", id], queryFn: () => api.item(id) });
  const forget = useForget();
  const title = item.data?.title ?? hit?.title ?? "";
  // Of what could not be fetched nothing can be asked, downloaded or forgotten.
  const here = !item.isError;
  return (
    <SidePanel
      title={title || "Item"}
      onClose={onClose}
      head={
        <>
          <div className="flex items-start gap-1">
            <h2 className="min-w-0 flex-1 pt-1.5 font-semibold break-words">
              {title || (here ? "Without a title" : "Not here")}
            </h2>
            {here && (
              <>
                <Link
                  to="/chat"
                  search={{ ask: `What does “${title}” say about ` }}
                  className="button-icon"
                  aria-label="Ask about it"
                  title="Ask about it"
                >
                  <MessageSquareQuote size={17} strokeWidth={1.75} />
                </Link>
                <a
                  href={originalUrl(id)}
                  download
                  className="button-icon"
                  aria-label="Download the original"
                  title="Download the original"
                >
                  <Download size={17} strokeWidth={1.75} />
                </a>
                <Menu
                  trigger={
                    <button type="button" className="button-icon" aria-label="More">
                      <Ellipsis size={17} strokeWidth={1.75} />
                    </button>
                  }
                  entries={[{ label: "Forget", icon: Trash2, run: () => forget({ item: id }, { onHidden: onClose }) }]}
                />
              </>
            )}
            <button type="button" className="button-icon -mr-2" aria-label="Close" onClick={onClose}>
              <X size={17} strokeWidth={1.75} />
            </button>
          </div>
          {item.data && <Head item={item.data} onOpen={onOpen} />}
        </>
      }
    >
      {item.isError && <Failure error={item.error} onRetry={() => item.refetch()} />}
      {item.isPending && <Skeleton rows={3} />}
      {item.data && <Body item={item.data} hit={hit} onOpen={onOpen} />}
    </SidePanel>
  );
}

function Head({ item, onOpen }: { item: ItemView; onOpen: (id: string) => void }) {
  return (
    <div className="mt-2">
      <PaperHead item={item} disc />
      {item.parent && (
        <button
          type="button"
          className="mt-2 flex items-center gap-2 text-left text-sm text-accent"
          onClick={() => item.parent && onOpen(item.parent.id)}
        >
          <CornerLeftUp size={15} strokeWidth={1.75} className="shrink-0" aria-hidden="true" />
          Came with “{item.parent.title}”
        </button>
      )}
    </div>
  );
}

function Body({ item, hit, onOpen }: { item: ItemView; hit: Hit | undefined; onOpen: (id: string) => void }) {
  const marks = useMemo(() => marksOf(item.text, hit), [item.text, hit]);
  return (
    <>
      <div className="pb-4">
        <Paper text={item.text} marks={marks} quoted={item.quoted} pageStarts={item.pageStarts} />
      </div>
      {item.attachments.length > 0 && (
        <ul aria-label="Attachments" className="flex flex-wrap gap-1.5 border-t border-line py-4">
          {item.attachments.map((attachment) => (
            <li key={attachment.item ?? attachment.filename}>
              <Attachment attachment={attachment} onOpen={onOpen} />
            </li>
          ))}
        </ul>
      )}
      <NotLoaded item={item} />
      {item.thread.length > 1 && <Thread item={item} onOpen={onOpen} />}
      <p className="mt-auto flex items-center gap-2 pt-8 text-xs text-ink-3">
        <Lock size={14} strokeWidth={1.75} aria-hidden="true" className="shrink-0" />
        <span className="min-w-0 break-words">Sealed with a key of its own · from “{item.source.name}”</span>
      </p>
    </>
  );
}

function Attachment({ attachment, onOpen }: { attachment: AttachmentRef; onOpen: (id: string) => void }) {
  const Icon = attachment.mediaType.startsWith("image/") ? Image : FileText;
  const inside = (
    <>
      <Icon size={16} strokeWidth={1.75} className="shrink-0 text-ink-2" aria-hidden="true" />
      <span className="truncate">{attachment.filename}</span>
      <span className="shrink-0 text-ink-3">{bytes(attachment.size)}</span>
    </>
  );
  const look = "flex max-w-80 items-center gap-1.5 rounded-(--radius-s) border border-line px-2 py-1.5 text-sm";
  const { item } = attachment;
  return item ? (
    <button type="button" className={`${look} hover:border-line-strong`} onClick={() => onOpen(item)}>
      {inside}
    </button>
  ) : (
    <span className={look}>{inside}</span>
  );
}

function Thread({ item, onOpen }: { item: ItemView; onOpen: (id: string) => void }) {
  const owner = useOwner();
  return (
    <section aria-label="Thread" className="mt-4">
      <h3 className="eyebrow mb-2">Thread · {plural(item.thread.length, KINDS[item.kind].one)}</h3>
      <ol>
        {item.thread.map((mail) => {
          const here = mail.id === item.id;
          return (
            <li key={mail.id}>
              <button
                type="button"
                aria-current={here ? "true" : undefined}
                onClick={() => onOpen(mail.id)}
                className={`flex w-full items-baseline gap-3 border-l-2 py-1.5 pr-2 pl-3 text-left text-sm ${here ? "border-accent text-ink" : "border-line text-ink-2 hover:bg-sunken"}`}
              >
                <span className="w-20 shrink-0 truncate font-semibold" title={mail.from}>
                  {owner.calledIn(mail.from, item.people)}
                </span>
                <span className="min-w-0 flex-1 truncate">{mail.excerpt || mail.title}</span>
                {mail.date && <span className="shrink-0 text-xs text-ink-3">{shortDate(mail.date)}</span>}
              </button>
            </li>
          );
        })}
      </ol>
    </section>
  );
}

/** The words found in the snippet, wherever they stand in the passage that was found. */
function marksOf(text: string, hit: Hit | undefined): Range[] {
  if (!hit) return [];
  const { snippet, highlights, start, end } = hit.passage;
  const words = new Set(highlights.map(([a, b]) => snippet.slice(a, b).toLowerCase()).filter(Boolean));
  const passage = text.slice(start, end).toLowerCase();
  const marks: Range[] = [];
  for (const word of words) {
    for (let at = passage.indexOf(word); at >= 0; at = passage.indexOf(word, at + word.length)) {
      marks.push([start + at, start + at + word.length]);
    }
  }
  return marks;
}
