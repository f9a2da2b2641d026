import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { ConfigError, homeOf, listSettings, loadConfig, writeSetting } from "./config.ts";

function homeWith(file?: string): { home: string; env: Record<string, string> } {
  const home = mkdtempSync(join(tmpdir(), "steward-config-"));
  if (file !== undefined) writeFileSync(join(home, "config.json"), file);
  return { home, env: { STEWARD_HOME: home } };
}

function faultsOf(run: () => unknown): readonly string[] {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.faults;
  }
  assert.fail("nothing was refused");
}

test("without a file the defaults stand", () => {
  const { home, env } = homeWith();
  const config = loadConfig(env);
  assert.equal(config.home, home);
  assert.equal(config.port, 4180);
  assert.equal(config.baseUrl, undefined);
  assert.equal(homeOf({}), join(homedir(), ".steward"));
});

test("the environment wins over the file, the file over the default", () => {
  const { env } = homeWith('{ "port": 5000, "logLevel": "debug" }');
  assert.equal(loadConfig(env).port, 5000);
  assert.equal(loadConfig({ ...env, STEWARD_PORT: "6000" }).port, 6000);
  const from = new Map(listSettings({ ...env, STEWARD_PORT: "6000" }).map((one) => [one.name, one.from]));
  assert.equal(from.get("port"), "environment");
  assert.equal(from.get("logLevel"), "file");
  assert.equal(from.get("sessionDays"), "default");
});

test("every unknown or wrong setting is named with its line, all at once", () => {
  const { home, env } = homeWith('{\n  "port": 99999,\n  "prot": 1,\n  "baseUrl": "ftp://x"\n}\n');
  const faults = faultsOf(() => loadConfig({ ...env, STEWARD_LOG_LEVEL: "loud" }));
  assert.equal(faults.length, 4);
  const file = join(home, "config.json");
  assert.match(faults[0] ?? "", new RegExp(`^${file} line 2: port must be 0 to 65535`));
  assert.match(faults[1] ?? "", /line 3: there is no setting "prot". Known: port,/);
  assert.match(faults[2] ?? "", /line 4: baseUrl must be an http/);
  assert.match(faults[3] ?? "", /^STEWARD_LOG_LEVEL: must be silent/);
});

test("a file that is not an object of settings is refused", () => {
  for (const text of ["{", "[]", "null", "12"]) assert.equal(faultsOf(() => loadConfig(homeWith(text).env)).length, 1);
});

test("a setting is written whole, for the owner alone, and taken out again", () => {
  const { home, env } = homeWith();
  writeSetting(home, "port", "5001");
  writeSetting(home, "baseUrl", "https://steward.example.org");
  const file = join(home, "config.json");
  assert.deepEqual(JSON.parse(readFileSync(file, "utf8")), { port: 5001, baseUrl: "https://steward.example.org" });
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.equal(loadConfig(env).port, 5001);
  writeSetting(home, "port", undefined);
  assert.equal(loadConfig(env).port, 4180);
  assert.match(faultsOf(() => writeSetting(home, "apiKey", "sk-1"))[0] ?? "", /no setting "apiKey"/);
  assert.match(faultsOf(() => writeSetting(home, "port", "many"))[0] ?? "", /port/);
  rmSync(home, { recursive: true });
});

test("of the environment only what providers look for is passed on", () => {
  const { env } = homeWith();
  const { providerEnv } = loadConfig({
    ...env,
    OPENAI_API_KEY: "k",
    AWS_REGION: "eu-west-1",
    SECRET: "s",
    PATH: "/bin",
  });
  assert.deepEqual(providerEnv, { OPENAI_API_KEY: "k", AWS_REGION: "eu-west-1" });
});

test("PostgreSQL as the engine needs its connection string, which is a secret and no setting of the file", () => {
  const { env } = homeWith('{ "engine": "postgres" }');
  assert.match(faultsOf(() => loadConfig(env))[0] ?? "", /^STEWARD_POSTGRES_URL: must be set/);
  assert.match(
    faultsOf(() => loadConfig({ ...env, STEWARD_POSTGRES_URL: "mysql://x" }))[0] ?? "",
    /must be like postgres:/,
  );
  const url = "postgres://steward:secret@host/steward";
  assert.deepEqual(loadConfig({ ...env, STEWARD_POSTGRES_URL: url }).engine, { type: "postgres", url });
  assert.deepEqual(loadConfig({ ...env, STEWARD_POSTGRES_URL: url, STEWARD_POSTGRES_SCHEMA: "mine" }).engine, {
    ...{ type: "postgres", url },
    schema: "mine",
  });
  assert.equal(loadConfig({ ...env, STEWARD_ENGINE: "private", STEWARD_POSTGRES_URL: url }).engine, undefined);
  assert.equal(JSON.stringify(listSettings({ ...env, STEWARD_POSTGRES_URL: url })).includes("secret"), false);
});

test("an issuer that is half named, or asked without TLS, is refused with what is missing", () => {
  const whole = { STEWARD_OIDC_ISSUER: "https://id.example", STEWARD_OIDC_AUDIENCE: "a", STEWARD_OIDC_SUBJECT: "s" };
  const { env } = homeWith();
  assert.equal(loadConfig({ ...env, ...whole }).oidcIssuer, "https://id.example");
  const refusing = (more: Record<string, string>) => faultsOf(() => loadConfig({ ...env, ...whole, ...more }));
  assert.match(refusing({ STEWARD_OIDC_ISSUER: "http://id.example" })[0] ?? "", /^oidcIssuer: must be https/);
  assert.match(refusing({ STEWARD_OIDC_SUBJECT: "" })[0] ?? "", /^oidcSubject: must say who is the owner/);
  assert.match(refusing({ STEWARD_OIDC_AUDIENCE: "" })[0] ?? "", /^oidcIssuer: does nothing yet; set oidcAudience/);
  assert.equal(loadConfig({ ...env, ...whole, STEWARD_OIDC_ISSUER: "http://127.0.0.1:9000" }).oidcSubject, "s");
  assert.equal(loadConfig(env).oidcIssuer, undefined);
});
