import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { UnsecuredJWT } from "jose";
import { loadConfig } from "../../config.ts";
import { type ApiHouse, apiHouse } from "../../testing/api-house.ts";
import { type OidcIssuer, oidcIssuer } from "../../testing/oidc-issuer.ts";
import type { ProblemDetails } from "../problems.ts";
import { issuerOf, rememberOwner } from "./issuer.ts";

let issuer: OidcIssuer;
let at: ApiHouse;

before(async () => {
  issuer = await oidcIssuer();
  at = await apiHouse({
    STEWARD_OIDC_ISSUER: issuer.url,
    STEWARD_OIDC_AUDIENCE: "steward-api, cognito-client",
    STEWARD_OIDC_SUBJECT: "owner-1, nora@example.org",
  });
});

after(async () => {
  await at[Symbol.asyncDispose]();
  await issuer.stop();
});

const search = (token: string) => at.ask("/search", { query: "x" }, token);

async function refusal(answer: Response): Promise<{ status: number; code: string; detail: string; says: string }> {
  assert.equal(answer.headers.get("content-type"), "application/problem+json");
  const { type, detail } = (await answer.json()) as ProblemDetails; // every refusal is one
  const says = answer.headers.get("www-authenticate") ?? "";
  return { status: answer.status, code: type.replace("urn:steward:problem:", ""), detail, says };
}

test("an access token of the owner reaches what its scopes reach, as an API key does, and no more", async () => {
  const token = await issuer.token({ scope: "openid search" });
  assert.equal((await search(token)).status, 200);
  assert.equal((await at.ask("/chat", { message: "hello" }, token)).status, 403, "without the scope");
  for (const scopes of [
    { scope: "steward/search steward/chat" },
    { scope: undefined, scp: ["search", "chat"] },
    { aud: undefined, client_id: "cognito-client", token_use: "access", scope: "steward/search steward/chat" },
    { aud: ["another", "steward-api"], scope: "search chat" },
    { sub: "another", email: "Nora@example.org", email_verified: true, scope: "search chat" },
  ]) {
    const other = await issuer.token(scopes);
    const shown = JSON.stringify(scopes);
    assert.equal((await search(other)).status, 200, shown);
    assert.equal((await at.ask("/chat", { message: "hello" }, other)).status, 200, shown);
  }
  assert.equal((await search(await issuer.token({ scope: "other/search searching" }))).status, 403, "not our scopes");
});

test("no token, whatever its scopes, approves or changes settings", async () => {
  const everything = "chat search memory:read memory:write read ask ingest tasks owner admin settings *";
  const token = await issuer.token({ scope: everything });
  for (const [path, body] of [
    ["/api/tokens", { name: "x", scopes: ["chat"] }],
    ["/api/forget", { item: "x" }],
    ["/api/sources", { sample: true }],
    ["/api/password", { next: "another one" }],
    ["/api/models/prove", { id: "extractive" }],
  ] as const) {
    assert.equal((await at.ask(path, body, token)).status, 403, path);
  }
  const settings = await at.request("GET", "/api/settings", { authorization: `Bearer ${token}` });
  assert.equal(settings.status, 403);
});

test("a token that does not work is refused with 401 and the reason", async () => {
  const now = Math.floor(Date.now() / 1000);
  const wrong: readonly [string, string, RegExp][] = [
    ["expired", await issuer.token({ exp: now - 31 }), /has expired/],
    ["not yet valid", await issuer.token({ nbf: now + 60 }), /not valid yet/],
    ["without an end", await issuer.token({ exp: undefined }), /`exp`/],
    ["without a subject", await issuer.token({ sub: undefined }), /`sub`/],
    ["another issuer's", await issuer.token({ iss: "https://elsewhere.example" }), /Another issuer/],
    ["for another audience", await issuer.token({ aud: "another-api" }), /another audience/],
    ["for no audience", await issuer.token({ aud: undefined }), /another audience/],
    ["for another client", await issuer.token({ aud: undefined, client_id: "other" }), /another audience/],
    ["of an unknown key", await issuer.token({}, { kid: "nobody's" }), /key that the issuer does not publish/],
    ["forged", await issuer.forged(), /signature is not the issuer's/],
    ["unsigned", new UnsecuredJWT({ sub: "owner-1", iss: issuer.url }).encode(), /algorithm/],
    ["altered", altered(await issuer.token({ scope: "chat" }), { scope: "search" }), /signature is not the issuer's/],
    ["an ID token", await issuer.token({ nonce: "n" }), /ID token/],
    ["Cognito's ID token", await issuer.token({ token_use: "id" }), /ID token/],
    ["no token", "abc.def.ghi", /neither an API key/],
    ["no token either", "nonsense", /neither an API key/],
  ];
  for (const [what, token, why] of wrong) {
    const refused = await refusal(await search(token));
    assert.deepEqual([refused.status, refused.code], [401, "wrong-token"], `${what}: ${refused.detail}`);
    assert.match(refused.detail, why, what);
    assert.match(refused.says, /^Bearer error="invalid_token", error_description="[^"]+"$/, what);
  }
  const symmetric = altered(await issuer.token(), {}, { alg: "HS256" });
  assert.match((await refusal(await search(symmetric))).detail, /algorithm/);
  assert.equal(
    (await search(await issuer.token({ exp: now - 5, scope: "search" }))).status,
    200,
    "clocks differ a little",
  );
});

test("a valid token of anybody else is refused with 403", async () => {
  for (const claims of [
    { sub: "somebody-else", scope: "search" },
    { sub: "somebody-else", email: "nora@example.org", email_verified: false, scope: "search" },
    { sub: "somebody-else", email: "nora@example.org", scope: "search" },
    { sub: "nora@example.org", scope: "search" },
    { sub: "somebody-else", email: "nora@example.org.evil.example", email_verified: true, scope: "search" },
  ]) {
    const refused = await refusal(await search(await issuer.token(claims)));
    assert.deepEqual([refused.status, refused.code], [403, "forbidden"], JSON.stringify(claims));
    assert.match(refused.detail, /not the owner's/);
  }
});

test("a subject that once came with the owner's address is theirs for as long as the address is", async () => {
  const named = issuerOf(
    loadConfig({ STEWARD_OIDC_ISSUER: issuer.url, STEWARD_OIDC_SUBJECT: "a@b.example", STEWARD_OIDC_AUDIENCE: "x" }),
  );
  assert.ok(named);
  const { sealed } = at.house;
  const token = () => issuer.token({ sub: "by-address", scope: "search" });
  assert.equal((await search(await token())).status, 403);
  const claims = { sub: "by-address", email: "nora@example.org", email_verified: true };
  const own = { ...named, owners: ["nora@example.org"] };
  assert.equal(await rememberOwner(own, sealed, claims), true);
  assert.equal(await rememberOwner(own, sealed, claims), false);
  assert.equal((await search(await token())).status, 200);
  const { isOwner } = await import("./issuer.ts");
  assert.equal(await isOwner(named, sealed, { sub: "by-address" }), false, "the address is not the owner's any more");
  assert.equal(await isOwner({ ...own, url: "https://other.example" }, sealed, { sub: "by-address" }), false);
});

test("discovery and keys are read once for many tokens, and anew after a while", async () => {
  await using other = await oidcIssuer();
  const env = {
    STEWARD_OIDC_ISSUER: `${other.url}/`,
    STEWARD_OIDC_AUDIENCE: "steward-api",
    STEWARD_OIDC_SUBJECT: "owner-1",
  };
  await using house = await apiHouse(env);
  const ask = async () => (await house.ask("/search", { query: "x" }, await other.token({ scope: "search" }))).status;
  assert.deepEqual(await Promise.all([ask(), ask(), ask(), ask()]), [200, 200, 200, 200]);
  assert.equal(other.asked.get("/.well-known/openid-configuration"), 1);
  assert.equal(other.asked.get("/keys"), 1);
  await other.rotate();
  assert.equal(await ask(), 401, "within half a minute of reading the keys they are not read again");
  assert.equal(other.asked.get("/keys"), 1, "or any stranger could have them read as often as they like");
  house.ahead = 3_600_001;
  const later = async () => {
    const exp = Math.floor(Date.now() / 1000) + 7_200;
    return (await house.ask("/search", { query: "x" }, await other.token({ scope: "search", exp }))).status;
  };
  assert.equal(await later(), 200, "an hour later the issuer is asked anew");
  await other.stop();
  house.ahead = 2 * 3_600_002;
  const known = await other.token({ scope: "search", exp: Math.floor(Date.now() / 1000) + 20_000 });
  assert.equal((await house.ask("/search", { query: "x" }, known)).status, 200, "known keys serve on while it is away");
});

test("an issuer that does not answer, or names itself otherwise, is 503 and tried again", async () => {
  const gone = await oidcIssuer();
  const token = await gone.token({ scope: "search" });
  await gone.stop();
  await using other = await oidcIssuer();
  for (const url of [gone.url, `${other.url}/tenant`]) {
    const env = { STEWARD_OIDC_ISSUER: url, STEWARD_OIDC_AUDIENCE: "steward-api", STEWARD_OIDC_SUBJECT: "owner-1" };
    await using house = await apiHouse(env);
    const answer = await house.ask("/search", { query: "x" }, token);
    assert.equal(answer.headers.get("retry-after"), "5");
    const refused = await refusal(answer);
    assert.deepEqual([refused.status, refused.code], [503, "not-ready"], url);
    const { secret } = await house.key(["search"]);
    assert.equal((await house.ask("/search", { query: "x" }, secret)).status, 200, "API keys need no issuer");
  }
});

/** With other claims or another header under the same signature. */
function altered(token: string, claims: object, header: object = {}): string {
  const [head = "", body = "", mark = ""] = token.split(".");
  const over = (part: string, more: object) =>
    Buffer.from(JSON.stringify({ ...JSON.parse(Buffer.from(part, "base64url").toString()), ...more })).toString(
      "base64url",
    );
  return [over(head, header), over(body, claims), mark].join(".");
}
