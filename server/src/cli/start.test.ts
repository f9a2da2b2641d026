import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { ended, run, says, start } from "../testing/spawned.ts";
import { requestOver } from "./wire.ts";

function newEnv(more: Record<string, string> = {}): Record<string, string> {
  return { STEWARD_HOME: mkdtempSync(join(tmpdir(), "steward-start-")), STEWARD_PORT: String(freePort()), ...more };
}

let lastPort = 20_000 + (process.pid % 12_000);
/** A port nobody is likely to have: below those that systems give out. A taken one fails the test loudly. */
function freePort(): number {
  lastPort += 1;
  return lastPort;
}

test("start prints the one-time link, serves, answers the command line, and stops on SIGTERM", async () => {
  const env = newEnv();
  const { STEWARD_HOME: home = "", STEWARD_PORT: port = "" } = env;
  const server = start(["start"], env);
  const end = ended(server);
  const greeting = await says(server, /#setup=[\w-]{43}/);
  const url = new URL(/http:\S+/.exec(greeting)?.[0] ?? "");
  assert.equal(url.origin, `http://localhost:${port}`);
  assert.equal(url.pathname + url.search, "/", "the token stands in the fragment alone");

  const fresh = await run(["status", "--link", "--json"], env);
  const setupLink = new URL(JSON.parse(fresh.out).setupLink);
  assert.equal(setupLink.origin, url.origin);
  assert.notEqual(setupLink.hash, url.hash, "a fresh link takes the place of the printed one");
  const token = setupLink.hash.replace("#setup=", "");
  const own = { host: url.host, origin: url.origin, "content-type": "application/json" };
  const body = JSON.stringify({ token, password: "correct horse", timeZone: "UTC" });
  const target = { host: "127.0.0.1", port };
  const setUp = await requestOver(target, "/api/setup", { method: "POST", body, headers: own });
  assert.equal(setUp.status, 200);

  const [status, search, lines, second] = await Promise.all([
    run(["status", "--json"], env),
    run(["search", "invoice", "--json"], env),
    run(["search", "--json"], env, "invoice\ngarden tomatoes\n"),
    run(["start"], env),
  ]);
  assert.equal(JSON.parse(status.out).running, true, "the command line speaks to the running server");
  assert.equal(JSON.parse(search.out).total, 1);
  assert.equal(lines.out.trim().split("\n").length, 2);
  assert.equal(second.code, 5);
  assert.match(second.err, /runs already/);

  server.kill("SIGTERM");
  const { code, out } = await end;
  assert.equal(code, 0);
  assert.match(out, /Stopped\.\n$/);
  assert.equal(existsSync(join(home, "steward.sock")), false);
  rmSync(home, { recursive: true });
});

test("with an owner, start prints just the address; Ctrl-C stops it", async () => {
  const env = newEnv({ FAKE_PASSWORD: "correct horse" });
  const server = start(["start"], env);
  const end = ended(server);
  const greeting = await says(server, /Steward is at http:\S+\n/);
  assert.doesNotMatch(greeting, /#/);
  server.kill("SIGINT");
  assert.equal((await end).code, 0);
});

test("what hangs in a call of the system is cut, and the process is gone", async () => {
  const pipe = join(mkdtempSync(join(tmpdir(), "steward-stuck-")), "pipe");
  assert.equal(spawnSync("mkfifo", [pipe]).status, 0);
  const env = newEnv({ FAKE_PASSWORD: "correct horse", FAKE_STUCK: pipe });
  const server = start(["start"], env);
  const end = ended(server);
  await says(server, /Steward is at/);
  server.kill("SIGTERM");
  const { err } = await end;
  assert.match(err, /was cut\. Nothing that was acknowledged is lost/);
  assert.equal(server.signalCode, "SIGKILL");
  rmSync(dirname(pipe), { recursive: true });
});

test("--port is taken for this once, and a wrong one refused", async () => {
  const env = newEnv({ FAKE_PASSWORD: "correct horse" });
  const other = String(freePort());
  const server = start(["start", "--port", other], env);
  const end = ended(server);
  await says(server, new RegExp(`Steward is at http://localhost:${other}\\n`));
  server.kill("SIGTERM");
  assert.equal((await end).code, 0);
  assert.equal((await run(["start", "--port", "70000"], env)).code, 2);
});

test("a socket left by kill -9 does not stop the next start", async () => {
  const env = newEnv({ FAKE_PASSWORD: "correct horse" });
  const killed = start(["start"], env);
  const end = ended(killed);
  await says(killed, /Steward is at/);
  killed.kill("SIGKILL");
  await end;
  assert.equal(existsSync(join(env.STEWARD_HOME ?? "", "steward.sock")), true);
  const [search, doctor] = await Promise.all([run(["search", "invoice"], env), run(["doctor", "--json"], env)]);
  assert.equal(search.code, 0, search.err);
  assert.match(doctor.out, /left from a server that was killed/);
  const again = start(["start"], env);
  const endAgain = ended(again);
  await says(again, /Steward is at/);
  again.kill("SIGTERM");
  assert.equal((await endAgain).code, 0);
});

test("a taken port ends start with what to do, and the doctor names who has it", async () => {
  const env = newEnv({ FAKE_PASSWORD: "correct horse" });
  const first = start(["start"], env);
  const end = ended(first);
  await says(first, /Steward is at/);
  const other = { ...newEnv({ FAKE_PASSWORD: "x" }), STEWARD_PORT: env.STEWARD_PORT ?? "" };
  const [second, doctor] = await Promise.all([run(["start"], other), run(["doctor", "--json"], other)]);
  assert.equal(second.code, 1);
  assert.match(second.err, new RegExp(`Port ${other.STEWARD_PORT} is taken`));
  assert.equal(doctor.code, 1);
  const { findings } = JSON.parse(doctor.out) as { findings: { check: string; state: string; advice?: string }[] };
  const port = findings.find((finding) => finding.check === "port");
  assert.equal(port?.state, "fault");
  assert.match(port?.advice ?? "", /steward config set port/);
  first.kill("SIGTERM");
  await end;
});

test("start warns of the keys, and says when the key file is gone", async () => {
  const warned = start(["start"], newEnv({ FAKE_WARNING: "The key file was open to others.", FAKE_PASSWORD: "x" }));
  const end = ended(warned);
  await says(warned, /Steward is at/);
  warned.kill("SIGTERM");
  assert.match((await end).err, /^Warning: The key file was open to others\.$/m);

  const gone = start(["start"], newEnv({ FAKE_GONE: "1" }));
  const gonesEnd = ended(gone);
  const said = await says(gone, /give the recovery code there/);
  assert.match(said, /key file of this home is gone.*steward unlock --recovery-code/);
  assert.doesNotMatch(said, /passphrase/i);
  gone.kill("SIGTERM");
  assert.equal((await gonesEnd).code, 0);
});

test("a locked house serves its unlock page and is opened from the terminal", async () => {
  const env = newEnv({ FAKE_LOCKED: "open sesame", FAKE_PASSWORD: "correct horse" });
  const server = start(["start"], env);
  const end = ended(server);
  await says(server, /Steward is locked/);
  const [wrong, right] = [
    await run(["unlock", "--recovery-code"], env, "WRONG\n"),
    await run(["unlock", "--recovery-code"], env, "RECOVERY\n"),
  ];
  assert.equal(wrong.code, 4);
  assert.equal(right.code, 0, right.err);
  assert.equal((await run(["search", "invoice"], env)).code, 0);
  server.kill("SIGTERM");
  assert.equal((await end).code, 0);
});
