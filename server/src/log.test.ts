import assert from "node:assert/strict";
import { test } from "node:test";
import { openLog } from "./log.ts";

function collect(): { lines: string[]; write(line: string): void } {
  const lines: string[] = [];
  return { lines, write: (line) => void lines.push(line) };
}

test("facts are numbers, booleans, ids and short words; anything else is withheld", () => {
  const to = collect();
  openLog("info", to).info("uploaded", { bytes: 12, source: "0192-ab", ok: true, name: "Letter to my doctor.pdf" });
  const entry = JSON.parse(to.lines[0] ?? "");
  assert.equal(entry.event, "uploaded");
  assert.equal(entry.bytes, 12);
  assert.equal(entry.source, "0192-ab");
  assert.equal(entry.name, "[withheld]");
});

test("of an error its class, code and places are kept, never its message", () => {
  const to = collect();
  const cause = Object.assign(new TypeError("Dear Ada, the test was positive"), { code: "EIO" });
  openLog("info", to).error("failed", new Error("Subject: my illness\n  at home", { cause }), { where: "GET:/x" });
  const line = to.lines[0] ?? "";
  assert.doesNotMatch(line, /illness|positive|at home/);
  const entry = JSON.parse(line);
  assert.equal(entry.error, "Error");
  assert.equal(entry.cause.error, "TypeError");
  assert.equal(entry.cause.code, "EIO");
  assert.match(entry.at[0], /^log\.test\.ts:\d+:\d+$/);
});

test("what is below the level is not written; a thrown value that is no error is named by its type", () => {
  const to = collect();
  const log = openLog("error", to);
  log.info("quiet");
  log.error("odd", "a text that says something personal");
  assert.equal(to.lines.length, 1);
  assert.equal(JSON.parse(to.lines[0] ?? "").error, "string");
});
