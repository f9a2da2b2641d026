import { Link } from "@tanstack/react-router";
import { CircleAlert, RotateCcw } from "lucide-react";
import type { ReactNode } from "react";
import { Problem } from "../../client.ts";

/** What happened and what to do, with the one button that may help. */
export function Failure({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  return (
    <div
      role="alert"
      className="flex flex-wrap items-center gap-3 rounded-(--radius-s) bg-doubt-soft px-3 py-2.5 text-sm text-doubt"
    >
      <CircleAlert size={18} strokeWidth={1.75} className="shrink-0" aria-hidden="true" />
      <span className="min-w-0 flex-1">{wordsOf(error)}</span>
      {onRetry && (
        <button type="button" className="button button-small" onClick={onRetry}>
          <RotateCcw size={16} strokeWidth={1.75} aria-hidden="true" />
          Try again
        </button>
      )}
    </div>
  );
}

export function wordsOf(error: unknown): string {
  if (typeof error === "string") return error;
  if (error instanceof Problem) return error.message;
  return `The app met something it did not expect (${error instanceof Error ? error.message : String(error)}). Load the page again; nothing stored is lost.`;
}

/** Says what would be here, and offers the one next step. */
export function Empty({ title, children, action }: { title: string; children: ReactNode; action?: ReactNode }) {
  return (
    <div className="mx-auto flex max-w-sm flex-col items-center gap-2 px-4 py-16 text-center">
      <h2 className="text-lg font-semibold">{title}</h2>
      <p className="text-ink-2">{children}</p>
      {action && <div className="mt-3">{action}</div>}
    </div>
  );
}

/** Lines in the shape of what is coming. */
export function Skeleton({ rows = 4, className = "" }: { rows?: number; className?: string }) {
  return (
    <div role="status" aria-label="Loading" className={`flex flex-col gap-6 ${className}`}>
      {Array.from({ length: rows }, (_, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: all alike
        <div key={i} className="flex flex-col gap-2">
          <div className="skeleton h-4 w-2/5" />
          <div className="skeleton h-3 w-1/4" />
          <div className="skeleton h-4 w-4/5" />
        </div>
      ))}
    </div>
  );
}

export function NotFound() {
  return (
    <Empty
      title="Nothing lies here"
      action={
        <Link to="/chat" className="button">
          Go to Chat
        </Link>
      }
    >
      This address leads nowhere in Steward.
    </Empty>
  );
}

export function ScreenFailed({ error }: { error: unknown }) {
  return (
    <main className="mx-auto max-w-xl p-8">
      <Failure error={error} onRetry={() => location.reload()} />
    </main>
  );
}
