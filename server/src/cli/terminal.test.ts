import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

/** What a person sees: the command line under a pseudo-terminal, which script(1) of util-linux makes. */
const hasScript = spawnSync("script", ["--version"], { encoding: "utf8" }).stdout?.includes("util-linux") ?? false;
const skip = hasScript ? false : "script(1) of util-linux is not here";
const fake = fileURLToPath(new URL("../testing/fake-cli.ts", import.meta.url));

/** Runs a command; types each answer once its prompt is on the screen. */
async function atTerminal(
  args: string,
  env: Record<string, string>,
  answers: readonly (readonly [string, string])[] = [],
) {
  const command = `'${process.execPath}' '${fake}' ${args}`;
  const child = spawn("script", ["--quiet", "--return", "--command", command, "/dev/null"], {
    env: { PATH: process.env.PATH ?? "", TERM: "xterm", ...env },
  });
  let screen = "";
  const left = [...answers];
  child.stdout.on("data", (chunk) => {
    screen += chunk;
    const [next] = left;
    if (!next || !screen.includes(next[0])) return;
    left.shift();
    child.stdin.write(`${next[1]}\r`);
  });
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { code, screen };
}

test("a passphrase is asked for and never shown", { skip }, async () => {
  const home = mkdtempSync(join(tmpdir(), "steward-terminal-"));
  const env = { STEWARD_HOME: home, FAKE_LOCKED: "open sesame" };
  const { code, screen } = await atTerminal("search invoice", env, [["Passphrase:", "open sesame"]]);
  assert.equal(code, 0, screen);
  assert.match(screen, /Passphrase: [\s\S]*Invoice 2041/);
  assert.ok(!screen.includes("open sesame"), "what was typed is not on the screen");

  const twice = await atTerminal("password", { STEWARD_HOME: home }, [
    ["New password:", "battery staple"],
    ["Once more:", "battery stable"],
  ]);
  assert.equal(twice.code, 2);
  assert.match(twice.screen, /The two differ; nothing was changed/);
  assert.ok(!twice.screen.includes("battery"));
  rmSync(home, { recursive: true });
});

test("taking in draws a bar with the rate", { skip }, async () => {
  const home = mkdtempSync(join(tmpdir(), "steward-terminal-"));
  writeFileSync(join(home, "x.mbox"), "");
  const { code, screen } = await atTerminal("ingest /mail/inbox.mbox", { STEWARD_HOME: home });
  assert.equal(code, 0, screen);
  assert.match(screen, /inbox\.mbox .*100% .*3 items, [\d.,]+\/s done/);
  rmSync(home, { recursive: true });
});
