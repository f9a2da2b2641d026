/**
 * One function's process as Lambda would run it: started under Lambda's Node with the function's environment, it loads the
 * built bundle and then does one invocation at a time. It stands in for Lambda's own runtime: the global `awslambda`, and
 * HTTP in the place of the Runtime API, so that whoever started it (`functions.ts`) can stream an answer out of it.
 *
 * Arguments: the bundle's `index.mjs`, and the name of the handler when it is not `handler`. On standard output one line: the port and the milliseconds from the start of the
 * process until it was ready.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { pathToFileURL } from "node:url";

type Handler = (event: unknown, second: unknown, third?: unknown) => Promise<unknown>;

const streaming = new WeakSet<Handler>();

Object.assign(globalThis, {
  awslambda: {
    streamifyResponse(handler: Handler): Handler {
      streaming.add(handler);
      return handler;
    },
    HttpResponseStream: {
      from(stream: ServerResponse, prelude: unknown): ServerResponse {
        stream.setHeader("x-prelude", Buffer.from(JSON.stringify(prelude)).toString("base64"));
        // The gateway sends the head of its answer as soon as it has it.
        stream.flushHeaders();
        return stream;
      },
    },
  },
});

const [, , bundle = "", name = "handler"] = process.argv;
const exported = (await import(pathToFileURL(bundle).href)) as Record<string, Handler>; // what Lambda asks for
const handler = exported[name];
if (!handler) throw new Error(`The bundle exports no ${name}.`);
const call = handler;
const readyMs = performance.now();

async function invoke(request: IncomingMessage, answer: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const event: unknown = JSON.parse(Buffer.concat(chunks).toString());
  const until = Number(request.headers["x-until"]);
  const context = { getRemainingTimeInMillis: () => until - Date.now(), awsRequestId: request.headers["x-request-id"] };
  try {
    if (streaming.has(call)) await call(event, answer, context);
    else answer.setHeader("content-type", "application/json").end(JSON.stringify((await call(event, context)) ?? null));
    // The answer may have ended before the handler did; only now is the process free for the next.
    process.stdout.write("done\n");
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    if (!answer.headersSent) answer.statusCode = 500;
    answer.end();
    process.stdout.write("failed\n");
  }
}

const server = createServer((request, answer) => void invoke(request, answer));
server.requestTimeout = 0;
server.listen(0, "127.0.0.1", () => {
  const { port } = server.address() as AddressInfo; // it listens on TCP
  process.stdout.write(`ready ${port} ${readyMs}\n`);
});
// Whoever started it is gone: nothing is left to do.
process.stdin.on("end", () => process.exit(0)).resume();
