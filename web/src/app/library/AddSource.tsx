import { useMutation } from "@tanstack/react-query";
import { Archive, FolderOpen, Upload } from "lucide-react";
import { useRef, useState } from "react";
import { api, Problem, upload } from "../../client.ts";
import { bytes } from "../format.ts";
import { Failure, wordsOf } from "../parts/states.tsx";
import { toast } from "../parts/toast.tsx";

/** The three ways in: the sample, files dropped here, a path on the machine Steward runs on. */
export function AddSource({ sample }: { sample: boolean }) {
  const addSample = useMutation({ mutationFn: () => api.addSource({ sample: true }) });
  return (
    <div className="flex flex-col gap-3">
      {sample && (
        <button
          type="button"
          disabled={addSample.isPending}
          onClick={() => addSample.mutate()}
          className="flex items-center gap-3.5 rounded-(--radius-m) border border-line bg-surface px-4 py-3 text-left hover:border-line-strong"
        >
          <Archive size={18} strokeWidth={1.75} className="shrink-0 text-accent" aria-hidden="true" />
          <span className="flex-1">
            <span className="block font-semibold">Try it with Nora's archive</span>
            <span className="block text-sm text-ink-2">
              Two invented years of mail, notes, papers and a calendar. One click.
            </span>
          </span>
        </button>
      )}
      {addSample.error && <Failure error={addSample.error} />}
      <DropBox />
      <PathForm />
    </div>
  );
}

interface Sending {
  readonly name: string;
  readonly sent: number;
  readonly size: number;
}

function DropBox() {
  const [over, setOver] = useState(false);
  const [sending, setSending] = useState<Sending>();
  const stop = useRef<AbortController>(undefined);
  const picker = useRef<HTMLInputElement>(null);
  const send = async (files: readonly File[]): Promise<void> => {
    stop.current = new AbortController();
    const { signal } = stop.current;
    for (const file of files) {
      setSending({ name: file.name, sent: 0, size: file.size });
      try {
        await upload(file, (sent) => setSending({ name: file.name, sent, size: file.size }), signal);
      } catch (error) {
        toast({ text: signal.aborted ? `${file.name} was not sent.` : `${file.name}: ${wordsOf(error)}` });
        break;
      }
    }
    setSending(undefined);
  };
  if (sending) {
    const part = sending.size > 0 ? sending.sent / sending.size : 1;
    return (
      <div className="flex items-center gap-3.5 rounded-(--radius-m) border border-line bg-surface px-4 py-3">
        <div className="min-w-0 flex-1">
          <div className="flex gap-3 text-sm">
            <span className="min-w-0 flex-1 truncate font-semibold">{sending.name}</span>
            <span className="shrink-0 text-ink-3 tabular-nums">
              {bytes(sending.sent)} of {bytes(sending.size)}
            </span>
          </div>
          <div
            role="progressbar"
            aria-label={`Sending ${sending.name}`}
            aria-valuemin={0}
            aria-valuemax={100}
            aria-valuenow={Math.round(part * 100)}
            className="mt-2 h-[3px] overflow-hidden rounded-full bg-line"
          >
            <div className="h-full bg-accent" style={{ width: `${part * 100}%` }} />
          </div>
        </div>
        <button type="button" className="button button-small" onClick={() => stop.current?.abort()}>
          Stop
        </button>
      </div>
    );
  }
  return (
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
        void send([...event.dataTransfer.files]);
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
      <input
        ref={picker}
        type="file"
        multiple
        hidden
        aria-label="Files to take in"
        onClick={(event) => event.stopPropagation()}
        onChange={(event) => {
          void send([...(event.target.files ?? [])]);
          event.target.value = "";
        }}
      />
    </button>
  );
}

function PathForm() {
  const [path, setPath] = useState("");
  const add = useMutation({ mutationFn: () => api.addSource({ path: path.trim() }), onSuccess: () => setPath("") });
  return (
    <form
      className="flex flex-col gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        if (path.trim()) add.mutate();
      }}
    >
      <div className="flex gap-2">
        <div className="field-box flex min-w-0 flex-1 items-center gap-3.5 rounded-(--radius-m) border border-line-strong bg-surface px-4">
          <FolderOpen size={18} strokeWidth={1.75} className="shrink-0 text-ink-2" aria-hidden="true" />
          <input
            aria-label="Path on this machine"
            placeholder="/home/you/Mail.mbox, or a folder"
            spellCheck={false}
            className="h-11 min-w-0 flex-1 bg-transparent outline-none"
            value={path}
            onChange={(event) => setPath(event.target.value)}
          />
        </div>
        <button type="submit" className="button h-auto" disabled={add.isPending || path.trim() === ""}>
          Add
        </button>
      </div>
      {add.error && <Failure error={add.error instanceof Problem ? add.error : new Error(String(add.error))} />}
    </form>
  );
}
