import { ChevronRight } from "lucide-react";
import { useEffect, useMemo, useRef, useState } from "react";
import { plural } from "../format.ts";
import { Marked } from "./Marked.tsx";
import { type Block, layOut, type Range } from "./paper.ts";

/** A person's own paper, in the serif, with the words that were quoted or found under the highlighter. */
export function Paper(props: {
  text: string;
  marks?: readonly Range[];
  quoted?: readonly Range[];
  pageStarts?: readonly number[];
}) {
  const { text, marks, quoted, pageStarts } = props;
  const box = useRef<HTMLDivElement>(null);
  const blocks = useMemo(
    () =>
      layOut(text, {
        ...(marks ? { marks } : {}),
        ...(quoted ? { quoted } : {}),
        ...(pageStarts ? { pageStarts } : {}),
      }),
    [text, marks, quoted, pageStarts],
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new paper or new marks are scrolled to
  useEffect(() => {
    const area = box.current?.closest("[data-scrolls]");
    if (!area) return;
    const first = box.current?.querySelector("mark")?.getBoundingClientRect();
    const top = area.getBoundingClientRect().top - area.scrollTop;
    // From the beginning where the words are in view then; else a quarter down, with what leads to them. Only this area
    // moves, so that the head stays whole.
    const inView = !first || first.bottom - top < area.clientHeight * 0.8;
    area.scrollTop = inView ? 0 : first.top - top - area.clientHeight / 4;
  }, [blocks]);
  return (
    <div ref={box} className="flex flex-col gap-3.5 font-serif text-[1.03125rem] leading-[1.6] break-words">
      {blocks.map((block) => (
        <BlockOf key={`${block.type}${block.type === "page" ? block.page : block.at}`} block={block} />
      ))}
      {blocks.length === 0 && (
        <p className="font-sans text-sm text-ink-3">No text was found in it. The original is kept as it came.</p>
      )}
    </div>
  );
}

function BlockOf({ block }: { block: Block }) {
  switch (block.type) {
    case "page":
      return (
        <div className="eyebrow flex items-center gap-3 font-sans">
          Page {block.page}
          <span className="h-px flex-1 bg-line" />
        </div>
      );
    case "paragraph":
      return (
        <p className={block.flowing ? "" : "whitespace-pre-wrap"}>
          <Marked segments={block.segments} />
        </p>
      );
    case "quoted":
      return <Quoted block={block} />;
    default:
      return block satisfies never;
  }
}

function Quoted({ block }: { block: Extract<Block, { type: "quoted" }> }) {
  const [open, setOpen] = useState(block.holdsMark);
  return (
    <div>
      <button
        type="button"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
        className="inline-flex items-center gap-1 rounded-(--radius-s) border border-dashed border-line-strong px-2.5 py-1 font-sans text-xs text-ink-3 hover:text-ink"
      >
        <ChevronRight size={13} strokeWidth={1.75} aria-hidden="true" className={open ? "rotate-90" : ""} />
        Quoted text · {plural(block.lines, "line")}
      </button>
      {open && (
        <div className="mt-3 flex flex-col gap-3 border-l-2 border-line pl-3.5 text-ink-2">
          {block.blocks.map((inner) => (
            <BlockOf key={inner.type === "page" ? inner.page : inner.at} block={inner} />
          ))}
        </div>
      )}
    </div>
  );
}
