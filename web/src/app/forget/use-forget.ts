import type { ForgetRequest, Forgetting } from "@steward/core/wire.ts";
import { useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { api } from "../../client.ts";
import { plural } from "../format.ts";
import { wordsOf } from "../parts/states.tsx";
import { toast } from "../parts/toast.tsx";
import { openForgetting, prepareForgetting } from "./opened.ts";

// The item or conversation itself is left as it is: its screen is about to close, and asking for it again is a 404.
const TOUCHED = ["search", "conversations", "memories", "sources", "status", "forgettings"];

/**
 * Forgetting begins by hiding, which can be taken back. Only the dialog's own button destroys keys; afterwards there is
 * a receipt.
 */
export function useForget(): (what: ForgetRequest, then?: { onHidden?: () => void; ask?: boolean }) => void {
  const queries = useQueryClient();
  return useCallback(
    (what, then) => {
      const refresh = (): void => {
        for (const key of TOUCHED) void queries.invalidateQueries({ queryKey: [key] });
      };
      Promise.all([api.forget(what), prepareForgetting()]).then(
        ([forgetting]) => {
          queries.setQueryData<readonly Forgetting[]>(["forgettings"], (all = []) => [forgetting, ...all]);
          then?.onHidden?.();
          refresh();
          // A source takes much with it: the count is shown, and the question asked, at once.
          if (then?.ask) return openForgetting(forgetting.id);
          const { items } = forgetting.counts;
          toast({
            text: `“${forgetting.label}” is hidden${items > 1 ? `, with ${plural(items, "item")}` : ""}.`,
            stays: true,
            actions: [
              {
                label: "Undo",
                run: () => void api.undoForget(forgetting.id).then(refresh, (error) => toast({ text: wordsOf(error) })),
              },
              { label: "Forget for good", run: () => openForgetting(forgetting.id) },
            ],
          });
        },
        (error) => toast({ text: wordsOf(error) }),
      );
    },
    [queries],
  );
}
