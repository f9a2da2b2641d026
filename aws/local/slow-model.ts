import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A model server that speaks OpenAI's language and says each word when the test lets it: shows that an answer streams. */
export interface SlowModel {
  readonly baseUrl: string;
  /** Sends these words now, to the answer that is being written; waits for one to be asked for. */
  say(words: string): Promise<void>;
  end(): Promise<void>;
  close(): Promise<void>;
}

export async function openSlowModel(): Promise<SlowModel> {
  let asked = Promise.withResolvers<ServerResponse>();
  const server = createServer(async (request, answer) => {
    if (request.method === "GET") {
      answer.setHeader("content-type", "application/json");
      return answer.end(JSON.stringify({ object: "list", data: [{ id: "slow", object: "model" }] }));
    }
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    answer.writeHead(200, { "content-type": "text/event-stream" });
    answer.flushHeaders();
    return asked.resolve(answer);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo; // it listens on TCP
  const chunk = (delta: object, finish: string | null = null) =>
    `data: ${JSON.stringify({
      ...{ id: "1", object: "chat.completion.chunk", created: 1, model: "slow" },
      choices: [{ index: 0, delta, finish_reason: finish }],
    })}\n\n`;
  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    async say(words) {
      (await asked.promise).write(chunk({ role: "assistant", content: words }));
    },
    async end() {
      const answer = await asked.promise;
      asked = Promise.withResolvers<ServerResponse>();
      const usage = { prompt_tokens: 9, completion_tokens: 2, total_tokens: 11 };
      answer.end(`${chunk({}, "stop")}data: ${JSON.stringify({ choices: [], usage })}\n\ndata: [DONE]\n\n`);
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
