import type { Blobs } from "@steward/core/blobs.ts";
import type { JobQueue } from "@steward/core/jobs.ts";

/**
 * Ports whose client is loaded when it is first used: a function that only looks into the table starts without S3 and SQS.
 * A load that failed is tried again by the next call.
 */
export function lazyBlobs(open: () => Promise<Blobs>): Blobs {
  const blobs = once(open);
  return {
    put: async (name, bytes) => (await blobs()).put(name, bytes),
    get: async (name, range) => (await blobs()).get(name, range),
    size: async (name) => (await blobs()).size(name),
    delete: async (name) => (await blobs()).delete(name),
    async *list(prefix) {
      yield* (await blobs()).list(prefix);
    },
  };
}

export function lazyQueue(open: () => Promise<JobQueue>): JobQueue {
  const queue = once(open);
  return {
    add: async (job, options) => (await queue()).add(job, options),
    claim: async () => (await queue()).claim(),
    complete: async (lease) => (await queue()).complete(lease),
    fail: async (lease, error, options) => (await queue()).fail(lease, error, options),
    release: async (lease) => (await queue()).release(lease),
    list: async () => (await queue()).list(),
    rerun: async (id) => (await queue()).rerun(id),
    dismiss: async (id) => (await queue()).dismiss(id),
    wait: async (signal) => (await queue()).wait(signal),
  };
}

/** Opened by the first call, for all; after a failure by the next. */
export function once<T>(open: () => Promise<T>): () => Promise<T> {
  let opening: Promise<T> | undefined;
  return () => {
    opening ??= open().catch((error: unknown) => {
      opening = undefined;
      throw error;
    });
    return opening;
  };
}
