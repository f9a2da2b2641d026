import { createHash, randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { exportJWK, generateKeyPair, type JWTHeaderParameters, SignJWT } from "jose";

/**
 * A small OpenID Connect issuer on this machine: discovery, keys, the authorization code flow with PKCE, and tokens as the
 * test wants them. It checks what a real one checks (RFC 6749 §4.1.3, RFC 7636 §4.6), so that a client that leaves
 * something out fails here.
 */
export interface OidcIssuer extends AsyncDisposable {
  readonly url: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Who signs in next, as the ID token says it; `undefined`: the person declines. */
  person: Claims | undefined;
  /** Put over the claims of the next ID tokens. */
  idClaims: Claims;
  /** Requests answered, by path. */
  readonly asked: Map<string, number>;
  /** A token signed by a published key, with the claims of a good access token under those given. */
  token(claims?: Claims, header?: Partial<JWTHeaderParameters>): Promise<string>;
  /** Signed by a key that is not published. */
  forged(claims?: Claims, header?: Partial<JWTHeaderParameters>): Promise<string>;
  /** A new key takes the published one's place. */
  rotate(): Promise<void>;
  stop(): Promise<void>;
}

/** What is undefined is left out. */
type Claims = Readonly<Record<string, unknown>>;

interface Granted {
  readonly redirect: string;
  readonly challenge: string;
  readonly nonce: string | undefined;
  readonly person: Claims;
}

export async function oidcIssuer({ secret = "" } = {}): Promise<OidcIssuer> {
  let [key, hidden] = await Promise.all([makeKey("key-1"), makeKey("key-1")]);
  const granted = new Map<string, Granted>();
  const asked = new Map<string, number>();
  const server = createServer((incoming, answer) => {
    const url = new URL(incoming.url ?? "/", issuer.url);
    asked.set(url.pathname, (asked.get(url.pathname) ?? 0) + 1);
    respond(incoming, answer, url).catch(() => answer.writeHead(500).end());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;

  const good = (): Claims => {
    const now = Math.floor(Date.now() / 1000);
    return { iss: issuer.url, sub: "owner-1", aud: "steward-api", iat: now, exp: now + 600, scope: "chat" };
  };
  const sign = ({ privateKey, kid }: Key, claims: Claims, header: Partial<JWTHeaderParameters> = {}) =>
    new SignJWT(claims).setProtectedHeader({ alg: "RS256", kid, ...header }).sign(privateKey);

  const issuer: OidcIssuer = {
    ...{ url: `http://127.0.0.1:${port}`, clientId: "steward-app", clientSecret: secret, asked },
    person: { sub: "owner-1", email: "nora@example.org", email_verified: true, name: "Nora Lind" },
    idClaims: {},
    token: (claims = {}, header) => sign(key, { ...good(), ...claims }, header),
    forged: (claims = {}, header) => sign(hidden, { ...good(), ...claims }, header),
    async rotate() {
      [key, hidden] = await Promise.all([makeKey("key-2"), makeKey("key-2")]);
    },
    stop: () => new Promise<void>((resolve) => server.close(() => resolve()).closeAllConnections()),
    [Symbol.asyncDispose]: () => issuer.stop(),
  };
  return issuer;

  async function respond(incoming: IncomingMessage, answer: ServerResponse, url: URL): Promise<void> {
    const json = (status: number, body: object) =>
      answer
        .writeHead(status, { "content-type": "application/json", "cache-control": "no-store" })
        .end(JSON.stringify(body));
    switch (url.pathname) {
      case "/.well-known/openid-configuration":
        return void json(200, {
          issuer: issuer.url,
          authorization_endpoint: `${issuer.url}/authorize`,
          token_endpoint: `${issuer.url}/token`,
          jwks_uri: `${issuer.url}/keys`,
          response_types_supported: ["code"],
          subject_types_supported: ["public"],
          id_token_signing_alg_values_supported: ["RS256"],
          code_challenge_methods_supported: ["S256"],
          token_endpoint_auth_methods_supported:
            secret === "" ? ["none"] : ["client_secret_post", "client_secret_basic"],
        });
      case "/keys":
        return void json(200, { keys: [key.jwk] });
      case "/authorize":
        return void answer.writeHead(302, { location: authorize(url.searchParams) }).end();
      case "/token": {
        const form = new URLSearchParams(await bodyOf(incoming));
        const tokens = await exchange(form, incoming.headers.authorization);
        return void (tokens ? json(200, tokens) : json(400, { error: "invalid_grant" }));
      }
      default:
        return void json(404, { error: "not_found" });
    }
  }

  function authorize(asks: URLSearchParams): string {
    const back = new URL(asks.get("redirect_uri") ?? "");
    const challenge = asks.get("code_challenge");
    const isWhole =
      asks.get("response_type") === "code" &&
      asks.get("client_id") === issuer.clientId &&
      asks.get("code_challenge_method") === "S256" &&
      (asks.get("scope") ?? "").split(" ").includes("openid");
    back.searchParams.set("state", asks.get("state") ?? "");
    if (!isWhole || !challenge) back.searchParams.set("error", "invalid_request");
    else if (!issuer.person) back.searchParams.set("error", "access_denied");
    else {
      const code = randomBytes(16).toString("hex");
      const [redirect, nonce] = [asks.get("redirect_uri") ?? "", asks.get("nonce") ?? undefined];
      granted.set(code, { redirect, challenge, nonce, person: issuer.person });
      back.searchParams.set("code", code);
    }
    return back.href;
  }

  async function exchange(form: URLSearchParams, authorization: string | undefined): Promise<object | undefined> {
    const code = form.get("code") ?? "";
    const grant = granted.get(code);
    granted.delete(code); // a code counts once
    const basic = Buffer.from(authorization?.replace(/^Basic /, "") ?? "", "base64").toString();
    const isClient =
      secret === ""
        ? form.get("client_id") === issuer.clientId
        : basic === `${issuer.clientId}:${secret}` || form.get("client_secret") === secret;
    const verifier = createHash("sha256")
      .update(form.get("code_verifier") ?? "")
      .digest("base64url");
    if (!grant || !isClient || form.get("redirect_uri") !== grant.redirect || verifier !== grant.challenge)
      return undefined;
    const now = Math.floor(Date.now() / 1000);
    const about = { iss: issuer.url, aud: issuer.clientId, iat: now, exp: now + 600, nonce: grant.nonce };
    return {
      access_token: await sign(key, { ...good(), sub: String(grant.person.sub) }),
      token_type: "Bearer",
      expires_in: 600,
      id_token: await sign(key, { ...about, ...grant.person, ...issuer.idClaims }),
    };
  }
}

type Key = Awaited<ReturnType<typeof makeKey>>;

async function makeKey(kid: string) {
  const { publicKey, privateKey } = await generateKeyPair("RS256");
  return { kid, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg: "RS256", use: "sig" } };
}

async function bodyOf(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer); // no encoding is set, so bytes
  return Buffer.concat(chunks).toString();
}
