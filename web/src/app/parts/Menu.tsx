import type { LucideIcon } from "lucide-react";
import {
  type ButtonHTMLAttributes,
  cloneElement,
  type KeyboardEvent,
  type ReactElement,
  type RefAttributes,
  useCallback,
  useEffect,
  useId,
  useLayoutEffect,
  useRef,
  useState,
} from "react";

export interface MenuEntry {
  readonly label: string;
  /** Said at the end of the line: a count. */
  readonly aside?: string;
  readonly icon?: LucideIcon;
  readonly run: () => void;
  readonly checked?: boolean;
}

type Trigger = ReactElement<ButtonHTMLAttributes<HTMLButtonElement> & RefAttributes<HTMLButtonElement>>;

/**
 * A menu under its button, its end at the button's end (the menu button pattern of the ARIA practices). A few entries
 * do not need the positioning engine of Radix, which was a tenth of what Chat loads.
 */
export function Menu({ trigger, entries }: { trigger: Trigger; entries: readonly MenuEntry[] }) {
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const [place, setPlace] = useState({ top: 0, right: 0 });
  const id = useId();

  const settle = useCallback((): void => {
    if (!button.current || !list.current) return;
    const { bottom, top, right } = button.current.getBoundingClientRect();
    const { height, width } = list.current.getBoundingClientRect();
    if (bottom < 0 || top > innerHeight) setOpen(false);
    // Above the button where there is no room below.
    else
      setPlace({
        top: Math.max(8, bottom + 6 + height > innerHeight ? top - 6 - height : bottom + 6),
        // Never past the left edge.
        right: Math.max(0, Math.min(innerWidth - right, innerWidth - width - 8)),
      });
  }, []);

  useLayoutEffect(() => {
    if (!open) return;
    settle();
    itemsOf(list.current)[0]?.focus({ preventScroll: true });
  }, [open, settle]);

  useEffect(() => {
    if (!open) return;
    const outside = (event: Event): void => {
      const { target } = event;
      if (target instanceof Node && !list.current?.contains(target) && !button.current?.contains(target))
        setOpen(false);
    };
    const shut = (): void => setOpen(false);
    // It goes where its button goes: what scrolls is often not the person (a passage brought into view, an answer
    // that grows), and a menu that shuts under the pointer is a click on nothing.
    const scrolled = ({ target }: Event): void => {
      if (target instanceof Node && target.contains(button.current)) settle();
    };
    addEventListener("pointerdown", outside, true);
    addEventListener("resize", shut);
    addEventListener("scroll", scrolled, true);
    return () => {
      removeEventListener("pointerdown", outside, true);
      removeEventListener("resize", shut);
      removeEventListener("scroll", scrolled, true);
    };
  }, [open, settle]);

  const close = (): void => {
    setOpen(false);
    button.current?.focus();
  };
  const press = (event: KeyboardEvent): void => {
    const items = itemsOf(list.current);
    const at = items.findIndex((item) => item.contains(document.activeElement));
    if (event.key === "Tab") {
      setOpen(false);
      return;
    }
    if (event.key === "Escape") close();
    else if (event.key === "ArrowDown") items[(at + 1) % items.length]?.focus();
    else if (event.key === "ArrowUp") items.at(at <= 0 ? -1 : at - 1)?.focus();
    else if (event.key === "Home") items[0]?.focus();
    else if (event.key === "End") items.at(-1)?.focus();
    else if (event.key.length === 1 && event.key !== " ") {
      const from = [...items.slice(at + 1), ...items.slice(0, at + 1)];
      from.find((item) => item.textContent?.toLowerCase().startsWith(event.key.toLowerCase()))?.focus();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <>
      {cloneElement(trigger, {
        ref: button,
        "aria-haspopup": "menu",
        "aria-expanded": open,
        ...(open ? { "aria-controls": id } : {}),
        onClick: () => setOpen(!open),
        onKeyDown: (event: KeyboardEvent) => {
          if (event.key !== "ArrowDown") return;
          event.preventDefault();
          setOpen(true);
        },
      })}
      {open && (
        <div
          ref={list}
          role="menu"
          tabIndex={-1}
          id={id}
          aria-label={button.current?.getAttribute("aria-label") ?? button.current?.textContent ?? "Menu"}
          className="card fixed z-50 max-h-[80vh] min-w-48 max-w-[calc(100vw-16px)] overflow-y-auto p-1.5"
          style={place}
          onKeyDown={press}
        >
          {entries.map(({ label, aside, icon: Icon, run, checked }) => (
            <button
              key={label}
              type="button"
              {...(checked === undefined
                ? { role: "menuitem" }
                : { role: "menuitemcheckbox", "aria-checked": checked })}
              tabIndex={-1}
              className="flex w-full items-center gap-2.5 rounded-(--radius-s) px-2.5 py-2 text-left text-sm outline-none hover:bg-sunken focus:bg-sunken"
              onClick={() => {
                close();
                run();
              }}
            >
              {Icon && <Icon size={16} strokeWidth={1.75} aria-hidden="true" className="text-ink-2" />}
              <span className={`truncate ${checked ? "font-semibold text-accent" : ""}`}>{label}</span>
              {aside && <span className="ml-auto pl-6 text-ink-3 tabular-nums">{aside}</span>}
            </button>
          ))}
        </div>
      )}
    </>
  );
}

const itemsOf = (list: HTMLElement | null): HTMLElement[] => [
  ...(list?.querySelectorAll<HTMLElement>("[role^=menuitem]") ?? []),
];
