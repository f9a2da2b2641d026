import { Copy } from "lucide-react";
import { type ReactNode, useRef } from "react";
import { copyText } from "../parts/copy.ts";

/** Code as it is, scrolling by itself, with one button that takes it along. */
export function CodeBlock({ children }: { children: ReactNode }) {
  const box = useRef<HTMLPreElement>(null);
  const copy = () => copyText(box.current?.textContent ?? "", "Code copied");
  return (
    <div className="relative">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <pre ref={box} tabIndex={0}>
        {children}
      </pre>
      <button
        type="button"
        className="button-icon absolute top-1 right-1 size-8 bg-sunken"
        aria-label="Copy the code"
        title="Copy the code"
        onClick={copy}
      >
        <Copy size={15} strokeWidth={1.75} />
      </button>
    </div>
  );
}
