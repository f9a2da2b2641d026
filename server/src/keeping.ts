import type { Clock } from "@steward/core/clock.ts";
import type { JobQueue } from "@steward/core/jobs.ts";
import type { PassageIndex } from "@steward/core/search/passage-index.ts";
import type { KitStore } from "@steward/core/vault/key-ring.ts";
import type { KeyVault } from "@steward/core/vault/keys.ts";
import { rotate, unfinishedRotations } from "@steward/core/vault/rotate.ts";
import type { Log } from "./log.ts";
import type { SqliteRecords } from "./stores/sqlite-records.ts";

/**
 * Housekeeping: what is done by the clock. Once a minute a tidy of the index is queued when much of it is live, and
 * expired rows are swept; the keys of the private domain are rotated every thirty days.
 */
export interface KeepingDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly vault: KeyVault;
  readonly kit: KitStore;
  readonly records: SqliteRecords;
  readonly queue: JobQueue;
  readonly index: PassageIndex;
}

export interface Keeping {
  /** When the private domain's keys rotate next, ms since the epoch. */
  nextRotation(): Promise<number>;
  /** Runs until the signal aborts. Never rejects: what fails is logged and tried again a minute later. */
  run(signal: AbortSignal): Promise<void>;
  /** One line of a job worker; names kinds and ids only. */
  logJob(line: string): void;
}

const MINUTE = 60_000;
const ROTATE_AFTER = 30 * 24 * 60 * MINUTE;
/** Passages that may be live before they are written to a segment: replaying them at a start takes about a second. */
const LIVE_PASSAGES = 2_000;

export function keepHouse(deps: KeepingDeps): Keeping {
  const { clock, log, vault, kit, records, queue, index } = deps;
  const nextRotation = async () => ((await kit.read())?.domains.private.at(-1)?.madeAt ?? clock.now()) + ROTATE_AFTER;

  async function round(): Promise<void> {
    records.sweep();
    if (index.stats().livePassages > LIVE_PASSAGES) await queue.add({ kind: "tidy-index" }, { unique: "tidy-index" });
    for (const domain of unfinishedRotations(vault)) await rotate(vault, domain);
    if (clock.now() < (await nextRotation())) return;
    const { rewrapped } = await rotate(vault, "private");
    log.info("keys-rotated", { domain: "private", rewrapped });
  }

  return {
    nextRotation,
    logJob: (line) => log.warn("job", { line }),
    async run(signal) {
      while (!signal.aborted) {
        try {
          await round();
        } catch (error) {
          log.error("housekeeping-failed", error);
        }
        await clock.sleep(MINUTE, signal);
      }
    },
  };
}
