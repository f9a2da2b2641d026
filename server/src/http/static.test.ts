import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { codeOf, listen } from "../testing/listening.ts";

const web = mkdtempSync(join(tmpdir(), "steward-web-"));
mkdirSync(join(web, "assets"));
writeFileSync(join(web, "index.html"), "<!doctype html><title>Steward</title>");
writeFileSync(join(web, "assets", "app-1a2b.js"), "export {};");
writeFileSync(join(web, "assets", "app-1a2b.js.br"), brotliCompressSync("export {};"));
writeFileSync(join(web, "assets", "app-1a2b.js.gz"), gzipSync("export {};"));
writeFileSync(join(web, "..", "secret-beside.txt"), "secret");
after(() => {
  rmSync(web, { recursive: true });
  rmSync(join(web, "..", "secret-beside.txt"));
});

test("page routes get the page, asked for anew each time", async () => {
  await using at = await listen({ web });
  for (const path of ["/", "/chat/0192", "/library", "/set-up"]) {
    const answer = await at.ask(path);
    assert.equal(answer.status, 200, path);
    assert.equal(answer.headers.get("content-type"), "text/html; charset=utf-8");
    assert.equal(answer.headers.get("cache-control"), "no-cache");
    assert.match(await answer.text(), /<title>Steward/);
  }
  const etag = (await at.ask("/")).headers.get("etag") ?? "";
  assert.equal((await at.ask("/", { headers: { "if-none-match": etag } })).status, 304);
});

test("hashed assets are kept for ever, compressed as the browser takes it", async () => {
  await using at = await listen({ web });
  const get = (encoding: string) => at.ask("/assets/app-1a2b.js", { headers: { "accept-encoding": encoding } });
  const plain = await get("identity");
  assert.equal(plain.headers.get("cache-control"), "public, max-age=31536000, immutable");
  assert.equal(plain.headers.get("content-type"), "text/javascript; charset=utf-8");
  assert.equal(plain.headers.get("content-encoding"), null);
  assert.equal(await plain.text(), "export {};");
  assert.equal((await get("gzip, br")).headers.get("content-encoding"), "br");
  assert.equal((await get("gzip")).headers.get("content-encoding"), "gzip");
});

test("no path climbs out of the folder, and no missing file becomes the page", async () => {
  await using at = await listen({ web });
  for (const path of [
    "/../secret-beside.txt",
    "/assets/../../secret-beside.txt",
    "/..%2fsecret-beside.txt",
    "/%2e%2e/secret-beside.txt",
    "/assets/gone.js",
    "//etc/passwd.txt",
  ]) {
    const answer = await at.ask(path);
    assert.equal(answer.status, 404, path);
    assert.equal(await codeOf(answer), "not-found");
  }
  assert.equal((await at.send("POST", "/library", {})).status, 404);
});

test("an app that is not built says so", async () => {
  await using at = await listen({ web: join(web, "nowhere") });
  const answer = await at.ask("/");
  assert.equal(answer.status, 503);
  assert.match(await answer.text(), /npm run build/);
});
