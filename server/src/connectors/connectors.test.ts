import assert from "node:assert/strict";
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";
import type { Connector, Pulled } from "@steward/core/intake/connector.ts";
import type { Source } from "@steward/core/item.ts";
import { openConnectors } from "./index.ts";
import { pathConnector } from "./path.ts";
import { uploadConnector } from "./upload.ts";
import { isOfTheSystem } from "./walk.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "steward-connectors-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const progress = { added: 0, known: 0, quarantined: 0, bytes: 0 };
function sourceAt(path: string, kind: Source["kind"] = "path"): Source {
  return { id: "s", kind, name: "the source", path, trust: "stranger", state: "waiting", progress, addedAt: 0 };
}

async function pullAll(connector: Connector, source: Source, cursor?: string): Promise<Pulled[]> {
  return Array.fromAsync(connector.pull(source, cursor, new AbortController().signal));
}

const mail = (number: number, body = `body ${number}`) =>
  `From: a${number}@example.org\nSubject: mail ${number}\n\n${body}\n`;
const separator = (number: number) =>
  `From a${number}@example.org Tue Mar  3 10:11:${String(number % 60).padStart(2, "0")} 2026\n`;
const mbox = (count: number, from = 1) =>
  Array.from({ length: count }, (_, at) => `${separator(from + at)}${mail(from + at)}\n`).join("");

const text = (pulled: Pulled | undefined) =>
  pulled?.type === "entry" ? Buffer.from(pulled.bytes).toString() : undefined;
const places = (pulled: readonly Pulled[]) => pulled.map((each) => each.path.slice(folder.length + 1));

describe("a folder", () => {
  test("that has become a device is trouble and is not opened", async () => {
    const [pulled, ...more] = await pullAll(pathConnector(), sourceAt("/dev/null"));
    assert.ok(pulled?.type === "trouble");
    assert.match(pulled.reason, /a pipe, a socket or a device/);
    assert.deepEqual(more, []);
  });

  test("that shows the system itself is trouble, and is not walked", {
    skip: process.platform !== "linux",
  }, async () => {
    for (const path of ["/proc", "/proc/self", "/sys/kernel", "/dev"]) {
      const [pulled, ...more] = await pullAll(pathConnector(), sourceAt(path));
      assert.ok(pulled?.type === "trouble", path);
      assert.match(pulled.reason, /the system shows itself/);
      assert.deepEqual(more, [], path);
    }
  });

  test("gives every file once, in a stable order, without what is hidden or linked", async () => {
    mkdirSync(join(folder, "b"));
    mkdirSync(join(folder, ".git"));
    writeFileSync(join(folder, "z.txt"), "z");
    writeFileSync(join(folder, "a.md"), "a");
    writeFileSync(join(folder, "b", "inner.txt"), "inner");
    writeFileSync(join(folder, ".hidden"), "no");
    writeFileSync(join(folder, ".git", "config"), "no");
    symlinkSync("/etc/hostname", join(folder, "link"));
    symlinkSync(folder, join(folder, "loop"));
    const pulled = await pullAll(pathConnector(), sourceAt(folder));
    assert.deepEqual(places(pulled), ["a.md", "b/inner.txt", "z.txt"]);
    assert.deepEqual(pulled.map(text), ["a", "inner", "z"]);
    assert.equal(pulled.at(-1)?.position, 7);
    assert.equal(await pathConnector().measure(sourceAt(folder)), 7);
  });

  test("goes on exactly behind any entry", async () => {
    for (const name of ["a", "b", "c/d", "c.x", "e"]) {
      mkdirSync(join(folder, "c"), { recursive: true });
      writeFileSync(join(folder, name), name);
    }
    writeFileSync(join(folder, "d.mbox"), mbox(3));
    // Everything is older than the first run, so nothing counts as changed since.
    const all = await pullAll(pathConnector(), sourceAt(folder));
    assert.equal(all.length, 8);
    for (let at = 0; at < all.length; at++) {
      const cursor = all[at]?.cursor.replace(/"since":[\d.]+/, `"since":${Date.now() + 60_000}`);
      const rest = await pullAll(pathConnector(), sourceAt(folder), cursor);
      assert.deepEqual(
        rest.map((each) => each.path),
        all.slice(at + 1).map((each) => each.path),
        `after ${all[at]?.path}`,
      );
      assert.deepEqual(rest.map(text), all.slice(at + 1).map(text));
    }
  });

  test("after a whole run gives only what is new or changed", async () => {
    const old = new Date(Date.now() - 86_400_000);
    for (const name of ["a", "m", "z"]) {
      writeFileSync(join(folder, name), name);
      utimesSync(join(folder, name), old, old);
    }
    const first = await pullAll(pathConnector(), sourceAt(folder));
    // The files' change time is now; a run that began later has seen them.
    const cursor = first.at(-1)?.cursor.replace(/"since":[\d.]+/, `"since":${Date.now() + 60_000}`);
    assert.deepEqual(await pullAll(pathConnector(), sourceAt(folder), cursor), []);
    const later = new Date(Date.now() + 120_000);
    writeFileSync(join(folder, "m"), "changed");
    utimesSync(join(folder, "m"), later, later);
    assert.deepEqual((await pullAll(pathConnector(), sourceAt(folder), cursor)).map(text), ["changed"]);
  });

  test("a file that may not be read or is gone is trouble, the rest goes on", async () => {
    writeFileSync(join(folder, "a"), "a");
    writeFileSync(join(folder, "b"), "b");
    const connector = pathConnector();
    const pulled: Pulled[] = [];
    for await (const each of connector.pull(sourceAt(folder), undefined, new AbortController().signal)) {
      if (pulled.length === 0) rmSync(join(folder, "b"));
      pulled.push(each);
    }
    const [, gone] = pulled;
    assert.ok(gone?.type === "trouble");
    assert.equal(gone.reason, "It is no longer there.");
  });

  test("a folder that is gone as a whole is an error", async () => {
    await assert.rejects(pullAll(pathConnector(), sourceAt(join(folder, "nothing"))), /ENOENT/);
  });

  test("a file that changes between the walk and its reading is read as it is now, whole", async () => {
    writeFileSync(join(folder, "a"), "a");
    writeFileSync(join(folder, "b"), "b");
    const texts: (string | undefined)[] = [];
    for await (const each of pathConnector().pull(sourceAt(folder), undefined, new AbortController().signal)) {
      if (texts.length === 0) appendFileSync(join(folder, "b"), " and more");
      texts.push(text(each));
    }
    assert.deepEqual(texts, ["a", "b and more"]);
  });

  test("a file larger than can be read whole is trouble and costs no reading", async () => {
    writeFileSync(join(folder, "huge.bin"), "x");
    truncateSync(join(folder, "huge.bin"), 300 * 1024 * 1024);
    const [pulled] = await pullAll(pathConnector(), sourceAt(folder));
    assert.ok(pulled?.type === "trouble");
    assert.match(pulled.reason, /300 MB; files up to 256 MB/);
  });

  test("stops when told to", async () => {
    for (const name of ["a", "b", "c"]) writeFileSync(join(folder, name), name);
    const stop = new AbortController();
    const seen: string[] = [];
    for await (const each of pathConnector().pull(sourceAt(folder), undefined, stop.signal)) {
      seen.push(each.path);
      stop.abort();
    }
    assert.equal(seen.length, 1);
  });

  test("a Maildir gives its mails as mails, without flags and unfinished ones, and its subfolders", async () => {
    for (const name of ["cur", "new", "tmp", ".Sent/cur", ".Sent/new", ".Sent/tmp", ".cache"]) {
      mkdirSync(join(folder, name), { recursive: true });
    }
    writeFileSync(join(folder, "cur", "1700.M1P1.host:2,RS"), mail(1));
    writeFileSync(join(folder, "new", "1701.M1P1.host"), mail(2));
    writeFileSync(join(folder, "tmp", "1702"), "half");
    writeFileSync(join(folder, ".Sent", "cur", "1703.host:2,S"), mail(3));
    writeFileSync(join(folder, ".cache", "x"), "no");
    const pulled = await pullAll(pathConnector(), sourceAt(folder));
    assert.deepEqual(
      pulled.map((each) => each.type === "entry" && [each.name, each.mediaType]),
      [
        ["1703.host.eml", "message/rfc822"],
        ["1700.M1P1.host.eml", "message/rfc822"],
        ["1701.M1P1.host.eml", "message/rfc822"],
      ],
    );
  });
});

describe("an mbox", () => {
  const at = () => join(folder, "mail.mbox");

  test("gives its mails without separators and escapes, numbered, with the time of the separator", async () => {
    const tricky = "From now on we meet at ten.\n>From the start\n>>From twice\nFrom me, 2026";
    writeFileSync(at(), `${separator(1)}${mail(1, tricky)}\n${mbox(2, 2)}`);
    const pulled = await pullAll(pathConnector(), sourceAt(at()));
    assert.deepEqual(places(pulled), ["mail.mbox!1", "mail.mbox!2", "mail.mbox!3"]);
    assert.equal(text(pulled[0]), mail(1, tricky.replace(">From the", "From the").replace(">>From", ">From")));
    assert.equal(text(pulled[2]), mail(3));
    assert.ok(pulled[0]?.type === "entry");
    assert.equal(pulled[0].modifiedAt, Date.UTC(2026, 2, 3, 10, 11, 1));
    assert.equal(pulled.at(-1)?.position, await pathConnector().measure(sourceAt(at())));
  });

  test("takes CRLF, a missing end and the separators of Thunderbird and Takeout", async () => {
    const crlf = (part: string) => part.replaceAll("\n", "\r\n");
    const takeout = "From 1234567890@xxx Tue Mar 03 10:11:12 +0000 2026\n";
    writeFileSync(
      at(),
      `${crlf(`From - Tue Mar  3 10:11:12 2026\n${mail(1)}\n${takeout}${mail(2)}\n${separator(3)}`)}Subject: cut`,
    );
    const pulled = await pullAll(pathConnector(), sourceAt(at()));
    assert.deepEqual(pulled.map(text), [crlf(mail(1)), crlf(mail(2)), "Subject: cut"]);
  });

  test("is cut the same wherever the chunks of the file end", async () => {
    // Longer than one chunk of 2 MiB, with a separator line lying across its end at every possible place.
    for (const shift of [0, 1, 2, 5, 6, 7, 20, 40]) {
      const first = `${separator(1)}Subject: 1\n\n`;
      const body = "x".repeat(2 * 1024 * 1024 - first.length - 2 - shift);
      writeFileSync(at(), `${first}${body}\n\n${mbox(2, 2)}`);
      const pulled = await pullAll(pathConnector(), sourceAt(at()));
      assert.deepEqual(
        pulled.map((each) => text(each)?.length),
        [body.length + 13, mail(2).length, mail(3).length],
      );
      const rest = await pullAll(pathConnector(), sourceAt(at()), pulled[0]?.cursor);
      assert.deepEqual(rest.map(text), [mail(2), mail(3)]);
    }
  });

  test("that grew goes on where it ended; one that was rewritten starts over", async () => {
    writeFileSync(at(), mbox(3));
    const cursor = (await pullAll(pathConnector(), sourceAt(at()))).at(-1)?.cursor;
    assert.deepEqual(await pullAll(pathConnector(), sourceAt(at()), cursor), []);
    appendFileSync(at(), mbox(1, 4));
    const grown = await pullAll(pathConnector(), sourceAt(at()), cursor);
    assert.deepEqual(places(grown), ["mail.mbox!4"]);
    assert.equal(text(grown[0]), mail(4));
    writeFileSync(at(), mbox(5, 11));
    const rewritten = await pullAll(pathConnector(), sourceAt(at()), cursor);
    assert.equal(rewritten.length, 5);
    truncateSync(at(), mbox(1, 11).length);
    assert.equal((await pullAll(pathConnector(), sourceAt(at()), cursor)).length, 1);
  });

  test("a last mail that was still being written is read again when it is whole", async () => {
    const whole = mbox(2);
    writeFileSync(at(), whole.slice(0, -8));
    const half = await pullAll(pathConnector(), sourceAt(at()));
    assert.equal(half.length, 2);
    appendFileSync(at(), whole.slice(-8));
    const again = await pullAll(pathConnector(), sourceAt(at()), half.at(-1)?.cursor);
    assert.ok(again.map(text).includes(mail(2)));
  });

  test("one giant mail is trouble, its neighbours are read, memory stays bounded", async () => {
    writeFileSync(at(), `${mbox(1)}${separator(2)}Subject: big\n\n`);
    const line = `${"y".repeat(1023)}\n`.repeat(1024);
    for (let written = 0; written < 100; written++) appendFileSync(at(), line);
    appendFileSync(at(), `\n${mbox(1, 3)}`);
    const [first, giant, last] = await pullAll(pathConnector(), sourceAt(at()));
    assert.equal(text(first), mail(1));
    assert.ok(giant?.type === "trouble");
    assert.match(giant.reason, /up to 64 MB/);
    assert.equal(text(last), mail(3));
  });

  test("a cursor that nobody here wrote means from the start", async () => {
    writeFileSync(at(), mbox(2));
    for (const cursor of ["", "{}", "nonsense", '{"since":1}']) {
      assert.equal((await pullAll(pathConnector(), sourceAt(at()), cursor)).length, 2);
    }
  });
});

describe("an upload", () => {
  const over = (content: string) => {
    const bytes = Buffer.from(content);
    const asked: number[] = [];
    const connector = uploadConnector({
      open: async () => ({
        size: bytes.length,
        read: async (offset, length) => {
          asked.push(length);
          // A blob may give less than asked for.
          return bytes.subarray(offset, offset + Math.min(length, 700));
        },
      }),
    });
    return { connector, asked };
  };

  test("of an mbox is streamed and goes on behind any mail", async () => {
    const { connector } = over(mbox(30));
    const all = await pullAll(connector, sourceAt("", "upload"));
    assert.equal(all.length, 30);
    assert.equal(all[0]?.path, "the source!1");
    assert.equal(all.at(-1)?.position, await connector.measure(sourceAt("", "upload")));
    for (const from of [0, 7, 29]) {
      const rest = await pullAll(connector, sourceAt("", "upload"), all[from]?.cursor);
      assert.deepEqual(rest.map(text), all.slice(from + 1).map(text));
    }
  });

  test("of anything else is one entry, once", async () => {
    const content = "a note ".repeat(500);
    const { connector } = over(content);
    const [entry, ...more] = await pullAll(connector, sourceAt("", "upload"));
    assert.deepEqual(more, []);
    assert.equal(text(entry), content);
    assert.deepEqual(await pullAll(connector, sourceAt("", "upload"), entry?.cursor), []);
  });
});

test("only what the system shows of itself is taken for that", () => {
  const system = ["/proc", "/proc/1/mem", "/sys/class", "/dev", "/dev/disk/by-id"];
  const own = ["/", "/home/proc", "/procedures", "/system/mail", "/dev/shm", "/dev/shm/mail", "/developer", "C:\\dev"];
  assert.deepEqual([...system, ...own].filter(isOfTheSystem), system);
});

test("every kind of source has its connector; the sample's lies where the house says", async () => {
  writeFileSync(join(folder, "note.txt"), "sample");
  const connectors = openConnectors({
    sampleFolder: folder,
    openUpload: async () => ({ size: 0, read: async () => new Uint8Array(0) }),
  });
  for (const kind of ["path", "upload", "sample"] as const) assert.equal(connectors[kind].kind, kind);
  assert.deepEqual((await pullAll(connectors.sample, sourceAt("/nowhere", "sample"))).map(text), ["sample"]);
});
