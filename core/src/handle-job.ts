import type { Forgettings } from "./forget.ts";
import type { Sources } from "./intake/sources.ts";
import type { Lease } from "./jobs.ts";

/** What the jobs need: one thing each. */
export interface HandleDeps {
  readonly sources: Pick<Sources, "pull">;
  readonly forgettings: Pick<Forgettings, "shred">;
  readonly index: { tidy(signal?: AbortSignal): Promise<void> };
}

/** Runs one job: the same at home, in a task and in a Lambda. Throws when it failed; aborts with the signal. */
export async function handleJob(deps: HandleDeps, lease: Lease, signal: AbortSignal): Promise<void> {
  const { job } = lease;
  switch (job.kind) {
    case "pull":
      return deps.sources.pull(job.source, lease, signal);
    case "shred":
      return deps.forgettings.shred(job.forgetting);
    case "tidy-index":
      return deps.index.tidy(signal);
    default:
      job satisfies never;
  }
}
