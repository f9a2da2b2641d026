import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer as createWebServer } from "node:http";
import { type AddressInfo, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

/** A checkout as small as can be, with the real bootstrap and npm. */
const DEV = { version: "1.0.0", dev: true };

function makeCheckout(t: { after(clean: () => void): void }, installed: Readonly<Record<string, unknown>>): string {
  const root = mkdtempSync(join(tmpdir(), "steward-bootstrap-"));
  t.after(() => rmSync(root, { recursive: true }));
  const at = (...path: string[]) => join(root, ...path);
  const write = (file: string, content: unknown) => writeFileSync(file, JSON.stringify(content));
  for (const folder of ["scripts", "aws/deploy", "node_modules/.bin"]) mkdirSync(at(folder), { recursive: true });
  for (const name of ["bootstrap.cjs", "go-on.cjs"]) cpSync(join(import.meta.dirname, name), at("scripts", name));
  const about = { name: "checkout", version: "1.0.0", devDependencies: { tools: "1.0.0" } };
  const lock = { name: "checkout", version: "1.0.0", lockfileVersion: 3, requires: true };
  write(at("package.json"), about);
  write(at("package-lock.json"), { ...lock, packages: { "": about, "node_modules/tools": DEV } });
  write(at("node_modules", ".package-lock.json"), { ...lock, packages: installed });
  for (const path of Object.keys(installed)) {
    mkdirSync(at(path));
    write(at(path, "package.json"), { name: "tools", version: "1.0.0" });
  }
  symlinkSync(process.execPath, at("node_modules", ".bin", "node"));
  writeFileSync(at("aws", "deploy", "main.ts"), "console.log('goes on: ' + process.argv.slice(2).join(' '));");
  return root;
}

/** With a registry that nobody is at, if none is given. `until` it says so, where it would go on for minutes. */
async function dryRun(
  root: string,
  registry?: Server,
  until?: RegExp,
): Promise<{ code: number | null; out: string; err: string }> {
  const server = registry ?? createServer();
  server.listen(0, "127.0.0.1");
  try {
    await new Promise((resolve) => server.once("listening", resolve));
    // A TCP server listens at a port, not at a path.
    const { port } = server.address() as AddressInfo;
    if (!registry) await new Promise((resolve) => server.close(resolve));
    const env = {
      PATH: process.env.PATH,
      npm_config_registry: `http://127.0.0.1:${port}/`,
      npm_config_cache: join(root, "cache"),
    };
    const child = spawn(process.execPath, [join(root, "scripts", "bootstrap.cjs"), "cloud", "deploy", "--dry-run"], {
      env,
      // With npm, which it starts, a group that can be ended together.
      detached: true,
    });
    let [out, err] = ["", ""];
    child.stdout.on("data", (chunk) => {
      out += chunk;
    });
    child.stderr.on("data", (chunk) => {
      err += chunk;
      if (until?.test(err) && child.pid) process.kill(-child.pid);
    });
    const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
    return { code, out, err };
  } finally {
    if (registry) registry.close();
  }
}

const options = { skip: process.platform === "win32" && "links need rights there", timeout: 60_000 };

test("without a network it says what is lacking instead of waiting for npm", options, async (t) => {
  const { code, err } = await dryRun(makeCheckout(t, {}));
  assert.equal(code, 1);
  assert.match(err, /^Deploying needs AWS's clients and CDK.*registry does not answer.*\nConnect this machine/);
});

test("a registry that says nothing is tried further, and it is said what is lacking", options, async (t) => {
  const { err } = await dryRun(makeCheckout(t, {}), createServer(), /npm goes on trying/);
  assert.match(err, /^Deploying needs AWS's clients and CDK.*registry does not answer.*\nnpm goes on trying/);
});

test("without a network what is installed is used, whoever installed it", options, async (t) => {
  for (const registry of [undefined, createServer()]) {
    const { code, out, err } = await dryRun(makeCheckout(t, { "node_modules/tools": DEV }), registry);
    assert.equal(code, 0, err);
    assert.equal(out, "goes on: deploy --dry-run\n");
  }
});

test("a registry that is in trouble for a moment is taken for one that is there", options, async (t) => {
  const registry = createWebServer((_, answer) => answer.writeHead(503).end());
  const { err } = await dryRun(makeCheckout(t, {}), registry, /Installing what is missing/);
  assert.match(err, /^Installing what is missing…/);
});

test("a registry that knows no ping is there all the same, and npm says what it has not", options, async (t) => {
  const registry = createWebServer((_, answer) => answer.writeHead(404).end());
  const { code, err } = await dryRun(makeCheckout(t, {}), registry);
  assert.equal(code, 1);
  assert.match(
    err,
    /^Installing what is missing…\n[\s\S]*E404[\s\S]*The installation did not finish; npm said why above/,
  );
});
