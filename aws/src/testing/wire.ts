import { once } from "node:events";
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/**
 * The wire between the real SDK and the stand-in for AWS: passes requests on, and where a test says so answers them
 * itself, or lets them through and cuts the line before the answer. It passes the requests of a service one at a time,
 * because moto's threads share state without a lock (a transaction that rolls back undoes what others wrote meanwhile).
 */
export interface Asked {
  /** As in the credential scope of the signature: `dynamodb`, `s3`, `kms`, … */
  readonly service: string;
  /** `PutItem` of the JSON protocols, `PUT` of S3's. */
  readonly operation: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

/** `"cut"`: done there, but the answer is lost on the way. */
export type Instead = Answer | "cut" | undefined;

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** The line is cut after the body, which is shorter than its headers say. */
  readonly breaksOff?: boolean;
}

export interface Wire {
  readonly endpoint: string;
  /** Every request since the wire was opened or `asked` was emptied. */
  readonly asked: Asked[];
  /** What to do instead of passing a request on; asked anew for every request until `restore`. */
  intercept(rule: (asked: Asked) => Instead): void;
  restore(): void;
  close(): Promise<void>;
}

/** The error document of the JSON protocols (DynamoDB, KMS, SSM, SQS). */
export function jsonError(name: string, status = 400, more: object = {}): Answer {
  return {
    status,
    headers: { "content-type": "application/x-amz-json-1.0", "x-amzn-errortype": name },
    body: JSON.stringify({ __type: `com.amazonaws#${name}`, message: `${name}, says the wire`, ...more }),
  };
}

/** The error document of S3. */
export function xmlError(code: string, status: number): Answer {
  return {
    status,
    headers: { "content-type": "application/xml" },
    body: `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>says the wire</Message></Error>`,
  };
}

export async function openWire(target: URL): Promise<Wire> {
  let rule: ((asked: Asked) => Instead) | undefined;
  const asked: Asked[] = [];
  const lines = new Map<string, Promise<unknown>>();

  const answer = async (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const one = await read(incoming);
    asked.push(one);
    const instead = rule?.(one);
    if (instead !== undefined && instead !== "cut") {
      outgoing.writeHead(instead.status, instead.headers);
      if (!instead.breaksOff) return outgoing.end(instead.body);
      return outgoing.write(instead.body ?? "", () => outgoing.socket?.destroy());
    }
    // A long poll of a queue would hold up everybody behind it.
    const turn = one.service === "sqs" ? Promise.resolve() : (lines.get(one.service) ?? Promise.resolve());
    const passed = turn.then(() => pass(target, incoming, one.body));
    lines.set(
      one.service,
      passed.catch(() => undefined),
    );
    const answered = await passed;
    if (instead === "cut") return outgoing.socket?.destroy();
    outgoing.writeHead(answered.status, answered.headers);
    outgoing.end(answered.body);
  };

  const server = createServer((incoming, outgoing) => {
    answer(incoming, outgoing).catch(() => outgoing.socket?.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    endpoint: `http://127.0.0.1:${portOf(server)}`,
    asked,
    intercept: (next) => {
      rule = next;
    },
    restore: () => {
      rule = undefined;
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

async function read(incoming: IncomingMessage): Promise<Asked> {
  const parts: Buffer[] = [];
  for await (const part of incoming) parts.push(part);
  const { headers, url = "/", method = "GET" } = incoming;
  const target = headers["x-amz-target"];
  return {
    service: /Credential=[^/]+\/\d+\/[^/]+\/([^/]+)\//.exec(headers.authorization ?? "")?.[1] ?? "",
    operation: typeof target === "string" ? (target.split(".").at(-1) ?? "") : method,
    path: url,
    headers,
    body: Buffer.concat(parts),
  };
}

function pass(target: URL, incoming: IncomingMessage, body: Buffer) {
  return new Promise<{ status: number; headers: IncomingMessage["headers"]; body: Buffer }>((resolve, reject) => {
    const { method, url, headers } = incoming;
    const { hostname, port } = target;
    const onward = request({ hostname, port, method, path: url, headers, agent: false }, (answered) => {
      const parts: Buffer[] = [];
      answered.on("data", (part: Buffer) => parts.push(part));
      answered.on("end", () => {
        // The body goes out whole and under a length of its own; the connection is ours to keep.
        const { "transfer-encoding": _, connection: __, ...kept } = answered.headers;
        resolve({ status: answered.statusCode ?? 502, headers: kept, body: Buffer.concat(parts) });
      });
      answered.on("error", reject);
    });
    onward.on("error", reject);
    onward.end(body);
  });
}

function portOf(server: Server): number {
  // A server that listens on a host and a port has an address of this shape, never a pipe's name.
  return (server.address() as AddressInfo).port;
}
