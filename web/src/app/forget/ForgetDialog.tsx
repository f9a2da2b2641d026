import type { Forgetting } from "@steward/core/wire.ts";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api } from "../../client.ts";
import { longDate, moment } from "../format.ts";
import { Dialog } from "../parts/Dialog.tsx";
import { Seal } from "../parts/Seal.tsx";
import { Failure } from "../parts/states.tsx";
import { toast } from "../parts/toast.tsx";
import { countsOf } from "./opened.ts";

/** Confirms, waits for the keys to be gone, then shows the receipt. */
export default function ForgetDialog({ id, onClose }: { id: string; onClose: () => void }) {
  const queries = useQueryClient();
  const all = useQuery({
    queryKey: ["forgettings"],
    queryFn: api.forgettings,
    refetchInterval: (query) => (query.state.data?.some((f) => f.id === id && f.state === "shredding") ? 700 : false),
  });
  const forgetting = all.data?.find((f) => f.id === id);
  const refresh = (): void => {
    for (const key of ["forgettings", "search", "status", "conversations", "memories", "sources"])
      void queries.invalidateQueries({ queryKey: [key] });
  };
  const confirm = useMutation({ mutationFn: () => api.confirmForget(id), onSettled: refresh });
  const undo = useMutation({ mutationFn: () => api.undoForget(id), onSuccess: onClose, onSettled: refresh });
  return (
    <Dialog
      open
      onClose={() => {
        onClose();
        // Left undecided it stays hidden: where that can be decided later is said.
        if (forgetting?.state === "hidden")
          toast({ text: `“${forgetting.label}” stays hidden. Decide in Settings, Forgotten.` });
      }}
      title={
        forgetting?.state === "done"
          ? "Forgotten"
          : forgetting?.state === "shredding"
            ? "Destroying the keys"
            : "Forget for good?"
      }
    >
      {(all.error ?? confirm.error ?? undo.error) && <Failure error={all.error ?? confirm.error ?? undo.error} />}
      {forgetting?.state === "hidden" && (
        <>
          <p className="text-ink-2">
            <strong className="text-ink">“{forgetting.label}”</strong> and all that came from it: {countsOf(forgetting)}
            . Forgetting it destroys its keys: nobody can read it again, you neither.
          </p>
          <div className="mt-5 flex flex-wrap justify-end gap-2">
            <button type="button" className="button" onClick={() => undo.mutate()}>
              Keep it
            </button>
            <button
              type="button"
              className="button button-go"
              disabled={confirm.isPending}
              onClick={() => confirm.mutate()}
            >
              Forget for good
            </button>
          </div>
        </>
      )}
      {forgetting?.state === "shredding" && (
        <p className="text-ink-2">
          The search index is being written anew without it. The receipt follows in a moment.
        </p>
      )}
      {forgetting?.state === "undone" && <p className="text-ink-2">This was taken back; everything is where it was.</p>}
      {forgetting?.receipt && <ReceiptOf forgetting={forgetting} />}
    </Dialog>
  );
}

function ReceiptOf({ forgetting }: { forgetting: Forgetting }) {
  const { receipt } = forgetting;
  if (!receipt) return null;
  const rows = [
    ["What", forgetting.label],
    ["With it", countsOf(forgetting)],
    ["When", moment(receipt.at)],
    ["Keys destroyed", String(receipt.keysDestroyed)],
    ["Index segments rewritten", String(receipt.segmentsRewritten)],
    ["Older backups", `could be opened with an older kit until ${longDate(receipt.backupsOpenUntil.slice(0, 10))}`],
  ];
  return (
    <div>
      <p className="mb-3 flex items-center gap-2 text-sm text-accent">
        <Seal /> No live key opens it any more.
      </p>
      <dl className="grid grid-cols-[auto_1fr] gap-x-5 gap-y-1.5 text-sm">
        {rows.map(([name, value]) => (
          <div key={name} className="contents">
            <dt className="text-ink-3">{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
        <dt className="text-ink-3">Receipt</dt>
        <dd className="font-mono text-xs leading-6 break-all">
          {receipt.id} · {receipt.mark}
        </dd>
      </dl>
    </div>
  );
}
