import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type Dialect, MEDIA_TYPES, type Speech, speak } from "./speech.ts";

/** What the server does with the next question it gets. */
export type Reply =
  | { readonly say: Speech }
  /** Takes the question, and never says a word. */
  | { readonly hang: true; readonly after?: Speech }
  /** Says the first chunks, then the connection breaks. */
  | { readonly cut: Speech; readonly chunks: number }
  /** Says the first chunks, then ends as if that were all. */
  | { readonly end: Speech; readonly chunks: number }
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string }
  /** Success, and then these bytes. */
  | { readonly bytes: readonly Uint8Array[]; readonly mediaType?: string };

/** Chunks of an answer that has begun to say something in every dialect and is far from its end. */
export const BEGUN = 4;

export interface Question {
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

/**
 * A provider on loopback that does as it is told: a reply a question, in order; the last one again and again. Questions
 * are POSTs; GETs are lists of what it has and answer by path.
 */
export async function wireServer(dialect: Dialect, lists: Readonly<Record<string, unknown>> = {}) {
  const questions: Question[] = [];
  const looks: Question[] = [];
  let replies: readonly Reply[] = [];
  let onQuestion: (() => void) | undefined;
  let closed = 0;
  let onClose: (() => void) | undefined;

  const server = createServer(async (request, response) => {
    const bytes: Uint8Array[] = [];
    for await (const chunk of request) bytes.push(chunk);
    const path = request.url ?? "";
    const asked = { path, headers: request.headers, body: Buffer.concat(bytes).toString() };
    if (request.method === "GET") {
      looks.push(asked);
      const list = lists[path.split("?")[0] ?? ""];
      if (list instanceof Error) return void response.destroy();
      response.writeHead(list === undefined ? 404 : typeof list === "number" ? list : 200);
      return void response.end(typeof list === "string" ? list : JSON.stringify(list));
    }
    questions.push(asked);
    response.on("close", () => {
      closed += 1;
      onClose?.();
    });
    const reply = replies[Math.min(questions.length, replies.length) - 1] ?? { status: 500 };
    await answer(dialect, reply, response).catch(() => undefined);
    onQuestion?.();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    questions,
    looks,
    /** What it does from now on; earlier questions are forgotten. */
    will(...next: readonly Reply[]) {
      replies = next;
      questions.length = 0;
    },
    /** Called whenever a question was dealt with, or left hanging. */
    onQuestion(listener: () => void) {
      onQuestion = listener;
    },
    /** Resolves when the other side has let go of every question. */
    async hungUp() {
      while (closed < questions.length) {
        await new Promise<void>((resolve) => {
          onClose = resolve;
        });
      }
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

export type WireServer = Awaited<ReturnType<typeof wireServer>>;

async function answer(dialect: Dialect, reply: Reply, response: ServerResponse): Promise<void> {
  const begin = () => response.writeHead(200, { "content-type": MEDIA_TYPES[dialect] });
  const write = async (chunks: readonly Uint8Array[]) => {
    for (const chunk of chunks) await new Promise((resolve) => response.write(chunk, resolve));
  };
  if ("say" in reply) {
    begin();
    await write(speak(dialect, reply.say));
    response.end();
  } else if ("hang" in reply) {
    if (reply.after) begin();
    if (reply.after) await write(speak(dialect, reply.after).slice(0, BEGUN));
  } else if ("cut" in reply) {
    begin();
    await write(speak(dialect, reply.cut).slice(0, reply.chunks));
    response.destroy();
  } else if ("end" in reply) {
    begin();
    await write(speak(dialect, reply.end).slice(0, reply.chunks));
    response.end();
  } else if ("status" in reply) {
    response.writeHead(reply.status, { "content-type": "application/json", ...reply.headers });
    response.end(
      reply.body ?? JSON.stringify({ error: { type: "error", message: "said the server" }, message: "said" }),
    );
  } else {
    response.writeHead(200, { "content-type": reply.mediaType ?? MEDIA_TYPES[dialect] });
    await write(reply.bytes);
    response.end();
  }
}

/** An address where nothing listens: it was ours a moment ago. */
export async function nowhere(): Promise<string> {
  const server = await wireServer("chat");
  await server.close();
  return server.url;
}
