import type { ReactNode } from "react";
import { useEffect } from "react";
import { Seal } from "./Seal.tsx";

/** The page before the house is entered: one card on paper. */
export function Front({ title, steps, children }: { title: string; steps?: readonly number[]; children: ReactNode }) {
  useTitle(title);
  return (
    <div className="h-full overflow-y-auto">
      <main className="mx-auto flex min-h-full w-full max-w-[592px] flex-col justify-center p-4">
        <div className="card w-full rounded-(--radius-l) px-5 py-7 phone:px-9 phone:pt-9">
          <div className="flex items-center gap-2.5 text-lg font-semibold">
            <Seal size={24} />
            Steward
          </div>
          {steps && (
            <div className="mt-4 flex gap-1.5" aria-hidden="true">
              {steps.map((done, i) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: the steps never move
                <div key={i} className="h-[3px] flex-1 overflow-hidden rounded-full bg-line">
                  <div className="h-full bg-accent" style={{ width: `${done * 100}%` }} />
                </div>
              ))}
            </div>
          )}
          <h1 className="mt-5 mb-3 text-2xl font-bold tracking-tight text-balance">{title}</h1>
          {children}
        </div>
      </main>
    </div>
  );
}

export function useTitle(title: string | undefined): void {
  useEffect(() => {
    document.title = title ? `${title} · Steward` : "Steward";
  }, [title]);
}
