/** Milliseconds between heartbeats: proxies close a connection that is silent for a minute. */
export const HEARTBEAT_MS = 15_000;

export interface SseOptions {
  /** The request's signal: aborts when the client goes away. */
  readonly gone: AbortSignal;
  /** Aborts when the server stops. A turn has none: it is stopped itself, and its stream ends with its last event. */
  readonly stopping?: AbortSignal;
  readonly heartbeatMs?: number;
}

/**
 * Server-sent events (WHATWG HTML §9.2), one `data: <json>` each. The source is asked for the next event only when the
 * client has taken the last ones, so a slow client holds back its own source and grows no buffer here. The source's
 * signal aborts when the client leaves or the server stops.
 */
export function sse(source: (signal: AbortSignal) => AsyncIterable<unknown>, options: SseOptions): Response {
  const left = new AbortController();
  const signal = AbortSignal.any([left.signal, options.gone, ...(options.stopping ? [options.stopping] : [])]);
  const events = source(signal)[Symbol.asyncIterator]();
  const encoder = new TextEncoder();
  let pending: Promise<IteratorResult<unknown>> | undefined;

  const stream = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        pending ??= events.next();
        const next = await within(pending, options.heartbeatMs ?? HEARTBEAT_MS, signal);
        if (next === "heartbeat") return controller.enqueue(encoder.encode(": still here\n\n"));
        if (next === "aborted" || next.done) {
          left.abort();
          if (next === "aborted") void events.return?.();
          return controller.close();
        }
        pending = undefined;
        controller.enqueue(encoder.encode(`data: ${JSON.stringify(next.value)}\n\n`));
      },
      cancel() {
        left.abort();
        // Not awaited: a source that is waiting ends when it sees the signal.
        void events.return?.();
      },
    },
    { highWaterMark: 1 },
  );
  return new Response(stream, {
    headers: { "content-type": "text/event-stream", "cache-control": "no-store", "x-accel-buffering": "no" },
  });
}

/** The next event, or `heartbeat` when none came within `ms`, or `aborted`. Leaves no timer and no listener behind. */
async function within<T>(next: Promise<T>, ms: number, signal: AbortSignal): Promise<T | "heartbeat" | "aborted"> {
  if (signal.aborted) return "aborted";
  let timer: NodeJS.Timeout | undefined;
  let aborted: (() => void) | undefined;
  try {
    return await Promise.race([
      next,
      new Promise<"heartbeat" | "aborted">((resolve) => {
        timer = setTimeout(() => resolve("heartbeat"), ms);
        aborted = () => resolve("aborted");
        signal.addEventListener("abort", aborted, { once: true });
      }),
    ]);
  } finally {
    clearTimeout(timer);
    if (aborted) signal.removeEventListener("abort", aborted);
  }
}
