import { useId } from "react";

/** The zone that "tomorrow at nine" is meant in; found out by the browser, changed by the person. */
export function ZoneField({ value, onChange }: { value: string; onChange: (zone: string) => void }) {
  const id = useId();
  const zones = Intl.supportedValuesOf("timeZone");
  return (
    <div className="flex flex-col gap-1.5">
      <label htmlFor={id} className="text-sm font-semibold">
        Time zone
      </label>
      <select id={id} className="field" value={value} onChange={(event) => onChange(event.target.value)}>
        {(zones.includes(value) ? zones : [value, ...zones]).map((zone) => (
          <option key={zone} value={zone}>
            {zone.replaceAll("_", " ")}
          </option>
        ))}
      </select>
    </div>
  );
}
