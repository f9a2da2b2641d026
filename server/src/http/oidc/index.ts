import type { Clock } from "@steward/core/clock.ts";
import type { Config } from "../../config.ts";
import type { Log } from "../../log.ts";
import { BearerTokens } from "./bearer.ts";
import { issuerOf } from "./issuer.ts";
import { SignIn } from "./sign-in.ts";

/** What the issuer that the owner named, if any, is good for here. */
export interface Oidc {
  readonly bearer?: BearerTokens;
  readonly signIn?: SignIn;
}

export function openOidc({ config, clock, log }: { config: Config; clock: Clock; log: Log }): Oidc {
  const issuer = issuerOf(config);
  if (!issuer) return {};
  const { clientId, audiences } = issuer;
  return {
    ...(audiences.length > 0 ? { bearer: new BearerTokens(issuer, clock) } : {}),
    ...(clientId === undefined ? {} : { signIn: new SignIn({ ...issuer, clientId }, clock, log) }),
  };
}
