import type { Clock } from "../clock.ts";
import type { AnswerMessage, Conversation, Message, OwnerMessage, TurnTerms } from "../conversation.ts";
import { newId } from "../ids.ts";
import type { Change } from "../records.ts";
import type { SealedRecords } from "../vault/sealed-records.ts";
import { KeyShredded } from "../vault/vault.ts";
import type { ConversationView } from "../wire.ts";

/**
 * Conversations: one row each in `conversation`, their messages in `message:<conversation>` by message id, all sealed
 * under the conversation's own data key, so that destroying that key forgets all of it.
 *
 * A turn stores its question and an answer in state `streaming` in one write before the model is asked. An answer still
 * `streaming` that no turn of this process is writing is what a crash left (where other processes write too: once it is older
 * than any of them may take): it reads as `failed`.
 *
 * A session (a program's conversation) ends at a fixed time: all its rows, its key too, carry that expiry and are filtered
 * on read from then on. It is not listed.
 */
export interface ConversationsDeps {
  readonly clock: Clock;
  readonly sealed: SealedRecords;
  /** True for a conversation that is hidden because forgetting it was asked for. */
  readonly hidden?: (id: string) => boolean | Promise<boolean>;
  /** How long another process may be writing an answer, ms; 0 where there is no other. */
  readonly othersMs?: number;
}

const PARTITION = "conversation";
const TITLE_LENGTH = 60;

export class Conversations {
  readonly #clock: Clock;
  readonly #sealed: SealedRecords;
  readonly #hidden: (id: string) => boolean | Promise<boolean>;
  readonly #othersMs: number;
  readonly #writing = new Set<string>();

  constructor(deps: ConversationsDeps) {
    this.#clock = deps.clock;
    this.#sealed = deps.sealed;
    this.#hidden = deps.hidden ?? (() => false);
    this.#othersMs = deps.othersMs ?? 0;
  }

  /** Newest first. With a query, those whose title or messages contain every word of it. */
  async list(query?: string): Promise<Conversation[]> {
    const words = folded(query ?? "")
      .split(/\s+/)
      .filter(Boolean);
    const all: Conversation[] = [];
    for await (const { value } of this.#sealed.query<Conversation>(PARTITION, {}, (sort) => sort)) {
      if (value.session || (await this.#hidden(value.id))) continue;
      if (words.length === 0 || (await this.#contains(value, words))) all.push(value);
    }
    return all.sort((a, b) => b.updatedAt - a.updatedAt);
  }

  async get(id: string): Promise<Conversation | undefined> {
    if (await this.#hidden(id)) return undefined;
    return (await this.#sealed.get<Conversation>({ partition: PARTITION, sort: id, scope: id }))?.value;
  }

  /** Questions in order, each followed by its newest answer. */
  async view(id: string): Promise<ConversationView | undefined> {
    const conversation = await this.get(id);
    return conversation && { ...conversation, messages: await this.messages(id) };
  }

  async messages(conversation: string): Promise<Message[]> {
    const questions: OwnerMessage[] = [];
    const answers = new Map<string, AnswerMessage>();
    const partition = messagesOf(conversation);
    for await (const { value } of this.#sealed.query<Message>(partition, {}, () => conversation)) {
      if (value.role === "owner") questions.push(value);
      else answers.set(value.answers, this.#asItStands(value));
    }
    return questions.flatMap((question) => {
      const answer = answers.get(question.id);
      return answer ? [question, answer] : [question];
    });
  }

  async rename(id: string, title: string): Promise<Conversation | undefined> {
    const name = title.replace(/\s+/g, " ").trim().slice(0, 200);
    return name === "" ? this.get(id) : this.#update(id, { title: name, titledBy: "owner" });
  }

  /** Stores the question and the beginning of its answer; makes the conversation when there is none yet. */
  async begin(
    conversation: string | undefined,
    text: string,
    answerOf: (question: string) => AnswerMessage,
    { session, program }: TurnTerms = {},
  ) {
    const at = this.#clock.now();
    const asked: OwnerMessage = { id: newId(at), role: "owner", text, at };
    const question = program === undefined ? asked : { ...asked, program };
    const answer = answerOf(question.id);
    const existing = conversation === undefined ? undefined : await this.get(conversation);
    if (conversation !== undefined && !existing) return undefined;
    const id = existing?.id ?? newId(at);
    const made = existing ? undefined : this.#sealed.vault.create("private", id);
    const key = made?.key ?? (await this.#sealed.vault.key("private", id));
    const now: Conversation = existing
      ? { ...existing, updatedAt: at }
      : {
          ...{ id, title: titleFrom(text), titledBy: "first-question", createdAt: at, updatedAt: at },
          ...(session ? { session: { by: session.by, expiresAt: at + session.ms } } : {}),
        };
    const expiry = expiryOf(now);
    this.#writing.add(answer.id);
    await this.#sealed.write([
      ...(made ? [ending(made.change, expiry)] : []),
      this.#sealed.put(key, { partition: PARTITION, sort: id, scope: id }, now, expiry),
      this.#sealed.put(key, { partition: messagesOf(id), sort: question.id, scope: id }, question, expiry),
      this.#sealed.put(key, { partition: messagesOf(id), sort: answer.id, scope: id }, answer, expiry),
    ]);
    return { conversation: now, question, answer, isNew: made !== undefined };
  }

  /** Begins another answer to a question that is there already. Undefined when it is not. */
  async beginAgain(conversation: string, message: string, answerOf: (question: string) => AnswerMessage) {
    const existing = await this.get(conversation);
    if (!existing) return undefined;
    const messages = await this.messages(conversation);
    // The face may name the question or the answer to be replaced.
    const place = { partition: messagesOf(conversation), sort: message, scope: conversation };
    const named = (await this.#sealed.get<Message>(place))?.value;
    const asked = named?.role === "steward" ? messages.find(({ id }) => id === named.answers) : named;
    if (asked?.role !== "owner") return undefined;
    const answer = answerOf(asked.id);
    this.#writing.add(answer.id);
    await this.#store(existing.id, answer);
    return { conversation: existing, question: asked, answer, isNew: false };
  }

  /** Stores how the answer ended; from here on it stands as it is. */
  async end(conversation: string, answer: AnswerMessage): Promise<void> {
    try {
      await this.#store(conversation, answer);
      await this.#update(conversation, {});
    } finally {
      this.#writing.delete(answer.id);
    }
  }

  async keepSummary(id: string, summary: NonNullable<Conversation["summary"]>): Promise<void> {
    await this.#update(id, { summary });
  }

  /** Throws `KeyShredded` when the conversation was forgotten or its session ended. */
  async #store(id: string, message: Message): Promise<void> {
    const conversation = await this.#sealed.get<Conversation>({ partition: PARTITION, sort: id, scope: id });
    if (!conversation) throw new KeyShredded(id);
    const key = await this.#sealed.vault.key("private", id);
    const place = { partition: messagesOf(id), sort: message.id, scope: id };
    await this.#sealed.write([this.#sealed.put(key, place, message, expiryOf(conversation.value))]);
  }

  async #update(id: string, patch: Partial<Conversation>): Promise<Conversation | undefined> {
    const place = { partition: PARTITION, sort: id, scope: id };
    const stored = await this.#sealed.get<Conversation>(place);
    if (!stored) return undefined;
    const updated = { ...stored.value, ...patch, updatedAt: this.#clock.now() };
    const key = await this.#sealed.vault.key("private", id);
    await this.#sealed.write([this.#sealed.put(key, place, updated, expiryOf(updated))]);
    return updated;
  }

  #asItStands(answer: AnswerMessage): AnswerMessage {
    if (answer.state !== "streaming" || this.#writing.has(answer.id)) return answer;
    if (this.#clock.now() - answer.at < this.#othersMs) return answer;
    const message = "Steward was stopped in the middle of this answer. The question is kept; ask it again.";
    return { ...answer, state: "failed", error: { code: "cut", message, retryable: true } };
  }

  async #contains(conversation: Conversation, words: readonly string[]): Promise<boolean> {
    let text = folded(conversation.title);
    if (words.every((word) => text.includes(word))) return true;
    for (const message of await this.messages(conversation.id)) text += `\n${folded(message.text)}`;
    return words.every((word) => text.includes(word));
  }
}

export function messagesOf(conversation: string): string {
  return `message:${conversation}`;
}

/** For every row of a conversation: none, or the end of its session. */
export function expiryOf({ session }: Pick<Conversation, "session">): { expiresAt?: number } {
  return session ? { expiresAt: session.expiresAt } : {};
}

function ending(change: Change, expiry: { expiresAt?: number }): Change {
  return "put" in change ? { ...change, put: { ...change.put, ...expiry } } : change;
}

/** The first line of the question, cut at a word. */
export function titleFrom(question: string): string {
  const line = question.trim().split("\n")[0]?.replace(/\s+/g, " ").trim() ?? "";
  if (line === "") return "Conversation";
  if (line.length <= TITLE_LENGTH) return line;
  const space = line.lastIndexOf(" ", TITLE_LENGTH);
  return `${line.slice(0, space > TITLE_LENGTH / 2 ? space : TITLE_LENGTH)}…`;
}

function folded(text: string): string {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}
