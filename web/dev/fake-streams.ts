import type { ServerResponse } from "node:http";
import type { AnswerMessage, ChatEvent } from "@steward/core/conversation.ts";
import type { EmbedderDownload, Source } from "@steward/core/wire.ts";
import { type FakeHouse, NOW } from "./fake-house.ts";
import { LISBON } from "./fake-world.ts";

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** One turn of the fixed world: it answers whatever is asked; a question with "fail" in it meets a busy provider. */
export async function fakeChat(
  house: FakeHouse,
  body: { conversation?: string; text?: string; retry?: string },
  res: ServerResponse,
): Promise<void> {
  const n = ++house.serial;
  const conversation = body.conversation ?? `c-new-${n}`;
  const log = house.messages.get(conversation) ?? [];
  const asked = body.retry
    ? log.find(
        (m) =>
          m.id ===
            (log.find((x) => x.id === body.retry && x.role === "steward") as AnswerMessage | undefined)?.answers ||
          m.id === body.retry,
      )
    : undefined;
  const text = asked?.role === "owner" ? asked.text : (body.text ?? "");
  const question = asked?.id ?? `q-${n}`;
  const answer = `a-${n}`;
  if (!asked) log.push({ id: question, role: "owner", text, at: NOW });
  house.messages.set(conversation, log);
  if (!house.conversations.some((c) => c.id === conversation))
    house.conversations = [
      { id: conversation, title: text.slice(0, 48), titledBy: "first-question", createdAt: NOW, updatedAt: NOW },
      ...house.conversations,
    ];
  const model = house.models.find((m) => m.current)?.label ?? "Built-in";
  // As the server does: the turn goes on when the listener leaves, and may be listened to again from its start.
  const listeners = new Set([res]);
  const told: string[] = [];
  const say = (event: ChatEvent): void => {
    told.push(`data: ${JSON.stringify(event)}\n\n`);
    for (const listener of listeners) listener.write(told.at(-1));
  };
  house.turns.set(answer, (listener) => {
    for (const line of told) listener.write(line);
    listeners.add(listener);
  });
  const hangUp = (): void => {
    house.turns.delete(answer);
    for (const listener of listeners) listener.end();
  };
  res.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
  say({ type: "turn", conversation, question, answer, model });
  await sleep(150 * house.pace);
  const base = { id: answer, answers: question, at: NOW, model, cards: [] };
  log.push({ ...LISBON, ...base, text: "", citations: [], unsupported: [], steps: [], state: "streaming" });
  const end = (message: AnswerMessage) => {
    log.splice(
      log.findIndex(({ id }) => id === answer),
      1,
      message,
    );
    return message;
  };
  if (/fail/.test(text) && !body.retry) {
    const error = {
      code: "rate-limit",
      message: "The provider says it is busy and asks to wait 20 seconds. Your question is kept; nothing was charged.",
      retryable: true,
      retryAfter: 20,
    } as const;
    say({ type: "retrying", attempt: 1, inMs: 800 * house.pace, reason: "The provider is busy (429)." });
    await sleep(800 * house.pace);
    say({
      type: "error",
      error,
      message: end({
        ...LISBON,
        ...base,
        text: "",
        citations: [],
        unsupported: [],
        steps: [],
        state: "failed",
        error,
      }),
    });
    hangUp();
    return;
  }
  for (const step of LISBON.steps) {
    say({ type: "step", step });
    await sleep(60 * house.pace);
  }
  let written = "";
  for (const word of LISBON.text.split(/(?<=\s)/)) {
    if (house.stopped.has(answer)) {
      say({
        type: "finish",
        message: end({
          ...LISBON,
          ...base,
          text: written,
          citations: LISBON.citations.filter((c) => written.includes(`[^${c.n}]`)),
          unsupported: [],
          state: "stopped",
        }),
      });
      hangUp();
      return;
    }
    written += word;
    say({ type: "text", delta: word });
    const mark = /\[\^(\d)\]/.exec(word);
    const citation = mark ? LISBON.citations[Number(mark[1]) - 1] : undefined;
    if (citation) say({ type: "citation", citation });
    await sleep(35 * house.pace);
  }
  say({ type: "title", title: "Lisbon in March" });
  say({ type: "finish", message: end({ ...LISBON, ...base, state: "done" }) });
  hangUp();
}

/** The bytes of an embedder's model as they come; afterwards it is ready. */
export async function fakeDownload(house: FakeHouse, id: string, res: ServerResponse): Promise<void> {
  res.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
  const say = (event: EmbedderDownload) => res.write(`data: ${JSON.stringify(event)}\n\n`);
  const totalBytes = house.embedders.find((e) => e.id === id)?.bytes ?? 1e6;
  for (let part = 0; part < 12 && !res.destroyed; part++) {
    say({ type: "progress", bytes: Math.round((totalBytes * part) / 12), totalBytes });
    await sleep(400 * house.pace);
  }
  if (res.destroyed) return;
  house.embedders = house.embedders.map((e) => (e.id === id ? { ...e, state: "ready" } : e));
  say({ type: "done" });
  res.end();
}

/** Every source as it stands, a few times a second; the sample grows until it is done. */
export function fakeProgress(house: FakeHouse, res: ServerResponse): void {
  res.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
  const send = () => {
    house.sources = house.sources.map((s) => (s.state === "reading" && house.pace > 0 ? grown(s) : s));
    if (house.sources.some((s) => s.kind === "sample" && s.state === "done")) house.empty = false;
    res.write(
      `data: ${JSON.stringify({ sources: house.empty ? house.sources.filter((s) => s.kind === "sample") : house.sources, rates: { "s-mail": 1240, "s-sample": 610 }, embedding: { done: house.embedded, total: 9310, embedder: "Built-in" } })}\n\n`,
    );
  };
  send();
  const timer = setInterval(send, 400);
  res.on("close", () => clearInterval(timer));
}
const grown = (s: Source): Source => {
  const step = s.kind === "sample" ? 90_000 : 0;
  const read = Math.min(s.progress.totalBytes ?? 0, s.progress.bytes + step);
  return {
    ...s,
    state: read >= (s.progress.totalBytes ?? 0) ? "done" : "reading",
    progress: { ...s.progress, bytes: read, added: s.kind === "sample" ? Math.round(read / 1100) : s.progress.added },
  };
};
