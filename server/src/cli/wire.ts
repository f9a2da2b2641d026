import { request as httpRequest, type IncomingMessage, type RequestOptions } from "node:http";
import { Readable } from "node:stream";

export interface WireInit {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array | AsyncIterable<Uint8Array>;
  readonly signal?: AbortSignal;
}

/**
 * One HTTP request over a Unix socket (or a TCP address), as `fetch` would do it: global fetch knows no socket paths.
 * Rejects when nobody listens; aborting ends the answer's stream too.
 */
export function requestOver(
  target: Pick<RequestOptions, "socketPath" | "host" | "port">,
  path: string,
  init: WireInit = {},
): Promise<Response> {
  return new Promise((resolve, reject) => {
    const { method = "GET", headers = {}, body, signal } = init;
    const length = typeof body === "string" || body instanceof Uint8Array ? Buffer.byteLength(body) : undefined;
    const outgoing = httpRequest(
      {
        ...target,
        path,
        method,
        headers: {
          host: "localhost",
          ...(length === undefined ? {} : { "content-length": length }),
          ...headers,
        },
        agent: false,
        ...(signal ? { signal } : {}),
      },
      (incoming) => resolve(responseOf(incoming)),
    );
    outgoing.once("error", reject);
    if (body === undefined || typeof body === "string" || body instanceof Uint8Array) outgoing.end(body);
    else Readable.from(body).on("error", reject).pipe(outgoing);
  });
}

function responseOf(incoming: IncomingMessage): Response {
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headers)) {
    for (const one of Array.isArray(value) ? value : [value]) if (one !== undefined) headers.append(name, one);
  }
  const status = incoming.statusCode ?? 500;
  const bodiless = status === 204 || status === 304;
  if (bodiless) incoming.resume();
  // Incoming chunks are bytes: no encoding is set on the message.
  const body = bodiless ? null : (Readable.toWeb(incoming) as ReadableStream<Uint8Array>);
  return new Response(body, { status, headers });
}
