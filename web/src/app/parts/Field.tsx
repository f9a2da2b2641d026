import type { InputHTMLAttributes, ReactNode } from "react";
import { useId } from "react";

/** An input with its label, hint and refusal, tied together for who cannot see them. */
export function Field({
  label,
  hint,
  refusal,
  onText,
  children,
  ...input
}: {
  label: string;
  hint?: ReactNode;
  refusal?: string | undefined;
  onText: (text: string) => void;
  children?: ReactNode;
} & Omit<InputHTMLAttributes<HTMLInputElement>, "onChange">) {
  const id = useId();
  return (
    <div className="flex flex-col gap-1.5">
      <label htmlFor={id} className="text-sm font-semibold">
        {label}
      </label>
      <input
        id={id}
        className="field"
        aria-invalid={refusal ? true : undefined}
        aria-describedby={hint || refusal ? `${id}-hint` : undefined}
        onChange={(event) => onText(event.target.value)}
        {...input}
      />
      {children}
      {(hint || refusal) && (
        <p
          id={`${id}-hint`}
          className={`text-sm ${refusal ? "text-doubt" : "text-ink-3"}`}
          role={refusal ? "alert" : undefined}
        >
          {refusal ?? hint}
        </p>
      )}
    </div>
  );
}
