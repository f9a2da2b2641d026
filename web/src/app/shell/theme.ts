export type Theme = "light" | "dark" | "system";

/** The theme of this browser. `public/theme.js` reads the same word before the first paint. */
export function theme(): Theme {
  try {
    const kept = localStorage.getItem("steward-theme");
    if (kept === "light" || kept === "dark") return kept;
  } catch {
    // Storage may be off; then the system decides.
  }
  return "system";
}

export function applyTheme(next: Theme): void {
  try {
    localStorage.setItem("steward-theme", next);
  } catch {
    // The choice then lasts as long as the page.
  }
  const dark = next === "dark" || (next === "system" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
}

export const isDark = (): boolean => document.documentElement.dataset.theme === "dark";

/** Follows the system while the person has not chosen. */
export function followSystem(): () => void {
  const media = matchMedia("(prefers-color-scheme: dark)");
  const follow = (): void => {
    if (theme() === "system") applyTheme("system");
  };
  media.addEventListener("change", follow);
  return () => media.removeEventListener("change", follow);
}
