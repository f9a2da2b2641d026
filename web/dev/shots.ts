import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { CHROMIUM, openBrowser, SCREENS, visit } from "./screens.ts";

/**
 * Draws every screen in both themes and on a phone, and looks each over with axe:
 * `node web/dev/shots.ts <folder> [part of a name] [the built app]`, after `npm run build`. Exits with 1 when something was found.
 */
const [folder = "/tmp/steward-shots", only = "", dist] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
const browser = await openBrowser();
if (!browser) throw new Error(`There is no ${CHROMIUM}: install Debian's chromium, or name another in CHROMIUM.`);
for (const screen of SCREENS.filter(({ name }) => name.includes(only))) {
  const faults = await visit(browser, screen, {
    ...(dist ? { dist } : {}),
    look: (page) => page.screenshot({ path: join(folder, `${screen.name}.png`) }),
  });
  for (const fault of faults) console.log(fault);
  if (faults.length > 0) process.exitCode = 1;
}
await browser.close();
