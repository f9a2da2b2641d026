import type { KeyboardEvent } from "react";

/** Arrow keys, Home and End go through the links of a list. */
export function throughLinks(event: KeyboardEvent<HTMLElement>): void {
  const links = [...event.currentTarget.querySelectorAll<HTMLElement>("a[href]")];
  const at = links.findIndex((link) => link.contains(document.activeElement));
  const to = { ArrowDown: at + 1, ArrowUp: Math.max(0, at - 1), Home: 0, End: links.length - 1 }[event.key];
  if (to === undefined || links.length === 0) return;
  event.preventDefault();
  links[Math.min(to, links.length - 1)]?.focus();
}
