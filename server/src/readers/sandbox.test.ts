import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import type { Reader } from "@steward/core/intake/reader.ts";
import { openReaders } from "./index.ts";
import { runsAsNobody } from "./sandbox.ts";

const script = fileURLToPath(new URL("./testing/hostile-reader.ts", import.meta.url));
/** How Node says no, and nothing else: an attempt that fails for its own clumsiness proves nothing. */
const REFUSED =
  /^refused: (?:ERR_ACCESS_DENIED|ERR_DLOPEN_DISABLED|ERR_UNKNOWN_BUILTIN_MODULE|EvalError: Code generation|Error: the environment is empty)/;
const named = (name: string) => ({ name, bytes: new Uint8Array(0) });

describe("a reader that was taken over", () => {
  const folder = mkdtempSync(join(tmpdir(), "steward-sandbox-"));
  const secret = join(folder, "secret.txt");
  let readers: Reader;
  let knocks = 0;
  const server = createServer((socket) => {
    knocks += 1;
    socket.destroy();
  });
  let port = 0;

  before(async () => {
    writeFileSync(secret, "the owner's secret", { mode: 0o644 });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    port = typeof address === "object" && address ? address.port : 0;
    readers = openReaders({ processes: 1, script });
  });
  after(async () => {
    await readers.close();
    server.close();
    rmSync(folder, { recursive: true });
  });

  async function attempt(name: string): Promise<string> {
    const outcome = await readers.read(named(name));
    assert.ok(outcome.ok && "document" in outcome, `${name}: ${JSON.stringify(outcome)}`);
    return outcome.document.text;
  }

  test("the hostile program does answer, so that a refusal means something", async () => {
    assert.equal(await attempt("nothing"), "read nothing");
    assert.match(await attempt(`read ${script}`), /^got /, "the code itself may be read");
  });

  for (const [what, name] of [
    ["connect to a server", () => `connect ${port}`],
    ["fetch", () => `fetch ${port}`],
    ["send a datagram", () => `udp ${port}`],
    ["look a name up", () => "dns"],
    ["ask a name server", () => "resolve"],
    ["listen", () => "listen"],
    ["write a file", () => `write ${join(folder, "written")}`],
    ["make a link", () => `link ${join(folder, "linked")}`],
    ["read a file of the owner", () => `read ${secret}`],
    ["read /etc/passwd", () => "read /etc/passwd"],
    ["read its own process's memory map", () => "read /proc/self/maps"],
    ["list the home folder", () => `list ${homedir()}`],
    ["list the root", () => "list /"],
    ["start a child", () => "child"],
    ["start a worker", () => "worker"],
    ["load an addon", () => `addon ${join(folder, "addon.node")}`],
    ["open a database file", () => `sqlite ${join(folder, "written.db")}`],
    ["mount the file system for WebAssembly", () => "wasi"],
    ["open a debugger", () => "inspect"],
    ["make code from text", () => "eval"],
    ["read the environment", () => "environment"],
  ] as const) {
    test(`cannot ${what}`, async () => {
      assert.match(await attempt(name()), REFUSED);
    });
  }

  test("left no trace of all that", () => {
    assert.equal(knocks, 0);
    for (const name of ["written", "linked", "written.db"]) assert.equal(existsSync(join(folder, name)), false, name);
  });

  test("can signal the house only where it runs as the same user", async () => {
    // The one door the flags leave open (see sandbox.ts); signal 0 asks whether a signal would arrive.
    const expected = runsAsNobody(script) ? /^refused: EPERM/ : /^got true/;
    assert.match(await attempt(`signal ${process.pid}`), expected);
  });
});

describe("a reader that misbehaves", () => {
  async function one(name: string, options: { memoryMb?: number; timeoutMs?: number } = {}) {
    const readers = openReaders({ processes: 1, script, timeoutMs: 30_000, ...options });
    try {
      return await readers.readMany([named("a"), named(name), named("b")]);
    } finally {
      await readers.close();
    }
  }

  for (const [name, code, options] of [
    ["exit", "crashed", {}],
    ["spin", "too-slow", { timeoutMs: 300 }],
    ["eat", "too-large", { memoryMb: 200 }],
    ["heap", "too-large", { memoryMb: 120 }],
    ["babble", "crashed", {}],
    ["giant", "crashed", {}],
    ["lie", "crashed", {}],
  ] as const) {
    test(`"${name}" costs that one document (${code}), not its neighbours`, async () => {
      const [first, middle, last] = await one(name, options);
      assert.ok(first?.ok && "document" in first && first.document.text === "read a");
      assert.ok(last?.ok && "document" in last && last.document.text === "read b");
      assert.ok(middle && !middle.ok);
      assert.equal(middle.code, code);
      assert.ok(middle.reason.length > 10);
    });
  }
});
