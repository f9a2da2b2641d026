import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { type Browser, chromium, type Page } from "playwright-core";

/**
 * The whole first run in a real browser, against the real server on a fresh home: the one-time link, password, recovery
 * code, model, the sample archive, a question with a checked citation, its evidence, a command, the library, forgetting
 * with a receipt, signing in again. `STEWARD_SCREENSHOTS=<folder>` keeps pictures of it (`npm run screenshots`).
 */
const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
const SHOTS = process.env.STEWARD_SCREENSHOTS;
const FLAGS =
  "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync";
const QUERY = "kind:mail deposit before:2025";
const PASSWORD = "a steward keeps the keys";

test("the first run, from the link to a checked answer", { timeout: 240_000 }, async (t) => {
  if (!existsSync(CHROMIUM)) return t.skip(`there is no browser at ${CHROMIUM}`);
  const folder = await mkdtemp(join(tmpdir(), "steward-e2e-"));
  const server = await startServer(folder);
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS.split(" ") });
  try {
    await firstRun(t, browser, server);
  } finally {
    await browser.close();
    await stop(server.process);
    await rm(folder, { recursive: true, force: true });
  }
});

async function firstRun(t: { diagnostic(text: string): void }, browser: Browser, server: Server): Promise<void> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, colorScheme: "light" });
  const page = await context.newPage();
  const faults: string[] = [];
  page.on("pageerror", (error) => faults.push(`error on the page: ${error.message}`));
  page.on("console", (message) => {
    // A refusal (401 before the sign-in) is logged by the browser itself.
    if (message.type() === "error" && !message.text().includes("401")) faults.push(message.text());
  });
  page.on("request", (request) => {
    if (!request.url().startsWith(server.address) && !request.url().startsWith("blob:")) faults.push(request.url());
  });

  await setUp(page, server);
  await ask(page, "When does my lease on Quellenweg begin?");
  await citation(page);
  await shot(page, "chat-light");
  await inDark(page, () => shot(page, "chat-dark"));
  await onPhone(page, () => shot(page, "chat-phone"));

  await ask(page, "Remind me to call the landlord tomorrow at nine");
  await page.getByText("Call the landlord").or(page.getByText("call the landlord")).last().waitFor();
  await page.getByRole("link", { name: "Agenda" }).first().click();
  await page
    .getByText(/call the landlord/i)
    .first()
    .waitFor();

  await library(page);
  await receipt(page);

  // Signed out elsewhere, this tab shows nothing more of the house once it is looked at.
  await context.clearCookies();
  await page.evaluate(() => window.dispatchEvent(new Event("visibilitychange")));
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("link", { name: "Chat" }).first().click();
  await page.getByRole("form", { name: "Ask Steward" }).waitFor();

  assert.deepEqual(faults, [], "the page logged errors or asked another origin");
  t.diagnostic(`in ${browser.version()}`);
}

async function setUp(page: Page, server: Server): Promise<void> {
  await page.goto(server.setupLink);
  await page.getByLabel("Your name").fill("Nora");
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByLabel("Password again").fill(PASSWORD);
  await page.getByRole("button", { name: "Continue" }).click();

  const code = await page.getByLabel("Recovery code").textContent();
  assert.match(code ?? "", /^\s*[0-9A-Z]{4}(?:-[0-9A-Z]{4}){6}\s*$/);
  assert.equal(await page.evaluate(() => location.hash), "", "the token is still in the address");
  await page.getByLabel("I have kept the code").check();
  await page.getByRole("button", { name: "Continue" }).click();

  await page.getByText("Who should think?").waitFor();
  await page.getByText("Built-in").first().waitFor();
  await shot(page, "setup-light");
  await page.getByRole("button", { name: "Continue" }).click();

  await page
    .getByRole("button", { name: /archive/i })
    .first()
    .click();
  await page.getByText(/4\d\d/).first().waitFor();
  await page.getByRole("button", { name: "Start asking" }).click();
  await page.getByRole("form", { name: "Ask Steward" }).waitFor();
  // The rest of the archive comes in while one already asks; the answers below need all of it.
  await page.waitForFunction(async () => {
    const sources: { state: string }[] = await (await fetch("/api/sources")).json();
    return sources.every((source) => source.state === "done");
  });
}

async function ask(page: Page, question: string): Promise<void> {
  await page.getByLabel("Your question").fill(question);
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Stop", exact: true }).waitFor({ state: "detached" });
}

/** The first badge opens the passage in its mail or file, with the quoted words marked. */
async function citation(page: Page): Promise<void> {
  const badge = page.getByRole("button", { name: /^Source 1: .*found word for word$/ }).first();
  await badge.click();
  const evidence = page.getByRole("complementary").last();
  await evidence.locator("mark").first().waitFor();
  assert.notEqual((await evidence.locator("mark").first().textContent())?.trim(), "");
}

async function library(page: Page): Promise<void> {
  await page.getByRole("link", { name: "Library" }).first().click();
  const box = page.getByLabel("Search the Library");
  await box.fill(QUERY);
  await box.press("Enter");
  await page.getByRole("button", { name: "Remove kind mail" }).waitFor();
  const first = page.getByRole("listbox", { name: "Results" }).getByRole("option").first();
  await first.locator("mark").first().waitFor();
  await first.click();
  await page.getByLabel("Download the original").waitFor();
  await shot(page, "library-light");
  await inDark(page, () => shot(page, "library-dark"));
}

/** Forgets the item that is open, for good; its receipt is shown. */
async function receipt(page: Page): Promise<void> {
  await page.getByRole("button", { name: "More" }).last().click();
  await page.getByRole("menuitem", { name: "Forget" }).click();
  await page
    .getByRole("button", { name: /Forget for good/ })
    .first()
    .click();
  const dialog = page.getByRole("dialog");
  const confirm = dialog.getByRole("button", { name: "Forget for good" });
  if (await confirm.isVisible()) await confirm.click();
  await dialog.getByText(/keys? destroyed/i).waitFor();
  await page.keyboard.press("Escape");
  // Its filters became chips; that must not ask it again, which would shut the item that was open.
  assert.equal(new URL(page.url()).searchParams.get("q"), QUERY);
}

async function shot(page: Page, name: string): Promise<void> {
  if (SHOTS === undefined) return;
  mkdirSync(SHOTS, { recursive: true });
  await page.waitForTimeout(400);
  await page.screenshot({ path: join(SHOTS, `${name}.png`) });
}

async function inDark(page: Page, work: () => Promise<void>): Promise<void> {
  await page.evaluate(() => {
    document.documentElement.dataset.theme = "dark";
  });
  await work();
  await page.evaluate(() => {
    document.documentElement.dataset.theme = "light";
  });
}

async function onPhone(page: Page, work: () => Promise<void>): Promise<void> {
  const wide = page.viewportSize();
  await page.setViewportSize({ width: 390, height: 844 });
  await work();
  if (wide) await page.setViewportSize(wide);
}

interface Server {
  readonly process: ChildProcess;
  readonly address: string;
  readonly setupLink: string;
}

/** `steward start --json` on a fresh home; its one line says where it is. */
async function startServer(folder: string): Promise<Server> {
  const cli = join(import.meta.dirname, "..", "server", "src", "cli.ts");
  const env = { HOME: folder, STEWARD_HOME: join(folder, "home"), STEWARD_PORT: "0", TZ: "Europe/Zurich" };
  const child = spawn(process.execPath, [cli, "start", "--json"], { env, stdio: ["ignore", "pipe", "inherit"] });
  for await (const line of createInterface({ input: child.stdout })) {
    if (!line.startsWith("{")) continue;
    const { address, setupLink } = JSON.parse(line);
    return { process: child, address, setupLink };
  }
  throw new Error("The server ended before it was ready.");
}

async function stop(child: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  await ended;
}
