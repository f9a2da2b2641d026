import { Link, useMatchRoute } from "@tanstack/react-router";
import { PLACES } from "./places.ts";

/** The rooms under the thumb, below 640 px. */
export function BottomBar() {
  const matches = useMatchRoute();
  return (
    <nav
      aria-label="Rooms"
      className="flex shrink-0 items-stretch justify-around border-t border-line bg-sunken px-2 pt-1.5 pb-[max(0.5rem,env(safe-area-inset-bottom))] phone:hidden"
    >
      {PLACES.map(({ to, name, icon: Icon }) => {
        const here = matches({ to, fuzzy: true }) !== false;
        return (
          <Link
            key={to}
            to={to}
            aria-current={here ? "page" : undefined}
            className={`flex min-w-14 flex-col items-center gap-0.5 rounded-(--radius-m) border px-2 py-1 text-[0.6875rem] ${here ? "border-line bg-surface font-semibold text-ink" : "border-transparent text-ink-2"}`}
          >
            <Icon size={18} strokeWidth={1.75} aria-hidden="true" className={here ? "text-accent" : ""} />
            {name}
          </Link>
        );
      })}
    </nav>
  );
}
