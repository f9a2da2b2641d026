import { useMutation } from "@tanstack/react-query";
import { Download } from "lucide-react";
import { useState } from "react";
import { api } from "../../client.ts";
import { bytes, count, plural } from "../format.ts";
import { Field } from "../parts/Field.tsx";
import { Form } from "../parts/Form.tsx";
import { Seal } from "../parts/Seal.tsx";
import { Failure } from "../parts/states.tsx";

export function Backup() {
  const [folder, setFolder] = useState("");
  const make = useMutation({ mutationFn: () => api.backUp(folder.trim() || undefined) });
  const made = make.data;
  const check = useMutation({ mutationFn: api.verifyBackup });
  return (
    <Form className="flex flex-col gap-4" onSubmit={() => make.mutate()}>
      <Field
        label="Folder on this machine"
        placeholder="Beside the home folder when empty"
        spellCheck={false}
        value={folder}
        onText={setFolder}
      />
      <div className="flex flex-wrap gap-2">
        <button type="submit" className="button" disabled={make.isPending}>
          {make.isPending ? "Writing the backup" : "Back up now"}
        </button>
        <a
          href="/api/export"
          download
          className="button font-normal"
          title="A zip of open formats, readable by anyone who has it"
        >
          <Download size={16} strokeWidth={1.75} aria-hidden="true" />
          Export everything, unsealed
        </a>
      </div>
      {make.error && <Failure error={make.error} />}
      {made && (
        <div role="status" className="rounded-(--radius-m) border border-line px-4 py-3 text-sm">
          <p className="flex items-center gap-2 font-semibold">
            {check.data?.ok && <Seal />}
            {made.ok ? `Written: ${count(made.items)} items, ${bytes(made.bytes)}` : "Written, but not whole"}
          </p>
          <dl className="mt-2 grid grid-cols-[auto_1fr] gap-x-4 gap-y-1">
            <dt className="text-ink-3">Backup</dt>
            <dd className="font-mono text-xs leading-5 break-all">{made.path}</dd>
            <dt className="text-ink-3">Kit</dt>
            <dd className="font-mono text-xs leading-5 break-all">{made.kit}</dd>
          </dl>
          <div className="mt-3 flex flex-wrap items-center gap-3">
            <button
              type="button"
              className="button button-small"
              disabled={check.isPending}
              onClick={() => check.mutate(made.path)}
            >
              {check.isPending ? "Reading it" : "Verify it"}
            </button>
            {check.data?.ok && (
              <span>
                Whole: {plural(check.data.files, "file")}, {bytes(check.data.bytes)}.
              </span>
            )}
          </div>
          {check.error && <Failure error={check.error} />}
          <p className="mt-3 text-ink-2">
            To restore, into an empty home: <code className="font-mono text-xs">npx steward backup restore</code> with
            the backup, the kit and the recovery code.
          </p>
          {[...made.problems, ...(check.data?.problems ?? [])].map((problem) => (
            <p key={problem} className="mt-2 text-doubt">
              {problem}
            </p>
          ))}
        </div>
      )}
    </Form>
  );
}
