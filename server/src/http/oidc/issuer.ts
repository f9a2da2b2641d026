import type { SealedRecords } from "@steward/core/vault/sealed-records.ts";
import type { Config } from "../../config.ts";

/**
 * The OpenID Connect issuer whose word on who is the owner this house takes: Cognito on AWS, any at home. Its tokens open
 * the API (bearer.ts) and its sign-in opens the app (sign-in.ts), for the owner's subjects and e-mail addresses alone.
 */
export interface Issuer {
  readonly url: string;
  /** What the app calls it. */
  readonly name: string;
  /** Whom a bearer token must be made out to; none are taken when there is none. */
  readonly audiences: readonly string[];
  /** Subjects, and e-mail addresses that count where the issuer says that they are verified. */
  readonly owners: readonly string[];
  /** This app at the issuer; without it nobody signs in there. */
  readonly clientId?: string;
  readonly clientSecret?: string;
}

export function issuerOf(config: Config): Issuer | undefined {
  const { oidcIssuer: url, oidcClientId: clientId, oidcClientSecret: clientSecret } = config;
  if (url === undefined) return undefined;
  const owners = listOf(config.oidcSubject);
  const audiences = listOf(config.oidcAudience);
  return {
    ...{ url, audiences, owners, name: config.oidcName ?? nameOf(new URL(url).hostname) },
    ...(clientId === undefined ? {} : { clientId }),
    ...(clientSecret === undefined ? {} : { clientSecret }),
  };
}

export type Claims = Readonly<Record<string, unknown>>;

interface RememberedOwner {
  readonly issuer: string;
  readonly subject: string;
  readonly email: string;
}

const OWNER = { partition: "setting", sort: "oidc-owner", scope: "house:settings" } as const;

/**
 * Whether these claims, whose signature was checked, are the owner's: by subject, or by a verified e-mail address. Access
 * tokens carry no address, so the subject that once came with one of the owner's addresses is remembered with it.
 */
export async function isOwner(issuer: Issuer, sealed: SealedRecords, claims: Claims): Promise<boolean> {
  const { sub } = claims;
  if (typeof sub !== "string") return false;
  // What looks like an address is only ever taken for one: where people choose their subject, one could call itself that.
  if (!sub.includes("@") && issuer.owners.includes(sub)) return true;
  if (ownAddress(issuer, claims) !== undefined) return true;
  const known = (await sealed.get<RememberedOwner>(OWNER))?.value;
  return known?.subject === sub && known.issuer === issuer.url && hasOwner(issuer, known.email);
}

/** Returns whether it is the first time that the owner came in by an issuer. */
export async function rememberOwner(issuer: Issuer, sealed: SealedRecords, claims: Claims): Promise<boolean> {
  const known = (await sealed.get<RememberedOwner>(OWNER))?.value;
  const email = ownAddress(issuer, claims) ?? "";
  const owner: RememberedOwner = { issuer: issuer.url, subject: String(claims.sub), email };
  if (JSON.stringify(known) !== JSON.stringify(owner)) {
    await sealed.write([sealed.put(await sealed.vault.standing("private", OWNER.scope), OWNER, owner)]);
  }
  return known === undefined;
}

function ownAddress(issuer: Issuer, { email, email_verified: verified }: Claims): string | undefined {
  const isVerified = verified === true || verified === "true"; // some issuers write it as a word
  return typeof email === "string" && isVerified && hasOwner(issuer, email) ? email.toLowerCase() : undefined;
}

function hasOwner({ owners }: Issuer, email: string): boolean {
  return email.includes("@") && owners.some((owner) => owner.toLowerCase() === email.toLowerCase());
}

function listOf(words: string | undefined): string[] {
  return (words ?? "").split(/[\s,]+/).filter(Boolean);
}

function nameOf(host: string): string {
  if (/^cognito-idp\./.test(host)) return "Amazon Cognito";
  return host === "accounts.google.com" ? "Google" : host;
}
