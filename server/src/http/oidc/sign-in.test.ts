import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type ApiHouse, apiHouse } from "../../testing/api-house.ts";
import { type OidcIssuer, oidcIssuer } from "../../testing/oidc-issuer.ts";
import { keepersOf } from "../caller.ts";

let issuer: OidcIssuer;

before(async () => {
  issuer = await oidcIssuer();
});

after(() => issuer.stop());

const OWNER = { sub: "owner-1", email: "nora@example.org", email_verified: true, name: "Nora Lind" };

function house(
  env: Record<string, string> = {},
  options: { password?: false } = { password: false },
): Promise<ApiHouse> {
  const named = {
    STEWARD_OIDC_ISSUER: issuer.url,
    STEWARD_OIDC_CLIENT_ID: issuer.clientId,
    STEWARD_OIDC_NAME: "Lind ID",
  };
  return apiHouse({ ...named, STEWARD_OIDC_SUBJECT: "nora@example.org", ...env }, options);
}

/** A browser: keeps cookies, follows nothing by itself. */
class Browser {
  readonly #at: ApiHouse;
  readonly cookies = new Map<string, string>();

  constructor(at: ApiHouse) {
    this.#at = at;
  }

  async get(path: string, method = "GET", headers: Record<string, string> = {}): Promise<Response> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const answer = await this.#at.request(method, path, { ...(cookie ? { cookie } : {}), ...headers });
    for (const set of answer.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
      if (value === "" || /max-age=0/i.test(set)) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    return answer;
  }

  // biome-ignore lint/suspicious/noExplicitAny: the session's answer, looked at field by field
  async session(): Promise<any> {
    return (await this.get("/api/session")).json();
  }

  /** To the issuer and back; where the browser is sent in the end. */
  async signIn(path = "/auth/oidc?zone=Europe%2FZurich"): Promise<string> {
    return this.goBack(await this.toIssuer(path));
  }

  /** The address at the issuer. */
  async toIssuer(path = "/auth/oidc"): Promise<URL> {
    const answer = await this.get(path);
    assert.equal(answer.status, 302);
    return new URL(answer.headers.get("location") ?? "", "http://localhost");
  }

  async goBack(toIssuer: URL): Promise<string> {
    const there = await fetch(toIssuer, { redirect: "manual" });
    const back = new URL(there.headers.get("location") ?? "");
    return this.comeBack(`${back.pathname}${back.search}`);
  }

  async comeBack(path: string): Promise<string> {
    // As a browser that comes from the issuer's page.
    const answer = await this.get(path, "GET", { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" });
    assert.equal(answer.status, 302);
    return answer.headers.get("location") ?? "";
  }
}

test("the first sign-in sets a fresh house up, later ones open it, signing out ends the session", async () => {
  issuer.person = OWNER;
  await using at = await house();
  const browser = new Browser(at);
  assert.deepEqual(await browser.session(), { state: "signed-out", signIn: { password: false, issuer: "Lind ID" } });
  assert.equal((await browser.get("/api/items/x")).status, 401);

  assert.equal(await browser.signIn(), "/setup");
  const session = await browser.session();
  assert.equal(session.state, "signed-in");
  assert.deepEqual(session.owner, { name: "Nora Lind", timeZone: "Europe/Zurich" });
  assert.deepEqual([...browser.cookies.keys()], ["steward_session"], "what was known of the flow is gone");

  const signOut = { "x-steward-csrf": session.csrf, origin: `http://localhost:${at.port}` };
  assert.equal((await browser.get("/api/session", "DELETE", signOut)).status, 204);
  assert.equal((await browser.session()).state, "signed-out");

  await at.house.settings.patch({ timeZone: "Asia/Tokyo", name: "N." });
  assert.equal(await browser.signIn(), "/", "set up already");
  assert.deepEqual((await browser.session()).owner, { name: "N.", timeZone: "Asia/Tokyo" });
});

test("the session cookie is the one a password gives, and the flow's is of this browser alone", async () => {
  issuer.person = OWNER;
  await using at = await house();
  const browser = new Browser(at);
  const begun = await browser.get("/auth/oidc");
  const [flow = ""] = begun.headers.getSetCookie();
  assert.match(flow, /^steward_oidc=[\w-]+; Max-Age=600; Path=\/; HttpOnly; SameSite=Lax$/);
  const asked = new URL(begun.headers.get("location") ?? "").searchParams;
  for (const secret of ["state", "nonce", "code_challenge"]) {
    assert.ok((asked.get(secret) ?? "").length >= 43, secret);
    assert.ok(!Buffer.from(flow.split("=")[1]?.split(";")[0] ?? "", "base64url").includes(asked.get(secret) ?? ""));
  }
  assert.equal(asked.get("scope"), "openid email");
  assert.equal(asked.get("redirect_uri"), `http://localhost:${at.port}/auth/callback`);
  const there = await fetch(begun.headers.get("location") ?? "", { redirect: "manual" });
  const back = new URL(there.headers.get("location") ?? "");
  const path = `${back.pathname}${back.search}`;
  assert.equal(await new Browser(at).comeBack(path), "/#sign-in=expired", "another browser has no flow");
  const home = await browser.get(path);
  const session = home.headers.getSetCookie().find((cookie) => cookie.startsWith("steward_session=")) ?? "";
  assert.match(session, /; HttpOnly; SameSite=Strict$/);
});

test("who is not the owner, declines, or comes back altered, late or twice is not signed in", async () => {
  await using at = await house();
  const failing = async (browser: Browser, come: () => Promise<string>, why: string) => {
    assert.equal(await come(), `/#sign-in=${why}`);
    assert.equal((await browser.session()).state, "signed-out", why);
    assert.equal(browser.cookies.size, 0, why);
  };
  for (const person of [
    { ...OWNER, sub: "other", email: "someone@example.org" },
    { ...OWNER, email_verified: false },
    { sub: "nora@example.com", email_verified: true },
  ]) {
    issuer.person = person;
    const browser = new Browser(at);
    await failing(browser, () => browser.signIn(), "not-owner");
  }
  issuer.person = undefined;
  const declined = new Browser(at);
  await failing(declined, () => declined.signIn(), "denied");

  issuer.person = OWNER;
  for (const [idClaims, why] of [
    [{ nonce: "another" }, "failed"],
    [{ aud: "another-app" }, "failed"],
    [{ iss: "https://elsewhere.example" }, "failed"],
    [{ exp: 1 }, "failed"],
  ] as const) {
    issuer.idClaims = idClaims;
    const browser = new Browser(at);
    await failing(browser, () => browser.signIn(), why);
  }
  issuer.idClaims = {};

  const altered = new Browser(at);
  const toIssuer = await altered.toIssuer();
  toIssuer.searchParams.set("state", "of-an-attacker");
  await failing(altered, () => altered.goBack(toIssuer), "failed");
  const guessed = new Browser(at);
  await guessed.toIssuer();
  await failing(guessed, () => guessed.comeBack("/auth/callback?code=guessed&state=guessed"), "failed");
  const bare = new Browser(at);
  await failing(bare, () => bare.comeBack("/auth/callback"), "expired");

  const late = new Browser(at);
  const there = await late.toIssuer();
  at.ahead = 10 * 60_000 + 1;
  await failing(late, () => late.goBack(there), "expired");
  at.ahead = 0;

  const twice = new Browser(at);
  const begun = await twice.toIssuer();
  const kept = twice.cookies.get("steward_oidc") ?? "";
  const answer = await fetch(begun, { redirect: "manual" });
  const back = new URL(answer.headers.get("location") ?? "");
  assert.equal(await twice.comeBack(`${back.pathname}${back.search}`), "/setup");
  const thief = new Browser(at);
  thief.cookies.set("steward_oidc", kept);
  await failing(thief, () => thief.comeBack(`${back.pathname}${back.search}`), "failed");
});

test("a client with a secret, an issuer that is away, and a house that names none", async () => {
  await using secretive = await oidcIssuer({ secret: "app secret/+" });
  secretive.person = OWNER;
  const named = { STEWARD_OIDC_ISSUER: secretive.url, STEWARD_OIDC_CLIENT_ID: secretive.clientId };
  const env = { ...named, STEWARD_OIDC_SUBJECT: "owner-1", STEWARD_OIDC_CLIENT_SECRET: "app secret/+" };
  await using at = await apiHouse(env, { password: false });
  assert.equal(await new Browser(at).signIn(), "/setup");
  await using wrong = await apiHouse({ ...env, STEWARD_OIDC_CLIENT_SECRET: "guessed" }, { password: false });
  assert.equal(await new Browser(wrong).signIn(), "/#sign-in=failed");
  await secretive.stop();
  await using alone = await apiHouse(env, { password: false });
  const sent = await new Browser(alone).toIssuer();
  assert.equal(sent.hash, "#sign-in=unreachable");
  await using plain = await apiHouse();
  assert.equal((await plain.request("GET", "/auth/oidc")).status, 404);
  assert.equal((await plain.request("GET", "/auth/callback?code=x&state=y")).status, 404);
});

test("the subject that signed in by its address is the owner of bearer tokens from then on; a password still works", async () => {
  issuer.person = OWNER;
  await using at = await house({ STEWARD_OIDC_AUDIENCE: "steward-api" }, {});
  const token = await issuer.token({ sub: "owner-1", scope: "search" });
  assert.equal((await at.ask("/search", { query: "x" }, token)).status, 403);
  const browser = new Browser(at);
  assert.deepEqual(await browser.session(), { state: "signed-out", signIn: { password: true, issuer: "Lind ID" } });
  assert.equal(await browser.signIn(), "/", "it was set up with a password");
  assert.equal((await at.ask("/search", { query: "x" }, token)).status, 200);
  const { sessions } = keepersOf(at.house);
  assert.equal(await sessions.endAll(), 1);
  const origin = `http://localhost:${at.port}`;
  const answer = await at.ask("/api/session", { password: "correct horse battery" }, undefined, { origin });
  assert.equal(answer.status, 200);
});
