import type { Clock } from "@steward/core/clock.ts";
import { type Change, RecordsConflict } from "@steward/core/records.ts";
import type { SealedRecords, Stored } from "@steward/core/vault/sealed-records.ts";
import { Problem } from "./problems.ts";

/**
 * Idempotency-Key on writes (draft-ietf-httpapi-idempotency-key-header): the same key with the same body is answered as
 * the first time, for 24 hours; with another body it is refused (422), and while the first still runs it waits (409).
 * The row's key is an HMAC, its value is sealed, and it holds no content: what an answer said is read again from where it
 * lies, so that forgetting reaches it.
 */
const PARTITION = "idempotency";
const SCOPE = "house:idempotency";
const KEPT_MS = 24 * 3_600_000;

interface Kept {
  /** HMAC of the request's body. */
  readonly body: string;
  /** While it runs: when whoever runs it must have ended; then it is taken to have crashed. */
  readonly until?: number;
  /** What names the answer, once there is one. */
  readonly outcome?: unknown;
}

export interface Claim {
  /** The change that keeps the outcome: to be written together with what the request does. */
  completion(outcome: unknown): Promise<Change>;
  complete(outcome: unknown): Promise<void>;
  /** The request failed and did nothing: it may be tried again. */
  abandon(): Promise<void>;
}

export interface Ask {
  /** Who asks. */
  readonly by: string;
  readonly path: string;
  readonly key: string;
  readonly body: unknown;
  /** Longest time the request may run. */
  readonly leaseMs: number;
}

export type Begun = { readonly claim: Claim } | { readonly outcome: unknown };

export async function begin(deps: { sealed: SealedRecords; clock: Clock }, ask: Ask): Promise<Begun> {
  if (!/^[\x21-\x7e]{1,255}$/.test(ask.key)) {
    throw new Problem("invalid", "Idempotency-Key: must be 1 to 255 visible ASCII characters", {
      field: "Idempotency-Key",
    });
  }
  const { sealed, clock } = deps;
  const { vault } = sealed;
  const sort = vault.hmac("private", "idempotency", ask.by, ask.path, ask.key);
  const body = vault.hmac("private", "idempotency-body", JSON.stringify(ask.body));
  const place = { partition: PARTITION, sort, scope: SCOPE };
  const key = await vault.standing("private", SCOPE);
  for (;;) {
    const now = clock.now();
    const stored: Stored<Kept> | undefined = await sealed.get<Kept>(place);
    if (stored && stored.value.body !== body) {
      throw new Problem(
        "mismatch",
        "This Idempotency-Key was used with another body. Use a new key for a new request.",
        {
          field: "Idempotency-Key",
        },
      );
    }
    if (stored?.value.outcome !== undefined) return { outcome: stored.value.outcome };
    if (stored && (stored.value.until ?? 0) > now) {
      throw new Problem("conflict", "The first request with this Idempotency-Key still runs. Ask again in a moment.", {
        headers: { "retry-after": "1" },
      });
    }
    const expiresAt = now + KEPT_MS;
    const version = stored ? stored.version + 1 : 1;
    const condition = stored ? { version: stored.version } : ("absent" as const);
    try {
      await sealed.write([sealed.put(key, place, { body, until: now + ask.leaseMs }, { if: condition, expiresAt })]);
    } catch (error) {
      if (error instanceof RecordsConflict) continue;
      throw error;
    }
    const completion = async (outcome: unknown) =>
      sealed.put(await vault.standing("private", SCOPE), place, { body, outcome }, { if: { version }, expiresAt });
    return {
      claim: {
        completion,
        complete: async (outcome) => sealed.write([await completion(outcome)]),
        async abandon() {
          await sealed.write([{ delete: place, if: { version } }]).catch((error: unknown) => {
            // Completed meanwhile, or taken over: then it is not ours to take away.
            if (!(error instanceof RecordsConflict)) throw error;
          });
        },
      },
    };
  }
}
