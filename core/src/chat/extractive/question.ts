import { isCalendarWord, type When, whenIn } from "./dates.ts";
import type { AnswerType } from "./spans.ts";
import { fold, isKnown, isStop, joined, stemOf, type Word, wordsOf } from "./words.ts";

/** What a question asks for: the kind of answer, the words that must be met, who and when it is about. */
export interface Question {
  readonly text: string;
  readonly form: "when" | "who" | "where" | "how-much" | "how-many" | "what" | "yes-no" | "why" | "how";
  readonly type: AnswerType;
  readonly terms: readonly Term[];
  /** Several answers are wanted. */
  readonly list: boolean;
  /** How things stand now, or stood last: a newer passage takes the place of an older one. */
  readonly current: boolean;
  /** Asks for what went to somebody, or what the owner had to do with: recipients count. */
  readonly asksRecipients: boolean;
  /** "Now", "the new one": said in so many words. */
  readonly now: boolean;
  readonly order?: "latest" | "earliest";
  readonly when?: When;
  /** "What did Ana write": who must have said it. */
  readonly speaker?: string;
  /** "Who sent, asked, told": the answer is who wrote the passage. */
  readonly asksSpeaker: boolean;
}

export interface Term {
  readonly word: Word;
  readonly weight: number;
  /** A name, a number, a quoted word: without it, it is another matter. */
  readonly must: boolean;
  /** Looks like what is done rather than what it is done to: it may be said in other words. */
  readonly verb?: boolean;
  /** "How many keys": the noun that the number must count. */
  readonly counted?: boolean;
  /** Names the kind of answer ("cost", "number", "expire"): an answer of that kind meets it by itself. */
  readonly kind?: boolean;
}

export function readQuestion(text: string, today: string, owner: string | undefined, before?: string): Question {
  const { form, type } = kindOf(text);
  const when = whenIn(text, today);
  const speaker = SPEAKER.exec(text)?.[1];
  const terms = termsOf(text, owner, form, type);
  // A question that leans on the one before borrows its words; its own come first.
  if (before !== undefined) {
    for (const term of termsOf(before, owner, "what", "any")) {
      if (!terms.some(({ word }) => word.stem === term.word.stem)) terms.push({ ...term, weight: term.weight * 0.6 });
    }
  }
  return {
    text,
    form,
    type,
    terms,
    list: form !== "yes-no" && LIST.test(text),
    current: isCurrent(text, when),
    now: NOW.test(text),
    ...(/\b(?:latest|newest|most recent|last)\b(?! (?:year|month|week|name|night))/i.test(text)
      ? { order: "latest" as const }
      : {}),
    ...(/\b(?:first|earliest|original(?:ly)?|initial(?:ly)?)\b/i.test(text) ? { order: "earliest" as const } : {}),
    ...(when ? { when } : {}),
    ...(speaker === undefined ? {} : { speaker: fold(speaker) }),
    asksRecipients: /\b(?:I|we|my|our|to)\b/.test(text),
    asksSpeaker: ASKS_SPEAKER.test(text),
  };
}

const SAYING =
  "say|said|write|wrote|send|sent|ask|asked|tell|told|promise|promised|suggest|suggested|propose|proposed|offer|offered|want|wanted|recommend|recommended|warn|warned|mention|mentioned|report|reported|answer|answered|reply|replied|invite|invited|claim|claimed|explain|explained|confirm|confirmed|announce|announced|need|think|give|get|buy|bring|order|book|choose|decide|plan|transfer|pay";
const SPEAKER = new RegExp(
  `\\b(?:did|does|has|had|do)\\s+((?:(?:the|my|our)\\s+)?\\p{Lu}[\\p{L}'-]+(?:\\s+\\p{Lu}[\\p{L}'-]+)?)\\s+(?:${SAYING})\\b`,
  "u",
);
const ASKS_SPEAKER =
  /^(?:so |and )?(?:who|whom|wer|qui)\b.{0,20}?\b(?:sent|wrote|asked|told|said|suggested|proposed|offered|recommended|warned|mentioned|invited|announced|confirmed|promised|complained|replied|answered|reported|thanked|congratulated|schrieb|sagte|a écrit)\b/i;
const LIST =
  /^(?:please )?(?:list|name|enumerate)\b|\b(?:show|give|tell) me (?:all|every|the list)\b|\ball (?:the |my |of )|\bevery\b|\bin total\b|\baltogether\b|^(?:which|what) (?!is|was|does|did)\p{L}+s (?:did|do|have|are|were)\b/iu;

const NOW = /\b(?:now|current(?:ly)?|still|at the moment|these days|latest|new|final(?:ly)?|in the end|nowadays)\b/i;

function isCurrent(text: string, when: When | undefined): boolean {
  if (/\b(?:original(?:ly)?|initial(?:ly)?|first|at first|earlier|back then|used to|old|previous(?:ly)?)\b/i.test(text))
    return false;
  if (NOW.test(text)) return true;
  if (/^(?:when|where) (?:was|were|did|had)\b/i.test(text)) return false;
  if (when?.dates.some(({ month, day }) => month !== undefined && day === undefined)) return false;
  return (
    /\b(?:is|are|am|does|do|has|have|will|shall|can|must|should|may|'s|ist|sind|wird|muss|est|sont)\b/i.test(text) ||
    /^(?:when|wann|quand|where|what time)\b/i.test(text)
  );
}

function kindOf(text: string): Pick<Question, "form" | "type"> {
  const plain = fold(text).replace(
    /^(?:and|so|but|ok|please|hey|steward|und|et|can you tell me|could you tell me|tell me|do you know|i want to know|what about)[ ,]+/g,
    "",
  );
  for (const [pattern, form, type] of KINDS) if (pattern.test(plain)) return { form, type };
  return { form: "what", type: "any" };
}

const KINDS: readonly (readonly [RegExp, Question["form"], AnswerType])[] = [
  [/\b(?:(?:at |from |until )?what time|at what hour|um wie ?viel uhr|a quelle heure)\b/, "when", "time"],
  [
    /^(?:since |until |by |till |from )?when\b|^(?:on |by )?(?:what|which) (?:date|day|month|year|weekday)\b|\bwhat (?:is|was) the (?:\w+ ){0,3}?(?:date|deadline)\b|^(?:bis |seit |ab )?wann\b|^quand\b/,
    "when",
    "date",
  ],
  [/\b(?:what|which) percent(?:age)?\b|\bhow many percent\b/, "what", "percent"],
  [
    /\bhow (?:much|heavy) .*\bweigh|\bhow (?:tall|heavy|high|wide|deep|large|big|far|fast)\b|\bhow long is the (?:table|bed|shelf|rope|cable|sofa|board|desk|wall|room|car|boat|train|loom)\b/,
    "how-much",
    "measure",
  ],
  [/\bhow old\b/, "how-many", "count"],
  [/\bhow many\b|^wie ?viele\b|^combien de\b/, "how-many", "count"],
  [/\bhow long\b|^wie lange\b|^combien de temps\b/, "how-much", "duration"],
  [
    /\bhow much (?!is|was|are|were|did|does|do|will|would|should|can|has|have|had|money|rent|tax|i\b|we\b|the\b|for\b|more|interest|salary|deposit)\w+/,
    "how-much",
    "measure",
  ],
  [
    /\bhow much\b|^wie ?viel\b|^combien\b|^what (?:did|does|do|will|would) .*\bcost\b|\bwas (?:kostet|kostete)\b/,
    "how-much",
    "money",
  ],
  [/^(?:to |from |with |for |by )?who(?:m|se)?\b|^we[rmn]\b|^wessen\b|^(?:a |avec |de )?qui\b/, "who", "person"],
  [/^(?:from |to )?where\b|^wo(?:hin|her)?\b|^(?:d')?ou\b/, "where", "place"],
  [
    /\b(?:what|which)\b.*\b(?:phone|telephone|mobile|cell|fax) ?(?:number|no)?\b|\bphone number\b|\btelefonnummer\b/,
    "what",
    "phone",
  ],
  [/\be-?mail address\b/, "what", "email"],
  [/\b(?:website|url|web address|webpage|homepage)\b/, "what", "url"],
  [/\b(?:password|passcode|passphrase|passwort|kennwort|mot de passe|pin\b|wi-?fi (?:code|key))/, "what", "password"],
  [
    /^(?:what|how) (?:is|are|was|were|'s) .*\b(?:called|named)\b|\b(?:what|which) (?:is|are|was|were|'s) (?:the |my |our )?(?:\w+(?:'s)? )?names?\b|^wie heiss/,
    "what",
    "name",
  ],
  [/^(?:what|which|was|wie)\b.*\b(?:address|adresse|street)\b/, "where", "place"],
  [
    /^(?:what|which|wie)\b.*\b(?:number|code|reference|iban|id|serial|plate|licen[cs]e|pnr|nummer|numero)\b/,
    "what",
    "code",
  ],
  [/^(?:what|which)\b.*\b(?:colou?r)\b|^welche farbe\b/, "what", "colour"],
  [
    /^what(?:'s| is| was| are| were| will be) (?:the |my |our |his |her |their |\w+'s )?(?:(?!of\b|for\b|in\b|on\b)[\w-]+ ){0,3}(?:price|cost|costs|amount|sum|total|fee|fees|rent|salary|wage|deposit|budget|premium|refund|balance|fine|bill|discount)\b/,
    "how-much",
    "money",
  ],
  [/^(?:what|which) (?:rate|price|fee|amount|sum|salary|rent|premium|wage|budget)\b/, "how-much", "money"],
  [/^(?:why|warum|wieso|pourquoi)\b/, "why", "any"],
  [/^(?:did|does|do|is|are|was|were|has|have|had|can|could|will|would|may|must|should|am)\b/, "yes-no", "any"],
  [/^(?:how|wie|comment)\b/, "how", "any"],
];

/** The words that carry the question. */
function termsOf(text: string, owner: string | undefined, form: Question["form"], type: AnswerType): Term[] {
  const own = new Set(wordsOf(owner ?? "").map(({ plain }) => plain));
  // German writes every noun with a capital: there it says nothing about names.
  const german = /^\W*(?:wann|wie|wo|wer|wem|wen|was|welche[rs]?|warum|ist|sind|hat|habe|wieviel)\b/i.test(text);
  const counted = form === "how-many" ? /\bhow many ((?:\p{L}+ )?\p{L}+)/iu.exec(text)?.[1] : undefined;
  const quoted = new Set(
    [...text.matchAll(/["“„«]([^"”“»]+)["”“»]/g)].flatMap(([, inner = ""]) => wordsOf(inner).map(({ plain }) => plain)),
  );
  const terms: Term[] = [];
  // "Take place" says no more than "is".
  const verbose = /\b(?:takes?|taking|took|taken)(?= place\b)/i.exec(text);
  for (const word of withPhrases(wordsOf(text))) {
    if (verbose && word.start === verbose.index) continue;
    const bare = word.plain;
    if (own.has(bare)) continue;
    if ((isStop(word) && !quoted.has(bare)) || isCalendarWord(bare) || /^(?:19|20)\d\d$/.test(bare)) continue;
    if (RELATIVE.has(bare) || (bare.length < 2 && !/\d/.test(bare)) || (/ly$/.test(bare) && bare.length > 5)) continue;
    if (
      /^\d{1,2}(?:st|nd|rd|th)?$/.test(bare) &&
      whenIn(text, "2000-01-01")?.dates.some(({ start, end }) => word.start >= start && word.end <= end)
    )
      continue;
    if (terms.some((term) => term.word.stem === word.stem)) continue;
    const opens = /^[\s"“(]*$/.test(text.slice(0, word.start)) || /[.!?]\s*$/.test(text.slice(0, word.start));
    const name = /^\p{Lu}/u.test(word.text) && !opens && !german;
    // What the lexicon knows is no name, also with a capital ("Portuguese", "Christmas").
    const isName = name && !TITLES.has(bare) && (!isKnown(word) || isInName(text, word));
    const must = isName || /\d/.test(bare) || NUMERAL.test(bare) || quoted.has(bare);
    const weight = must ? 1.5 : WEAK.has(bare) || WEAK.has(stemOf(bare)) ? 0.5 : 1;
    const isCounted = counted !== undefined && wordsOf(counted).some(({ plain }) => plain === bare);
    const before = text.slice(0, word.start);
    const verb = !must && (/\b(?:who|to)\s+$/i.test(before) || (/(?:ed|ing)$/.test(bare) && !ARTICLE.test(before)));
    terms.push({
      word: isName && isInName(text, word) ? { ...word, concepts: [] } : word,
      weight,
      must,
      ...(isCounted ? { counted: true } : {}),
      ...(verb ? { verb } : {}),
      ...(isKindOf(type, word) ? { kind: true } : {}),
    });
  }
  return terms;
}

function withPhrases(words: readonly Word[]): Word[] {
  const found: Word[] = [];
  for (let at = 0; at < words.length; at += 1) {
    const [word, next] = [words[at], words[at + 1]];
    if (!word) continue;
    const phrase = next && joined(word, next);
    found.push(phrase ?? word);
    if (phrase) at += 1;
  }
  return found;
}

/** Beside another capital: "Ana Keller" is no cellar, "Die Fähre" no ferry. */
function isInName(text: string, { start, end }: Word): boolean {
  return /(?<!^\W*)\b\p{Lu}[\p{L}'’]*\s$/u.test(text.slice(0, start)) || /^\s\p{Lu}/u.test(text.slice(end));
}

function isKindOf(type: AnswerType, { concepts }: Word): boolean {
  return concepts.some((concept) => KIND_WORDS[type]?.includes(concept));
}

/** Ideas of the lexicon that an answer of the type expresses by being one. */
const KIND_WORDS: Partial<Record<AnswerType, readonly string[]>> = {
  money: ["cost"],
  date: ["end", "valid", "deadline", "start"],
  phone: ["phone", "number"],
  email: ["mail", "address"],
};

const NUMERAL = /^(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)$/;
const ARTICLE = /\b(?:the|a|an|my|our|your|his|her|their)\s+$/i;
const TITLES = new Set("mr mrs ms dr prof".split(" "));
const RELATIVE = new Set(
  "today tomorrow yesterday tonight year month week day date time last next latest newest recent recently currently current now still new first original originally earliest many often final finally percent percentage total altogether please list exactly place".split(
    " ",
  ),
);
/** Words that say little about what is asked: general verbs, and the names of kinds of answer. */
const WEAK = new Set(
  `send write ask get go come make take have want need mail email message letter call name address number price cost amount sum happen
  mean work use plan buy pay charge spend bill start begin end leave see meet put keep bring set place thing anything something everything reply answer
  mention talk speak handle decide choose promise suggest propose recommend offer due agree old be do rate fee code reference people person person's
  back away along together someone anyone everyone look turn become money much euro euros francs dollars chf eur`
    .split(/\s+/)
    .flatMap((word) => [word, stemOf(word)]),
);
