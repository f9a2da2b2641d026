// Sets the theme before the first paint. A file of its own, as the policy allows no script in the page.
(() => {
  let theme = "system";
  try {
    theme = localStorage.getItem("steward-theme") ?? localStorage.getItem("steward-theme-adopted") ?? "system";
  } catch {
    // Storage may be off; then the system decides.
  }
  const dark = theme === "dark" || (theme === "system" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
})();
