import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { access } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { type ApiHouse, apiHouse } from "../../../testing/api-house.ts";

/**
 * The outside judge: schemathesis makes requests from our OpenAPI document, valid and not, and checks every answer
 * against it (statuses, media types, schemas, headers, refusals of what is wrong, methods that are not there). It is a
 * Python program: where Python cannot install it, the test says so and is skipped.
 */
const RELEASE = "4.32.5";
const INSTALL_MS = 90_000;
const RUN_MS = 120_000;

async function run(
  command: string,
  args: readonly string[],
  ms: number,
): Promise<{ code: number | null; text: string }> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: tmpdir(), timeout: ms, stdio: ["ignore", "pipe", "pipe"] });
    let text = "";
    child.stdout.on("data", (chunk) => (text += chunk));
    child.stderr.on("data", (chunk) => (text += chunk));
    child.once("error", (error) => resolve({ code: null, text: error.message }));
    child.once("close", (code) => resolve({ code, text }));
  });
}

/** The program's path, or why there is none. */
async function installed(): Promise<{ program: string } | { missing: string }> {
  const folder = join(tmpdir(), `steward-schemathesis-${RELEASE}`);
  const program = join(folder, "bin", "schemathesis");
  if (
    await access(program).then(
      () => true,
      () => false,
    )
  )
    return { program };
  const made = await run("python3", ["-m", "venv", folder], INSTALL_MS);
  if (made.code !== 0) return { missing: "there is no python3 with venv" };
  const pip = await run(join(folder, "bin", "pip"), ["install", "-q", `schemathesis==${RELEASE}`], INSTALL_MS);
  return pip.code === 0 ? { program } : { missing: "pip cannot install it" };
}

async function judge(at: ApiHouse, program: string) {
  const { secret } = await at.key(["chat", "search", "memory:read", "memory:write", "ingest", "tasks"]);
  return run(
    program,
    [
      ...["run", `http://localhost:${at.port}/openapi.json`, "--header", `Authorization: Bearer ${secret}`],
      ...["--include-path-regex", "^/(chat|memory|search|documents(/.*)?)$", "--phases", "examples,coverage,fuzzing"],
      ...["--max-examples", "20", "--seed", "1", "--generation-database", "none", "--no-color"],
    ],
    RUN_MS,
  );
}

test("schemathesis finds no violation in the API", async (t) => {
  const found = await installed();
  if ("missing" in found) return t.skip(`schemathesis was not run: ${found.missing}`);
  await using at = await apiHouse({ STEWARD_API_RATE: "1000000" });
  const { code, text } = await judge(at, found.program);
  assert.equal(code, 0, text.slice(-6_000));
  assert.match(text, /Tested: 6/);
});
