import type { Forgettings } from "./forget.ts";
import type { Sources } from "./intake/sources.ts";
import type { JobRun } from "./job-worker.ts";
import type { Job } from "./jobs.ts";

/** What the jobs need: one thing each. */
export interface HandleDeps {
  readonly sources: Pick<Sources, "pull" | "retryQuarantined">;
  readonly forgettings: Pick<Forgettings, "shred">;
  readonly embedWaiting: (signal: AbortSignal) => Promise<void>;
  readonly index: { tidy(signal?: AbortSignal): Promise<unknown> };
  readonly rebuildIndex: (signal: AbortSignal) => Promise<void>;
}

/** Runs one job: the same at home, in a task and in a Lambda. Throws when it failed; stops soon after the signal. */
export async function handleJob(deps: HandleDeps, job: Job, run: JobRun): Promise<void> {
  switch (job.kind) {
    case "pull":
      return deps.sources.pull(job.source, run, run.signal);
    case "shred":
      return deps.forgettings.shred(job.forgetting);
    case "embed":
      return deps.embedWaiting(run.signal);
    case "tidy-index":
      await deps.index.tidy(run.signal);
      return;
    case "rebuild-index":
      return deps.rebuildIndex(run.signal);
    case "read-again":
      await deps.sources.retryQuarantined(job.quarantined);
      return;
    default:
      job satisfies never;
  }
}
