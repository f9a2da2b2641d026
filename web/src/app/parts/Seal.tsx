const DISC =
  "M9.41 2.34A3.3 3.3 0 0 1 14.59 2.34A3.3 3.3 0 0 1 19.07 4.93A3.3 3.3 0 0 1 21.66 9.41A3.3 3.3 0 0 1 21.66 14.59A3.3 3.3 0 0 1 19.07 19.07A3.3 3.3 0 0 1 14.59 21.66A3.3 3.3 0 0 1 9.41 21.66A3.3 3.3 0 0 1 4.93 19.07A3.3 3.3 0 0 1 2.34 14.59A3.3 3.3 0 0 1 2.34 9.41A3.3 3.3 0 0 1 4.93 4.93A3.3 3.3 0 0 1 9.41 2.34Z";

/** The mark of what was checked: a scalloped disc with a tick. Decorative; the words beside it say what was checked. */
export function Seal({ size = 16, className = "" }: { size?: number; className?: string }) {
  return (
    <svg viewBox="0 0 24 24" width={size} height={size} className={`seal shrink-0 ${className}`} aria-hidden="true">
      <path className="fill-accent" d={DISC} />
      <path
        className="stroke-on-accent"
        d="M8 12.3l2.8 2.8 5.4-5.9"
        fill="none"
        strokeWidth="2.4"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}
