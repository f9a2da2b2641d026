import type { Hit } from "@steward/core/wire.ts";
import type { Owner } from "../evidence/owner.ts";
import { monthOf } from "../format.ts";

/** The newest papers of each kind, newest first. */
export interface AtHand {
  readonly mails: readonly Hit[];
  readonly events: readonly Hit[];
  readonly files: readonly Hit[];
}

/** A few questions that these papers answer, and one thing to do; never about what is not there. */
export function questionsOf({ mails, events, files }: AtHand, owner: Owner): string[] {
  const questions: string[] = [];
  const received = mails.find((mail) => mail.title && senderOf(mail, owner) !== undefined);
  if (received) questions.push(`What did ${senderOf(received, owner)} write about “${bare(received.title)}”?`);
  const event = events.find((one) => one.title);
  if (event) questions.push(`When is “${event.title}”?`);
  const file = files.find((one) => one.title);
  if (file) questions.push(`What does “${file.title}” say?`);
  const newest = mails[0]?.date;
  if (newest) questions.push(`Which bills came in ${monthOf(newest)}, and how much were they?`);
  return [...questions.slice(0, 3), "Remind me to call mum tomorrow at nine"];
}

/** The name of who wrote it, unless it was the owner or nobody by name. */
function senderOf(mail: Hit, owner: Owner): string | undefined {
  const from = mail.people.find((person) => person.role === "from");
  return from && !owner.is(from) ? from.name : undefined;
}

const bare = (subject: string): string => subject.replace(/^(?:(?:re|fwd?|aw|wg|sv|vs)\s*:\s*)+/i, "");
