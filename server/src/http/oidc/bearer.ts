import { createHash } from "node:crypto";
import type { Clock } from "@steward/core/clock.ts";
import type { SealedRecords } from "@steward/core/vault/sealed-records.ts";
import type { JWTPayload, JWTVerifyGetKey, JWTVerifyOptions } from "jose";
import { z } from "zod";
import { isSafeUrl } from "../../config.ts";
import { SCOPES, type Scope } from "../../tokens.ts";
import { Problem } from "../problems.ts";
import { type Issuer, isOwner } from "./issuer.ts";

/**
 * Bearer tokens of the issuer (JWT access tokens, RFC 9068 and Cognito's): signed by one of its published keys with an
 * algorithm of the list, made out to this house, in time, and the owner's. They reach what an API key with the same scopes
 * reaches, and no more: no approvals, no settings.
 */
const ALGORITHMS = [
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
  "Ed25519",
];
const SKEW_S = 30;
const METADATA_MS = 3_600_000;
const PATIENCE_MS = 5_000;
/** Resource server of Cognito's scopes, as the stack names it: `steward/chat`. */
const RESOURCE = "steward/";

const Metadata = z.object({ issuer: z.string(), jwks_uri: z.string().refine(isSafeUrl, "must be https") });

interface Keys {
  readonly issuer: string;
  readonly key: JWTVerifyGetKey;
  readonly readAt: number;
}

export interface BearerCaller {
  readonly id: string;
  readonly scopes: readonly Scope[];
}

/** Loaded at the first token: most houses never see one. */
type Jose = typeof import("jose");

export class BearerTokens {
  readonly #issuer: Issuer;
  readonly #clock: Clock;
  #keys: Promise<Keys> | undefined;

  constructor(issuer: Issuer, clock: Clock) {
    this.#issuer = issuer;
    this.#clock = clock;
  }

  /** Throws a `Problem` that says why the token does not work. */
  async callerOf(token: string, sealed: SealedRecords): Promise<BearerCaller> {
    const jose = await import("jose");
    const claims = await this.#verified(jose, token);
    this.#demandAudience(claims);
    if (!(await isOwner(this.#issuer, sealed, claims))) {
      const detail =
        "The token is valid, and not the owner's. This house answers its owner alone: `oidcSubject` names their subject.";
      throw new Problem("forbidden", detail);
    }
    const client = typeof claims.client_id === "string" ? claims.client_id : String(claims.azp ?? "");
    const id = createHash("sha256").update(`${claims.iss}\n${claims.sub}\n${client}`).digest("base64url");
    return { id: `oidc:${id}`, scopes: scopesOf(claims) };
  }

  async #verified(jose: Jose, token: string): Promise<JWTPayload> {
    const { alg, iss } = unverified(jose, token);
    if (alg === undefined || !ALGORITHMS.includes(alg)) throw refused("It is not signed with an algorithm taken here.");
    const keys = await this.#current(jose);
    // Said before the keys are tried: another issuer's token would only be signed by an unknown key.
    if (iss !== keys.issuer) throw refused("Another issuer made it than the one this house takes.");
    const options: JWTVerifyOptions = {
      algorithms: ALGORITHMS,
      issuer: keys.issuer,
      clockTolerance: SKEW_S,
      currentDate: new Date(this.#clock.now()),
      requiredClaims: ["sub", "exp"],
    };
    try {
      const { payload } = await jose.jwtVerify(token, keys.key, options);
      // An ID token says who somebody is, to the app they signed in to; it is no key to an API.
      const isAccess = (payload.token_use ?? "access") === "access" && payload.nonce === undefined && !payload.at_hash;
      if (!isAccess) throw refused("It is an ID token. Send the access token.");
      return payload;
    } catch (error) {
      throw error instanceof Problem ? error : refusalOf(jose, error);
    }
  }

  /** `aud`; Cognito's access tokens name the client in `client_id` and have none. */
  #demandAudience({ aud, client_id: client }: JWTPayload): void {
    const named = aud === undefined ? [client] : [aud].flat();
    if (!named.some((one) => typeof one === "string" && this.#issuer.audiences.includes(one))) {
      throw refused("It was made out to another audience than `oidcAudience` names.");
    }
  }

  /** Discovery (OpenID Connect Discovery 1.0 §4) and the keys it points to, read anew every hour. */
  #current(jose: Jose): Promise<Keys> {
    const former = this.#keys;
    const next = (async () => {
      const known = await former;
      if (known && this.#clock.now() - known.readAt < METADATA_MS) return known;
      return this.#discover(jose).catch((error) => known ?? Promise.reject(error));
    })();
    this.#keys = next;
    next.catch(() => {
      if (this.#keys === next) this.#keys = undefined;
    });
    return next;
  }

  async #discover(jose: Jose): Promise<Keys> {
    const base = this.#issuer.url.replace(/\/$/, "");
    try {
      const answer = await fetch(`${base}/.well-known/openid-configuration`, {
        redirect: "error",
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
      const { issuer, jwks_uri } = Metadata.parse(await answer.json());
      if (issuer.replace(/\/$/, "") !== base) throw new Error("The issuer names itself otherwise");
      const key = jose.createRemoteJWKSet(new URL(jwks_uri), { timeoutDuration: PATIENCE_MS });
      return { issuer, key, readAt: this.#clock.now() };
    } catch (cause) {
      throw unreachable(this.#issuer, cause);
    }
  }
}

function unverified(jose: Jose, token: string): { alg: string | undefined; iss: string | undefined } {
  try {
    return { alg: jose.decodeProtectedHeader(token).alg, iss: jose.decodeJwt(token).iss };
  } catch {
    throw refused("It is neither an API key of this house nor a JSON Web Token.");
  }
}

function refusalOf({ errors }: Jose, error: unknown): Error {
  if (error instanceof errors.JWTExpired) return refused("It has expired. Get a fresh one from the issuer.");
  if (error instanceof errors.JWTClaimValidationFailed) {
    if (error.claim === "nbf") return refused("It is not valid yet.");
    return refused(`Its claim \`${error.claim}\` is missing or wrong.`);
  }
  if (error instanceof errors.JWKSNoMatchingKey)
    return refused("It is signed with a key that the issuer does not publish.");
  if (error instanceof errors.JWSSignatureVerificationFailed) return refused("Its signature is not the issuer's.");
  if (error instanceof errors.JOSEError && !(error instanceof errors.JWKSTimeout))
    return refused("It is not understood.");
  return new Problem(
    "not-ready",
    "The issuer's keys cannot be read now, so no token can be checked. Try again in a moment.",
    {
      headers: { "retry-after": "5" },
    },
  );
}

function unreachable({ name }: Issuer, cause: unknown): Problem {
  const detail = `${name} does not answer as an OpenID Connect issuer, so no token can be checked. Try again in a moment.`;
  return Object.assign(new Problem("not-ready", detail, { headers: { "retry-after": "5" } }), { cause });
}

function refused(why: string): Problem {
  const said = `Bearer error="invalid_token", error_description="${why.replace(/[\\"`]/g, "'")}"`;
  return new Problem("wrong-token", `The token does not work. ${why}`, { headers: { "www-authenticate": said } });
}

/** `scope` is a string of words (RFC 9068), `scp` a list elsewhere. What is no scope of ours counts for nothing. */
function scopesOf({ scope, scp }: JWTPayload): Scope[] {
  const given = [scope, scp].flat().flatMap((one) => (typeof one === "string" ? one.split(" ") : []));
  const plain = new Set(given.map((one) => (one.startsWith(RESOURCE) ? one.slice(RESOURCE.length) : one)));
  return SCOPES.filter((one) => plain.has(one));
}
