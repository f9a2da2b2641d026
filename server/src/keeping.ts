import type { Clock } from "@steward/core/clock.ts";
import type { JobQueue } from "@steward/core/jobs.ts";
import type { PassageIndex } from "@steward/core/search/passage-index.ts";
import type { KitStore } from "@steward/core/vault/key-ring.ts";
import type { KeyVault } from "@steward/core/vault/keys.ts";
import { rotate } from "@steward/core/vault/rotate.ts";
import type { Domain } from "@steward/core/vault/vault.ts";
import type { Log } from "./log.ts";

/**
 * Housekeeping: what is done by the clock. Once a minute a tidy of the index is queued when much of it is live, and
 * expired rows are swept; the keys of every domain are rotated every thirty days. A rotation that has to wait (for an
 * upload sealed under the older key, say) or was cut short goes on with each round, until the older key is dropped.
 */
export interface KeepingDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly vault: KeyVault;
  readonly kit: KitStore;
  /** What is swept away with each round: expired rows, at home. */
  readonly records: { sweep(): unknown };
  readonly queue: Pick<JobQueue, "add">;
  readonly index: Pick<PassageIndex, "stats">;
  /** Queues the making of vectors when something waits for them. */
  readonly wakeEmbedding: () => Promise<void>;
  /** Where other processes share the store: how long one of them may still wrap by an older key, ms (`rotate.ts`). */
  readonly othersMs?: number;
}

export interface Keeping {
  /** When the keys of every domain will have rotated, ms since the epoch: not before that, when one has to wait. */
  nextRotation(): Promise<number>;
  /** What is due now. Throws what fails. */
  round(signal: AbortSignal): Promise<void>;
  /** A round a minute, until the signal aborts. Never rejects: what fails is logged and tried again a minute later. */
  run(signal: AbortSignal): Promise<void>;
  /** One line of a job worker; names kinds and ids only. */
  logJob(line: string, error?: unknown): void;
}

const MINUTE = 60_000;
const ROTATE_AFTER = 30 * 24 * 60 * MINUTE;
/** Passages that may be live before they are written to a segment: replaying them at a start takes about a second. */
const LIVE_PASSAGES = 2_000;

export function keepHouse(deps: KeepingDeps): Keeping {
  const { clock, log, vault, kit, records, queue, index } = deps;

  /** When each domain's newest key is to be replaced. */
  async function rotationTimes(): Promise<[Domain, number][]> {
    const stored = await kit.read();
    return vault.domainKeys.domains.map((domain) => [
      domain,
      (stored?.domains[domain].at(-1)?.madeAt ?? clock.now()) + ROTATE_AFTER,
    ]);
  }

  async function rotateDue(signal: AbortSignal): Promise<void> {
    for (const [domain, at] of await rotationTimes()) {
      if (signal.aborted) return;
      if (clock.now() < at && !vault.domainKeys.rotating(domain)) continue;
      const { rewrapped, waitingFor } = await rotate(
        vault,
        domain,
        deps.othersMs === undefined ? {} : { othersMs: deps.othersMs },
      );
      if (waitingFor > 0) log.info("rotation-waits", { domain, rewrapped, waitingFor });
      else log.info("keys-rotated", { domain, rewrapped });
    }
  }

  async function round(signal: AbortSignal): Promise<void> {
    await records.sweep();
    await deps.wakeEmbedding();
    if (index.stats().livePassages > LIVE_PASSAGES) await queue.add({ kind: "tidy-index" }, { unique: "tidy-index" });
    await rotateDue(signal);
  }

  return {
    round,
    nextRotation: async () => Math.max(...(await rotationTimes()).map(([, at]) => at)),
    logJob(line, error) {
      const facts = { line: line.replace(/[^\w-]+/g, "-") }; // one word, as the log lets it through
      if (error === undefined) log.warn("job", facts);
      else log.error("job", error, facts);
    },
    async run(signal) {
      while (!signal.aborted) {
        try {
          await round(signal);
        } catch (error) {
          log.error("housekeeping-failed", error);
        }
        await clock.sleep(MINUTE, signal);
      }
    },
  };
}
