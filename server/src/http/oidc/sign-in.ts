import type { Clock } from "@steward/core/clock.ts";
import type { SealedRecords } from "@steward/core/vault/sealed-records.ts";
import type { Configuration } from "openid-client";
import type { Log } from "../../log.ts";
import { type Claims, type Issuer, isOwner } from "./issuer.ts";

/**
 * Signing in with the issuer: the authorization code flow with PKCE, state and nonce (OpenID Connect Core 1.0 §3.1,
 * RFC 7636). What is known of a flow under way lies sealed in a cookie of the browser that began it, for ten minutes, so
 * nothing is stored for a stranger, and a code that was fetched in another browser signs nobody in.
 */
export type SignInFailure = "denied" | "expired" | "not-owner" | "unreachable" | "failed";

export interface Flow {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
  readonly redirect: string;
  readonly until: number;
  /** The browser's time zone, for a house that has none yet. */
  readonly zone?: string;
}

export const FLOW_MS = 10 * 60_000;
const CONFIGURATION_MS = 3_600_000;
const PATIENCE_S = 5;
const FLOW = { table: "oidc-flow", id: "cookie", field: "flow" } as const;

/** Loaded when somebody signs in. */
type Client = typeof import("openid-client");

export class SignIn {
  readonly issuer: Issuer & { readonly clientId: string };
  readonly #clock: Clock;
  readonly #log: Log;
  #configuration: { readonly value: Promise<Configuration>; readonly readAt: number } | undefined;

  constructor(issuer: Issuer & { readonly clientId: string }, clock: Clock, log: Log) {
    this.issuer = issuer;
    this.#clock = clock;
    this.#log = log;
  }

  /** Where the browser goes, and the cookie it takes along; undefined when the issuer does not answer. */
  async begin(
    sealed: SealedRecords,
    redirect: string,
    zone: string | undefined,
  ): Promise<{ url: string; cookie: string } | undefined> {
    try {
      const client = await import("openid-client");
      const configuration = await this.#configured(client);
      const [state, nonce, verifier] = [client.randomState(), client.randomNonce(), client.randomPKCECodeVerifier()];
      const url = client.buildAuthorizationUrl(configuration, {
        // No more than is needed: an issuer refuses a scope that the app was not given there.
        ...{ redirect_uri: redirect, scope: "openid email", state, nonce },
        ...{ code_challenge: await client.calculatePKCECodeChallenge(verifier), code_challenge_method: "S256" },
      });
      const until = this.#clock.now() + FLOW_MS;
      const flow: Flow = { state, nonce, verifier, redirect, until, ...(zone === undefined ? {} : { zone }) };
      const key = await sealed.vault.standing("private", "house:oidc");
      const cookie = Buffer.from(key.seal(FLOW, Buffer.from(JSON.stringify(flow)))).toString("base64url");
      return { url: url.href, cookie };
    } catch (error) {
      this.#log.error("sign-in-unreachable", error);
      return undefined;
    }
  }

  /** What the issuer says of who came back, when it is the owner; else why not. */
  async finish(
    sealed: SealedRecords,
    query: string,
    cookie: string | undefined,
  ): Promise<{ claims: Claims; flow: Flow } | SignInFailure> {
    const flow = await this.#flowIn(sealed, cookie);
    if (!flow || flow.until <= this.#clock.now()) return "expired";
    const client = await import("openid-client");
    try {
      const configuration = await this.#configured(client);
      const tokens = await client.authorizationCodeGrant(configuration, new URL(query, flow.redirect), {
        pkceCodeVerifier: flow.verifier,
        expectedState: flow.state,
        expectedNonce: flow.nonce,
        idTokenExpected: true,
      });
      // Checked by now: signature, issuer, audience, expiry and nonce.
      const claims: Claims = { ...tokens.claims() };
      return (await isOwner(this.issuer, sealed, claims)) ? { claims, flow } : "not-owner";
    } catch (error) {
      const failure = failureOf(client, error);
      this.#log.error("sign-in-failed", error, { failure });
      return failure;
    }
  }

  async #flowIn(sealed: SealedRecords, cookie: string | undefined): Promise<Flow | undefined> {
    if (!cookie) return undefined;
    try {
      const key = await sealed.vault.standing("private", "house:oidc");
      const plain = key.open(FLOW, Buffer.from(cookie, "base64url"));
      return JSON.parse(Buffer.from(plain).toString()) as Flow; // sealed by `begin`
    } catch {
      return undefined; // no cookie of ours
    }
  }

  #configured(client: Client): Promise<Configuration> {
    const now = this.#clock.now();
    if (this.#configuration && now - this.#configuration.readAt < CONFIGURATION_MS) return this.#configuration.value;
    const { url, clientId, clientSecret } = this.issuer;
    const insecure = url.startsWith("http:") ? [client.allowInsecureRequests] : []; // on this machine alone: issuer.ts
    const value = client.discovery(
      new URL(url),
      clientId,
      clientSecret === undefined ? {} : { client_secret: clientSecret },
      clientSecret === undefined ? client.None() : undefined,
      { timeout: PATIENCE_S, execute: [...insecure, client.enableNonRepudiationChecks] },
    );
    const configuration = { value, readAt: now };
    this.#configuration = configuration;
    value.catch(() => {
      if (this.#configuration === configuration) this.#configuration = undefined;
    });
    return value;
  }
}

function failureOf(client: Client, error: unknown): SignInFailure {
  if (error instanceof client.AuthorizationResponseError) return "denied";
  if (error instanceof client.ClientError) return error.code === "OAUTH_TIMEOUT" ? "unreachable" : "failed";
  if (error instanceof TypeError) return "unreachable"; // what fetch throws when nobody answers
  return "failed";
}
