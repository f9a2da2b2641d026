import { RotateCcw, Upload, X } from "lucide-react";
import { useRef, useState } from "react";
import { bytes } from "../format.ts";
import { Bar } from "../parts/Bar.tsx";
import { type Sending, sendAgain, sendFiles, takeOff, useUploads } from "./uploads.ts";

/** Where files are dropped or chosen, and each of them on its way. */
export function Uploads() {
  const sendings = useUploads();
  const [over, setOver] = useState(false);
  const picker = useRef<HTMLInputElement>(null);
  return (
    <>
      <button
        type="button"
        onClick={() => picker.current?.click()}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          event.preventDefault();
          setOver(false);
          sendFiles([...event.dataTransfer.files]);
        }}
        className={`flex items-center gap-3.5 rounded-(--radius-m) border border-dashed px-4 py-3 text-left ${over ? "border-accent bg-accent-soft" : "border-line-strong bg-surface"}`}
      >
        <Upload size={18} strokeWidth={1.75} className="shrink-0 text-ink-2" aria-hidden="true" />
        <span className="flex-1">
          <span className="block font-semibold">Drop files here, or choose</span>
          <span className="block text-sm text-ink-2">
            mbox, eml, pdf, docx, ics, vcf, md, txt, html, csv, and zip of these
          </span>
        </span>
      </button>
      <input
        ref={picker}
        type="file"
        multiple
        hidden
        aria-label="Files to take in"
        onChange={(event) => {
          sendFiles([...(event.target.files ?? [])]);
          event.target.value = "";
        }}
      />
      {sendings.length > 0 && (
        <ul
          aria-label="Files on their way"
          className="flex flex-col rounded-(--radius-m) border border-line bg-surface px-4"
        >
          {sendings.map((sending) => (
            <Row key={sending.id} sending={sending} />
          ))}
        </ul>
      )}
    </>
  );
}

function Row({ sending: { id, file, sent, state, refusal } }: { sending: Sending }) {
  const part = file.size > 0 ? Math.min(1, sent / file.size) : 1;
  return (
    <li aria-label={file.name} className="flex items-center gap-2 border-b border-line py-2.5 last:border-b-0">
      <div className="min-w-0 flex-1">
        <div className="flex gap-3 text-sm">
          <span className="min-w-0 flex-1 truncate font-semibold">{file.name}</span>
          <span className="shrink-0 text-ink-3 tabular-nums">
            {state === "sending" ? `${bytes(sent)} of ${bytes(file.size)}` : bytes(file.size)}
            {state === "waiting" && " · waits its turn"}
          </span>
        </div>
        {state === "sending" && <Bar part={part} label={`Sending ${file.name}`} className="mt-2" />}
        {refusal && (
          <p role="alert" className="text-sm text-doubt">
            {refusal}
          </p>
        )}
      </div>
      {state === "failed" && (
        <button type="button" className="button button-small" onClick={() => sendAgain(id)}>
          <RotateCcw size={15} strokeWidth={1.75} aria-hidden="true" />
          Retry
        </button>
      )}
      <button
        type="button"
        className="button-icon -mr-2"
        aria-label={state === "failed" ? `Dismiss ${file.name}` : `Stop ${file.name}`}
        title={state === "failed" ? "Dismiss" : "Stop"}
        onClick={() => takeOff(id)}
      >
        <X size={17} strokeWidth={1.75} />
      </button>
    </li>
  );
}
