import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { EventStreamCodec } from "@smithy/eventstream-codec";

/**
 * Bedrock's runtime on the wire, since moto has none: Converse streams framed by the SDK's own codec, and Titan's
 * embeddings. It takes any credentials and notes how it was asked.
 */
export interface BedrockAsked {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
}

/** What the model does next: says these pieces, breaks off with an exception of Bedrock's, or refuses at once. */
export type BedrockAnswer =
  | { readonly say: readonly string[]; readonly breaks?: string }
  | { readonly refuse: string; readonly status: number; readonly message: string };

export interface BedrockWire {
  readonly url: string;
  readonly asked: BedrockAsked[];
  /** For every question from now on. */
  will(answer: BedrockAnswer): void;
  close(): Promise<void>;
}

export async function openBedrock(): Promise<BedrockWire> {
  const asked: BedrockAsked[] = [];
  let answer: BedrockAnswer = { say: ["Hello", "."] };
  const server = createServer(async (incoming, outgoing) => {
    const parts: Buffer[] = [];
    for await (const part of incoming) parts.push(part);
    const path = decodeURIComponent(incoming.url ?? "");
    asked.push({ path, headers: incoming.headers, body: JSON.parse(Buffer.concat(parts).toString() || "null") });
    if ("refuse" in answer) {
      outgoing.writeHead(answer.status, { "content-type": "application/json", "x-amzn-errortype": answer.refuse });
      return outgoing.end(JSON.stringify({ message: answer.message }));
    }
    if (path.endsWith("/invoke")) {
      outgoing.writeHead(200, { "content-type": "application/json" });
      return outgoing.end(JSON.stringify({ embedding: unit(512), inputTextTokenCount: 3 }));
    }
    outgoing.writeHead(200, { "content-type": "application/vnd.amazon.eventstream" });
    for (const bytes of converse(answer)) outgoing.write(bytes);
    return outgoing.end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    // A server that listens on a host and a port has an address of this shape, never a pipe's name.
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    will: (next) => {
      answer = next;
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

function* converse({ say, breaks }: { say: readonly string[]; breaks?: string }): Generator<Uint8Array> {
  yield frame("event", "messageStart", { role: "assistant" });
  for (const text of say) yield frame("event", "contentBlockDelta", { contentBlockIndex: 0, delta: { text } });
  if (breaks !== undefined) return yield frame("exception", breaks, { message: "Too many requests" });
  yield frame("event", "contentBlockStop", { contentBlockIndex: 0 });
  yield frame("event", "messageStop", { stopReason: "end_turn" });
  const usage = { inputTokens: 12, outputTokens: say.length, totalTokens: 12 + say.length };
  yield frame("event", "metadata", { usage, metrics: { latencyMs: 1 } });
}

const codec = new EventStreamCodec(
  (bytes) => Buffer.from(bytes).toString("utf8"),
  (text) => Buffer.from(text, "utf8"),
);
const text = (value: string) => ({ type: "string" as const, value });

function frame(kind: "event" | "exception", type: string, payload: unknown): Uint8Array {
  return codec.encode({
    headers: {
      ":message-type": text(kind),
      [`:${kind}-type`]: text(type),
      ":content-type": text("application/json"),
    },
    body: Buffer.from(JSON.stringify(payload)),
  });
}

function unit(dimensions: number): number[] {
  return Array.from({ length: dimensions }, (_, i) => (i === 0 ? 1 : 0));
}
