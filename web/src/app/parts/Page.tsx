import type { ReactNode } from "react";
import { useTitle } from "./Front.tsx";

/** A screen of one column: name, a line about it, sections. */
export function Page({
  title,
  about,
  before,
  children,
}: {
  title: string;
  about?: string;
  before?: ReactNode;
  children: ReactNode;
}) {
  useTitle(title);
  return (
    <main aria-label={title} className="min-h-0 flex-1 overflow-y-auto">
      <div className="mx-auto flex w-full max-w-[calc(var(--measure)+2rem)] flex-col gap-9 px-4 pt-4 pb-16">
        <header className="-mb-3 flex flex-wrap items-center gap-x-3">
          {before}
          <h1 className="text-lg font-semibold">{title}</h1>
          {about && <p className="text-sm text-ink-3">{about}</p>}
        </header>
        {children}
      </div>
    </main>
  );
}
