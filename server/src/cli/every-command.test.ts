import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fakeDoor } from "../testing/fake-door.ts";
import { fakeHouse } from "../testing/fake-house.ts";
import type { Io } from "./io.ts";
import { runCli } from "./run.ts";

/** What holds for every command there is: help, a JSON answer, an exit code. A new command must join the table. */
const home = mkdtempSync(join(tmpdir(), "steward-every-"));
after(() => rmSync(home, { recursive: true, force: true }));

async function steward(args: readonly string[], stdin = "") {
  let out = "";
  let err = "";
  const io: Io = {
    env: { STEWARD_HOME: home, STEWARD_PORT: "0" },
    ...{ outIsTty: false, errIsTty: false, inIsTty: false },
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    lines: async function* () {
      yield* stdin.split("\n");
    },
    ask: async () => stdin,
    onStop: () => () => {},
  };
  const code = await runCli(args, io, async () => fakeDoor({ house: fakeHouse(home) }));
  return { code, out, err };
}

/** The commands that a help text lists. */
function listedIn(help: string): string[] {
  const listed = /\nCommands:\n([\s\S]*?)(?:\n\n|\nExit|$)/.exec(help)?.[1] ?? "";
  return [...listed.matchAll(/^ {2}([a-z-]+)/gm)].map((match) => match[1] ?? "").filter((name) => name !== "help");
}

async function commandsBelow(path: readonly string[]): Promise<{ path: string; help: string }[]> {
  const { code, out } = await steward([...path, "--help"]);
  assert.equal(code, 0, path.join(" "));
  const below = [];
  for (const name of listedIn(out)) below.push(...(await commandsBelow([...path, name])));
  return [{ path: path.join(" "), help: out }, ...below];
}

/** One working call of each, `--json` added: its first input line, when it reads one, and the code it ends with. */
const CALLS: Readonly<
  Record<string, { args?: string; stdin?: string; code?: number; lines?: number } | "not run here">
> = {
  start: "not run here", // start.test.ts: it does not end by itself
  deploy: "not run here", // aws/deploy/main.test.ts: a process of its own
  destroy: "not run here",
  completion: "not run here", // a script for the shell, no JSON
  "backup verify": "not run here", // real.test.ts: they need a real backup
  "backup restore": "not run here",
  ingest: { args: "/mail/inbox.mbox" },
  sources: {},
  "sources run": { args: "s1", code: 3 },
  "sources pause": { args: "s1", code: 3 },
  "sources quarantine": {},
  status: {},
  search: { stdin: "invoice\nnothing", lines: 2 },
  ask: { stdin: "when is it due\nwho", lines: 2 },
  chat: { args: "--list" },
  tasks: {},
  "tasks add": { args: "Call mum" },
  "tasks done": { args: "nothing", code: 3 },
  memory: {},
  remember: { args: "The cat is called Ada" },
  models: {},
  "models meaning": {},
  "models add": { args: "minilm" },
  index: {},
  "index rebuild": {},
  "forget item": { args: "item-1" },
  "forget conversation": { args: "nothing", code: 3 },
  "forget source": { args: "nothing", code: 3 },
  "forget memory": { args: "nothing", code: 3 },
  "forget confirm": { args: "nothing", code: 3 },
  "forget undo": { args: "nothing", code: 3 },
  "forget list": {},
  "config list": {},
  "config get": { args: "port" },
  "config set": { args: "port 4181" },
  password: { args: "--stdin", stdin: "battery staple" },
  lock: { args: "--off" },
  unlock: {},
  "token create": { args: "script --scope read" },
  "token list": {},
  "token revoke": { args: "nothing", code: 3 },
  "backup create": { args: "/backups" },
  export: { args: `-o ${join(home, "all.zip")}` },
  doctor: {},
};

/** `--scope` adds up (commands.test.ts), and so do the parameters of the template (aws/deploy/main.test.ts). */
const REPEATABLE = new Set(["--scope", "--parameter"]);

const TOLD_IN_GENERAL = new Set(["--version"]);

const all = await commandsBelow([]);
const PARENTS = new Set(["", "forget", "token", "backup", "config"]);

test("every command has a line of help, its usage, --json and the exit codes", () => {
  for (const { path, help } of all) {
    assert.match(help, new RegExp(`^Usage: steward ${path}`), path);
    assert.match(help, /\n\n[\w—].{8,}\n/, `${path} says what it does`);
    assert.match(help, /Exit codes:/, path);
    if (PARENTS.has(path)) continue;
    if (path !== "completion") assert.match(help, /--json/, path);
    assert.match(help, /--help/, path);
  }
  assert.deepEqual(
    all
      .map(({ path }) => path)
      .filter((path) => !PARENTS.has(path))
      .sort(),
    Object.keys(CALLS).sort(),
    "a command without its line in the table, or the other way round",
  );
});

test("every command answers --json with JSON and nothing else, and with its exit code", async () => {
  for (const [path, call] of Object.entries(CALLS)) {
    if (call === "not run here") continue;
    const args = [...path.split(" "), ...(call.args?.split(" ") ?? []), "--json"];
    const { code, out, err } = await steward(args, call.stdin);
    assert.equal(code, call.code ?? 0, `${args.join(" ")}: ${err}${out}`);
    const lines = out.trimEnd().split("\n");
    assert.equal(lines.length, call.lines ?? 1, `${args.join(" ")}: ${out}`);
    for (const line of lines) {
      const said: unknown = JSON.parse(line);
      if (code !== 0) assert.deepEqual(Object.keys(Object(said)), ["error", "exit"], path);
    }
  }
});

test("docs/cli.md tells of every command and of every option", () => {
  const page = readFileSync(new URL("../../../docs/cli.md", import.meta.url), "utf8");
  for (const { path, help } of all) {
    if (!PARENTS.has(path)) assert.ok(page.includes(`steward ${path}`), path);
    const options = [...help.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm)].map((match) => match[1] ?? "");
    for (const option of options) {
      if (!TOLD_IN_GENERAL.has(option)) assert.ok(page.includes(option), `${path} ${option}`);
    }
  }
});

test("every command refuses an option it does not know with exit 2", async () => {
  for (const path of Object.keys(CALLS)) {
    const { code, err } = await steward([...path.split(" "), "--no-such-option"]);
    assert.equal(code, 2, `${path}: ${err}`);
  }
});

test("no command passes over a value: an option given twice is refused with exit 2, or means both", async () => {
  const refused: string[] = [];
  for (const { path, help } of all) {
    for (const [, option = ""] of help.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+) </gm)) {
      if (REPEATABLE.has(option)) continue;
      // Bounded numbers are read first: 7 is within the bounds of each.
      const { code, out, err } = await steward(
        [...path.split(" "), option, "7", `${option}=8`, "--json"].filter(Boolean),
      );
      assert.equal(code, 2, `${path} ${option}: ${err}`);
      assert.match(err, new RegExp(`^${option} was given twice`), `${path} ${option}`);
      assert.equal(JSON.parse(out).exit, 2);
      refused.push(option);
    }
  }
  assert.ok(refused.length > 25, `${refused.length} options were tried`);
});

test("a flag may be said twice; a short and a long name are one option, before the command and after it", async () => {
  assert.equal((await steward(["status", "--json", "--json"])).code, 0);
  assert.match((await steward(["search", "-n", "3", "--limit", "4", "invoice"])).err, /^--limit was given twice/);
  assert.match((await steward(["--home", home, "status", "--home", home])).err, /^--home was given twice/);
});
