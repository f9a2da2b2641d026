import type { House } from "../house.ts";

/**
 * Stopping an answer that another process writes: a row asks for it, and whoever writes one looks for the row once a
 * second. Only where several processes share the stores; the row holds nothing and expires.
 */
type Stores = Pick<House, "sealed" | "clock">;

const PARTITION = "stop";
const LOOK_MS = 1_000;
/** No turn runs longer. */
const KEPT_MS = 15 * 60_000;

export async function askToStop({ sealed, clock }: Stores, answer: string): Promise<void> {
  const expiresAt = clock.now() + KEPT_MS;
  await sealed.write([{ put: { partition: PARTITION, sort: answer, body: new Uint8Array(0), expiresAt } }]);
}

/** Calls `stop` once somebody asks for it. Resolves then, or when the signal aborts; never rejects. */
export async function watchForStop(
  { sealed, clock }: Stores,
  answer: string,
  stop: () => void,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    await clock.sleep(LOOK_MS, signal);
    if (signal.aborted) return;
    // Trouble of the store is the turn's to meet; here it is looked for again.
    const asked = await sealed.records.get({ partition: PARTITION, sort: answer }).catch(() => undefined);
    if (asked) return stop();
  }
}
