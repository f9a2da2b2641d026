/** The things a question asks for, as they stand in a text: dates, times, amounts, durations, codes, places, names. */
export type AnswerType =
  | "date"
  | "time"
  | "money"
  | "duration"
  | "count"
  | "person"
  | "place"
  | "phone"
  | "email"
  | "url"
  | "code"
  | "password"
  | "percent"
  | "measure"
  | "colour"
  | "name"
  | "any";

export interface Span {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

const MONTH =
  "(?:jan(?:uary|uar|uari|vier|eiro)?|jän(?:ner)?|feb(?:ruary|ruar|ruari)?|fevereiro|févr(?:ier)?|março|mar(?:ch|s)?|märz|mrz|apr(?:il)?|abril|avril|may|maio|mai|maj|junho|julho|june?|juni|juin|july?|juli|juillet|aug(?:ust|usti)?|agosto|août|setembro|sept?(?:ember|embre)?|outubro|oct(?:ober|obre)?|okt(?:ober)?|nov(?:ember|embre|embro)?|dec(?:ember)?|dez(?:ember|embro)?|déc(?:embre)?)";
const WEEKDAY =
  "(?:mon|tues?|wednes|thurs?|fri|satur|sun)day|(?:mon|tue|wed|thu|fri|sat|sun)(?=[ ,.]+\\d)|montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|(?:segunda|terça|quarta|quinta|sexta)-feira|sábado|domingo|måndag|tisdag|onsdag|torsdag|fredag|lördag|söndag";
const DAY = "(?:0?[1-9]|[12]\\d|3[01])";
const YEAR = "(?:19|20)\\d\\d";

const NUMBER_WORD =
  "(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|hundred|zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn|elf|zwölf|deux|trois|quatre|cinq|sept|huit|neuf|dix|två|tre|fyra|fem|sex|sju|åtta|nio|tio|a dozen|both)";
const NUMBER = `(?:\\d{1,3}(?:['’., \u00a0\u202f]\\d{3})+(?:[.,]\\d{1,2})?|\\d+(?:[.,]\\d{1,2})?)`;
const CURRENCY_BEFORE = "(?:CHF|EUR|USD|GBP|SEK|NOK|DKK|Fr\\.|SFr\\.?|€|\\$|£|¥|US\\$)";
const CURRENCY_AFTER =
  "(?:CHF|EUR|USD|GBP|SEK|NOK|DKK|Fr\\.|€|\\$|£|francs?|franken|euros?|dollars?|pounds?|kronor|kronen|kr\\b|rappen|cents?|quid|bucks)";

const PATTERNS: Readonly<Record<AnswerType, RegExp>> = {
  date: new RegExp(
    [
      `\\b${YEAR}-\\d\\d-\\d\\d\\b`,
      `\\b${DAY}\\.\\s?(?:0?[1-9]|1[0-2])\\.(?:${YEAR}|\\d\\d)?`,
      `\\b${DAY}/(?:0?[1-9]|1[0-2])/(?:${YEAR}|\\d\\d)\\b`,
      `(?:\\b(?:${WEEKDAY}),?\\s+(?:(?:the|den|le|der)\\s+)?)?(?:\\b${DAY}\\.?(?:st|nd|rd|th)?\\s?(?:to|–|-|until|bis|and|und|till|au|a)\\s?)?\\b${DAY}(?:st|nd|rd|th|er|\\.)?\\s+(?:of\\s+|de\\s+)?${MONTH}\\b\\.?,?(?:\\s+(?:de\\s+)?${YEAR})?`,
      `(?:\\b(?:${WEEKDAY}),?\\s+)?\\b${MONTH}\\.?\\s+${DAY}(?:st|nd|rd|th)?\\b(?!:)(?:,?\\s+${YEAR})?`,
      `\\b${MONTH}\\.?\\s+${YEAR}\\b`,
      `\\b(?:(?:next|this|last|coming|nächsten|am|på|on)\\s+)?(?:${WEEKDAY})s?\\b(?!,?\\s+(?:the\\s+|den\\s+)?\\d)`,
      `\\b(?:today|tonight|tomorrow|yesterday|this (?:morning|afternoon|evening|week|month|spring|summer|autumn|winter)|next (?:week|month|year)|heute|morgen|gestern|demain|hier|aujourd'hui|idag|imorgon)\\b`,
      `\\b(?:in|since|until|by|from|ab|seit|bis)\\s+(?:${MONTH}|${YEAR}|(?:early|mid|late)[ -]${MONTH}|spring|summer|autumn|winter)\\b`,
    ].join("|"),
    "giu",
  ),
  time: /\b(?:[01]?\d|2[0-3])[:.][0-5]\d\b(?:\s?(?:uhr|h|am|pm|a\.m\.|p\.m\.))?|\b(?:1[0-2]|[1-9])\s?(?:am|pm|a\.m\.|p\.m\.)|\b(?:[01]?\d|2[0-3])\s?(?:uhr|o['’]clock)\b|\b(?:[01]?\d|2[0-3])h(?:[0-5]\d)?\b|\bat (?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|noon|midnight|\d{1,2})\b(?![:.]\d| \p{L}+s\b)|\bnoon\b|\bmidnight\b|\b\d{1,2} to \d{1,2}\b/giu,
  money: new RegExp(
    `${CURRENCY_BEFORE}\\s?${NUMBER}(?:\\.[-–—])?|\\b${NUMBER}(?:\\.[-–—])?\\s?${CURRENCY_AFTER}(?!\\p{L}|\\s?\\d)|\\b${NUMBER}\\.[-–—](?=\\s|$)|(?<=\\b(?:amount|total|price|cost|sum|betrag|preis|summe|montant|belopp): )${NUMBER}`,
    "giu",
  ),
  duration: new RegExp(
    `\\b(?:${NUMBER}|${NUMBER_WORD}|an?|half an?|several)(?:\\s?[-–]\\s?\\d+| to ${NUMBER_WORD}| to \\d+)?[ -]?(?:full |working |whole )?(?:minutes?|mins?|hours?|hrs?|days?|nights?|weeks?|months?|years?|minuten?|stunden?|tage?n?|wochen?|monate?n?|jahre?n?|heures?|jours?|semaines?|mois|ans?|minuter|timmar|dagar|veckor|månader|år)\\b`,
    "giu",
  ),
  count: new RegExp(`\\b(?:\\d[\\d'’,.]*(?<=\\d)|${NUMBER_WORD})\\b`, "giu"),
  measure: new RegExp(
    `\\b(?:${NUMBER}|${NUMBER_WORD})\\s?(?:kg|g|grams?|gramm|kilos?|cm|mm|m|km|metres?|meters?|litres?|liters?|l|dl|m²|m2|sqm|square metres|kwh|kw|w|gb|tb|mb|degrees|°c?|grader|grad|miles?|inch(?:es)?|percent|%)(?=[\\s,.;:)]|$)`,
    "giu",
  ),
  percent: new RegExp(`\\b${NUMBER}\\s?(?:%|percent|per cent|prozent|pour cent|procent)`, "giu"),
  person:
    /(?:\b(?:Mr|Mrs|Ms|Dr|Prof|Herr|Frau|Doktor|Monsieur|Madame)\.?\s+)?\b\p{Lu}[\p{L}'’-]+(?:\s+(?:von|van|de|da|of|la)?\s?\p{Lu}[\p{L}'’-]+)*/gu,
  place:
    /\b(?:[Ii]n|[Aa]t|to|[Ff]rom|near|via|by|on|auf|am|im|[Ii]n der|bei|nach|à|au|em|na|no|i|på|vid|beim|opposite|behind)\s+(?:the\s+|der\s+|dem\s+|den\s+|la\s+|le\s+)?(?:\p{Lu}[\p{L}\d'’.-]*(?:\s+(?:\p{Lu}[\p{L}'’.-]*|\d{1,5}[a-z]?|am|an der|de|do|da|du|of))*|(?:second|first|ground|third|fourth|top) floor|room \d+)|\b\p{Lu}[\p{L}-]*(?:strasse|straße|str\.|weg|gasse|platz|gatan|vägen|allee|rain|halde)\s+\d+[a-z]?|\b(?:[Rr]ue|[Aa]venue|[Pp]lace|[Rr]oute|[Cc]hemin)\s+[\p{L}' -]+?\s*\d*|\b\d+\s+\p{Lu}\p{L}+\s+(?:[Ss]treet|[Rr]oad|[Ll]ane|[Aa]venue|St\.|Rd\.)|\b(?:[Ww]here|[Ll]ocation|[Pp]lace|[Aa]ddress|Ort|[Aa]dresse|Treffpunkt|[Vv]enue|[Rr]oom|[Ll]ieu|[Mm]eet at)\s*[:|]\s*\S.*|\b(?:under|behind|inside|in|on|beside|next to|above|below)\s+(?:the|my|our|your)\s+\p{L}+|\b\p{L}+\s+(?:kyrka|Kirche|Hotel|Museum|Theater|Hall|Church|School|Station)\b/gu,
  phone: /(?:\+|\b00)\d[\d ()/.-]{6,}\d|\b0\d{1,3}[ /.-]\d{2,4}[ .-]?\d{2,4}(?:[ .-]?\d{2,4})?\b/gu,
  email: /[\w.+-]+@[\w-]+(?:\.[\w-]+)+/gu,
  url: /\bhttps?:\/\/\S+|\bwww\.\S+|\b[\w-]+(?:\.[\w-]+)*\.(?:com|org|net|ch|de|se|fr|io|example|test)\b(?:\/\S*)?/gu,
  code: /\b\d{3}(?: \d{3,4}){2,}\b|\b(?=[\p{L}\d./-]*\d)[\p{L}\d]+(?:[./-][\p{L}\d]+| (?=\p{Lu}*\d)[\p{Lu}\d]+)*\b/gu,
  password:
    /(?:password|passwort|kennwort|passphrase|lösenord|mot de passe|code|pin)\b[^\n:|]{0,30}?(?::|\||\bis\b|\bist\b|\best\b|är)\s*["“']?(\S+)/giu,
  colour:
    /\b(?:dark |light |pale |deep )?(?:red|blue|green|yellow|orange|purple|pink|black|white|grey|gray|brown|beige|violet|turquoise|rot|blau|grün|gelb|schwarz|weiss|weiß|grau|rouge|bleu|vert|noir|blanc|oak|walnut|navy|teal|petrol|anthracite|silver|gold|cream|mustard)\b/giu,
  name: /["“„«][^"”“»\n]{2,80}["”“»]|\b\p{Lu}[\p{L}\d'’&-]*(?:\s+(?:\p{Lu}[\p{L}\d'’&-]*|am|of|the|de|la|und|&|zum|zur))*/gu,
  any: /\S[\s\S]*\S/gu,
};

export function spansOf(text: string, type: AnswerType): Span[] {
  const spans: Span[] = [];
  for (const match of text.matchAll(PATTERNS[type])) {
    const found = match[1] ?? match[0];
    if (found === "") continue;
    const start = match.index + match[0].indexOf(found);
    const bare = found.replace(/[\s,]+$/, "");
    spans.push({ text: bare.trim(), start, end: start + bare.length });
  }
  if (type === "code") return [...numbered(text), ...spans.filter((span) => isCode(text, span))];
  return spans;
}

/** "no. 17", "Nr. 9": short, but called a number. */
function numbered(text: string): Span[] {
  return [...text.matchAll(/\b(?:number|no\.|nr\.|nummer|num\u00e9ro|n\u00ba)\s*[:|]?\s*((?=[\w-]*\d)[\w-]+)/giu)].map(
    (match) => {
      const found = match[1] ?? "";
      const start = match.index + match[0].length - found.length;
      return { text: found, start, end: start + found.length };
    },
  );
}

/** Letters and digits mixed, or a long number; no year, no time, no amount. */
function isCode(text: string, span: Span): boolean {
  const digits = span.text.replace(/\D/g, "").length;
  const mixed = /\p{Lu}/u.test(span.text) && span.text.length >= 5;
  if (!(mixed && digits >= 1) && digits < 4) return false;
  if (/^(?:19|20)\d\d$/.test(span.text)) return false;
  return !["date", "money", "time"].some((other) =>
    spansOf(text, other === "date" ? "date" : other === "money" ? "money" : "time").some(
      ({ start, end }) => start < span.end && end > span.start && end - start >= span.text.length,
    ),
  );
}

export function hasSpan(text: string, type: AnswerType): boolean {
  return spansOf(text, type).length > 0;
}
