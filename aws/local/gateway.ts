import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { staticFiles } from "@steward/server/http/static.ts";
import { Hono } from "hono";
import type { RestEvent } from "../src/http-event.ts";
import type { LocalFunction } from "./functions.ts";

/**
 * CloudFront and API Gateway, as far as a browser and a program see them: the app's files as they lie in S3, and what the
 * API answers as the proxy event of a REST API, streamed back as it comes.
 */
const API_PATHS = /^\/(?:api\/|documents(?:\/|$)|(?:chat|memory|search|docs|docs\.css|openapi\.json|healthz|readyz)$)/;

export interface Gateway {
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

export async function openGateway(api: LocalFunction, options: { port: number; web?: string }): Promise<Gateway> {
  const files = new Hono();
  if (options.web !== undefined) files.all("*", staticFiles(options.web));
  const server = createServer((request, answer) => {
    const path = new URL(request.url ?? "/", "http://x").pathname;
    const isPage = request.method === "GET" && (request.headers.accept ?? "").includes("text/html");
    const isApi = API_PATHS.test(path) && !(isPage && /^\/(?:chat|memory|search)$/.test(path));
    const done = isApi || options.web === undefined ? proxy(api, request, answer) : serveFile(files, request, answer);
    done.catch((error: unknown) => {
      process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
      if (!answer.headersSent) answer.writeHead(502);
      answer.end();
    });
  });
  server.requestTimeout = 0;
  const port = await listening(server, options.port);
  return {
    ...{ port, url: `http://localhost:${port}` },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function proxy(api: LocalFunction, request: IncomingMessage, answer: ServerResponse): Promise<void> {
  const { prelude, body, statusCode } = await api.invoke(await eventOf(request));
  if (!prelude) {
    answer.writeHead(statusCode === 200 ? 502 : statusCode);
    body.resume();
    answer.end();
    return;
  }
  const cookies = prelude.cookies.length > 0 ? { "set-cookie": [...prelude.cookies] } : {};
  answer.writeHead(prelude.statusCode, { ...prelude.headers, ...cookies });
  answer.flushHeaders();
  for await (const chunk of body) if (!answer.write(chunk)) await once(answer);
  answer.end();
}

/** The event of a REST API behind CloudFront: the name that was typed comes in a header of its own. */
async function eventOf(request: IncomingMessage): Promise<RestEvent> {
  const url = new URL(request.url ?? "/", "http://x");
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  const many: Record<string, string[]> = {};
  for (const [name, values] of Object.entries(request.headersDistinct)) if (values) many[name] = values;
  const { host = ["localhost"] } = many;
  const from = request.socket.remoteAddress ?? "127.0.0.1";
  const query: Record<string, string[]> = {};
  for (const [name, value] of url.searchParams) query[name] = [...(query[name] ?? []), value];
  return {
    httpMethod: request.method ?? "GET",
    path: url.pathname,
    multiValueHeaders: {
      ...many,
      host: ["abc123.execute-api.us-east-1.amazonaws.com"],
      "x-forwarded-host": host,
      "x-forwarded-for": [`${from}, 192.0.2.1`],
    },
    multiValueQueryStringParameters: query,
    body: body.length > 0 ? body.toString("base64") : null,
    isBase64Encoded: body.length > 0,
    requestContext: { identity: { sourceIp: "192.0.2.1" } },
  };
}

async function serveFile(files: Hono, request: IncomingMessage, answer: ServerResponse): Promise<void> {
  const { accept, "accept-encoding": encoding = "" } = request.headers;
  const headers = { ...(accept ? { accept } : {}), "accept-encoding": String(encoding) };
  const found = await files.request(`http://x${request.url}`, { method: request.method ?? "GET", headers });
  answer.writeHead(found.status, Object.fromEntries(found.headers));
  answer.end(Buffer.from(await found.arrayBuffer()));
}

function once(answer: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    answer.once("drain", resolve);
    answer.once("close", resolve);
  });
}

function listening(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => resolve((server.address() as AddressInfo).port)); // it listens on TCP
  });
}
