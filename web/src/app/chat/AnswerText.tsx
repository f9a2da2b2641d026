import type { AnswerMessage, Citation } from "@steward/core/conversation.ts";
import { ImageOff } from "lucide-react";
import { createContext, memo, useContext } from "react";
import Markdown, { type Components } from "react-markdown";
import remarkGfm from "remark-gfm";
import { Badge } from "../evidence/Badge.tsx";
import { CodeBlock } from "./CodeBlock.tsx";
import { rangesOf, rehypeEvidence, remarkCitations } from "./cite.ts";

interface Citing {
  readonly citations: readonly Citation[];
  readonly chosen: number | undefined;
  readonly onCite: (citation: Citation) => void;
}
const Citing = createContext<Citing>({ citations: [], chosen: undefined, onCite: () => {} });

/** An answer's Markdown: citations as sealed badges, doubt as a wave, no image loaded, each link with its host. */
export default memo(function AnswerText(props: {
  answer: Pick<AnswerMessage, "text" | "citations" | "unsupported">;
  chosen: number | undefined;
  onCite: (citation: Citation) => void;
}) {
  const { answer, chosen, onCite } = props;
  return (
    <div className="prose text-base leading-[1.625]">
      <Citing value={{ citations: answer.citations, chosen, onCite }}>
        <Markdown
          remarkPlugins={[remarkGfm, remarkCitations]}
          rehypePlugins={[[rehypeEvidence, { unsupported: rangesOf(answer.text, answer.unsupported) }]]}
          components={COMPONENTS}
        >
          {answer.text}
        </Markdown>
      </Citing>
    </div>
  );
});

/** Made once: others would be other elements to React at each turn of the page, and a badge that was pressed would lose the focus. */
const COMPONENTS: Components = {
  cite: ({ node }) => <Cite n={Number(node?.properties.dataN)} />,
  span: ({ node, children }) => {
    const marks = node?.properties ?? {};
    return (
      <span className={"dataUnsupported" in marks ? "unsupported" : "dataQuoted" in marks ? "font-serif" : undefined}>
        {children}
      </span>
    );
  },
  img: ({ alt }) => (
    <span className="inline-flex items-center gap-1 text-sm text-ink-3">
      <ImageOff size={14} strokeWidth={1.75} aria-hidden="true" />
      {alt ? `Image not loaded: ${alt}` : "Image not loaded"}
    </span>
  ),
  // A wide table scrolls by itself; selected, it copies as a table.
  table: ({ children }) => (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section aria-label="Table" tabIndex={0} className="overflow-x-auto">
      <table>{children}</table>
    </section>
  ),
  pre: ({ children }) => <CodeBlock>{children}</CodeBlock>,
  a: ({ href, children }) => <OuterLink href={href}>{children}</OuterLink>,
};

function Cite({ n }: { n: number }) {
  const { citations, chosen, onCite } = useContext(Citing);
  const citation = citations.find((one) => one.n === n);
  return citation ? <Badge citation={citation} chosen={chosen === n} onCite={onCite} /> : null;
}

/** The address as it is, so that nobody is led where the words do not say. */
function OuterLink({ href, children }: { href?: string | undefined; children?: React.ReactNode }) {
  const host = hostOf(href);
  if (!host) return <span>{children}</span>;
  const saysSo = typeof children === "string" && children.includes(host);
  return (
    <a href={href} target="_blank" rel="noreferrer noopener nofollow">
      {children}
      {!saysSo && <span className="text-sm text-ink-3"> ({host})</span>}
    </a>
  );
}

function hostOf(href: string | undefined): string | undefined {
  if (!href || !URL.canParse(href)) return undefined;
  const url = new URL(href);
  return url.protocol === "https:" || url.protocol === "http:"
    ? url.host
    : url.protocol === "mailto:"
      ? url.pathname
      : undefined;
}
