import type { FormHTMLAttributes } from "react";

/** A form that the app sends, not the browser. With `onLeave`, Escape leaves it. */
export function Form({
  onSubmit,
  onLeave,
  ...form
}: Omit<FormHTMLAttributes<HTMLFormElement>, "onSubmit" | "onKeyDown"> & {
  onSubmit: () => void;
  onLeave?: () => void;
}) {
  return (
    <form
      {...form}
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit();
      }}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || !onLeave) return;
        event.preventDefault();
        onLeave();
      }}
    />
  );
}
