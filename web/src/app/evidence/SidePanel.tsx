import type { ReactNode } from "react";
import { useEffect, useRef } from "react";
import { Dialog } from "../parts/Dialog.tsx";
import { useDesk } from "../shell/media.ts";

/**
 * 27 rem beside the screen; under 1180 px a sheet over it, on a phone tall enough for the head and the words below it.
 * The head stays while the rest scrolls. Escape closes it.
 */
export function SidePanel(props: { title: string; head: ReactNode; onClose: () => void; children: ReactNode }) {
  const { title, head, onClose, children } = props;
  const desk = useDesk();
  const close = useRef(onClose);
  close.current = onClose;
  useEffect(() => {
    if (!desk) return;
    const press = (event: KeyboardEvent): void => {
      if (event.key === "Escape" && !event.defaultPrevented && !document.querySelector("[role=dialog], [role=menu]"))
        close.current();
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, [desk]);
  const inside = (
    <>
      <div className="max-h-[45%] shrink-0 overflow-y-auto border-b border-line px-[22px] pt-4 pb-3.5">{head}</div>
      <section
        data-scrolls
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        tabIndex={0}
        aria-label="Its text"
        className="flex min-h-0 flex-1 flex-col overflow-y-auto px-[22px] pt-4 pb-5 outline-offset-[-2px]"
      >
        {children}
      </section>
    </>
  );
  if (!desk) {
    return (
      <Dialog open onClose={onClose} title={title} bare side tall>
        {inside}
      </Dialog>
    );
  }
  return (
    <aside aria-label={title} className="flex min-h-0 w-(--evidence) shrink-0 flex-col border-l border-line bg-surface">
      {inside}
    </aside>
  );
}
