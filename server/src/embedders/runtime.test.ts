import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before, describe, it } from "node:test";
import { promisify } from "node:util";
import { EmbedderError } from "./embedder-error.ts";
import { findRuntime, installRuntime, runtimeFolder } from "./runtime.ts";

const run = promisify(execFile);
const PACKAGES = { "onnxruntime-node": "1.0.0", "@huggingface/tokenizers": "2.0.0" } as const;

/** A registry on this machine with two small packages of those names, and a folder that locks them. */
describe("the runtime of sentence models", () => {
  let folder = "";
  let registry = "";
  const tarballs = new Map<string, Buffer>();
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? "").slice(1);
    const tarball = tarballs.get(path.replace(/\.tgz$/, ""));
    if (!tarball) return response.writeHead(404).end("{}");
    if (path.endsWith(".tgz")) return response.end(tarball);
    const version = PACKAGES[path === "onnxruntime-node" ? path : "@huggingface/tokenizers"];
    const dist = { tarball: `${registry}/${path}.tgz`, integrity: integrityOf(tarball) };
    const versions = { [version]: { name: path, version, dist } };
    return response.end(JSON.stringify({ name: path, "dist-tags": { latest: version }, versions }));
  });

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "steward-runtime-"));
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const address = server.address();
    assert.ok(address !== null && typeof address === "object");
    registry = `http://127.0.0.1:${address.port}`;
    for (const [name, version] of Object.entries(PACKAGES)) {
      const source = join(folder, "sources", name);
      for (const platform of ["aix/ppc64", `${process.platform}/${process.arch}`]) {
        await mkdir(join(source, "bin/napi-v6", platform), { recursive: true });
        await writeFile(join(source, "bin/napi-v6", platform, "library"), platform);
      }
      const scripts = { postinstall: "node -e \"require('fs').writeFileSync('ran','')\"" };
      await writeFile(join(source, "package.json"), JSON.stringify({ name, version, main: "index.js", scripts }));
      await writeFile(join(source, "index.js"), `module.exports = ${JSON.stringify(name)};`);
      const { stdout } = await run("npm", ["pack", "--ignore-scripts", "--silent"], { cwd: source });
      tarballs.set(name, await readFile(join(source, stdout.trim())));
    }
  });
  after(async () => {
    server.closeAllConnections();
    server.close();
    await rm(folder, { recursive: true });
  });

  /** A home, and the lock that `integrities` says. */
  async function withHome(integrities: ReadonlyMap<string, string>, work: (home: string, packages: string) => unknown) {
    const home = await mkdtemp(join(folder, "home-"));
    const packages = join(home, "..", `packages-${home.slice(-6)}`);
    await mkdir(packages);
    const root = { name: "runtime", version: "1.0.0", dependencies: PACKAGES };
    const locked = Object.entries(PACKAGES).map(([name, version]) => [
      `node_modules/${name}`,
      { version, integrity: integrities.get(name) },
    ]);
    const lock = { ...root, lockfileVersion: 3, requires: true, packages: { "": root, ...Object.fromEntries(locked) } };
    await writeFile(join(packages, "package.json"), JSON.stringify(root));
    await writeFile(join(packages, "package-lock.json"), JSON.stringify(lock));
    await work(home, packages);
  }
  const right = () => new Map([...tarballs].map(([name, bytes]) => [name, integrityOf(bytes)]));

  it("is installed below the home, without running anything and for this platform only", async () => {
    await withHome(right(), async (home, packages) => {
      const runtime = await installRuntime({ home, packages, registry });
      const place = runtimeFolder(home);
      assert.equal(runtime.onnxruntime, join(place, "node_modules/onnxruntime-node/index.js"));
      assert.equal(runtime.tokenizers, join(place, "node_modules/@huggingface/tokenizers/index.js"));
      assert.equal(existsSync(join(place, "node_modules/onnxruntime-node/ran")), false);
      const platforms = join(place, "node_modules/onnxruntime-node/bin/napi-v6");
      assert.deepEqual(await readdir(join(platforms, process.platform)), [process.arch]);
      assert.deepEqual(await readdir(join(platforms, "aix")), []);
      assert.deepEqual((await readdir(home)).sort(), ["runtime"]);
      assert.equal(existsSync(join(place, "npm-cache")), false);
      // Another time there is nothing to do, and no registry to ask.
      assert.deepEqual(await installRuntime({ home, packages, registry: "http://127.0.0.1:9" }), runtime);
    });
  });

  it("is not installed at all when a package is not the one that was locked, or cannot be had", async () => {
    const wrong = right().set("onnxruntime-node", integrityOf(Buffer.from("another")));
    await withHome(wrong, async (home, packages) => {
      await assert.rejects(installRuntime({ home, packages, registry }), fails(/EINTEGRITY/));
      assert.deepEqual(await readdir(home), []);
    });
    await withHome(right(), async (home, packages) => {
      await assert.rejects(installRuntime({ home, packages, registry: `${registry}/no` }), fails(/E404/));
      await assert.rejects(installRuntime({ home, packages, registry, npm: "no-such-npm" }), fails(/no npm on this/));
      const signal = AbortSignal.abort();
      await assert.rejects(installRuntime({ home, packages, registry, signal }), fails(/was stopped/));
      assert.deepEqual(await readdir(home), []);
    });
  });

  it("is what developers have: the same versions with the same checksums", async () => {
    const server = resolve(import.meta.dirname, "../..");
    const ours = JSON.parse(await readFile(join(server, "assets/embedding-runtime/package-lock.json"), "utf8"));
    const theirs = JSON.parse(await readFile(join(server, "../package-lock.json"), "utf8"));
    for (const name of Object.keys(PACKAGES).map((name) => `node_modules/${name}`)) {
      assert.ok(ours.packages[name].integrity);
      assert.equal(ours.packages[name].integrity, theirs.packages[name].integrity, name);
    }
    assert.ok(findRuntime(folder));
  });
});

function integrityOf(bytes: Buffer): string {
  return `sha512-${createHash("sha512").update(bytes).digest("base64")}`;
}

function fails(words: RegExp) {
  return (error: unknown) => {
    assert.ok(error instanceof EmbedderError, String(error));
    assert.match(error.message, words);
    return true;
  };
}
