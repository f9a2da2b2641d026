/** How far something is: `part` from 0 to 1, or undefined while nobody knows. */
export function Bar({ part, label, className }: { part: number | undefined; label: string; className: string }) {
  const percent = (part ?? 0) * 100;
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={part === undefined ? undefined : Math.round(percent)}
      className={`${className} h-[3px] overflow-hidden rounded-full bg-line`}
    >
      <div className="h-full bg-accent" style={{ width: `${percent}%` }} />
    </div>
  );
}
