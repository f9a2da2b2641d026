/** A day and, if one likes, a time: together the wall time of a task, empty for none. */
export function DueFields({ due, onDue }: { due: string; onDue: (due: string) => void }) {
  const [day = "", time = ""] = due.split("T");
  return (
    <div className="flex gap-2">
      <input
        type="date"
        aria-label="Due day"
        className="field w-auto"
        value={day}
        onChange={(event) => onDue(join(event.target.value, time))}
      />
      <input
        type="time"
        aria-label="Due time"
        className="field w-auto"
        disabled={day === ""}
        value={time}
        onChange={(event) => onDue(join(day, event.target.value))}
      />
    </div>
  );
}

const join = (day: string, time: string): string => (day === "" ? "" : time === "" ? day : `${day}T${time}`);
