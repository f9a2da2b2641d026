import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import type { Browser, Locator, Page } from "playwright-core";
import { build } from "vite";
import { startFakeApi } from "./dev/fake-api.ts";
import { CHROMIUM, openBrowser, SCREENS, visit } from "./dev/screens.ts";

/**
 * The app in real Chromium against the fake of the wire, under the server's own policy: no screen breaks a rule of axe
 * or of the policy, and what is done by keyboard works. The run against the real server is `e2e.test.ts`.
 */
const AUDITED = [
  "chat-light",
  "chat-phone-sheet",
  "library-dark",
  "sources-phone",
  "settings-search",
  "settings-keys",
  "signin-issuer",
  "setup-4",
];

const dist = mkdtempSync(join(tmpdir(), "steward-web-"));
let browser: Browser | undefined;

before(async () => {
  browser = await openBrowser();
  if (!browser) return;
  await build({
    root: import.meta.dirname,
    mode: "test",
    logLevel: "silent",
    build: { outDir: dist, emptyOutDir: true },
  });
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
  page.setDefaultTimeout(20_000);
  try {
    await page.goto(api.url + path);
    await act(page);
  } finally {
    await page.close();
    api.close();
  }
}

/** Before the page can have answered the first: a real second click may fall on what lay beneath. */
const clickTwice = (button: Locator): Promise<void> =>
  button.evaluate((element: HTMLElement) => {
    element.click();
    element.click();
  });

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
        await page
          .getByRole("article")
          .getByRole("button", { name: /^Source 3: / })
          .and(page.locator(":focus"))
          .waitFor();
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
      await page.getByText("You fly on").first().waitFor();
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
        await page.getByText("You fly on").first().waitFor();
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
      await page.getByText("You fly on").first().waitFor();
    }));

  test("of what is not here it is said, and nothing is offered to be done with it", (t) =>
    withPage(t, "/library?item=nowhere", async (page) => {
      const panel = page.getByRole("complementary", { name: "Item" });
      await panel.getByRole("heading", { name: "Not here" }).waitFor();
      await panel.getByRole("alert").getByText("It may have been forgotten").waitFor();
      assert.deepEqual(await panel.getByRole("button").allTextContents(), ["", "Try again"]);
      assert.equal(await panel.getByRole("link").count(), 0);
      await page.goto(new URL("/chat/nowhere", page.url()).href);
      await page.getByRole("heading", { name: "Not here", level: 1 }).waitFor();
    }));

  test("a menu by keyboard: arrows and letters go through it, Escape gives the focus back", (t) =>
    withPage(t, "/chat/c1", async (page) => {
      const button = page.getByRole("button", { name: "This conversation" });
      await button.focus();
      await page.keyboard.press("ArrowDown");
      await page.getByRole("menuitem", { name: "Rename" }).and(page.locator(":focus")).waitFor();
      await page.keyboard.press("ArrowUp");
      await page.getByRole("menuitem", { name: "Forget" }).and(page.locator(":focus")).waitFor();
      await page.keyboard.press("c");
      await page.getByRole("menuitem", { name: "Copy as text" }).and(page.locator(":focus")).waitFor();
      await page.keyboard.press("Escape");
      await page.getByRole("menu").waitFor({ state: "detached" });
      await button.and(page.locator(":focus")).waitFor();
      await button.click();
      await page.getByRole("heading", { level: 1 }).click();
      await page.getByRole("menu").waitFor({ state: "detached" });
    }));

  test("on a phone Escape closes the menu over the sheet first, then the sheet", (t) =>
    withPage(t, "/library?q=from:ana%20flat", async (page) => {
      await page.setViewportSize({ width: 390, height: 844 });
      await page.getByRole("option").first().click();
      const sheet = page.getByRole("dialog");
      await sheet.getByRole("button", { name: "More" }).click();
      await sheet.getByRole("menuitem", { name: "Forget" }).and(page.locator(":focus")).waitFor();
      await page.keyboard.press("Escape");
      await page.getByRole("menu").waitFor({ state: "detached" });
      assert.equal(await sheet.count(), 1);
      await page.keyboard.press("Escape");
      await sheet.waitFor({ state: "detached" });
    }));

  test("on a phone Back closes an open paper, and closing it leaves nothing behind to go back to", (t) =>
    withPage(t, "/agenda", async (page) => {
      await page.setViewportSize({ width: 390, height: 844 });
      await page.getByRole("link", { name: "Library" }).click();
      const sheet = page.getByRole("dialog");
      const twice = () => clickTwice(sheet.getByRole("button", { name: "Close" }));
      for (const close of [() => page.goBack(), () => page.keyboard.press("Escape"), twice]) {
        await page.getByRole("option").first().click();
        await sheet.waitFor();
        await close();
        await sheet.waitFor({ state: "detached" });
        assert.equal(new URL(page.url()).pathname, "/library");
      }
      await page.goBack();
      await page.getByRole("heading", { name: "Agenda", level: 1 }).waitFor();
    }));

  test("on a phone Back or Escape closes the evidence, and the focus is on its citation again", (t) =>
    withPage(t, "/agenda", async (page) => {
      await page.setViewportSize({ width: 390, height: 844 });
      await page.getByRole("link", { name: "Chat" }).click();
      await page.getByRole("button", { name: "Conversations" }).click();
      await page.getByRole("dialog").getByRole("link").first().click();
      const cited = page
        .getByRole("article")
        .getByRole("button", { name: /^Source 1: / })
        .first();
      const sheet = page.getByRole("dialog", { name: /^Evidence: / });
      const closed = async () => {
        await sheet.waitFor({ state: "detached" });
        await cited.and(page.locator(":focus")).waitFor();
        assert.match(new URL(page.url()).pathname, /^\/chat\/./);
      };
      const twice = () => clickTwice(sheet.getByRole("button", { name: "Close the evidence" }));
      for (const close of [() => page.goBack(), () => page.keyboard.press("Escape"), twice]) {
        await cited.click();
        await sheet
          .getByRole("list")
          .getByRole("button", { name: /^Source 2: / })
          .click();
        await page.getByRole("dialog").getByRole("heading", { name: "Also quoted" }).waitFor();
        await close();
        await closed();
      }
      // What leads out of the sheet leads back into it.
      await cited.click();
      await sheet.getByRole("link", { name: "Open in the Library" }).click();
      await page.goBack();
      await sheet.waitFor();
      await page.goBack();
      await sheet.waitFor({ state: "detached" });
      await page.goBack();
      await page.getByRole("heading", { name: "New conversation", level: 1 }).waitFor();
      await page.goBack();
      await page.getByRole("heading", { name: "Agenda", level: 1 }).waitFor();
    }));

  test("on a phone Back closes the list of conversations", (t) =>
    withPage(t, "/chat/c1", async (page) => {
      await page.setViewportSize({ width: 390, height: 844 });
      const button = page.getByRole("button", { name: "Conversations" });
      await button.click();
      await page.getByRole("dialog").waitFor();
      await page.goBack();
      await page.getByRole("dialog").waitFor({ state: "detached" });
      await button.and(page.locator(":focus")).waitFor();
      assert.equal(new URL(page.url()).pathname, "/chat/c1");
    }));

  test("on a new screen the focus is on its name; / leads to its box, or to finding anything", (t) =>
    withPage(t, "/agenda", async (page) => {
      await page.getByRole("link", { name: "Settings" }).click();
      await page.getByRole("heading", { name: "Settings", level: 1 }).and(page.locator(":focus")).waitFor();
      await page.keyboard.press("/");
      await page.getByRole("combobox", { name: "Find anything" }).waitFor();
      await page.keyboard.press("Escape");
      await page.getByRole("link", { name: "Memory" }).click();
      await page.getByRole("heading", { name: "Memory", level: 1 }).and(page.locator(":focus")).waitFor();
      await page.keyboard.press("/");
      await page.getByRole("textbox", { name: "A fact to remember" }).and(page.locator(":focus")).waitFor();
    }));

  test("what a program stored says so, and no mark turns a text round", (t) =>
    withPage(t, "/memory", async (page) => {
      const claim = page.getByRole("listitem").filter({ hasText: "The boiler man comes in" });
      await claim.getByText("stored by a program with the key “Nightly notes”").waitFor();
      assert.equal(await claim.locator("p").first().textContent(), "The boiler man comes in \ufffdyaM");
    }));

  test("a task is changed in place, done and taken back; its due time comes off", (t) =>
    withPage(t, "/agenda", async (page) => {
      await page.getByRole("button", { name: "Change: Check in for TAP 933" }).click();
      const form = page.getByRole("form", { name: "Change “Check in for TAP 933”" });
      await form.getByRole("textbox", { name: "Task", exact: true }).fill("Check in");
      await form.getByLabel("Due day").fill("");
      await page.keyboard.press("Enter");
      const someday = page.getByRole("region", { name: "Someday" });
      await someday.getByText("Check in", { exact: true }).waitFor();
      await page.getByRole("checkbox", { name: "Done: Check in" }).click();
      await page.getByRole("region", { name: "Done" }).getByText("Check in", { exact: true }).waitFor();
      await page.getByRole("button", { name: "Undo" }).click();
      await someday.getByText("Check in", { exact: true }).waitFor();
    }));

  test("a model is fetched with its bytes told, and then answers searches", (t) =>
    withPage(t, "/settings", async (page) => {
      const list = page.getByRole("list", { name: "Embedders" });
      await list.getByRole("button", { name: /^MiniLM/ }).click();
      await page.getByRole("button", { name: "Fetch 23 MB" }).click();
      await list.getByText(/ of 23 MB/).waitFor();
      await list.getByRole("button", { name: /^MiniLM/, pressed: true }).waitFor();
      await page.goto(new URL("/library?q=from:ana%20flat", page.url()).href);
      await page.getByText(/in 0\.6 ms · words and meaning \(MiniLM on this computer\)/).waitFor();
    }));

  test("several files go up one by one; what was refused says why and can be tried again", (t) =>
    withPage(t, "/library/sources", async (page) => {
      let refused = false;
      await page.route("**/documents/b.md/content", async (route) => {
        if (refused) return route.fallback();
        refused = true;
        const body = JSON.stringify({ title: "Refused", status: 422, detail: "The disk is full." });
        await route.fulfill({ status: 422, contentType: "application/problem+json", body });
      });
      const file = (name: string) => ({ name, mimeType: "text/plain", buffer: Buffer.from(name) });
      await page.getByLabel("Files to take in").setInputFiles(["a.md", "b.md", "c.md"].map(file));
      const left = page.getByRole("list", { name: "Files on their way" });
      await left.getByRole("alert").getByText("The disk is full.").waitFor();
      await page.getByRole("listitem", { name: "c.md" }).getByText("up to date").waitFor();
      await left.getByRole("button", { name: "Retry" }).click();
      await page.getByRole("listitem", { name: "b.md" }).getByText("up to date").waitFor();
      assert.equal(await left.count(), 0);
    }));
});
