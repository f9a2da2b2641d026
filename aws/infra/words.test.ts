import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { OptionError } from "./options.ts";
import { isUsage, parseWords } from "./words.ts";

const options = {
  at: { type: "string" },
  parameter: { type: "string", multiple: true },
  json: { type: "boolean" },
} as const;
const parse = (...args: string[]) => parseWords({ args, options, allowPositionals: true });

test("words are read as they are said; a flag may be said twice, and what may be several", () => {
  const { values, positionals } = parse("go", "--json", "--at=1", "--json", "--parameter", "a", "--parameter=b");
  assert.deepEqual({ ...values }, { json: true, at: "1", parameter: ["a", "b"] });
  assert.deepEqual(positionals, ["go"]);
});

test("an option that takes one value is refused when it is given two, be they the same", () => {
  const refused = (error: unknown) => error instanceof OptionError && /^--at was given twice/.test(error.message);
  assert.throws(() => parse("--at", "1", "--at=2"), refused);
  assert.throws(() => parse("--at", "1", "--at", "1"), refused);
});

test("every program here refuses it, and other wrong words, as usage and before anything is asked of AWS", () => {
  const programs: [string, string[]][] = [
    ["deploy/main.ts", ["deploy", "--dry-run", "--env=a", "--env=b"]],
    ["recover/main.ts", ["--at=2026-11-21T06:00:00Z", "--at=2026-11-20T06:00:00Z"]],
    ["cost/main.ts", ["--functions=one", "--functions=three"]],
    ["recover/main.ts", ["--nonsense"]],
    ["recover/main.ts", ["--at=yesterday"]],
    ["cost/main.ts", ["--edge=telnet"]],
  ];
  for (const [program, args] of programs) {
    const file = fileURLToPath(new URL(`../${program}`, import.meta.url));
    const { status, stderr } = spawnSync(process.execPath, [file, ...args], { env: {}, encoding: "utf8" });
    assert.equal(status, 2, `${program} ${args.join(" ")}: ${stderr}`);
    assert.match(stderr, /^.*(?:given twice|nonsense|no time|no choice for edge).*\n$/, program);
  }
});

test("what goes wrong later is no wrong usage", () => {
  assert.equal(isUsage(new Error("The stack did not come up.")), false);
  assert.equal(isUsage(new TypeError("x is not a function")), false);
});
