import { createHash } from "node:crypto";
import type { Blobs } from "../blobs.ts";
import type { Records } from "../records.ts";
import { SealedRecords } from "../vault/sealed-records.ts";
import { IndexStores } from "./index-stores.ts";
import { plainVault } from "./plain-vault.ts";

/**
 * A home of the private index whose disk fails at the nth write, and from then on until it is mended: as when the power
 * is cut (then a new process opens what was written) or the disk is full (then the same process goes on).
 */
export class MortalHome extends IndexStores {
  writes = 0;
  failsAt = Number.POSITIVE_INFINITY;
  /** Whether the write that fails first is done all the same. */
  isDone = false;
  error: () => Error = () => new Error("power cut");

  mend(): void {
    this.failsAt = Number.POSITIVE_INFINITY;
  }

  /** As a process would use them; they fail when the disk does. */
  override process(): { sealed: SealedRecords; blobs: Blobs } {
    const under = { records: this.records, blobs: this.blobs };
    const records: Records = {
      get: (key) => under.records.get(key),
      getMany: (keys) => under.records.getMany(keys),
      query: (partition, range) => under.records.query(partition, range),
      write: (changes) => this.#write(() => under.records.write(changes)),
    };
    const blobs: Blobs = {
      put: (name, bytes) => this.#write(() => under.blobs.put(name, bytes)),
      get: (name, range) => under.blobs.get(name, range),
      size: (name) => under.blobs.size(name),
      delete: (name) => this.#write(() => under.blobs.delete(name)),
      list: (prefix) => under.blobs.list(prefix),
    };
    return { sealed: new SealedRecords(records, plainVault(records)), blobs };
  }

  async #write<T>(work: () => Promise<T>): Promise<T> {
    this.writes += 1;
    if (this.writes > this.failsAt || (this.writes === this.failsAt && !this.isDone)) throw this.error();
    const result = await work();
    if (this.writes === this.failsAt) throw this.error();
    return result;
  }

  async blobNames(): Promise<string[]> {
    return Array.fromAsync(this.blobs.list("index/"));
  }

  /** The segments that have a key. */
  async keys(): Promise<string[]> {
    const prefix = "index:segment:";
    const rows = await Array.fromAsync(this.records.query("plain-keys", { prefix }));
    return rows.map(({ sort }) => sort.slice(prefix.length));
  }

  /** All stored segments; the plain vault of the tests hides nothing. */
  async allBytes(): Promise<string> {
    let all = "";
    for (const name of await this.blobNames()) all += new TextDecoder("latin1").decode(await this.blobs.get(name));
    return all;
  }

  /** Cuts the oldest segment, or the newest, off behind its first bytes; which. */
  async damage(which: "oldest" | "newest" = "oldest"): Promise<string> {
    const name = (await this.blobNames()).sort().at(which === "oldest" ? 0 : -1);
    if (name === undefined) throw new Error("There is no segment to damage.");
    await this.replace(name, (bytes) => bytes.subarray(0, 40));
    return name.slice("index/".length);
  }

  async replace(name: string, change: (bytes: Uint8Array) => Uint8Array): Promise<void> {
    const bytes = (await this.blobs.get(name)) ?? new Uint8Array();
    await this.blobs.delete(name);
    await this.blobs.put(name, change(bytes));
  }

  /** Everything that is stored of the index but its lease, to be compared: rows by their versions, blobs by their hashes. */
  async state(): Promise<string[]> {
    const rows = await Array.fromAsync(this.records.query("index"));
    const blobs = (await this.blobNames()).map(async (name) => {
      const hash = createHash("sha256").update((await this.blobs.get(name)) ?? "");
      return `${name} ${hash.digest("base64url")}`;
    });
    const said = rows.filter(({ sort }) => sort !== "lease").map(({ sort, version }) => `${sort} ${version}`);
    return [...said, ...(await this.keys()), ...(await Promise.all(blobs)).sort()];
  }

  /** The rows and keys as a process of their own would use them, whatever the disk does. */
  get sealed(): SealedRecords {
    return super.process().sealed;
  }
}
