/**
 * Lambda's response streaming, as its Node runtime gives it: a global, with which a handler says that it streams, and a
 * prelude of status and headers that goes before the body.
 */
export interface ResponseStream {
  write(chunk: Uint8Array | string): boolean;
  end(): void;
  once(event: "drain" | "close" | "error" | "finish", listener: () => void): unknown;
  on(event: "error", listener: (error: unknown) => void): unknown;
  off(event: "drain" | "close" | "error" | "finish", listener: () => void): unknown;
  readonly destroyed?: boolean;
}

export interface Prelude {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly cookies: readonly string[];
}

export interface LambdaContext {
  getRemainingTimeInMillis(): number;
  callbackWaitsForEmptyEventLoop?: boolean;
}

export type StreamingHandler<E> = (event: E, stream: ResponseStream, context: LambdaContext) => Promise<void>;

interface AwsLambda {
  streamifyResponse<E>(handler: StreamingHandler<E>): unknown;
  readonly HttpResponseStream: { from(stream: ResponseStream, prelude: Prelude): ResponseStream };
}

/** The runtime's global. Throws outside Lambda and what stands in for it. */
export function runtime(): AwsLambda {
  const { awslambda } = globalThis as { awslambda?: AwsLambda }; // set by the runtime before it loads the function
  if (!awslambda) throw new Error("This runs as a Lambda function. To try it here: npm run aws:local");
  return awslambda;
}

/** Sends a whole answer, chunk by chunk as they come. Stops reading when the other side has gone; never rejects for that. */
export async function sendTo(stream: ResponseStream, response: Response): Promise<void> {
  const headers: Record<string, string> = {};
  for (const [name, value] of response.headers) if (name !== "set-cookie") headers[name] = value;
  const prelude = { statusCode: response.status, headers, cookies: response.headers.getSetCookie() };
  const out = runtime().HttpResponseStream.from(stream, prelude);
  let gone = false;
  out.on("error", () => {
    gone = true;
  });
  const reader = response.body?.getReader();
  // The runtime sends the prelude with the first write; an answer without a body needs one too.
  if (!reader) out.write("");
  else {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      if (gone || out.destroyed) {
        await reader.cancel();
        break;
      }
      if (!out.write(next.value)) await room(out);
    }
  }
  out.end();
}

/** Resolves when more may be written, or when nothing can be any more. */
function room(out: ResponseStream): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      for (const event of ["drain", "close", "error"] as const) out.off(event, done);
      resolve();
    };
    for (const event of ["drain", "close", "error"] as const) out.once(event, done);
  });
}
