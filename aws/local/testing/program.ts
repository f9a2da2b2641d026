import assert from "node:assert/strict";
import type { ChatEvent } from "@steward/core/conversation.ts";
import type { LocalCloud } from "../cloud.ts";

// biome-ignore lint/suspicious/noExplicitAny: answers of the routes under test, each looked at field by field
export type Any = any;

/** A program of the owner's that talks to the functions over HTTP, with a key for all that programs may do. */
export interface Program {
  key(): Promise<string>;
  get(path: string): Promise<Response>;
  /** With JSON, or the text as it is; by another key when one is named. */
  post(path: string, body: unknown, secret?: string, headers?: Record<string, string>): Promise<Response>;
  /** The same, and what it answers when all is well. */
  ok(path: string, body: unknown, headers?: Record<string, string>): Promise<Any>;
  /** Brings a document: announces it, puts it where the ticket says; its id. */
  bring(name: string, text: string): Promise<string>;
  /** Texts that a search finds. */
  found(query: string): Promise<string[]>;
}

export function programOf(cloud: LocalCloud): Program {
  const { url } = cloud.gateway;
  let made: Promise<string> | undefined;
  const key = () => {
    made ??= cloud.key(["chat", "search", "memory:read", "memory:write", "ingest", "read"]);
    return made;
  };
  const post: Program["post"] = async (path, body, secret, headers = {}) =>
    fetch(url + path, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        authorization: `Bearer ${secret ?? (await key())}`,
        ...headers,
      },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
  const ok: Program["ok"] = async (path, body, headers = {}) => {
    const answer = await post(path, body, undefined, headers);
    const text = await answer.text();
    assert.equal(answer.status, 200, text);
    return JSON.parse(text);
  };
  return {
    key,
    post,
    ok,
    get: async (path) => fetch(url + path, { headers: { authorization: `Bearer ${await key()}` } }),
    async bring(name, text) {
      const ticket = await ok("/documents", { name, size: Buffer.byteLength(text), mediaType: "message/rfc822" });
      const put = await fetch(ticket.url, { method: ticket.method, headers: ticket.headers, body: text });
      assert.equal(put.status, 200, await put.text());
      return ticket.id;
    },
    found: async (query) => (await ok("/search", { query })).results.map(({ text }: Any) => text),
  };
}

/** The problem that an answer tells, by RFC 9457. */
export async function problem(answer: Response, status: number): Promise<Any> {
  assert.equal(answer.headers.get("content-type"), "application/problem+json");
  const details = (await answer.json()) as Any;
  assert.equal(answer.status, status, JSON.stringify(details));
  return details;
}

/** The events of a streamed answer, as they come. */
export async function* eventsOf(answer: Response): AsyncGenerator<ChatEvent> {
  const decoder = new TextDecoder();
  let text = "";
  // Not `for await` over the body: that would end it with the first `break`.
  const reader = answer.body?.getReader();
  for (;;) {
    const next = await reader?.read();
    if (!next || next.done) return;
    text += decoder.decode(next.value, { stream: true });
    const parts = text.split("\n\n");
    text = parts.pop() ?? "";
    // Each event's data is a ChatEvent, written by our own route.
    for (const part of parts) if (part.startsWith("data: ")) yield JSON.parse(part.slice(6)) as ChatEvent;
  }
}
