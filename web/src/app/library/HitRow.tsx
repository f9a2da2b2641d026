import type { Hit } from "@steward/core/wire.ts";
import { Image } from "lucide-react";
import { memo } from "react";
import { Marked } from "../evidence/Marked.tsx";
import { type Owner, useOwner } from "../evidence/owner.ts";
import { segments } from "../evidence/paper.ts";
import { dayDate, plural } from "../format.ts";
import { KINDS } from "../parts/kinds.ts";

/** One result in its own shape: who or where, and the words found, in the paper's own voice. */
export const HitRow = memo(function HitRow(props: {
  hit: Hit;
  at: number;
  of: number;
  chosen: boolean;
  onChoose: (id: string) => void;
}) {
  const { hit, at, of, chosen, onChoose } = props;
  const { icon: Icon, one } = KINDS[hit.kind];
  const { snippet, highlights } = hit.passage;
  const owner = useOwner();
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are the list's, which keeps the focus
    // biome-ignore lint/a11y/useFocusableInteractive: an option of a list is active without focus
    <div
      role="option"
      id={`hit-${hit.id}`}
      aria-selected={chosen}
      aria-posinset={at + 1}
      aria-setsize={of}
      onClick={() => onChoose(hit.id)}
      className={`flex cursor-pointer gap-3 rounded-(--radius-m) border px-3.5 py-3 ${chosen ? "border-line bg-surface shadow-card" : "border-transparent hover:bg-sunken"}`}
    >
      <Icon
        size={18}
        strokeWidth={1.75}
        aria-hidden="true"
        className={`mt-0.5 shrink-0 ${chosen ? "text-accent" : "text-ink-2"}`}
      />
      <div className="min-w-0 flex-1">
        <div className="flex items-baseline gap-3">
          <span className="min-w-0 flex-1 truncate font-semibold">
            <span className="sr-only">{one}: </span>
            {hit.title || "Without a title"}
          </span>
          {hit.date && <span className="shrink-0 text-xs text-ink-3 tabular-nums">{dayDate(hit.date)}</span>}
        </div>
        <div className="flex gap-2 truncate text-sm text-ink-2">
          <span className="truncate">{whoOf(hit, owner)}</span>
          {hit.attachments > 0 && (
            <span className="shrink-0 text-xs leading-5 text-ink-3">{plural(hit.attachments, "attachment")}</span>
          )}
          {hit.more > 0 && <span className="shrink-0 text-xs leading-5 text-ink-3">{hit.more} more in it</span>}
        </div>
        {hit.kind === "photo" && <PhotoTile name={hit.title} />}
        <p className="mt-0.5 line-clamp-2 font-serif text-base leading-[1.45] text-ink-2">
          <Marked segments={segments(snippet, 0, snippet.length, highlights)} tight />
        </p>
      </div>
    </div>
  );
});

/** The shape a photo will stand in: originals are never drawn in the page. */
function PhotoTile({ name }: { name: string }) {
  return (
    <span
      role="img"
      aria-label={`Photo: ${name}`}
      className="my-2 grid size-24 place-items-center rounded-(--radius-s) border border-line bg-sunken text-ink-3"
    >
      <Image size={22} strokeWidth={1.5} aria-hidden="true" />
    </span>
  );
}

function whoOf(hit: Hit, owner: Owner): string {
  const name = (role: string): string | undefined => {
    const person = hit.people.find((p) => p.role === role);
    return person && owner.called(person);
  };
  const page = hit.passage.page ? `page ${hit.passage.page}` : undefined;
  switch (hit.kind) {
    case "mail":
    case "text":
      // What one sent oneself says whom it went to.
      return name("from") === "you" && name("to") ? `you to ${name("to")}` : (name("from") ?? hit.source.name);
    case "event":
      return [name("organizer"), hit.source.name].filter(Boolean).join(" · ");
    case "contact":
      return (
        hit.people
          .map((p) => p.address)
          .filter(Boolean)
          .join(", ") || hit.source.name
      );
    case "file":
    case "note":
    case "photo":
      return [hit.source.name, page, name("author")].filter(Boolean).join(" · ");
    default:
      return hit.kind satisfies never;
  }
}
