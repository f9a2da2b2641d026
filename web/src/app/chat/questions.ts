import type { Hit } from "@steward/core/wire.ts";

/** The newest papers of each kind, newest first. */
export interface AtHand {
  readonly mails: readonly Hit[];
  readonly events: readonly Hit[];
  readonly files: readonly Hit[];
}

/**
 * A few questions that these papers answer, each of a kind that the built-in model can answer too, and one thing to do;
 * none about what is not there.
 */
export function questionsOf({ mails, events, files }: AtHand): string[] {
  const questions: string[] = [];
  if (mails.length > 0) questions.push("Summarize my latest emails");
  const event = events.find((one) => one.title);
  if (event) questions.push(`When is “${event.title}”?`);
  const file = files.find((one) => one.title);
  if (file) questions.push(`What does “${file.title}” say?`);
  return [...questions, "Remind me to call mum tomorrow at nine"];
}
