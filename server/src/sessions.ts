import { createHash, randomBytes } from "node:crypto";
import type { Clock } from "@steward/core/clock.ts";
import { newId } from "@steward/core/ids.ts";
import type { SealedRecords } from "@steward/core/vault/sealed-records.ts";

/**
 * Sessions of the owner's browsers. The cookie holds 256 random bits; stored is only their SHA-256, so a copy of the
 * records signs nobody in. A session ends at its expiry, after a week without use, at sign-out, at the next sign-in of
 * the same browser, and when the password changes.
 */
export interface OwnerSession {
  readonly id: string;
  /** The value that every change must carry in `x-steward-csrf`; follows from the secret, so all tabs agree. */
  readonly csrf: string;
  readonly expiresAt: number;
}

interface StoredSession {
  readonly id: string;
  readonly createdAt: number;
  readonly lastUsedAt: number;
  readonly expiresAt: number;
}

const PARTITION = "session";
const SCOPE = "house:sessions";
const IDLE_MS = 7 * 24 * 3_600_000;
/** Last use is written at most this often, so that reading does not write. */
const TOUCH_MS = 60_000;

export interface SessionsDeps {
  readonly sealed: SealedRecords;
  readonly clock: Clock;
}

export class Sessions {
  readonly #deps: SessionsDeps;

  constructor(deps: SessionsDeps) {
    this.#deps = deps;
  }

  /** A new session and its secret for the cookie. The session the browser had before, if any, ends. */
  async begin(days: number, former?: string): Promise<{ secret: string; session: OwnerSession }> {
    const now = this.#deps.clock.now();
    const secret = randomBytes(32).toString("base64url");
    const stored = { id: newId(now), createdAt: now, lastUsedAt: now, expiresAt: now + days * 24 * 3_600_000 };
    await this.#put(hashOf(secret), stored);
    if (former) await this.end(former);
    return { secret, session: { id: stored.id, csrf: csrfOf(secret), expiresAt: stored.expiresAt } };
  }

  /** The session of a cookie, or undefined when it is unknown, ended, expired or unused for a week. */
  async find(secret: string): Promise<OwnerSession | undefined> {
    const { sealed, clock } = this.#deps;
    const sort = hashOf(secret);
    const stored = (await sealed.get<StoredSession>({ partition: PARTITION, sort, scope: SCOPE }))?.value;
    if (!stored) return undefined;
    const now = clock.now();
    if (stored.expiresAt <= now || stored.lastUsedAt + IDLE_MS <= now) {
      await this.#delete(sort);
      return undefined;
    }
    if (now - stored.lastUsedAt >= TOUCH_MS) await this.#put(sort, { ...stored, lastUsedAt: now });
    return { id: stored.id, csrf: csrfOf(secret), expiresAt: stored.expiresAt };
  }

  end(secret: string): Promise<void> {
    return this.#delete(hashOf(secret));
  }

  /** Ends all but the one given. Returns how many ended. */
  async endAll(except?: string): Promise<number> {
    let ended = 0;
    for await (const row of this.#deps.sealed.query<StoredSession>(PARTITION, {}, () => SCOPE)) {
      if (row.value.id === except) continue;
      await this.#delete(row.sort);
      ended += 1;
    }
    return ended;
  }

  async #put(sort: string, stored: StoredSession): Promise<void> {
    const { sealed } = this.#deps;
    const key = await sealed.vault.standing("private", SCOPE);
    const place = { partition: PARTITION, sort, scope: SCOPE };
    await sealed.write([sealed.put(key, place, stored, { expiresAt: stored.expiresAt })]);
  }

  async #delete(sort: string): Promise<void> {
    await this.#deps.sealed.write([{ delete: { partition: PARTITION, sort } }]);
  }
}

function hashOf(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}

function csrfOf(secret: string): string {
  return createHash("sha256").update("steward csrf\0").update(secret).digest("base64url");
}
