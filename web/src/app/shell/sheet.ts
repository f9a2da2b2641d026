import { useLocation, useNavigate, useRouter } from "@tanstack/react-router";
import { useEffect, useRef } from "react";

/**
 * What lies over a screen of the chat where there is no room beside it. It stands in the entry of the browser's history,
 * so that Back closes it, as it does everywhere on a phone, and what leads out of it leads back into it.
 */
export type Sheet =
  | { readonly type: "evidence"; readonly answer: string; readonly n: number }
  | { readonly type: "conversations" };

declare module "@tanstack/react-router" {
  interface HistoryState {
    sheet?: Sheet;
  }
}

export function useSheet(): { sheet: Sheet | undefined; open: (next: Sheet) => void; close: () => void } {
  const sheet = useLocation({ select: ({ state }) => state.sheet });
  const navigate = useNavigate();
  const goBack = useGoBack(sheet !== undefined);
  return {
    sheet,
    open: (next) => void navigate({ to: ".", search: true, state: { sheet: next }, replace: sheet !== undefined }),
    close: () => sheet && goBack(),
  };
}

/** Goes back once while something is open: going back takes a moment, in which a second tap would leave the screen. */
export function useGoBack(open: boolean): () => void {
  const { history } = useRouter();
  const leaving = useRef(false);
  useEffect(() => {
    if (!open) leaving.current = false;
  }, [open]);
  return () => {
    if (leaving.current) return;
    leaving.current = true;
    history.back();
  };
}
