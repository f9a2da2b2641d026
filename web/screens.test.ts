import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { build } from "vite";
import { startFakeApi } from "./dev/fake-api.ts";
import { CHROMIUM, openBrowser, SCREENS, visit } from "./dev/screens.ts";

/**
 * The app in real Chromium against the fake of the wire, under the server's own policy: no screen breaks a rule of axe
 * or of the policy, and what is done by keyboard works. The run against the real server is `e2e.test.ts`.
 */
const AUDITED = ["chat-light", "chat-phone-sheet", "library-dark", "sources-phone", "settings-search", "setup-4"];

const dist = mkdtempSync(join(tmpdir(), "steward-web-"));
let browser: Browser | undefined;

before(async () => {
  browser = await openBrowser();
  if (!browser) return;
  await build({ root: import.meta.dirname, logLevel: "silent", build: { outDir: dist, emptyOutDir: true } });
});
after(async () => {
  await browser?.close();
  rmSync(dist, { recursive: true, force: true });
});

async function withPage(
  t: { skip(why: string): void },
  path: string,
  act: (page: Page) => Promise<void>,
  pace = 0.2,
): Promise<void> {
  if (!browser) return t.skip(`There is no ${CHROMIUM}.`);
  const api = await startFakeApi({ dist, pace });
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  page.setDefaultTimeout(8000);
  try {
    await page.goto(api.url + path);
    await act(page);
  } finally {
    await page.close();
    api.close();
  }
}

describe("the app in Chromium", { concurrency: 3 }, () => {
  for (const name of AUDITED) {
    test(`nothing is held against ${name}`, async (t) => {
      if (!browser) return t.skip(`There is no ${CHROMIUM}.`);
      const screen = SCREENS.find((one) => one.name === name) ?? assert.fail(`no screen ${name}`);
      assert.deepEqual(await visit(browser, screen, { dist }), []);
    });
  }

  test("by keyboard alone: ask, open the source, close it, stop the next answer", (t) =>
    withPage(
      t,
      "/chat",
      async (page) => {
        const box = page.getByRole("textbox", { name: "Your question" });
        await box.waitFor();
        await page.keyboard.type("When do we fly?");
        await page.keyboard.press("Enter");
        await page.getByText("TP 933 departs Zürich (ZRH) on Friday, 14 March 2025 at 07:40").waitFor();
        assert.equal(
          await page.locator("mark").first().textContent(),
          "TP 933 departs Zürich (ZRH) on Friday, 14 March 2025 at 07:40",
        );
        await page
          .getByRole("button", { name: /^Source 3: / })
          .first()
          .focus();
        await page.keyboard.press("Enter");
        await page.getByRole("complementary", { name: /^Evidence: Devolução/ }).waitFor();
        await page.keyboard.press("Escape");
        await page.getByRole("complementary", { name: /^Evidence/ }).waitFor({ state: "detached" });
        await box.focus();
        await page.keyboard.type("And again?");
        await page.keyboard.press("Enter");
        await page.getByRole("button", { name: "Stop" }).waitFor();
        await page.keyboard.press("Escape");
        await page.getByText("You stopped this answer here.").waitFor();
      },
      1,
    ));

  test("a failed answer says what to do, and Retry answers the same question once", (t) =>
    withPage(t, "/chat", async (page) => {
      await page.getByRole("textbox", { name: "Your question" }).fill("Please fail");
      await page.keyboard.press("Enter");
      await page.getByRole("alert").getByText("Your question is kept").waitFor();
      await page.getByRole("button", { name: "Retry" }).click();
      await page.getByText("You fly on").waitFor();
      await page.getByRole("button", { name: "Answer again" }).waitFor();
      assert.equal(await page.getByText("You: Please fail", { exact: true }).count(), 1);
    }));

  test("filters typed become chips, are taken off again, and arrows go through the results", (t) =>
    withPage(t, "/library", async (page) => {
      const box = page.getByRole("searchbox", { name: "Search the Library" });
      await box.click();
      await page.keyboard.type("from:ana flat ");
      await page.getByRole("button", { name: "Remove from Ana" }).waitFor();
      assert.equal((await box.inputValue()).trim(), "flat");
      await page.getByText("3 results in 0.6 ms").waitFor();
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("ArrowDown");
      await page.getByRole("option", { name: /^text: Ana/, selected: true }).waitFor();
      await page.getByRole("button", { name: "Remove from Ana" }).click();
      await page.getByRole("button", { name: /^All 12\d/ }).waitFor();
    }));

  test("an answer goes on after the page is loaded again in the middle of it", (t) =>
    withPage(
      t,
      "/chat",
      async (page) => {
        await page.getByRole("textbox", { name: "Your question" }).fill("When do we fly?");
        await page.keyboard.press("Enter");
        await page.getByText("You fly on").waitFor();
        await page.reload();
        await page.getByRole("button", { name: "Stop" }).waitFor();
        await page.getByText("It was probably paid back to your old card.", { exact: true }).waitFor();
        await page.getByRole("button", { name: "Answer again" }).waitFor();
        assert.equal(await page.getByRole("article", { name: "Steward's answer" }).count(), 1);
      },
      2,
    ));

  test("when the server is gone the app says so, keeps what was typed, and goes on once it is back", (t) =>
    withPage(t, "/chat", async (page) => {
      const box = page.getByRole("textbox", { name: "Your question" });
      await box.waitFor();
      await page.context().setOffline(true);
      await box.fill("Are you there?");
      await page.keyboard.press("Enter");
      await page.getByRole("alert").getByText("Steward does not answer").waitFor();
      await page.context().setOffline(false);
      await page.getByRole("button", { name: "Retry" }).click();
      await page.getByText("You fly on").waitFor();
    }));
});
