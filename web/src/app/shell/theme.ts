export type Theme = "light" | "dark" | "system";

const CHOSEN = "steward-theme";
const ADOPTED = "steward-theme-adopted";

/** `public/theme.js` reads the same words before the first paint. */
function kept(key: string): Theme | undefined {
  try {
    const word = localStorage.getItem(key);
    if (word === "light" || word === "dark" || word === "system") return word;
  } catch {
    // Storage may be off; then Settings and the system decide.
  }
  return undefined;
}

function keep(key: string, next: Theme): void {
  try {
    localStorage.setItem(key, next);
  } catch {
    // The choice then lasts as long as the page.
  }
}

/** This browser's own choice, else the one kept in Settings, else the system's. */
export const theme = (): Theme => kept(CHOSEN) ?? kept(ADOPTED) ?? "system";

/** Takes over the theme of Settings, where this browser has no choice of its own. */
export function adoptTheme(ofSettings: Theme): void {
  if (kept(CHOSEN) !== undefined || theme() === ofSettings) return;
  keep(ADOPTED, ofSettings);
  show(ofSettings);
}

export function applyTheme(next: Theme): void {
  keep(CHOSEN, next);
  show(next);
}

function show(next: Theme): void {
  const dark = next === "dark" || (next === "system" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
}

export const isDark = (): boolean => document.documentElement.dataset.theme === "dark";

/** Follows the system while the person has not chosen. */
export function followSystem(): () => void {
  const media = matchMedia("(prefers-color-scheme: dark)");
  const follow = (): void => {
    if (theme() === "system") show("system");
  };
  media.addEventListener("change", follow);
  return () => media.removeEventListener("change", follow);
}
