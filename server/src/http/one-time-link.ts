import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { Clock } from "@steward/core/clock.ts";

export const LINK_MINUTES = 15;

/**
 * The link that `npm start` prints while there is no owner. Its 256-bit token stands in the URL's fragment, which no
 * browser sends and no log sees; the page posts it to `/api/setup`. One token at a time, once, for 15 minutes.
 */
export class OneTimeLink {
  /** Where the page is, as the person opens it; known once the server listens. */
  address = "http://localhost:4180";
  /** The recovery code of a home made just now: the set-up page shows it too, once. */
  recoveryCode: string | undefined;
  readonly #clock: Clock;
  #open: { readonly hash: Buffer; readonly until: number } | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A fresh token; the one before stops working. */
  issue(): string {
    const token = randomBytes(32).toString("base64url");
    this.#open = { hash: hashOf(token), until: this.#clock.now() + LINK_MINUTES * 60_000 };
    return token;
  }

  /** Takes the token out of use. `giveBack` makes it valid again, for a set-up that was refused or failed. */
  redeem(token: string): { giveBack(): void } | undefined {
    const open = this.#open;
    if (!open || open.until <= this.#clock.now() || !timingSafeEqual(open.hash, hashOf(token))) return undefined;
    this.#open = undefined;
    return {
      giveBack: () => {
        this.#open ??= open;
      },
    };
  }
}

function hashOf(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}
