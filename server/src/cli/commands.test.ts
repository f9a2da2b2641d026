import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { socketPathOf } from "../serve.ts";
import { fakeDoor } from "../testing/fake-door.ts";
import { fakeHouse } from "../testing/fake-house.ts";
import type { Ran } from "../testing/spawned.ts";
import type { Io } from "./io.ts";
import { runCli } from "./run.ts";

const home = mkdtempSync(join(tmpdir(), "steward-cli-"));
after(() => rmSync(home, { recursive: true, force: true }));

/** Runs a command line in this process (`start.test.ts` spawns them), its input a pipe. */
async function steward(args: string, more: Record<string, string> = {}, stdin = ""): Promise<Ran> {
  const env: Record<string, string> = { STEWARD_HOME: home, ...more };
  let out = "";
  let err = "";
  const io: Io = {
    env,
    outIsTty: false,
    errIsTty: false,
    inIsTty: false,
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    lines: () => linesOf(stdin),
    ask: async () => stdin.split("\n")[0] || undefined,
    onStop: () => () => {},
  };
  const code = await runCli(args.split(" "), io, async () => {
    opened += 1;
    const { FAKE_LOCKED, FAKE_CODE, FAKE_BUSY, FAKE_WARNING, FAKE_GONE } = env;
    if (FAKE_BUSY) throw Object.assign(new Error("Steward already runs here."), { name: "HomeBusy" });
    return fakeDoor({
      house: fakeHouse(home),
      ...(FAKE_LOCKED ? { locked: FAKE_LOCKED } : {}),
      ...(FAKE_CODE ? { code: FAKE_CODE } : {}),
      ...(FAKE_WARNING ? { warnings: [FAKE_WARNING] } : {}),
      ...(FAKE_GONE ? { unlockBy: "recovery-code", locked: "nothing opens it" } : {}),
    });
  });
  return { code, out, err };
}

let opened = 0;

async function* linesOf(text: string): AsyncGenerator<string> {
  yield* text.replace(/\n$/, "").split("\n");
}

const json = (ran: Ran): Record<string, unknown> => JSON.parse(ran.out);

test("search prints hits for a person and the whole hit for a script", async () => {
  const [text, script] = await Promise.all([steward("search invoice 240"), steward("search --json --limit 5 invoice")]);
  assert.equal(text.code, 0, text.err);
  assert.match(text.out, /2025-03-14 · mail · Greta Lind\nInvoice 2041 from Nordlicht\n {2}The invoice over 240/);
  const { hits } = json(script) as { hits: Record<string, unknown>[] };
  const [hit] = hits;
  for (const field of ["id", "kind", "title", "date", "people", "source", "messageId", "passage", "score", "parts"]) {
    assert.ok(hit?.[field] !== undefined, field);
  }
  assert.deepEqual(Object.keys(Object(hit?.passage)).slice(0, 3), ["text", "start", "end"]);
});

test("search reads thousands of queries from standard input, one JSON line each, opening the house once", async () => {
  const queries = Array.from({ length: 3_000 }, (_, n) => (n % 3 === 0 ? "invoice" : `nothing${n}`)).join("\n");
  const before = opened;
  const ran = await steward("search --json", {}, queries);
  assert.equal(ran.code, 0, ran.err);
  assert.equal(opened - before, 1);
  const lines = ran.out.trim().split("\n");
  assert.equal(lines.length, 3_000);
  assert.equal(JSON.parse(lines[0] ?? "").total, 1);
  assert.equal(JSON.parse(lines[1] ?? "").query, "nothing1");
});

test("ask streams text with its citations, and gives scripts the documented fields", async () => {
  const [text, script, several] = await Promise.all([
    steward("ask when is it due"),
    steward("ask --json when is it due"),
    steward("ask --json", {}, "one\ntwo\n\nthree\n"),
  ]);
  assert.match(
    text.out,
    /^Due on 1 April\.\[\^1\]\n\n\[1\] .*Invoice 2041 from Nordlicht \(checked\)\n {4}“due on 1 April”/,
  );
  const answer = json(script);
  assert.deepEqual(Object.keys(answer).slice(1, 7), ["answer", "citations", "unsupported", "model", "usage", "cost"]);
  const [citation] = answer.citations as Record<string, unknown>[];
  assert.equal(citation?.messageId, "inv-2041@nordlicht.example");
  assert.equal(citation?.verified, true);
  assert.equal(answer.cost, 0);
  const questions = several.out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line).question);
  assert.deepEqual(questions, ["one", "two", "three"]);
});

test("a failed answer exits 1 and says why", async () => {
  const [text, script] = await Promise.all([steward("ask fail"), steward("ask --json fail")]);
  assert.equal(text.code, 1);
  assert.match(text.out, /The provider does not answer/);
  assert.equal(script.code, 1);
  assert.equal((json(script).error as { code: string }).code, "provider-down");
});

test("chat keeps one conversation over the lines of a pipe", async () => {
  const ran = await steward("chat --json", {}, "first\nsecond\n");
  const ids = ran.out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line).conversation);
  assert.equal(ids.length, 2);
  assert.equal(ids[0], ids[1]);
});

test("ingest adds, shows the rate, sums up, and exits 1 when a source failed", async () => {
  const [well, failed, missing, none, script] = await Promise.all([
    steward("ingest /mail/inbox.mbox /notes"),
    steward("ingest /mail/broken.mbox"),
    steward("ingest /missing /notes"),
    steward("ingest"),
    steward("ingest --json --sample"),
  ]);
  assert.equal(well.code, 0, well.err);
  assert.match(well.err, /inbox\.mbox: done, 3 items/);
  assert.match(well.out, /^6 items new, 0 known, 138 B in .* a second\)/);
  assert.equal(failed.code, 1);
  assert.match(failed.out, /broken\.mbox failed: The file ends in the middle/);
  assert.equal(missing.code, 1);
  assert.match(missing.out, /^3 items new.*\nThere is no \/missing/, "the path that is there is taken in");
  assert.equal(none.code, 2);
  const summary = json(script);
  assert.equal(summary.added, 3);
  assert.deepEqual(summary.quarantined, []);
});

test("forget hides, confirms with a receipt, and tells what is not there", async () => {
  const [hidden, done, none] = await Promise.all([
    steward("forget item item-1"),
    steward("forget item item-1 --yes"),
    steward("forget item nothing"),
  ]);
  assert.match(hidden.out, /Hidden: item-1 .*steward forget confirm [\w-]+\nBring back: steward forget undo/s);
  assert.match(done.out, /Forgotten: item-1 .*Receipt .*1 key destroyed/s);
  assert.equal(none.code, 3);
});

test("token, tasks, memory, models, sources, backup and export do their work", async () => {
  const file = join(home, "out.zip");
  const [token, wrong, task, memory, models, sources, backup, exported] = await Promise.all([
    steward("token create script --scope read,ask --json"),
    steward("token create script --scope everything"),
    steward("tasks add Call mum --due 2026-12-01"),
    steward("remember The cat is called Ada --json"),
    steward("models --use anthropic"),
    steward("sources"),
    steward("backup create /backups --json"),
    steward(`export -o ${file} --json`),
  ]);
  assert.match(String(json(token).secret), /^stw_/);
  assert.equal(wrong.code, 2);
  assert.match(task.out, /^Added Call mum/);
  assert.equal(json(memory).text, "The cat is called Ada");
  assert.match(models.out, /New turns use Anthropic/);
  assert.match(sources.out, /No sources yet/);
  assert.equal(json(backup).ok, true);
  assert.equal(json(exported).path, file);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.equal(readFileSync(file).subarray(0, 2).toString(), "PK");
});

test("a key's scopes may be given one by one, with commas, or both", async () => {
  const made = await Promise.all(
    ["--scope read --scope ask", "--scope read,ask", "--scope read --scope ask,read"].map((scopes) =>
      steward(`token create script ${scopes} --json`),
    ),
  );
  for (const one of made) assert.deepEqual(json(one).scopes, ["read", "ask"], one.err);
});

test("password and lock read their secret from a pipe, never from the arguments", async () => {
  const [password, short, lock, off, both] = await Promise.all([
    steward("password --stdin", {}, "battery staple\n"),
    steward("password --stdin", {}, "short\n"),
    steward("lock --passphrase --stdin", {}, "a long passphrase\n"),
    steward("lock --off"),
    steward("lock"),
  ]);
  assert.equal(password.code, 0, password.err);
  assert.equal(short.code, 2);
  assert.match(short.err, /at least 8/);
  assert.match(lock.out, /wrapped.*ABCD-EFGH/s);
  assert.match(off.out, /key is in a file/);
  assert.equal(both.code, 2);
});

test("a locked home: exit 4 without a terminal, opened by STEWARD_PASSPHRASE_FILE", async () => {
  const right = join(home, "right.txt");
  const wrong = join(home, "wrong.txt");
  writeFileSync(right, "open sesame\n");
  writeFileSync(wrong, "guess\n");
  const locked = { FAKE_LOCKED: "open sesame" };
  const [without, with_, guessed, gone] = await Promise.all([
    steward("search invoice", locked),
    steward("search invoice", { ...locked, STEWARD_PASSPHRASE_FILE: right }),
    steward("search invoice", { ...locked, STEWARD_PASSPHRASE_FILE: wrong }),
    steward("search invoice", { ...locked, STEWARD_PASSPHRASE_FILE: join(home, "gone.txt") }),
  ]);
  assert.equal(without.code, 4);
  assert.match(without.err, /STEWARD_PASSPHRASE_FILE/);
  assert.equal(with_.code, 0, with_.err);
  assert.equal(guessed.code, 4);
  assert.match(guessed.err, /does not open this home/);
  assert.equal(gone.code, 2);
});

test("a home whose key file is gone says so, and asks for no passphrase", async () => {
  const gone = { FAKE_GONE: "1" };
  const [asked, opened, status] = await Promise.all([
    steward("search invoice", gone),
    steward("unlock --recovery-code", gone, "RECOVERY\n"),
    steward("status", gone),
  ]);
  assert.equal(asked.code, 4);
  assert.match(asked.err, /key file of this home is gone.*steward unlock --recovery-code/);
  assert.doesNotMatch(asked.err, /passphrase/i);
  assert.equal(opened.code, 0, opened.err);
  assert.equal(status.code, 4);
});

test("what the keys warn of is shown with a command, in status and to scripts", async () => {
  const warned = { FAKE_WARNING: "The key file was open to others." };
  const [text, script] = await Promise.all([steward("status", warned), steward("status --json", warned)]);
  assert.match(text.err, /^Warning: The key file was open to others\.\n$/);
  assert.match(text.out, /warning +The key file was open to others\./);
  assert.deepEqual(json(script).warnings, ["The key file was open to others."]);
  assert.equal("warnings" in json(await steward("status --json")), false);
});

test("a new home's recovery code is shown once, on standard error", async () => {
  const ran = await steward("search --json invoice", { FAKE_CODE: "ABCD-1234" });
  assert.match(ran.err, /recovery code, shown this once:\n\n {4}ABCD-1234/);
  assert.ok(json(ran).hits);
});

test("a home that another process has: exit 5", async () => {
  const ran = await steward("status", { FAKE_BUSY: "1" });
  assert.equal(ran.code, 5);
  assert.match(ran.err, /runs already|already runs/);
});

test("wrong usage exits 2 with a hint; help exits 0 and tells the exit codes", async () => {
  const [unknown, limit, help, completion] = await Promise.all([
    steward("serch x"),
    steward("search x --limit many"),
    steward("ask --help"),
    steward("completion bash"),
  ]);
  assert.equal(unknown.code, 2);
  assert.match(unknown.err, /Did you mean search/);
  assert.equal(limit.code, 2);
  assert.equal(help.code, 0);
  assert.match(help.out, /--json[\s\S]*Exit codes:[\s\S]*3 {2}what was asked for is not there/);
  assert.match(completion.out, /complete .*steward/);
});

test("a foreign text cannot drive the terminal", async () => {
  const ran = await steward("ask --json \u001b[31mred");
  assert.ok(!ran.out.includes("\u001b"));
  const text = await steward("chat --list", {}, "");
  assert.equal(text.code, 0);
});

test("a server that is gone in the middle of a command is said to be, with what to do", async () => {
  const at = mkdtempSync(join(tmpdir(), "steward-gone-"));
  const server = createServer((line) => line.once("data", () => line.destroy()));
  await new Promise<void>((resolve) => void server.listen(socketPathOf(at), resolve));
  try {
    const { code, err } = await steward("status", { STEWARD_HOME: at });
    assert.equal(code, 1);
    assert.match(err, /^The server stopped before this was done\. .*npm start/);
  } finally {
    server.close();
    rmSync(at, { recursive: true, force: true });
  }
});

test("wrong usage is told in JSON too when JSON was asked for", async () => {
  const wrong = {
    "token revoke --json": /missing required argument/,
    "search --sideways --json": /unknown option '--sideways'/,
    "ask --json why --limit 0": /unknown option '--limit'/,
  };
  for (const [args, why] of Object.entries(wrong)) {
    const ran = await steward(args);
    assert.equal(ran.code, 2, args);
    const { error, exit } = json(ran);
    assert.match(String(error), why, args);
    assert.equal(exit, 2);
    assert.notEqual(ran.err, "");
  }
});
