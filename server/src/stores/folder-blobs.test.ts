import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { it } from "node:test";
import { testBlobs } from "@steward/core/testing/blobs-contract.ts";
import { StoreFull, StoreTrouble } from "./errors.ts";
import { openFolderBlobs } from "./folder-blobs.ts";

testBlobs("a folder", async () => {
  const folder = await mkdtemp(join(tmpdir(), "steward-blobs-"));
  return { blobs: await openFolderBlobs(folder), close: () => rm(folder, { recursive: true }) };
});

it("lets nobody but the owner in, and leaves no file behind but the blobs", async () => {
  const folder = await mkdtemp(join(tmpdir(), "steward-blobs-"));
  try {
    const home = join(folder, "blobs");
    const blobs = await openFolderBlobs(home);
    await blobs.put("a/b", Uint8Array.of(1));
    await assert.rejects(blobs.put("a/b", Uint8Array.of(2)));
    const files = await filesBelow(home);
    assert.equal(files.length, 1);
    if (process.platform !== "win32") {
      assert.equal((await stat(files[0] ?? "")).mode & 0o777, 0o600);
      for (const entry of [".", ...(await readdir(home))]) {
        assert.equal((await stat(join(home, entry))).mode & 0o777, 0o700, entry);
      }
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});

it("removes at the start what a crash left half written, and keeps what was whole", async () => {
  const folder = await mkdtemp(join(tmpdir(), "steward-blobs-"));
  try {
    await (await openFolderBlobs(folder)).put("whole", Uint8Array.of(1));
    await writeFile(join(folder, ".incoming", "half"), "half a blob");
    const blobs = await openFolderBlobs(folder);
    assert.deepEqual(await blobs.get("whole"), Uint8Array.of(1));
    assert.equal((await filesBelow(folder)).length, 1);
  } finally {
    await rm(folder, { recursive: true });
  }
});

it("says whose fault it is: the caller's stream keeps its own error, the disk's becomes StoreTrouble", async () => {
  const folder = await mkdtemp(join(tmpdir(), "steward-blobs-"));
  try {
    const blobs = await openFolderBlobs(folder);
    await assert.rejects(blobs.put("a", unreadable()), { code: "ENOENT" });
    await rm(join(folder, ".incoming"), { recursive: true });
    await assert.rejects(blobs.put("a", Uint8Array.of(1)), StoreTrouble);
    await writeFile(join(folder, "a file"), "");
    await assert.rejects(openFolderBlobs(join(folder, "a file")), StoreTrouble);
  } finally {
    await rm(folder, { recursive: true });
  }
});

it("says that the disk is full, shows nothing of the blob, and goes on when there is room", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "steward-full-"));
  const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", folder]).status === 0;
  try {
    if (!mounted) return t.skip("needs root to mount a small disk");
    const blobs = await openFolderBlobs(folder);
    await blobs.put("small", new Uint8Array(100_000));
    const large = (async function* () {
      for (let i = 0; i < 20; i++) yield new Uint8Array(100_000);
    })();
    await assert.rejects(blobs.put("large", large), StoreFull);
    await assert.rejects(blobs.put("large", new Uint8Array(2_000_000)), StoreFull);
    assert.equal(await blobs.get("large"), undefined);
    assert.equal((await filesBelow(folder)).length, 1);
    assert.equal(await blobs.put("fits", new Uint8Array(500_000)), 500_000);
    assert.equal((await blobs.get("small"))?.length, 100_000);
  } finally {
    if (mounted) spawnSync("umount", [folder]);
    await rm(folder, { recursive: true });
  }
});

/** A stream whose own file cannot be read. */
async function* unreadable(): AsyncIterable<Uint8Array> {
  yield Uint8Array.of(1);
  yield await readFile("/no/such/file");
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}
