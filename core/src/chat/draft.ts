import type { AnswerMessage, Card, ChatEvent, Citation, Step, TurnError } from "../conversation.ts";
import type { ItemId } from "../item.ts";
import { unsupportedIn } from "./claims.ts";

/** The answer as it grows: every event that goes out is first noted here, so that what is stored is what was shown. */
export class Draft {
  readonly #begun: AnswerMessage;
  readonly #drawnFrom = new Set<ItemId>();
  readonly #steps: Step[] = [];
  readonly #cards: Card[] = [];
  /** What the owner told Steward, as it was recalled for this turn. */
  told: readonly string[] = [];
  #text = "";
  #citations: readonly Citation[] = [];
  #inputTokens = 0;
  #outputTokens = 0;
  #promptTokens = 0;
  #cost: number | undefined;
  #msToFirstText: number | undefined;

  constructor(begun: AnswerMessage) {
    this.#begun = begun;
  }

  get text(): string {
    return this.#text;
  }

  get citations(): readonly Citation[] {
    return this.#citations;
  }

  /** Notes an event on its way out. */
  note<E extends ChatEvent>(event: E, now: number): E {
    if (event.type === "text") {
      this.#text += event.delta;
      this.#msToFirstText ??= now - this.#begun.at;
    } else if (event.type === "citation") this.#citations = [...this.#citations, event.citation];
    else if (event.type === "step") this.#steps.push(event.step);
    else if (event.type === "card") this.#cards.push(event.card);
    return event;
  }

  /** Every item whose words lay before the model: forgetting one of them takes this answer with it. */
  drawsFrom(items: Iterable<ItemId>): void {
    for (const item of items) this.#drawnFrom.add(item);
  }

  /** Adds what one call of the model used. */
  used(tokens: { prompt: number; input: number; output: number; cost?: number }): void {
    this.#promptTokens += tokens.prompt;
    this.#inputTokens += tokens.input;
    this.#outputTokens += tokens.output;
    if (tokens.cost !== undefined) this.#cost = (this.#cost ?? 0) + tokens.cost;
  }

  /** Where a call begins; a broken call goes back to it. What was done (steps, cards) stays done. */
  mark(): { text: string; citations: readonly Citation[] } {
    return { text: this.#text, citations: this.#citations };
  }

  backTo(mark: { text: string; citations: readonly Citation[] }): void {
    this.#text = mark.text;
    this.#citations = mark.citations;
  }

  message(state: AnswerMessage["state"], now: number, error?: TurnError): AnswerMessage {
    const verified = new Set(this.#citations.filter((citation) => citation.verified).map(({ n }) => n));
    return {
      ...this.#begun,
      text: this.#text.trimEnd(),
      state,
      citations: this.#citations,
      unsupported: unsupportedIn(this.#text, { verified, acted: this.#cards.length > 0, told: this.told }),
      steps: this.#steps,
      cards: this.#cards,
      drawnFrom: [...this.#drawnFrom],
      usage: {
        inputTokens: this.#inputTokens,
        outputTokens: this.#outputTokens,
        promptTokens: this.#promptTokens,
        ...(this.#cost === undefined ? {} : { cost: this.#cost }),
        ...(this.#msToFirstText === undefined ? {} : { msToFirstText: this.#msToFirstText }),
        ms: now - this.#begun.at,
      },
      ...(error === undefined ? {} : { error }),
    };
  }
}

/** An answer before its first word. */
export function emptyAnswer(id: string, question: string, model: string, at: number): AnswerMessage {
  return {
    id,
    role: "steward",
    answers: question,
    text: "",
    state: "streaming",
    citations: [],
    unsupported: [],
    steps: [],
    cards: [],
    model,
    usage: { inputTokens: 0, outputTokens: 0, promptTokens: 0, ms: 0 },
    at,
  };
}
