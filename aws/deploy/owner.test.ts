import assert from "node:assert/strict";
import { request } from "node:http";
import { it } from "node:test";
import {
  AdminInitiateAuthCommand,
  AdminSetUserPasswordCommand,
  CreateUserPoolClientCommand,
  CreateUserPoolCommand,
} from "@aws-sdk/client-cognito-identity-provider";
import { apiHouse } from "@steward/server/testing/api-house.ts";
import { onMoto } from "../src/testing/moto.ts";
import { openAccount } from "./account.ts";
import { ensureOwner } from "./owner.ts";

/**
 * From the owner's account in a pool to a request of the API with a token of that pool, on moto's Cognito: its tokens are signed
 * with its own key and name AWS's address as their issuer, so questions to that address are put to moto here. Its tokens
 * have no scopes of ours; what a scope opens is shown by `server/src/http/oidc/bearer.test.ts`.
 */
const PASSWORD = "Long enough for 1 pool!";

function answerAs(host: string, endpoint: string, issuer: string): () => void {
  const real = globalThis.fetch;
  globalThis.fetch = async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    if (url.host !== host) return real(input, init);
    // moto has no discovery document; Cognito's names the issuer and its keys.
    if (url.pathname.endsWith("/openid-configuration"))
      return Response.json({ issuer, jwks_uri: `${issuer}/.well-known/jwks.json` });
    const { hostname, port } = new URL(endpoint);
    const { promise, resolve, reject } = Promise.withResolvers<Response>();
    const asked = request({ hostname, port, path: url.pathname, headers: { host } }, async (answer) => {
      resolve(new Response(Buffer.concat(await answer.toArray()), { status: answer.statusCode ?? 500 }));
    });
    asked.on("error", reject).end();
    return promise;
  };
  return () => {
    globalThis.fetch = real;
  };
}

await onMoto(async ({ access }) => {
  it("makes the owner's account once; a token of their sign-in is taken for theirs, and nobody else's is", async () => {
    const account = await openAccount({ access });
    const { cognito } = account;
    const UserPoolId = (await cognito.send(new CreateUserPoolCommand({ PoolName: "owner" }))).UserPool?.Id ?? "";
    const app = { UserPoolId, ClientName: "app", ExplicitAuthFlows: ["ALLOW_ADMIN_USER_PASSWORD_AUTH" as const] };
    const ClientId = (await cognito.send(new CreateUserPoolClientCommand(app))).UserPoolClient?.ClientId ?? "";
    const subject = await ensureOwner(account, UserPoolId, "owner@example.org");
    assert.equal(await ensureOwner(account, UserPoolId, "owner@example.org"), subject);
    assert.notEqual(await ensureOwner(account, UserPoolId, "guest@example.org"), subject);

    const signIn = async (Username: string) => {
      await cognito.send(
        new AdminSetUserPasswordCommand({ UserPoolId, Username, Password: PASSWORD, Permanent: true }),
      );
      const AuthParameters = { USERNAME: Username, PASSWORD };
      const start = { UserPoolId, ClientId, AuthFlow: "ADMIN_USER_PASSWORD_AUTH" as const, AuthParameters };
      const { AuthenticationResult } = await cognito.send(new AdminInitiateAuthCommand(start));
      const { AccessToken = "", IdToken = "" } = AuthenticationResult ?? {};
      return { AccessToken, IdToken };
    };
    const host = `cognito-idp.${access.region}.amazonaws.com`;
    const issuer = `https://${host}/${UserPoolId}`;
    const restore = answerAs(host, access.endpoint ?? "", issuer);
    const told = { STEWARD_OIDC_ISSUER: issuer, STEWARD_OIDC_AUDIENCE: ClientId, STEWARD_OIDC_SUBJECT: subject };
    const at = await apiHouse(told);
    try {
      const ask = async (token: string) => {
        const answer = await at.ask("/search", { query: "x" }, token);
        return { status: answer.status, text: await answer.text() };
      };
      const { AccessToken, IdToken } = await signIn("owner@example.org");
      const owner = await ask(AccessToken);
      assert.equal(owner.status, 403);
      assert.match(owner.text, /scope/, "known as the owner, whose token was given no scope of ours");
      const guest = await ask((await signIn("guest@example.org")).AccessToken);
      assert.equal(guest.status, 403);
      assert.match(guest.text, /valid, and not the owner/);
      const id = await ask(IdToken);
      assert.equal(id.status, 401);
      assert.match(id.text, /ID token/);
      const [head, , signature] = AccessToken.split(".");
      const forged = { iss: issuer, sub: subject, client_id: ClientId, token_use: "access", exp: 9_999_999_999 };
      const body = Buffer.from(JSON.stringify(forged)).toString("base64url");
      assert.equal((await ask(`${head}.${body}.${signature}`)).status, 401);
    } finally {
      restore();
      await at[Symbol.asyncDispose]();
    }
  });
});
