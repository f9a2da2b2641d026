import { Copy } from "lucide-react";
import { type ReactNode, useRef } from "react";
import { toast } from "../parts/toast.tsx";

/** Code as it is, scrolling by itself, with one button that takes it along. */
export function CodeBlock({ children }: { children: ReactNode }) {
  const box = useRef<HTMLPreElement>(null);
  const copy = (): void =>
    void navigator.clipboard.writeText(box.current?.textContent ?? "").then(
      () => toast({ text: "Code copied" }),
      () => toast({ text: "The browser did not allow copying. Select the text instead." }),
    );
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
