import { X } from "lucide-react";
import { Dialog as Radix } from "radix-ui";
import { type ReactNode, useRef } from "react";

/**
 * A dialog in the middle, or a sheet from the side (from below on a phone). The shade is our own: Radix's overlay
 * writes a style element, which the policy forbids; the page itself never scrolls, so nothing need be held still.
 * Closed, the focus is where it was before.
 */
export function Dialog(props: {
  open: boolean;
  onClose: () => void;
  title: string;
  /** The title is there for screen readers only. */
  bare?: boolean;
  side?: boolean;
  wide?: boolean;
  /** A sheet from below takes most of the height at once; what is inside scrolls by itself. */
  tall?: boolean;
  children: ReactNode;
}) {
  const place = props.side
    ? `inset-x-0 bottom-0 ${props.tall ? "h-[82%] phone:h-auto" : "max-h-[86%]"} rounded-t-(--radius-l) phone:inset-y-0 phone:left-auto phone:right-0 phone:max-h-none phone:w-[min(27rem,92vw)] phone:rounded-none`
    : `inset-x-3 top-[12vh] mx-auto max-h-[76vh] rounded-(--radius-l) ${props.wide ? "max-w-2xl" : "max-w-md"}`;
  const before = useRef<Element>(null);
  return (
    <Radix.Root open={props.open} onOpenChange={(open) => !open && props.onClose()}>
      <Radix.Portal>
        <div className="fixed inset-0 z-40 bg-ink/25 dark:bg-sunken/70" aria-hidden="true" />
        <Radix.Content
          aria-describedby={undefined}
          onOpenAutoFocus={() => {
            before.current = document.activeElement;
          }}
          onCloseAutoFocus={(event) => {
            if (!(before.current instanceof HTMLElement)) return;
            event.preventDefault();
            before.current.focus({ preventScroll: true });
          }}
          onEscapeKeyDown={(event) => {
            // A menu over it is closed first.
            if (document.querySelector("[role=menu]")) event.preventDefault();
          }}
          className={`arrive fixed z-40 flex flex-col overflow-hidden border border-line bg-surface shadow-card ${place}`}
        >
          {props.bare ? (
            <Radix.Title className="sr-only">{props.title}</Radix.Title>
          ) : (
            <div className="flex items-center gap-2 px-5 pt-4 pb-2">
              <Radix.Title className="min-w-0 flex-1 text-lg font-semibold">{props.title}</Radix.Title>
              <Radix.Close className="button-icon" aria-label="Close">
                <X size={18} strokeWidth={1.75} />
              </Radix.Close>
            </div>
          )}
          {props.tall ? (
            props.children
          ) : (
            <div className={`min-h-0 flex-1 overflow-y-auto ${props.bare ? "" : "px-5 pb-5"}`}>{props.children}</div>
          )}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
