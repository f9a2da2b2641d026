/**
 * Judges one answer against what is known of the sample's world. Strict where it matters: what an answer says first
 * decides, a value that is right but not proven by a verified quote from the right place is not correct, and an answer
 * to something that is not in the archive has to be "I did not find it".
 */
import { sentencesOf, unsupportedIn } from "@steward/core/chat/claims.ts";
import type { AnswerMessage, Citation } from "@steward/core/conversation.ts";
import type { Question } from "../../scripts/sample/questions.ts";

export type Verdict =
  /** Right and proven; for "not in here": said so. */
  | "correct"
  /** The accepted value without a verified citation to where it stands. */
  | "unproven"
  /** Said it does not know, though it is there. */
  | "abstained"
  /** Claims something else. */
  | "wrong"
  /** The turn ended in an error. */
  | "failed";

/** Message-IDs of mails and paths of files that hold the answer. */
export interface Evidence {
  readonly messageIds: ReadonlySet<string>;
  readonly paths: readonly string[];
}

export function judge(
  question: Question,
  evidence: Evidence,
  answer: Pick<AnswerMessage, "text" | "citations" | "state">,
): Verdict {
  if (answer.state !== "done") return "failed";
  const claims = claimsOf(answer.text);
  if (saysNotFound(answer.text) || claims.length === 0) {
    return question.kind === "not in here" && answer.text.trim() !== "" ? "correct" : "abstained";
  }
  if (question.kind === "not in here") return "wrong";
  const said = claims.join("\n");
  if (!question.expect.every((accepted) => accepted.test(said))) return "wrong";
  if (misleads(claims, question) || headlineErs(answer.text, question)) return "wrong";
  return answer.citations.some((citation) => proves(citation, evidence)) ? "correct" : "unproven";
}

/** Every sentence that claims something or carries a citation, without Markdown and citation marks. */
function claimsOf(text: string): string[] {
  const claims = new Set(unsupportedIn(text, { verified: new Set<number>(), acted: false }));
  return sentencesOf(text)
    .filter((sentence) => claims.has(sentence) || isCited(sentence))
    .map(plain);
}

const isCited = (sentence: string) => /\[\^\d+\]/.test(sentence);

/** A wrong value that comes before the right one, in a sentence of its own: the reader takes the first. */
function misleads(claims: readonly string[], { expect, forbid = [] }: Question): boolean {
  for (const claim of claims) {
    if (expect.some((accepted) => accepted.test(claim))) return false;
    if (forbid.some((wrong) => wrong.test(claim))) return true;
  }
  return false;
}

/** An answer that opens in bold says there what it takes for the answer; a right value in the quote does not mend it. */
function headlineErs(text: string, { expect }: Question): boolean {
  const headline = /^\s*\*\*(.+?)\*\*/.exec(text)?.[1];
  return headline !== undefined && !expect.some((accepted) => accepted.test(headline));
}

/**
 * The answer opens with not knowing; passages that it shows as the nearest are then no claims. A sentence with a
 * citation is somebody's words ("I cannot see a payment"), not the answer's own.
 */
function saysNotFound(text: string): boolean {
  const [opening = ""] = sentencesOf(text);
  if (isCited(opening)) return false;
  const first = plain(opening);
  return /\b(?:did not|didn['’]t|could not|couldn['’]t|cannot|can['’]t|do not|don['’]t) (?:find|know|see|tell|have)\b|\b(?:found nothing|nothing (?:about|found)|no (?:mention|answer|trace))\b|\bnot (?:in|mentioned in) your\b/i.test(
    first,
  );
}

function proves(citation: Citation, evidence: Evidence): boolean {
  if (!citation.verified) return false;
  if (citation.messageId !== undefined && evidence.messageIds.has(citation.messageId)) return true;
  const path = citation.path;
  return (
    path !== undefined && evidence.paths.some((known) => path.includes(known) || fileNameOf(path) === fileNameOf(known))
  );
}

/** An attachment's path names what it hangs on, then `!`, then its own name. */
const fileNameOf = (path: string) => path.split(/[/!]/).at(-1);

const plain = (text: string) =>
  text
    .replace(/\[\^\d+\]/g, "")
    .replace(/[*_`]|^[>\s-]+/g, "")
    .trim();
