/**
 * Lexing a query: what a person typed → lexemes, each a word or a quotation with the operator and the `-` before it.
 * Parentheses are resolved here: what stands before them (`from:( … )`, `-( … )`) is said of each thing within.
 */
export interface Lexeme {
  /** UTF-16 units into the query. */
  readonly start: number;
  readonly end: number;
  readonly negated: boolean;
  /** Lower-cased, without the colon. */
  readonly operator?: string;
  readonly value: string;
  readonly quoted: boolean;
  /** The parentheses it stands in, when something is said of them; the value is what is between them. */
  readonly group?: { readonly start: number; readonly end: number; readonly value: string };
  /** It is the first, or the last, of parentheses that hold several things which must all be. */
  readonly opensAll?: boolean;
  readonly closesAll?: boolean;
}

export interface Lexed {
  readonly lexemes: readonly Lexeme[];
  readonly problems: readonly { readonly message: string; readonly start: number; readonly end: number }[];
}

const OPERATOR = /^([\p{L}][\p{L}_-]*):/u;
const SPACE = /[\s\p{Cc}]/u;
const QUOTE: Readonly<Record<string, string>> = { '"': '"', "“": "”", "„": "“”", "«": "»" };

type Token =
  | (Lexeme & { readonly type: "lexeme" })
  | { readonly type: "open"; readonly start: number; readonly negated: boolean; readonly operator?: string }
  | { readonly type: "close"; readonly end: number };

export function lex(text: string): Lexed {
  const problems: Lexed["problems"][number][] = [];
  const tokens = tokensOf(text, (start) => {
    const message = 'This quotation has no closing ", so its words were searched as if it had no quotation mark.';
    if (problems.length === 0) problems.push({ message, start, end: text.length });
  });
  return { lexemes: ungrouped(tokens, text), problems };
}

function tokensOf(text: string, unclosed: (start: number) => void): Token[] {
  const tokens: Token[] = [];
  // A quotation mark that is not closed from one place on is not closed from any later one.
  const never = new Set<string>();
  const closingOf = (at: number): number => {
    const close = QUOTE[text[at] ?? ""];
    if (close === undefined || never.has(close)) return -1;
    let end = at + 1;
    while (end < text.length && !close.includes(text[end] ?? "")) end += 1;
    if (end < text.length) return end;
    never.add(close);
    unclosed(at);
    return -1;
  };
  const isQuote = (at: number) => QUOTE[text[at] ?? ""] !== undefined;
  const endsWord = (at: number) => SPACE.test(text[at] ?? "") || isQuote(at) || text[at] === "(" || text[at] === ")";

  let i = 0;
  while (i < text.length) {
    if (SPACE.test(text[i] ?? "")) {
      i += 1;
      continue;
    }
    if (text[i] === ")") {
      i += 1;
      tokens.push({ type: "close", end: i });
      continue;
    }
    const start = i;
    const negated = text[i] === "-" && i + 1 < text.length && !SPACE.test(text[i + 1] ?? "") && text[i + 1] !== "-";
    if (negated) i += 1;
    const operator = OPERATOR.exec(text.slice(i, i + 40));
    // `http://…` is an address, not an operator.
    const named = operator !== null && !text.startsWith("//", i + operator[0].length);
    if (named) i += operator[0].length;
    const said = { start, negated, ...(named ? { operator: operator[1]?.toLowerCase() ?? "" } : {}) };
    if (text[i] === "(") {
      i += 1;
      tokens.push({ type: "open", ...said });
      continue;
    }
    let quoteEnd = isQuote(i) ? closingOf(i) : -1;
    if (quoteEnd >= 0) {
      const value = text.slice(i + 1, quoteEnd);
      i = quoteEnd + 1;
      tokens.push({ type: "lexeme", ...said, end: i, value, quoted: true });
      continue;
    }
    // Quotation marks that nobody closed are passed over.
    while (isQuote(i) && quoteEnd < 0) {
      i += 1;
      quoteEnd = isQuote(i) ? closingOf(i) : -1;
    }
    const from = i;
    while (i < text.length && !endsWord(i)) i += 1;
    const value = text.slice(from, i);
    if (value !== "" || named || negated) tokens.push({ type: "lexeme", ...said, end: i, value, quoted: false });
    else if (i === start) i += 1;
  }
  return tokens;
}

interface Frame {
  readonly start: number;
  readonly negated: boolean;
  readonly operator: string | undefined;
  /** Where in the lexemes its own begin. */
  readonly first: number;
  /** Two things in it stand side by side with no OR between them. */
  all: boolean;
  joined: boolean;
}

/** Says what stands before parentheses of each thing within; parentheses with nothing before them only hold together. */
function ungrouped(tokens: readonly Token[], text: string): Lexeme[] {
  const lexemes: Lexeme[] = [];
  const frames: Frame[] = [];
  const beside = (frame: Frame | undefined) => {
    if (frame && !frame.joined && lexemes.length > frame.first) frame.all = true;
    if (frame) frame.joined = false;
  };
  const close = (end: number) => {
    const frame = frames.pop();
    if (!frame || lexemes.length === frame.first) return;
    const said = frame.negated || frame.operator !== undefined;
    const value = text.slice(text.indexOf("(", frame.start) + 1, text[end - 1] === ")" ? end - 1 : end).trim();
    for (let at = frame.first; said && at < lexemes.length; at += 1) {
      const lexeme = lexemes[at];
      if (lexeme) lexemes[at] = { ...lexeme, group: { start: frame.start, end, value } };
    }
    if (!frame.all) return;
    const last = lexemes.length - 1;
    const [opening, closing] = [lexemes[frame.first], lexemes[last]];
    if (opening) lexemes[frame.first] = { ...opening, opensAll: true };
    if (closing) lexemes[last] = { ...(lexemes[last] ?? closing), closesAll: true };
  };
  for (const token of tokens) {
    const frame = frames.at(-1);
    if (token.type === "close") close(token.end);
    else if (token.type === "open") {
      beside(frame);
      frames.push({
        start: token.start,
        negated: token.negated !== (frame?.negated ?? false),
        operator: token.operator ?? frame?.operator,
        first: lexemes.length,
        all: false,
        joined: true,
      });
    } else if (isJoint(token)) {
      if (frame) frame.joined = true;
      // Neither of two is: not the one, and not the other.
      if (!frame?.negated) lexemes.push(token);
    } else {
      beside(frame);
      const operator = token.operator ?? frame?.operator;
      const negated = token.negated !== (frame?.negated ?? false);
      lexemes.push({ ...token, negated, ...(operator === undefined ? {} : { operator }) });
    }
  }
  while (frames.length > 0) close(text.length);
  return lexemes;
}

/** `OR` and `|`, which join what stands on both sides. */
export function isJoint({ value, quoted, operator, negated }: Lexeme): boolean {
  return !quoted && operator === undefined && !negated && (value === "OR" || value === "|");
}
