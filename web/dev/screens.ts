import { existsSync } from "node:fs";
import { AxeBuilder } from "@axe-core/playwright";
import { type Browser, chromium, type Page } from "playwright-core";
import { startFakeApi } from "./fake-api.ts";

/** Every screen of the app in the states that are drawn, and how to get there. */
const WIDE = { width: 1440, height: 900 };
const MIDDLE = { width: 1024, height: 768 };
const PHONE = { width: 390, height: 844 };

export interface Screen {
  readonly name: string;
  readonly path: string;
  readonly state?: "setup" | "locked" | "signed-out" | "signed-in";
  readonly empty?: boolean;
  readonly unlockBy?: "recovery-code";
  readonly signIn?: { readonly password: boolean; readonly issuer: string };
  readonly warned?: boolean;
  /** The server refuses something on purpose, which the console tells too. */
  readonly refused?: boolean;
  readonly size?: typeof WIDE;
  readonly dark?: boolean;
  readonly act?: (page: Page) => Promise<unknown>;
}

const cited = (page: Page) =>
  page
    .getByRole("button", { name: /^Source 1/ })
    .first()
    .click();
const settle = (page: Page) => page.waitForTimeout(200);
export const SCREENS: readonly Screen[] = [
  { name: "chat-light", path: "/chat/c1", act: cited },
  { name: "chat-dark", path: "/chat/c1", dark: true, act: cited },
  { name: "chat-middle", path: "/chat/c1", size: MIDDLE },
  { name: "chat-middle-sheet", path: "/chat/c1", size: MIDDLE, act: cited },
  { name: "chat-phone", path: "/chat/c1", size: PHONE },
  { name: "chat-phone-sheet", path: "/chat/c1", size: PHONE, dark: true, act: cited },
  { name: "chat-table", path: "/chat/c3" },
  { name: "chat-table-phone", path: "/chat/c3", size: PHONE, dark: true },
  { name: "chat-new", path: "/chat" },
  { name: "chat-new-empty", path: "/chat", empty: true },
  { name: "chat-new-phone", path: "/chat", size: PHONE },
  {
    name: "chat-stream",
    path: "/chat",
    act: async (page) => {
      await page.getByRole("textbox", { name: "Your question" }).fill("When do we fly?");
      await page.keyboard.press("Enter");
      await page.getByText("You fly on").first().waitFor();
    },
  },
  {
    name: "chat-failed",
    path: "/chat",
    act: async (page) => {
      await page.getByRole("textbox", { name: "Your question" }).fill("Please fail");
      await page.keyboard.press("Enter");
      await page.getByRole("button", { name: "Retry" }).waitFor();
    },
  },
  { name: "library-light", path: "/library?q=from%3Aana%20during%3A2025-03%20lisbon%20flat" },
  { name: "library-dark", path: "/library?q=from%3Aana%20during%3A2025-03%20lisbon%20flat", dark: true },
  { name: "library-all", path: "/library" },
  { name: "library-problem", path: "/library?q=form%3Aana%20flat" },
  { name: "library-none", path: "/library?q=zebra" },
  { name: "library-empty", path: "/library", empty: true },
  { name: "library-phone", path: "/library?q=lisbon%20flat", size: PHONE },
  { name: "sources", path: "/library/sources" },
  {
    name: "sources-upload",
    refused: true,
    path: "/library/sources",
    act: async (page) => {
      const file = (name: string, size: number) => ({ name, mimeType: "text/plain", buffer: Buffer.alloc(size, "a") });
      await page.route("**/documents/big*/content", () => {});
      await page.route("**/documents/wrong*/content", (route) =>
        route.fulfill({
          status: 422,
          contentType: "application/problem+json",
          body: JSON.stringify({ status: 422, title: "Refused", detail: "wrong.exe is empty. Nothing was taken in." }),
        }),
      );
      await page
        .getByLabel("Files to take in")
        .setInputFiles([file("wrong.exe", 40), file("big.mbox", 900_000), file("small.md", 4000)]);
      await page.getByRole("listitem", { name: "wrong.exe" }).getByRole("alert").waitFor();
      await page.getByRole("progressbar", { name: "Sending big.mbox" }).scrollIntoViewIfNeeded();
    },
  },
  {
    name: "sources-forget",
    path: "/library/sources",
    act: async (page) => {
      await page.getByRole("button", { name: "Forget Mail.mbox and all it brought" }).click();
      await page.getByText("18,216 items").waitFor();
    },
  },
  { name: "sources-phone", path: "/library/sources", size: PHONE, dark: true },
  { name: "memory", path: "/memory" },
  { name: "agenda", path: "/agenda" },
  {
    name: "agenda-edit",
    path: "/agenda",
    act: (page) => page.getByRole("button", { name: "Change: Check in for TAP 933" }).click(),
  },
  {
    name: "memory-edit",
    path: "/memory",
    dark: true,
    act: (page) => page.getByRole("button", { name: "Change: Ana is allergic to walnuts." }).click(),
  },
  { name: "agenda-phone", path: "/agenda", size: PHONE },
  { name: "settings", path: "/settings" },
  {
    name: "settings-search",
    path: "/settings#search",
    act: async (page) => {
      await page.getByRole("button", { name: /^MiniLM/ }).click();
      await page.getByRole("button", { name: /^Fetch/ }).click();
      await page.getByText(/a second/).waitFor();
      await page.getByRole("button", { name: "Another" }).last().click();
      await page
        .getByRole("button", { name: /^OpenAI/ })
        .last()
        .click();
      await page.locator("#search").scrollIntoViewIfNeeded();
    },
  },
  {
    name: "settings-keys",
    path: "/settings#tokens",
    size: PHONE,
    act: async (page) => {
      await page.getByLabel("Name of a new key").fill("Nightly notes");
      await page.getByLabel("Keep memories").check();
      await page.getByRole("button", { name: "Make a key" }).click();
      await page.getByText("shown only now").waitFor();
      await page.getByRole("button", { name: "Revoke Shortcut on my phone" }).click();
    },
  },
  { name: "settings-dark", path: "/settings", dark: true },
  { name: "settings-phone", path: "/settings", size: PHONE },
  {
    name: "palette",
    path: "/chat/c1",
    act: async (page) => {
      await page.keyboard.press("Control+k");
      await page.getByRole("combobox").fill("flat");
      await settle(page);
    },
  },
  { name: "shortcuts", path: "/memory", dark: true, act: (page) => page.keyboard.press("?") },
  {
    name: "forget",
    path: "/library?q=lisbon&item=i-seats",
    act: async (page) => {
      await page.getByRole("button", { name: "More" }).click();
      await page.getByRole("menuitem", { name: "Forget" }).click();
      await page.getByRole("button", { name: "Forget for good" }).click();
      await page.getByRole("dialog").getByRole("button", { name: "Forget for good" }).click();
      await page.getByText("No live key opens it any more.").waitFor();
    },
  },
  { name: "signin", path: "/", state: "signed-out" },
  {
    name: "signin-issuer",
    path: "/#sign-in=not-owner",
    state: "signed-out",
    signIn: { password: true, issuer: "Lind ID" },
  },
  { name: "unlock-dark", path: "/", state: "locked", dark: true },
  { name: "unlock-code", path: "/", state: "locked", unlockBy: "recovery-code" },
  { name: "settings-warned", path: "/settings#about", warned: true },
  { name: "setup-1", path: "/setup#fake-token", state: "setup", size: { width: 900, height: 800 } },
  { name: "setup-phone", path: "/setup#fake-token", state: "setup", size: PHONE },
  ...(["setup-2", "setup-3", "setup-4"] as const).map(
    (name, i): Screen => ({
      name,
      path: "/setup#fake-token",
      state: "setup",
      size: { width: 900, height: 800 },
      act: async (page) => {
        await page.getByLabel("Your name").fill("Nora");
        await page.getByLabel("Password", { exact: true }).fill("copper lantern glacier thesis");
        await page.getByLabel("Password again").fill("copper lantern glacier thesis");
        await page.getByRole("button", { name: "Continue" }).click();
        await page.getByText("I have kept the code").waitFor();
        if (i < 1) return;
        await page.getByRole("checkbox").check();
        await page.getByRole("button", { name: "Continue" }).click();
        await page.getByText("Built-in").waitFor();
        if (i < 2) return;
        await page.getByRole("button", { name: "Continue" }).click();
        await page.getByRole("button", { name: /Try it with Nora/ }).click();
        await page.getByRole("listitem", { name: "Nora's archive" }).waitFor();
      },
    }),
  ),
];

export const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";

/** Undefined when this machine has no Chromium. */
export async function openBrowser(): Promise<Browser | undefined> {
  if (!existsSync(CHROMIUM)) return undefined;
  return await chromium.launch({
    executablePath: CHROMIUM,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/** Opens the screen, and says what axe, the console and the policy have against it. `look` sees the page before it closes. */
export async function visit(
  browser: Browser,
  shot: Screen,
  options: { dist?: string; look?: (page: Page) => Promise<unknown> } = {},
): Promise<string[]> {
  const api = await startFakeApi({
    ...(options.dist ? { dist: options.dist } : {}),
    state: shot.state ?? "signed-in",
    ...(shot.empty === undefined ? {} : { empty: shot.empty }),
    ...(shot.unlockBy === undefined ? {} : { unlockBy: shot.unlockBy }),
    ...(shot.signIn === undefined ? {} : { signIn: shot.signIn }),
    ...(shot.warned === undefined ? {} : { warned: shot.warned }),
  });
  const context = await browser.newContext({
    viewport: shot.size ?? WIDE,
    colorScheme: shot.dark ? "dark" : "light",
    reducedMotion: "reduce",
    hasTouch: shot.size === PHONE,
    timezoneId: "Europe/Zurich",
    locale: "en-GB",
  });
  const page = await context.newPage();
  const faults: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error" && !(shot.refused && message.text().includes("422")))
      faults.push(`${shot.name}: ${message.text()}`);
  });
  page.on("pageerror", (error) => faults.push(`${shot.name}: ${error.message}`));
  page.setDefaultTimeout(20_000);
  try {
    await page.goto(api.url + shot.path);
    await page.getByRole("heading", { level: 1 }).first().waitFor();
    await settle(page);
    await shot.act?.(page);
    await settle(page);
  } catch (error) {
    faults.push(`${shot.name}: ${(error as Error).message.split("\n")[0]}`);
  }
  await options.look?.(page);
  // All of axe's rules; only what they hold against the page is described (describing all that passes takes most of the
  // time), in the page itself, as it has no frames.
  const { violations } = await new AxeBuilder({ page })
    .options({ resultTypes: ["violations"] })
    .setLegacyMode()
    .analyze();
  for (const { id, help, nodes } of violations)
    faults.push(
      `${shot.name}: axe ${id}: ${help}: ${nodes
        .map((n) => n.html.slice(0, 140))
        .slice(0, 2)
        .join(" | ")}`,
    );
  await context.close();
  api.close();
  return faults;
}
