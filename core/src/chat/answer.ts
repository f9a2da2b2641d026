import type { Clock } from "../clock.ts";
import type { AnswerMessage, ChatEvent, Message, OwnerMessage, TurnError, TurnTerms } from "../conversation.ts";
import { newId } from "../ids.ts";
import type { ItemId, Reading } from "../item.ts";
import type { Ledger } from "../memory/ledger.ts";
import { type RecallDeps, type Recalled, recall } from "../memory/recall.ts";
import type { Embedder } from "../search/embedder.ts";
import { countTokens } from "../tokens.ts";
import type { Found } from "../wire.ts";
import { DEFAULT_READS, sharesOf } from "./budget.ts";
import type { Conversations } from "./conversations.ts";
import { Desk } from "./desk.ts";
import { Draft, emptyAnswer } from "./draft.ts";
import { look, queryOf, readingOfMemory } from "./look.ts";
import type { ChatModel, Prompt } from "./model.ts";
import { historyMessages, questionMessage, systemPrompt } from "./prompt.ts";
import { converse, type RoundsDeps } from "./rounds.ts";
import type { Caps, Spend } from "./spend.ts";
import type { ToolDeps } from "./tools.ts";
import { TurnTrouble, tooLong, troubleOf } from "./trouble.ts";

/** One question, or the same question again. */
export type Turn = (
  | { readonly conversation?: string; readonly text: string }
  | { readonly conversation: string; readonly retry: string }
) & { readonly terms?: TurnTerms };

export interface AnswerDeps {
  readonly clock: Clock;
  find(query: string, options: { limit: number; order?: "best" | "newest" }): Promise<Found>;
  readonly library: {
    reading(id: ItemId): Promise<Reading | undefined>;
  };
  readonly conversations: Conversations;
  readonly ledger: Pick<Ledger, "keep"> & RecallDeps["ledger"];
  /** The embedder in force, for the memories near a question. */
  embedder?(): Promise<Embedder | undefined>;
  readonly tasks: ToolDeps["tasks"];
  readonly settings: Caps & { readonly name?: string };
  readonly model: ChatModel;
  readonly spend: Pick<Spend, "reserve" | "settle">;
  readonly patience?: RoundsDeps["patience"];
}

/**
 * The turn: recall, find, ask the model within its budget, run its tools, check its quotes, and say everything as events.
 * The last event is `finish` or `error`; nothing is thrown. The question is stored before the model is asked, the answer
 * when it ends, however it ends. Aborting the signal stops the answer and keeps what was written.
 */
export async function* answer(deps: AnswerDeps, turn: Turn, signal: AbortSignal): AsyncGenerator<ChatEvent> {
  let begun: Begun;
  try {
    begun = await begin(deps, turn);
  } catch (error) {
    const trouble = troubleOf(error, deps.model.label);
    const shell = emptyAnswer(
      newId(deps.clock.now()),
      "retry" in turn ? turn.retry : "",
      deps.model.id,
      deps.clock.now(),
    );
    yield { type: "error", error: trouble, message: { ...shell, state: "failed", error: trouble } };
    return;
  }
  const { conversation, question } = begun;
  const draft = new Draft(begun.answer);
  let trouble: TurnError | undefined;
  let ending: AnswerMessage | undefined;
  try {
    const { id, model } = begun.answer;
    yield { type: "turn", conversation: conversation.id, question: question.id, answer: id, model };
    if (begun.isNew) yield { type: "title", title: conversation.title };
    yield* compose(deps, begun, turn.terms ?? {}, draft, signal);
    ending = draft.message(signal.aborted ? "stopped" : "done", deps.clock.now());
  } catch (error) {
    trouble = signal.aborted ? undefined : troubleOf(error, deps.model.label);
    ending = draft.message(trouble ? "failed" : "stopped", deps.clock.now(), trouble);
  } finally {
    // A face that stopped listening ends up here without an ending: that is a stop.
    ending ??= draft.message("stopped", deps.clock.now());
    trouble = (await keep(deps, conversation.id, ending)) ?? trouble;
  }
  if (trouble) yield { type: "error", error: trouble, message: { ...ending, state: "failed", error: trouble } };
  else yield { type: "finish", message: ending };
}

type Begun = NonNullable<Awaited<ReturnType<Conversations["begin"]>>>;

async function begin(deps: AnswerDeps, turn: Turn): Promise<Begun> {
  const answerOf = (question: string) => {
    const now = deps.clock.now();
    return emptyAnswer(newId(now), question, deps.model.id, now);
  };
  if ("text" in turn && turn.text.length > LONGEST_QUESTION) throw new TurnTrouble(tooLong(deps.model.label));
  if ("text" in turn && turn.text.trim() === "")
    throw new TurnTrouble(nothing("The question is empty. Write one and send it again."));
  const begun =
    "retry" in turn
      ? await deps.conversations.beginAgain(turn.conversation, turn.retry, answerOf)
      : await deps.conversations.begin(turn.conversation, turn.text.trim(), answerOf, turn.terms);
  if (!begun) throw new TurnTrouble(nothing("This conversation is not there any more. Begin a new one."));
  return begun;
}

async function* compose(
  deps: AnswerDeps,
  begun: Begun,
  terms: TurnTerms,
  draft: Draft,
  signal: AbortSignal,
): AsyncGenerator<ChatEvent> {
  const { conversation, question } = begun;
  const { clock, model, settings } = deps;
  const shares = sharesOf(model);
  if (countTokens(question.text) > shares.question) throw new TurnTrouble(tooLong(model.label));

  const earlier = before(await deps.conversations.messages(conversation.id), question);
  const query = queryOf(question.text, lastQuestion(earlier));
  const { facts, claims } = terms.recall === false ? NOTHING : await recall(deps, question.text, query);
  draft.told = facts;
  const desk = new Desk(settings.timeZone);
  const claimed = new Map(claims.map((claim) => [claim.id, readingOfMemory(claim)]));
  const readingOf = remembering(async (item: ItemId) => claimed.get(item) ?? deps.library.reading(item));
  const reads = model.reads ?? DEFAULT_READS;

  const found = yield* find({ ...deps, desk, reads, readingOf }, draft, terms.knowledge === false ? undefined : query);
  const passages = [...claims.map((claim) => desk.putMemory(claim, LONGEST_CLAIM)), ...found];
  const history = historyMessages(conversation, earlier, shares.history);
  if (history.digest) await deps.conversations.keepSummary(conversation.id, history.digest);
  const prompt: Prompt = [
    { role: "system", content: systemPrompt({ ...settings, now: clock.now(), facts }) },
    ...history.messages,
    questionMessage(desk.render(passages, shares.passages), question.text),
  ];
  const tools: ToolDeps = {
    ...{ desk, shares, model, readingOf },
    ...{ find: deps.find, ledger: deps.ledger, tasks: deps.tasks },
    ...{ now: clock.now(), timeZone: settings.timeZone },
    ...(terms.tools === undefined ? {} : { offered: terms.tools }),
    ...{ conversation: conversation.id, question: question.id, typed: typedBy(earlier, question) },
    ...(question.program === undefined ? {} : { program: question.program }),
  };
  const { spend, patience } = deps;
  const rounds = { clock, model, spend, caps: settings, tools, ...(patience ? { patience } : {}) };
  try {
    yield* converse(rounds, draft, prompt, signal);
  } finally {
    draft.drawsFrom(desk.passages().map(({ item }) => item));
  }
}

async function* find(
  deps: Pick<AnswerDeps, "clock" | "find"> & Parameters<typeof look>[0],
  draft: Draft,
  query: string | undefined,
) {
  if (query === undefined) return [];
  const begun = deps.clock.now();
  const { passages, total } = await look(deps, query);
  const now = deps.clock.now();
  yield draft.note({ type: "step", step: { kind: "search", label: query, found: total, ms: now - begun } }, now);
  return passages;
}

/** Stores the ending; what cannot be stored is said as trouble, so that nobody takes it for kept. */
async function keep(deps: AnswerDeps, conversation: string, ending: AnswerMessage): Promise<TurnError | undefined> {
  try {
    await deps.conversations.end(conversation, ending);
    return undefined;
  } catch (error) {
    return troubleOf(error, deps.model.label);
  }
}

/** What stood in the conversation when the question was asked. */
function before(messages: readonly Message[], question: OwnerMessage): Message[] {
  return messages.slice(
    0,
    Math.max(
      0,
      messages.findIndex(({ id }) => id === question.id),
    ),
  );
}

function lastQuestion(earlier: readonly Message[]): string | undefined {
  return earlier.findLast((message) => message.role === "owner")?.text;
}

function typedBy(earlier: readonly Message[], question: OwnerMessage): string[] {
  return [...earlier, question].flatMap((message) =>
    message.role === "owner" && message.program === undefined ? [message.text] : [],
  );
}

/** One item's reading is opened once a turn. */
function remembering<T>(load: (item: ItemId) => Promise<T>): (item: ItemId) => Promise<T> {
  const loaded = new Map<ItemId, Promise<T>>();
  return (item) => {
    const known = loaded.get(item) ?? load(item);
    loaded.set(item, known);
    return known;
  };
}

const LONGEST_QUESTION = 60_000;
/** Characters of a claim that the model is shown at once; it may open the rest. */
const LONGEST_CLAIM = 600;
const NOTHING: Recalled = { facts: [], claims: [] };

function nothing(message: string): TurnError {
  return { code: "internal", message, retryable: false };
}
