import { useMutation } from "@tanstack/react-query";
import { Archive, FolderOpen } from "lucide-react";
import { useState } from "react";
import { api } from "../../client.ts";
import { Form } from "../parts/Form.tsx";
import { Failure } from "../parts/states.tsx";
import { Uploads } from "./Uploads.tsx";

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
      <Uploads />
      <PathForm />
    </div>
  );
}

function PathForm() {
  const [path, setPath] = useState("");
  const add = useMutation({ mutationFn: () => api.addSource({ path: path.trim() }), onSuccess: () => setPath("") });
  return (
    <Form className="flex flex-col gap-2" onSubmit={() => path.trim() && add.mutate()}>
      <div className="flex gap-2">
        <div className="field-box flex min-w-0 flex-1 items-center gap-3.5 rounded-(--radius-m) border border-line-strong bg-surface px-4">
          <FolderOpen size={18} strokeWidth={1.75} className="shrink-0 text-ink-2" aria-hidden="true" />
          <input
            aria-label="Path on this machine"
            placeholder="/home/you/Mail.mbox, or a folder"
            spellCheck={false}
            className="h-11 min-w-0 flex-1 bg-transparent outline-none"
            value={path}
            onChange={(event) => {
              setPath(event.target.value);
              // What was wrong with another path is no longer so.
              add.reset();
            }}
          />
        </div>
        <button type="submit" className="button h-auto" disabled={add.isPending || path.trim() === ""}>
          Add
        </button>
      </div>
      {add.error && <Failure error={add.error} />}
    </Form>
  );
}
