import { dueIn } from "../../agenda/due.ts";
import { nameOf, plain, quoted } from "./compose.ts";
import { dayInWords } from "./dates.ts";
import type { Reply } from "./reply.ts";
import { sentencesIn } from "./sentences.ts";
import type { Sheet, SheetPassage } from "./sheet.ts";
import { isStop } from "./words.ts";

/**
 * The commands the built-in model understands: make a task, remember a fact, summarize the newest mail; also one after
 * the other in one sentence. What only a model with weights can do is said to be that. Undefined when it is none of them.
 */
export async function command(sheet: Sheet): Promise<Reply | undefined> {
  const { question, done } = sheet;
  const summary = SUMMARY.exec(question);
  const [task] = done.filter(({ tool }) => tool === "create_task");
  if (summary) {
    const searched = done.find(({ tool }) => tool === "search");
    const wanted = Math.min(10, Number(/\b(\d{1,2})\b/.exec(summary[0])?.[1] ?? 5));
    const then = TASK.exec(question.slice(summary.index + summary[0].length));
    if (!searched && sheet.tools.has("search")) {
      return { text: "", calls: [{ tool: "search", input: { query: queryOf(question), newest: true } }] };
    }
    if (then && !task && sheet.tools.has("create_task"))
      return { text: "", calls: [await taskCall(sheet, then[0], then[1] ?? "")] };
    const text = summaryOf(sheet, wanted, searched?.result);
    return { text: task ? `${text}\n\n${confirmed(task.result)}` : text, calls: [] };
  }
  const asked = TASK.exec(question);
  if (asked) {
    if (task) return { text: confirmed(task.result), calls: [] };
    if (!sheet.tools.has("create_task")) return { text: "I cannot make a task here.", calls: [] };
    return { text: "", calls: [await taskCall(sheet, asked[0], asked[1] ?? "")] };
  }
  const fact = REMEMBER.exec(question)?.[1]?.trim();
  if (fact) {
    const kept = done.find(({ tool }) => tool === "remember");
    if (kept) return { text: noted(kept.result), calls: [] };
    if (!sheet.tools.has("remember")) return { text: "I cannot remember anything here.", calls: [] };
    return { text: "", calls: [{ tool: "remember", input: { fact } }] };
  }
  return WRITE.test(question) ? { text: CANNOT_WRITE, calls: [] } : undefined;
}

const CANNOT_WRITE =
  "I cannot write or translate: the built-in model finds, quotes and sums up. You can choose another model in Settings, under “Who should think?”.";

function noted(result: string): string {
  const [, fact] = /^Remembered: ([\s\S]*)$/.exec(result) ?? [];
  return fact === undefined ? "I could not remember that. Please say it in fewer words." : `Noted: ${fact}`;
}

const POLITE = "^(?:please |can you |could you |hey |steward,? )*";
const SUMMARY = new RegExp(
  `${POLITE}(?:summari[sz]e|sum up|give me (?:a |an )?(?:short )?(?:summary|overview) of|what(?:'s| is) new in|fasse?)\\b[^.?!]{0,60}?\\b(?:e-?mails?|mails?|messages?|inbox)\\b(?:[^.?!,]*?(?=,? and remind| and (?:add|create|make) )|)`,
  "i",
);
const TASK =
  /(?:\bremind me(?: to| that| about| of)?|\bdon(?:'|’)t let me forget to|\b(?:add|create|make|set)(?: me)? (?:a |an |the )?(?:new )?(?:task|to-?do|reminder)(?: for me)?(?: to|:| that| for| called)?|\berinner[en]? mich(?: daran)?,?|\brappelle-moi de)\s+([\s\S]+)$/i;
const REMEMBER = new RegExp(
  `${POLITE}(?:remember(?: that|:)?|note that|note:|keep in mind that|don(?:'|’)t forget that|merke? dir,?(?: dass)?)\\s+([\\s\\S]+)$`,
  "i",
);
/** An order to make a text, and not a search for one ("draft contract Sonnhalde", "write-off 2024"). */
const WRITE = new RegExp(
  `${POLITE}(?:(?:write|compose|rewrite|rephrase|translate|schreibe?|verfasse|entwirf|übersetze?|écris|rédige|traduis|skriv|översätt)(?=\\s)(?!\\s+down\\b)|draft (?:me )?(?:an?|the|my) )`,
  "i",
);

async function taskCall(sheet: Sheet, _whole: string, what: string): Promise<Reply["calls"][number]> {
  const text = what.trim().replace(/[.!]+$/, "");
  const now = Date.parse(`${sheet.now}:00Z`);
  // The sheet's now is already wall time: read as UTC it stays what it is.
  const due = await dueIn(text, now, "UTC");
  const rest = due ? `${text.slice(0, due.start)} ${text.slice(due.end)}` : text;
  const title = rest
    .replace(/\s+/g, " ")
    .replace(/^(?:to|that|about|on|at|by|zu|daran)\s+/i, "")
    .replace(/[\s,]+(?:on|at|by|am|um|in)?[\s,]*$/i, "")
    .trim();
  const named = title === "" ? text : title.charAt(0).toUpperCase() + title.slice(1);
  return { tool: "create_task", input: { title: named, ...(due ? { due: due.due } : {}) } };
}

function confirmed(result: string): string {
  const [, title = "", , due] = /^Task made: (.*?)(, due (\S+))?$/.exec(result) ?? [];
  if (title === "") return "I could not make that task.";
  const when = /, due (\S+)$/.exec(result)?.[1] ?? due;
  return when === undefined ? `I added the task “${title}”.` : `I added the task “${title}” for ${spoken(when)}.`;
}

function spoken(due: string): string {
  const [day = "", time] = due.split("T");
  const date = new Intl.DateTimeFormat("en-GB", {
    timeZone: "UTC",
    weekday: "long",
    day: "numeric",
    month: "long",
  }).format(Date.parse(`${day}T00:00:00Z`));
  return time === undefined ? date : `${date} at ${time}`;
}

function queryOf(question: string): string {
  const from = /\bfrom (\p{Lu}[\p{L}'-]+)/u.exec(question)?.[1];
  return from === undefined ? "kind:mail" : `kind:mail from:${from}`;
}

/** The newest mails, each by its most telling sentence. */
function summaryOf(sheet: Sheet, wanted: number, result: string | undefined): string {
  const shown = new Set([...(result ?? "").matchAll(/<passage n="(\d+)"/g)].map(([, n]) => Number(n)));
  const mails = sheet.passages
    .filter(({ n, kind }) => kind === "mail" && (shown.size === 0 || shown.has(n)))
    .sort((a, b) => (b.date ?? "").localeCompare(a.date ?? ""))
    .slice(0, wanted);
  if (mails.length === 0) return "I did not find any mail.";
  const lines = mails.map((mail) => {
    const telling = tellingSentence(mail) ?? sentencesIn(mail.text)[0]?.text;
    const on = mail.date === undefined ? "" : `, ${dayInWords(mail.date)}`;
    const head = `- **${nameOf(mail.from) || "Someone"}**${on}, “${plain(mail.title)}”`;
    return telling === undefined ? head : `${head}: ${quoted(mail, telling)}`;
  });
  return `Here are your latest mails:\n\n${lines.join("\n")}`;
}

/** The sentence with the most to say: names, dates, amounts and the mail's own frequent words; no greeting, no thanks. */
export function tellingSentence(passage: SheetPassage): string | undefined {
  const sentences = sentencesIn(passage.text);
  const counts = new Map<string, number>();
  for (const { words } of sentences)
    for (const word of words) if (!isStop(word)) counts.set(word.stem, (counts.get(word.stem) ?? 0) + 1);
  const title = new Set(passage.title.toLowerCase().match(/\p{L}{4,}/gu) ?? []);
  let best: { text: string; score: number } | undefined;
  sentences.forEach(({ text, words }, at) => {
    if (
      words.length < 4 ||
      /^(?:dear|hi|hello|hey|liebe|sehr geehrte|hej|bonjour|thanks|thank you|best|kind regards|regards)\b/i.test(text)
    )
      return;
    const content = words.filter((word) => !isStop(word));
    const weight =
      content.reduce(
        (sum, word) => sum + Math.min(3, counts.get(word.stem) ?? 0) + (title.has(word.plain) ? 1 : 0),
        0,
      ) / Math.sqrt(words.length);
    const telling = /\d/.test(text) ? 1.2 : 1;
    const score = weight * telling * (1 + 0.5 / (1 + at)) * (words.length > 40 ? 0.7 : 1);
    if (score > (best?.score ?? 0)) best = { text, score };
  });
  return best?.text;
}
