import type { CallOptions } from "../model.ts";

/**
 * The prompt as the built-in model reads it. It sees what any model sees, no more: the system prompt, the conversation,
 * the fenced passages, the results of tools.
 */
export interface Sheet {
  /** The owner's wall time, `YYYY-MM-DDTHH:mm`, and zone. */
  readonly now: string;
  readonly timeZone: string;
  readonly owner?: string;
  /** What the owner told Steward. */
  readonly facts: readonly string[];
  readonly passages: readonly SheetPassage[];
  readonly question: string;
  /** Earlier questions, oldest first. */
  readonly earlier: readonly string[];
  /** Tools asked for since the question, in order. */
  readonly done: readonly { readonly tool: string; readonly input: unknown; readonly result: string }[];
  readonly tools: ReadonlySet<string>;
}

export interface SheetPassage {
  readonly n: number;
  readonly kind: string;
  /** `YYYY-MM-DD` or `YYYY-MM-DD HH:mm`, the owner's wall time. */
  readonly date?: string;
  readonly from: string;
  readonly to: string;
  /** The owner wrote it. */
  readonly own: boolean;
  readonly title: string;
  readonly text: string;
  /** Its place in the order found: 0 is the best. */
  readonly rank: number;
}

export function readSheet({ prompt, tools }: CallOptions): Sheet {
  let system = "";
  let question = "";
  const earlier: string[] = [];
  let done: { tool: string; input: unknown; result: string }[] = [];
  let calls = new Map<string, unknown>();
  let shown = "";
  for (const message of prompt) {
    if (message.role === "system") system += message.content;
    else if (message.role === "user") {
      const text = message.content.map((part) => (part.type === "text" ? part.text : "")).join("\n");
      if (question !== "") earlier.push(question);
      // Only the owner's own text stands behind the last fence.
      const end = text.lastIndexOf(FENCE_END);
      shown = end < 0 ? "" : text.slice(0, end);
      question = (end < 0 ? text : text.slice(end + FENCE_END.length)).trim();
      done = [];
      calls = new Map();
    } else if (message.role === "assistant") {
      for (const part of message.content) if (part.type === "tool-call") calls.set(part.toolCallId, part.input);
    } else {
      for (const part of message.content) {
        if (part.type !== "tool-result") continue;
        const result = part.output.type === "text" ? part.output.value : JSON.stringify(part.output);
        done.push({ tool: part.toolName, input: calls.get(part.toolCallId), result });
      }
    }
  }
  const found = [shown, ...done.filter(({ tool }) => tool !== "remember").map(({ result }) => result)];
  const owner = /assistant of (.+?)\. It is /.exec(system)?.[1];
  return {
    ...nowOf(system),
    ...(owner === undefined || owner === "the owner" ? {} : { owner }),
    facts: factsOf(system),
    passages: passagesIn(found.join("\n")),
    question,
    earlier: earlier.filter((text) => !text.startsWith("<earlier>")),
    done,
    tools: new Set((tools ?? []).map(({ name }) => name)),
  };
}

const FENCE_END = "\n</passages>";
const PASSAGE = /<passage ([^\n]*)>\n([\s\S]*?)\n<\/passage>/g;

/** The passages, each number once: a later showing of a number is the wider one. */
function passagesIn(text: string): SheetPassage[] {
  const byNumber = new Map<number, SheetPassage>();
  for (const [, attributes = "", body = ""] of text.matchAll(PASSAGE)) {
    const of = (name: string) => new RegExp(`(?:^| )${name}="([^"]*)"`).exec(attributes)?.[1] ?? "";
    const n = Number(of("n"));
    const date = /\d{4}-\d\d-\d\d(?: \d\d:\d\d)?/.exec(of("date"))?.[0];
    const rank = byNumber.get(n)?.rank ?? byNumber.size;
    const passage = {
      n,
      own: of("own") === "yes",
      kind: of("kind"),
      from: of("from"),
      to: of("to"),
      title: of("title"),
      text: body,
      rank,
    };
    byNumber.set(n, date === undefined ? passage : { ...passage, date });
  }
  return [...byNumber.values()];
}

function nowOf(system: string): { now: string; timeZone: string } {
  const found = /It is \w+,? (\d{1,2}) (\w+) (\d{4})(?: at|,)? (\d\d):(\d\d) \(([^)]+)\)/.exec(system);
  if (!found) return { now: "1970-01-01T00:00", timeZone: "UTC" };
  const [, day = "1", month = "", year = "", hour = "", minute = "", timeZone = "UTC"] = found;
  const number = MONTHS.indexOf(month.slice(0, 3).toLowerCase()) + 1;
  const now = `${year}-${String(number).padStart(2, "0")}-${day.padStart(2, "0")}T${hour}:${minute}`;
  return { now, timeZone };
}

export const MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split(" ");

function factsOf(system: string): string[] {
  const [, facts = ""] = system.split("What the owner told you:\n");
  return facts.split("\n").flatMap((line) => (line.startsWith("- ") ? [line.slice(2)] : []));
}
