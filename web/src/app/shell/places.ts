import { CalendarCheck, Library, type LucideIcon, MessagesSquare, NotebookPen, SlidersHorizontal } from "lucide-react";

/** The rooms of the app, in the order of the rail. */
export const PLACES: readonly {
  readonly to: "/chat" | "/library" | "/memory" | "/agenda" | "/settings";
  readonly name: string;
  readonly icon: LucideIcon;
  readonly key: string;
}[] = [
  { to: "/chat", name: "Chat", icon: MessagesSquare, key: "c" },
  { to: "/library", name: "Library", icon: Library, key: "l" },
  { to: "/memory", name: "Memory", icon: NotebookPen, key: "m" },
  { to: "/agenda", name: "Agenda", icon: CalendarCheck, key: "a" },
  { to: "/settings", name: "Settings", icon: SlidersHorizontal, key: "s" },
];
