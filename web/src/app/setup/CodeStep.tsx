import { Copy, Download, Printer } from "lucide-react";
import { useState } from "react";
import { copyText } from "../parts/copy.ts";

/** The recovery code, shown this once. */
export function CodeStep({ code, onDone }: { code: string; onDone: () => void }) {
  const [kept, setKept] = useState(false);
  const copy = () => copyText(code, "Code copied", "Write it down instead.");
  return (
    <div className="flex flex-col gap-4">
      <p className="text-ink-2">
        Should the key file or the passphrase be lost, this code alone opens what is sealed. It is shown only now. Keep
        it on paper, away from this machine.
      </p>
      <output
        aria-label="Recovery code"
        className="rounded-(--radius-m) border border-line bg-sunken px-4 py-5 block text-center font-mono text-lg leading-8 tracking-wide break-words select-all"
      >
        {code}
      </output>
      <div className="flex flex-wrap gap-2 print:hidden">
        <button type="button" className="button button-small" onClick={copy}>
          <Copy size={16} strokeWidth={1.75} aria-hidden="true" /> Copy
        </button>
        <button type="button" className="button button-small" onClick={() => print()}>
          <Printer size={16} strokeWidth={1.75} aria-hidden="true" /> Print
        </button>
        <button
          type="button"
          className="button button-small"
          onClick={() => saveText("steward-recovery-code.txt", `Steward recovery code\n\n${code}\n`)}
        >
          <Download size={16} strokeWidth={1.75} aria-hidden="true" /> Save
        </button>
      </div>
      <label className="flex items-center gap-2.5 print:hidden">
        <input
          type="checkbox"
          className="size-4 accent-accent"
          checked={kept}
          onChange={(event) => setKept(event.target.checked)}
        />
        I have kept the code
      </label>
      <div className="flex justify-end print:hidden">
        <button type="button" className="button button-go" disabled={!kept} onClick={onDone}>
          Continue
        </button>
      </div>
    </div>
  );
}

function saveText(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
