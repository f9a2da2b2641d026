import { join } from "node:path";
import type { Page } from "playwright-core";
import { CHROMIUM, openBrowser } from "./screens.ts";

/**
 * Takes the pictures of `docs/screenshots` from a real, new Steward with the sample archive:
 * `node web/dev/screenshots.ts <the one-time link> <folder>`.
 */
const [link, folder = "docs/screenshots"] = process.argv.slice(2);
if (!link) throw new Error("Give the one-time link that a new Steward printed.");
const { origin } = new URL(link);
const PASSWORD = "copper lantern glacier thesis";
const found = await openBrowser();
if (!found) throw new Error(`There is no ${CHROMIUM}: install Debian's chromium, or name another in CHROMIUM.`);
const browser = found;

async function newPage(width: number, height: number): Promise<Page> {
  const viewport = { width, height };
  const page = await browser.newPage({ viewport, locale: "en-GB", timezoneId: "Europe/Zurich", hasTouch: width < 640 });
  page.setDefaultTimeout(15_000);
  return page;
}

async function picture(page: Page, name: string): Promise<void> {
  await page.waitForTimeout(500);
  await page.screenshot({ path: join(folder, `${name}.png`) });
}

async function setUp(page: Page): Promise<void> {
  await page.goto(link ?? origin);
  await page.getByLabel("Your name").fill("Nora");
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByLabel("Password again").fill(PASSWORD);
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByLabel("I have kept the code").check();
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByText("Built-in").waitFor();
  await picture(page, "setup");
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByRole("button", { name: /Try it with Nora/ }).click();
  await page.getByText("up to date").waitFor({ timeout: 90_000 });
  await page.getByRole("button", { name: "Start asking" }).click();
}

async function ask(page: Page, question: string): Promise<void> {
  await page.getByRole("textbox", { name: "Your question" }).fill(question);
  await page.keyboard.press("Enter");
  await page.getByText(`You: ${question}`).waitFor();
  await page.waitForTimeout(300);
  await page.getByRole("button", { name: "Answer again" }).waitFor();
}

const page = await newPage(900, 800);
await setUp(page);
await page.setViewportSize({ width: 1440, height: 900 });
await page.getByRole("link", { name: "Settings" }).click();
await page.getByRole("button", { name: "That is mine" }).click();
await page.getByRole("button", { name: "Dismiss" }).click();
// Every passage has its meaning before the pictures are taken.
await page.waitForFunction(async () => {
  const { passages, index } = await (await fetch("/api/status")).json();
  return index.embedded === passages;
});
await page.goto(`${origin}/settings#search`);
await page.getByText(/passages have their meaning/).waitFor();
await picture(page, "settings");
await page.getByRole("link", { name: "Chat", exact: true }).click();
await ask(page, "How much was the rental deposit for the flat?");
await ask(page, "When is my mother's knee operation?");
await ask(page, "Remind me to call Mamma tomorrow at nine");
await page
  .getByRole("button", { name: /^Source 1/ })
  .first()
  .click();
await page.locator("mark").first().waitFor();
await picture(page, "chat-light");
await page.getByRole("button", { name: "Dark theme" }).click();
await picture(page, "chat-dark");
await page.goto(`${origin}/library?q=${encodeURIComponent("from:ana during:2025 prize")}`);
await page.getByRole("option").first().waitFor();
await picture(page, "library-dark");
await page.getByRole("button", { name: "Light theme" }).click();
await picture(page, "library-light");

const phone = await newPage(390, 844);
await phone.goto(origin);
await phone.getByLabel("Password", { exact: true }).fill(PASSWORD);
await phone.getByRole("button", { name: "Sign in" }).click();
await phone.getByRole("button", { name: "Conversations" }).click();
await phone.getByRole("dialog").getByRole("link").first().click();
await phone.getByRole("article").first().waitFor();
await picture(phone, "chat-phone");
await phone
  .getByRole("button", { name: /^Source 1/ })
  .first()
  .click();
await phone.locator("mark").first().waitFor();
await picture(phone, "evidence-phone");
await phone.getByRole("button", { name: "Close the evidence" }).click();
await phone.goto(`${origin}/library?q=${encodeURIComponent("from:ana during:2025 prize")}`);
await phone.getByRole("option").first().waitFor();
await picture(phone, "library-phone");
await browser.close();
