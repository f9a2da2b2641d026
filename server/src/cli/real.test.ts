import assert from "node:assert/strict";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fromBuffer } from "yauzl";
import { type Ran, runReal } from "../testing/spawned.ts";

/** The real command line over real homes, each command a process of its own, as a person or a script runs it. */
const folder = mkdtempSync(join(tmpdir(), "steward-real-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const env = { STEWARD_HOME: join(folder, "home"), STEWARD_PORT: "0" };
const backups = join(folder, "backups");
let code = "";

const steward = (args: string, more: { env?: Record<string, string>; stdin?: string } = {}) =>
  runReal(args.split(" "), { ...env, ...more.env }, more.stdin, folder);

/** A command that must succeed, with `--json`. */
async function told<T = Record<string, unknown>>(args: string, more: Parameters<typeof steward>[1] = {}): Promise<T> {
  const ran = await steward(`${args} --json`, more);
  assert.equal(ran.code, 0, `${args}: ${ran.err}${ran.out}`);
  return JSON.parse(ran.out); // the commands' JSON is what docs/cli.md says; each test asserts what it reads
}

const mail = (n: number, subject: string, text: string) =>
  `From: Greta Lind <greta@example.org>\nTo: Me <me@example.org>\nSubject: ${subject}\n` +
  `Date: Fri, 14 Mar 2025 10:0${n}:00 +0000\nMessage-ID: <m${n}@example.org>\n\n${text}\n`;

interface Hits {
  readonly total: number;
  readonly hits: readonly { readonly id: string; readonly title: string; readonly path?: string }[];
}

before(async () => {
  mkdirSync(join(folder, "notes"));
  const mbox = [1, 2].map(
    (n) =>
      `From greta@example.org Fri Mar 14 10:0${n}:00 2025\n${mail(n, `Rent ${n}`, `The rent of flat ${n} is 900 euro, due on 1 April.`)}\n`,
  );
  writeFileSync(join(folder, "box.mbox"), mbox.join(""));
  writeFileSync(join(folder, "one.eml"), mail(3, "Garden", "The tomatoes need water."));
  writeFileSync(join(folder, "notes", "cat.md"), "# Cat\n\nThe vet is called Doctor Walrus.\n");
  // Relative to where the person stands.
  const first = await steward("ingest box.mbox one.eml notes --json");
  assert.equal(first.code, 0, first.err);
  assert.equal(JSON.parse(first.out).added, 4);
  code = /^ {4}(\S{4}(?:-\S{4}){6})$/m.exec(first.err)?.[1] ?? "";
  assert.ok(code, "the recovery code is shown");
});

test("a search tells of its facets as filters, of why, and takes a pasted text", async () => {
  const facets = await steward('search "walrus" --facets --explain');
  assert.equal(facets.code, 0, facets.err);
  assert.match(facets.out, /^Kinds +kind:note 1$/m);
  assert.match(facets.out, /^Sources +in:notes 1$/m);
  assert.match(facets.out, /^ {2}why \d\.\d{3}: words \d\.\d: walrus \d\.\d \((?:text|subject)/m);
  const script = await told<{ facets: { kind: object } }>('search "walrus" --facets');
  assert.deepEqual(script.facets.kind, { note: 1 });
  assert.equal((await told<{ facets?: object }>("search walrus")).facets, undefined);

  const pasted = [`walrus ${"🎉".repeat(2_500)}`, `walrus ${"lorem ipsum ".repeat(2_000)}`, '"'.repeat(10_000)];
  const long = await steward("search --json", { stdin: `${pasted.join("\n")}\n` });
  assert.equal(long.code, 0, long.err);
  const [emoji, book, quotes] = long.out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  assert.ok(emoji.total >= 1);
  assert.match(book.problems[0].message, /first 20,000 characters/);
  assert.ok(book.total >= 1);
  assert.ok(quotes.problems.length > 0);
});

test("several hundred queries and questions go through one opening, a line each, in order", async () => {
  const queries = Array.from({ length: 300 }, (_, n) => (n % 2 ? '"walrus"' : '"tomatoes"'));
  const found = await steward("search --json", { stdin: `${queries.join("\n")}\n` });
  assert.equal(found.code, 0, found.err);
  const lines = found.out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    lines.map(({ query }) => query),
    queries,
  );
  assert.ok(lines.every(({ total }) => total === 1));

  const questions = Array.from({ length: 200 }, (_, n) =>
    n % 2 ? "What is the vet called?" : "What do the tomatoes need?",
  );
  const answered = await steward("ask --json", { stdin: `${questions.join("\n")}\n` });
  assert.equal(answered.code, 0, answered.err);
  const answers = answered.out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    answers.map(({ question }) => question),
    questions,
  );
  for (const [n, answer] of answers.entries()) {
    assert.match(answer.answer, n % 2 ? /Walrus/ : /water/);
    assert.equal(answer.citations[0]?.verified, true);
    assert.ok(
      n % 2 ? answer.citations[0]?.path.endsWith("cat.md") : answer.citations[0]?.messageId === "m3@example.org",
    );
  }
});

test("a backup is created, verified whole and open, told when it is not, and restored", async () => {
  const made = await told<{ path: string; kit: string; items: number }>(`backup create ${backups}`);
  assert.equal(made.items, 4);
  const whole = await steward(`backup verify ${made.path}`);
  assert.match(whole.out, /4 items.*whole\n[\s\S]*--code/);
  const opened = await steward(`backup verify ${made.path} --code`, { stdin: `${code}\n` });
  assert.equal(opened.code, 0, opened.err);
  assert.match(opened.out, /It opens/);

  const kit = join(folder, "kit-elsewhere.json");
  writeFileSync(kit, readFileSync(made.kit), { mode: 0o600 });
  rmSync(made.kit);
  const kitless = await steward(`backup verify ${made.path} --code --stdin`, { stdin: `${code}\n` });
  assert.equal(kitless.code, 2);
  assert.match(kitless.err, /--kit/);
  const named = await told<{ ok: boolean }>(`backup verify ${made.path} --kit ${kit} --code`, { stdin: `${code}\n` });
  assert.equal(named.ok, true);
  const keyFile = await steward(
    `backup verify ${made.path} --kit ${kit} --key-file ${join(env.STEWARD_HOME, "root.key")}`,
  );
  assert.equal(keyFile.code, 0, keyFile.err);
  const [wrong, mistyped, without] = await Promise.all([
    steward(`backup verify ${made.path} --kit ${kit} --code`, { stdin: "0000-0000-0000-0000-0000-0000-0000\n" }),
    steward(`backup verify ${made.path} --kit ${kit} --code`, { stdin: "7Q4M\n" }),
    steward(`backup verify ${made.path} --kit ${kit} --passphrase-file ${join(folder, "one.eml")}`),
  ]);
  assert.deepEqual([wrong.code, mistyped.code, without.code], [4, 4, 1], wrong.err + mistyped.err + without.err);
  assert.match(without.err, /made without a passphrase/);

  const home = { env: { STEWARD_HOME: join(folder, "restored") } };
  const [none, closed] = [
    await steward(`backup restore ${made.path}`, home),
    await steward(`backup restore ${made.path} --kit ${kit}`, { ...home, stdin: "7Q4M\n" }),
  ];
  assert.deepEqual([none.code, closed.code], [2, 4]);
  const restored = await steward(`backup restore ${made.path} --kit ${kit} --stdin`, { ...home, stdin: `${code}\n` });
  assert.equal(restored.code, 0, restored.err);
  assert.equal((await told<Hits>('search "walrus"', home)).total, 1);
  const again = await steward(`backup restore ${made.path} --kit ${kit}`, { ...home, stdin: `${code}\n` });
  assert.notEqual(again.code, 0, "a home with something in it is not written over");

  const hurt = openSync(made.path, "r+");
  writeSync(hurt, Buffer.alloc(64, 0xee), 0, 64, 5_000);
  const damaged = await steward(`backup verify ${made.path} --kit ${kit} --json`);
  assert.equal(damaged.code, 1);
  assert.ok(JSON.parse(damaged.out).problems.length > 0);
});

test("tokens, the password and the export do what they say", async () => {
  const token = await told<{ id: string; secret: string }>("token create script --scope read");
  assert.match(token.secret, /^stw_/);
  const listed = await steward("token list --json");
  assert.ok(listed.out.includes(token.id) && !listed.out.includes(token.secret));
  await told(`token revoke ${token.id}`);
  assert.equal((await steward(`token revoke ${token.id}`)).code, 3);
  assert.equal((await steward("password --stdin", { stdin: "correct horse battery\n" })).code, 0);
  assert.equal((await steward("password", { stdin: "short\n" })).code, 2);

  await told("remember The cat is called Ada");
  const file = join(folder, "all.zip");
  const made = await told<{ path: string }>("export -o all.zip");
  assert.equal(made.path, file, "relative to where the person stands");
  const members = await membersOf(readFileSync(file));
  const names = [...members.keys()];
  const note = names.find((name) => name.endsWith(".md")) ?? "";
  assert.match(members.get(note)?.toString() ?? "", /Doctor Walrus/);
  assert.match(members.get("memories.json")?.toString() ?? "", /cat is called Ada/);
  const mails = names.filter((name) => name.endsWith(".eml")).map((name) => members.get(name)?.toString() ?? "");
  assert.equal(mails.length, 3);
  assert.ok(
    mails.some((text) => text.includes(mail(2, "Rent 2", "The rent of flat 2").trim())),
    "byte for byte",
  );
  for (const name of names.filter((one) => one.endsWith(".json"))) JSON.parse(members.get(name)?.toString() ?? "");
  const again = await steward("export -o no/such/folder.zip");
  assert.equal(again.code, 1);
  assert.match(again.err, /could not be written/);
  assert.ok(!readdirSync(folder).some((name) => name.endsWith(".part")));
});

test("an item, a conversation and a source are hidden, brought back, and forgotten with a printed receipt", async () => {
  const first = await told<Hits>('search "tomatoes"');
  const garden = first.hits[0]?.id;
  const asked = await told<{ id: string; state: string }>(`forget item ${garden}`);
  assert.equal(asked.state, "hidden");
  assert.equal((await told<Hits>('search "tomatoes"')).total, 0);
  await told(`forget undo ${asked.id}`);
  assert.equal((await told<Hits>('search "tomatoes"')).total, 1);
  const gone = await steward(`forget item ${garden} --yes`);
  assert.equal(gone.code, 0, gone.err);
  assert.match(gone.out, /^Forgotten: .*\nReceipt [\w-]+: 1 key destroyed.*\nMark \S+\n$/s);
  assert.equal((await told<Hits>('search "tomatoes"')).total, 0);

  const [talk] = await told<{ id: string }[]>("chat --list");
  const forgotten = await steward(`forget conversation ${talk?.id} --yes`);
  assert.match(forgotten.out, /Forgotten: A conversation .*Receipt/s);
  const rest = await told<{ id: string }[]>("chat --list");
  assert.ok(!rest.some(({ id }) => id === talk?.id));

  const sources = await told<{ id: string; path: string }[]>("sources");
  const box = sources.find(({ path }) => path.endsWith("box.mbox"));
  const hidden = await told<{ id: string }>(`forget source ${box?.id}`);
  assert.equal((await told<Hits>('search "rent"')).total, 0);
  const done = await told<{ state: string; receipt: { keysDestroyed: number } }>(`forget confirm ${hidden.id}`);
  assert.equal(done.state, "done");
  assert.ok(done.receipt.keysDestroyed >= 3);
  assert.equal((await told<{ path: string }[]>("sources")).length, 2);
  assert.equal((await told<{ state: string }[]>("forget list")).filter(({ state }) => state === "done").length, 3);
  assert.equal((await steward("forget item nothing")).code, 3);
  assert.equal((await steward("forget undo nothing")).code, 3);
});

test("a device or a pipe is no source", async () => {
  const ran = await steward("ingest /dev/null --json");
  assert.equal(ran.code, 1);
  assert.match(JSON.parse(ran.out).refused[0].reason, /\/dev\/null is neither a file nor a folder/);
  assert.equal(
    (await told<{ path?: string }[]>("sources")).some(({ path }) => path === "/dev/null"),
    false,
  );
});

test("settings that are wrong are named with their line", async () => {
  const home = join(folder, "wrong");
  mkdirSync(home);
  writeFileSync(join(home, "config.json"), '{\n  "port": 80000,\n  "colour": "red"\n}\n');
  const { code: exit, err: said } = await steward("status", { env: { STEWARD_HOME: home } });
  assert.equal(exit, 2);
  assert.match(said, /config\.json line 2: port/);
  assert.match(said, /config\.json line 3: .*"colour"/);
  assert.equal((await steward("config set port many")).code, 2);
  assert.equal((await steward("config get nothing")).code, 2);
  assert.equal((await steward("config set logLevel debug")).code, 0);
  assert.match((await steward("config get logLevel")).out, /^debug/);
  assert.equal((await steward("config set logLevel")).code, 0);
});

test("settings that need each other are set one after the other, and what is missing is said", async () => {
  const at = { env: { STEWARD_HOME: join(folder, "issuer") } };
  const first = await steward("config set oidcIssuer https://issuer.example", at);
  assert.equal(first.code, 0);
  assert.match(first.err, /^Not complete yet: oidcSubject: must say who/m);
  assert.equal((await steward("status", at)).code, 2);
  assert.match((await steward("config set oidcAudience steward", at)).err, /^Not complete yet: oidcSubject/);
  const last = await steward("config set oidcSubject nora", at);
  assert.deepEqual([last.code, last.err], [0, ""]);
  assert.match((await steward("config set engine postgres", at)).err, /^Not complete yet: STEWARD_POSTGRES_URL/);
  assert.deepEqual(await steward("config set engine private", at).then(({ code, err }) => [code, err]), [0, ""]);
});

test("wrapped by a passphrase, every command opens by STEWARD_PASSPHRASE_FILE and by nothing else", async () => {
  assert.equal((await steward("lock --passphrase --stdin", { stdin: "correct horse battery\n" })).code, 0);
  assert.equal(existsSync(join(env.STEWARD_HOME, "root.key")), false);
  const file = join(folder, "passphrase.txt");
  writeFileSync(file, "correct horse battery\n");
  const by = { env: { STEWARD_PASSPHRASE_FILE: file } };
  const closed: Ran = await steward('search "walrus"');
  assert.equal(closed.code, 4);
  assert.match(closed.err, /STEWARD_PASSPHRASE_FILE/);
  assert.equal((await told<Hits>('search "walrus"', by)).total, 1);
  const made = await told<{ path: string }>(`backup create ${backups}`, by);
  const verified = await steward(`backup verify ${made.path} --passphrase-file ${file}`);
  assert.equal(verified.code, 0, verified.err);
  assert.match(verified.out, /It opens/);
  writeFileSync(file, "wrong horse battery\n");
  assert.equal((await steward('search "walrus"', by)).code, 4);
  assert.equal((await steward("unlock --recovery-code", { stdin: `${code}\n` })).code, 0);
});

function membersOf(bytes: Buffer): Promise<Map<string, Buffer>> {
  const members = new Map<string, Buffer>();
  return new Promise((resolve, reject) => {
    fromBuffer(bytes, { lazyEntries: true }, (error, zip) => {
      if (error) return reject(error);
      zip.once("end", () => resolve(members));
      zip.on("entry", (entry) =>
        zip.openReadStream(entry, (failed, stream) => {
          if (failed) return reject(failed);
          const parts: Buffer[] = [];
          stream.on("data", (part) => parts.push(part));
          stream.on("end", () => {
            members.set(entry.fileName, Buffer.concat(parts));
            zip.readEntry();
          });
        }),
      );
      zip.readEntry();
    });
  });
}
