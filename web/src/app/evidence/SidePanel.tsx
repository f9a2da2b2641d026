import type { ReactNode } from "react";
import { useEffect, useRef } from "react";
import { Dialog } from "../parts/Dialog.tsx";
import { useDesk } from "../shell/media.ts";

/** 27 rem beside the screen; under 1180 px a sheet over it. Escape closes it. */
export function SidePanel({ title, onClose, children }: { title: string; onClose: () => void; children: ReactNode }) {
  const desk = useDesk();
  const box = useRef<HTMLElement>(null);
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
  if (!desk) {
    return (
      <Dialog open onClose={onClose} title={title} bare side>
        {children}
      </Dialog>
    );
  }
  return (
    <aside
      ref={box}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
      aria-label={title}
      className="w-(--evidence) shrink-0 overflow-y-auto border-l border-line bg-surface"
    >
      {children}
    </aside>
  );
}
