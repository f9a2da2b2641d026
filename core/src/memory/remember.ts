import { joinTrust, type Trust } from "../item.ts";
import type { Memory } from "../memory.ts";
import type { Ledger } from "./ledger.ts";

/**
 * Remembering by command. The model writes the fact, but the model has read mail: a fact counts as the owner's only when
 * its words are in what the owner typed, and not a program of theirs with its key. Anything else is kept as a claim with
 * the trust of what was on the desk, and so never reaches the always-on prompt.
 */
export interface RememberRequest {
  readonly text: string;
  readonly category?: string;
  readonly conversation: string;
  readonly message: string;
  /** What the owner typed in this conversation, newest last; nothing that a program asked there. */
  readonly typed: readonly string[];
  /** The key whose program typed it. */
  readonly program?: string;
  /** The trust of everything the model was shown. */
  readonly seen: readonly Trust[];
}

export async function remember(ledger: Pick<Ledger, "keep">, request: RememberRequest): Promise<Memory> {
  const { program } = request;
  const own = program === undefined && request.typed.some((message) => saidIn(message, request.text));
  return ledger.keep({
    text: request.text,
    ...(request.category === undefined ? {} : { category: request.category }),
    source: program === undefined ? { conversation: request.conversation, message: request.message } : { key: program },
    trust: own ? "owner" : joinTrust("contact", ...request.seen),
  });
}

/** True when every word of the fact is in the message, apart from the few that turn "my" into "the owner's". */
export function saidIn(message: string, fact: string): boolean {
  const said = new Set(wordsOf(message));
  const words = wordsOf(fact).filter((word) => !TURNED.has(word));
  return words.length > 0 && words.every((word) => said.has(word));
}

function wordsOf(text: string): string[] {
  return (
    text
      .toLowerCase()
      .replace(/['’]s\b/g, "")
      .match(/[\p{L}\p{N}]+/gu) ?? []
  );
}

const TURNED = new Set(
  "the a an of to is are was has have i my me mine you your owner owner's user their they his her s and in on at for that".split(
    " ",
  ),
);
