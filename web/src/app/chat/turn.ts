import type { AnswerMessage, ChatEvent, Message, OwnerMessage } from "@steward/core/conversation.ts";

/** One turn as it is seen while its events come: pure, so that every order of events can be tested. */
export interface LiveTurn {
  readonly question: OwnerMessage;
  readonly conversation: string | undefined;
  /** What has arrived of the answer; its state is `streaming` until `finish` or `error`. */
  readonly answer: AnswerMessage | undefined;
  readonly retrying: { readonly attempt: number; readonly inMs: number; readonly reason: string } | undefined;
  readonly title: string | undefined;
  readonly stopping: boolean;
}

const NOTHING_USED = { inputTokens: 0, outputTokens: 0, promptTokens: 0, ms: 0 };

export function beginTurn(text: string, at: number, conversation?: string, question?: OwnerMessage): LiveTurn {
  return {
    question: question ?? { id: "asking", role: "owner", text, at },
    conversation,
    answer: undefined,
    retrying: undefined,
    title: undefined,
    stopping: false,
  };
}

export function takeEvent(turn: LiveTurn, event: ChatEvent): LiveTurn {
  switch (event.type) {
    case "turn":
      return {
        ...turn,
        conversation: event.conversation,
        question: { ...turn.question, id: event.question },
        answer: {
          id: event.answer,
          role: "steward",
          answers: event.question,
          text: "",
          state: "streaming",
          citations: [],
          unsupported: [],
          steps: [],
          cards: [],
          model: event.model,
          usage: NOTHING_USED,
          at: turn.question.at,
        },
      };
    case "retrying":
      // What was streamed so far is void.
      return {
        ...turn,
        answer: turn.answer && { ...turn.answer, text: "", citations: [], steps: [], cards: [] },
        retrying: { attempt: event.attempt, inMs: event.inMs, reason: event.reason },
      };
    case "title":
      return { ...turn, title: event.title };
    case "finish":
    case "error":
      return { ...turn, answer: event.message, retrying: undefined };
    case "step":
    case "text":
    case "citation":
    case "card":
      return { ...turn, retrying: undefined, answer: turn.answer && grow(turn.answer, event) };
    default:
      return event satisfies never;
  }
}

function grow(
  answer: AnswerMessage,
  event: Extract<ChatEvent, { type: "step" | "text" | "citation" | "card" }>,
): AnswerMessage {
  switch (event.type) {
    case "step":
      return { ...answer, steps: [...answer.steps, event.step] };
    case "text":
      return { ...answer, text: answer.text + event.delta };
    case "citation":
      return { ...answer, citations: [...answer.citations, event.citation] };
    case "card":
      return { ...answer, cards: [...answer.cards, event.card] };
    default:
      return event satisfies never;
  }
}

/** The line broke: what arrived stays, and the person sees what happened. */
export function breakTurn(turn: LiveTurn, message: string, at: number): LiveTurn {
  const error = { code: "cut", message, retryable: true } as const;
  const answer: AnswerMessage = turn.answer
    ? { ...turn.answer, state: "failed", error }
    : {
        id: "unanswered",
        role: "steward",
        answers: turn.question.id,
        text: "",
        state: "failed",
        citations: [],
        unsupported: [],
        steps: [],
        cards: [],
        model: "",
        usage: NOTHING_USED,
        error,
        at,
      };
  return { ...turn, answer, retrying: undefined };
}

export const isOver = (turn: LiveTurn): boolean => turn.answer !== undefined && turn.answer.state !== "streaming";

/** One question with the newest answer to it. */
export interface Exchange {
  readonly question: OwnerMessage;
  readonly answer: AnswerMessage | undefined;
  readonly live: LiveTurn | undefined;
}

/** The messages as they are read: each question once, with the answer that took the older ones' place. */
export function exchanges(messages: readonly Message[], live?: LiveTurn): Exchange[] {
  const answers = new Map<string, AnswerMessage>();
  for (const message of messages) if (message.role === "steward") answers.set(message.answers, message);
  const read: Exchange[] = [];
  for (const question of messages) {
    if (question.role !== "owner") continue;
    const isLive = live?.question.id === question.id;
    read.push({ question, answer: isLive ? live.answer : answers.get(question.id), live: isLive ? live : undefined });
  }
  if (live && !read.some((exchange) => exchange.live))
    read.push({ question: live.question, answer: live.answer, live });
  return read;
}

/** "Looked in mail and files · 3 searches · 41 ms" */
export function stepsLine(answer: Pick<AnswerMessage, "steps">): string | undefined {
  if (answer.steps.length === 0) return undefined;
  const searches = answer.steps.filter((step) => step.kind === "search").length;
  const opened = answer.steps.filter((step) => step.kind === "open").length;
  const tools = answer.steps.filter((step) => step.kind === "tool");
  const ms = answer.steps.reduce((sum, step) => sum + step.ms, 0);
  const parts = [
    searches > 0 ? "Looked in your papers" : undefined,
    searches > 0 ? `${searches} ${searches === 1 ? "search" : "searches"}` : undefined,
    opened > 0 ? `opened ${opened}` : undefined,
    ...tools.map((step) => step.label),
    ms < 1000 ? `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`,
  ];
  return parts.filter(Boolean).join(" · ");
}
