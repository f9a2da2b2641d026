import type { LucideIcon } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import type { ReactNode } from "react";

export interface MenuEntry {
  readonly label: string;
  readonly icon?: LucideIcon;
  readonly run: () => void;
  readonly checked?: boolean;
  readonly disabled?: boolean;
}

/** A menu under its button. Not modal: the modal kind writes a style element, which the policy forbids. */
export function Menu({
  trigger,
  entries,
  align = "end",
}: {
  trigger: ReactNode;
  entries: readonly MenuEntry[];
  align?: "start" | "end";
}) {
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content align={align} sideOffset={6} collisionPadding={8} className="card z-50 min-w-48 p-1.5">
          {entries.map(({ label, icon: Icon, run, checked, disabled }) => {
            const look =
              "flex items-center gap-2.5 rounded-(--radius-s) px-2.5 py-2 text-sm outline-none data-highlighted:bg-sunken data-disabled:opacity-50";
            const inside = (
              <>
                {Icon && <Icon size={16} strokeWidth={1.75} aria-hidden="true" className="text-ink-2" />}
                <span className={checked ? "font-semibold text-accent" : ""}>{label}</span>
              </>
            );
            return checked === undefined ? (
              <DropdownMenu.Item key={label} className={look} disabled={disabled ?? false} onSelect={run}>
                {inside}
              </DropdownMenu.Item>
            ) : (
              <DropdownMenu.CheckboxItem
                key={label}
                className={look}
                checked={checked}
                disabled={disabled ?? false}
                onSelect={run}
              >
                {inside}
              </DropdownMenu.CheckboxItem>
            );
          })}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
