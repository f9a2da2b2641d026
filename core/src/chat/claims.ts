/**
 * Which sentences of an answer claim something without proof. A claim is any statement that is not plainly something
 * else: a greeting, a question, an offer, a lead-in to a list, "I did not find it", or the confirmation of something
 * that was really done.
 */
export interface ProofOf {
  /** Numbers of the citations found word for word. */
  readonly verified: ReadonlySet<number>;
  /** Something was done in this turn (a task made, a fact remembered), so saying so is no claim. */
  readonly acted: boolean;
  /** What the owner told Steward: repeating that to them needs no citation. */
  readonly told?: readonly string[];
}

/** The sentences, verbatim and in order, that claim something and carry no verified citation. */
export function unsupportedIn(text: string, proof: ProofOf): string[] {
  return sentencesOf(text).filter(
    (sentence) =>
      isClaim(sentence, proof.acted) && !isProven(sentence, proof.verified) && !isTold(sentence, proof.told),
  );
}

/** Sentences of Markdown, verbatim; citations after the full stop belong to the sentence before them. */
export function sentencesOf(text: string): string[] {
  const sentences: string[] = [];
  for (const line of text.split("\n")) {
    // A quotation ends no sentence, whatever stands in it.
    const masked = line.replace(/“[^”]{0,1500}”/g, (quote) => quote.replace(/[.!?](?!”)/g, "_"));
    let at = 0;
    const parts = (masked.match(SENTENCE) ?? []).map((part) => {
      at += part.length;
      return line.slice(at - part.length, at);
    });
    for (const part of parts) {
      const sentence = part.trim();
      if (sentence === "") continue;
      const last = sentences.at(-1);
      if (/^(?:\[\^\d+\]\s*)+[.!?]?$/.test(sentence) && last !== undefined)
        sentences[sentences.length - 1] = `${last} ${sentence}`;
      else sentences.push(sentence);
    }
  }
  return sentences;
}

// A stop ends a sentence when white space and something that can begin one follow; abbreviations and initials do not, nor
// does a mark within it ("walk?: yes", "3.50", an address). Every character is part of some match: offsets are counted.
const SENTENCE =
  /(?:(?<=\b(?:[A-Z]|Mr|Mrs|Ms|Dr|Prof|St|No|Nr|vs|etc|approx|ca|e\.g|i\.e|z\.B|a\.m|p\.m|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sep|Sept|Oct|Nov|Dec))\.|[.!?]+(?![.!?]|["'”’)\]*_]*(?:\s*\[\^\d+\])*(?:\s|$))|[^.!?])*(?:[.!?]+["'”’)\]*_]*(?:\s*\[\^\d+\])*(?=\s|$)|$)/gu;

function isProven(sentence: string, verified: ReadonlySet<number>): boolean {
  return [...sentence.matchAll(/\[\^(\d+)\]/g)].some(([, n]) => verified.has(Number(n)));
}

function isTold(sentence: string, told: readonly string[] = []): boolean {
  return (
    /^you (?:have )?told me\b/i.test(sentence) && told.some((fact) => sentence.includes(fact.replace(/[.!]$/, "")))
  );
}

function isClaim(sentence: string, acted: boolean): boolean {
  const bare = sentence
    .replace(/\[\^\d+\]/g, "")
    .replace(/^[\s>#*\-–•\d.)]+(?=\S)/, (lead) => (/^\d+$/.test(lead) ? lead : ""))
    .replace(/[*_`]/g, "")
    .trim();
  const words = bare.match(/[\p{L}\p{N}]+/gu) ?? [];
  if (words.length < 2) return false;
  if (/[?:]$/.test(bare)) return false;
  if (NO_CLAIM.some((pattern) => pattern.test(bare))) return false;
  return !(acted && DONE.test(bare));
}

const NO_CLAIM: readonly RegExp[] = [
  /^(?:hello|hi|hey|good (?:morning|afternoon|evening)|welcome|thanks|thank you|you(?:'|’)?re welcome|hallo|guten|bonjour|danke|merci|sure|okay|ok|of course)\b(?=[\s,.!]|$).{0,60}$/i,
  /^(?:sorry,? |unfortunately,? |however,? |but )?(?:i|we) (?:do not|don(?:'|’)t|did not|didn(?:'|’)t|could not|couldn(?:'|’)t|cannot|can(?:'|’)t|am not able|was not able|was unable|am unable)\b/i,
  /^(?:there is|there(?:'|’)s|there was|i (?:found|see|saw|have)) (?:nothing|no)\b/i,
  /^(?:nothing|no (?:passage|mail|item|document|note|answer|mention)s?)\b/i,
  /^(?:the |your )?(?:passages|items|mails|documents|archive|sources) (?:do not|don(?:'|’)t|did not) (?:say|mention|tell|contain|show)/i,
  /^(?:it|this|that) is not (?:mentioned|stated|in (?:your|the))/i,
  /^(?:i can|i could|you can|you could|ask me|try|let me|here (?:is|are)|if you|please|would you|tell me|feel free|i am|i(?:'|’)m) /i,
  /^(?:ich (?:habe|konnte|kann|weiß) .*(?:nicht|nichts|kein)|dazu .*(?:nichts|nicht)|je n(?:e|’|')|rien )/i,
];

const DONE =
  /^(?:done|noted|ok|okay|all right|i(?:'|’)?(?:ve| have)? (?:now )?(?:will|added|created|saved|set|noted|made|remember|put)|i(?:'|’)ll|(?:the )?(?:task|reminder)|added|created|saved|remembered|erledigt|notiert|ich (?:erinnere|habe|merke)|c(?:'|’)est (?:fait|noté)|je (?:vous|te|m))\b/i;
