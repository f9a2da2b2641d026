import { z } from "zod";
import { dueIn } from "../agenda/due.ts";
import type { Task } from "../agenda.ts";
import type { Card, Step } from "../conversation.ts";
import type { ItemId, Reading } from "../item.ts";
import type { Ledger } from "../memory/ledger.ts";
import { remember } from "../memory/remember.ts";
import type { Found } from "../wire.ts";
import { DEFAULT_READS, type Shares } from "./budget.ts";
import type { Desk } from "./desk.ts";
import type { ChatModel, FunctionTool } from "./model.ts";

/**
 * What the model may ask for. Each tool says what it can touch, in its type, with no default: `READ` looks into the
 * owner's own store; `SELF` writes only what the owner alone sees and can undo; `OUT` would leave the machine and can
 * only be proposed to the outbox, which is not built yet: the registry has no place for one.
 */
export type ToolClass = "READ" | "SELF" | "OUT";

export interface Tool {
  readonly name: string;
  readonly class: ToolClass;
  /** As the model is told of it. */
  readonly schema: FunctionTool;
  /** Runs it with what the model wrote. Never throws: bad arguments and failures are told to the model. */
  readonly call: (deps: ToolDeps, input: string) => Promise<ToolCall>;
}

/** What a tool is made of; the input's type stays within it. */
interface ToolSpec<Input> extends Pick<Tool, "name" | "class"> {
  readonly description: string;
  readonly input: z.ZodType<Input>;
  readonly step: (input: Input) => ToolCall["step"];
  readonly run: (deps: ToolDeps, input: Input) => Promise<ToolResult>;
}

export interface ToolCall {
  /** What was done, for the line shown above the answer. */
  readonly step: Pick<Step, "kind" | "label">;
  readonly result: ToolResult;
}

export interface ToolResult {
  /** What the model reads. */
  readonly text: string;
  readonly found?: number;
  readonly card?: Card;
}

export interface ToolDeps {
  readonly desk: Desk;
  readonly shares: Shares;
  readonly model: Pick<ChatModel, "reads">;
  find(query: string, options: { limit: number; order?: "best" | "newest" }): Promise<Found>;
  readingOf(item: ItemId): Promise<Reading | undefined>;
  readonly ledger: Pick<Ledger, "keep">;
  readonly tasks: { create(task: Pick<Task, "title" | "note" | "due" | "zone" | "conversation">): Promise<Task> };
  readonly now: number;
  readonly timeZone: string;
  readonly conversation: string;
  readonly question: string;
  readonly typed: readonly string[];
  readonly program?: string;
  /** Names of the tools this turn may use; all of them when absent. */
  readonly offered?: readonly string[];
}

const search = tool({
  name: "search",
  class: "READ",
  description:
    "Search the owner's mail, files, notes and calendar. Plain words, and filters from: to: subject: kind:mail|note|file|event before: after:YYYY-MM-DD.",
  input: z.object({
    query: z.string().max(400),
    newest: z.boolean().optional().describe("newest first"),
  }),
  step: ({ query }) => ({ kind: "search", label: query }),
  async run(deps, { query, newest }) {
    const reads = deps.model.reads ?? DEFAULT_READS;
    const found = await deps.find(query, { limit: reads.passages, ...(newest ? { order: "newest" as const } : {}) });
    const passages = [];
    for (const hit of found.hits) passages.push(deps.desk.put(hit, await deps.readingOf(hit.id), reads.chars));
    const text = deps.desk.render(passages, deps.shares.passages);
    return { text: text || "Nothing found.", found: found.total };
  },
});

const openItem = tool({
  name: "open_item",
  class: "READ",
  description: "Read the whole item of a passage, by the passage's number.",
  input: z.object({ n: z.int().min(1) }),
  step: ({ n }) => ({ kind: "open", label: `passage ${n}` }),
  async run(deps, { n }) {
    const passage = deps.desk.passage(n);
    const reading = passage && (await deps.readingOf(passage.item));
    if (!passage || !reading) return { text: `There is no passage ${n}.` };
    return { text: deps.desk.render([deps.desk.widen(passage, reading, deps.shares.passages)], deps.shares.passages) };
  },
});

const rememberFact = tool({
  name: "remember",
  class: "SELF",
  description: "Keep a fact the owner asks you to remember, in the owner's words.",
  input: z.object({ fact: z.string().min(1).max(500), category: z.string().max(40).optional() }),
  step: () => ({ kind: "tool", label: "Remember" }),
  async run(deps, { fact, category }) {
    const memory = await remember(deps.ledger, {
      text: fact,
      ...(category === undefined ? {} : { category }),
      conversation: deps.conversation,
      message: deps.question,
      typed: deps.typed,
      ...(deps.program === undefined ? {} : { program: deps.program }),
      seen: deps.desk.passages().map(({ trust }) => trust),
    });
    return { text: `Remembered: ${memory.text}`, card: { type: "memory", id: memory.id, text: memory.text } };
  },
});

const createTask = tool({
  name: "create_task",
  class: "SELF",
  description: "Make a task or reminder for the owner.",
  input: z.object({
    title: z.string().min(1).max(300),
    due: z.string().max(60).optional().describe("YYYY-MM-DD or YYYY-MM-DDTHH:mm, owner's wall time"),
    note: z.string().max(1000).optional(),
  }),
  step: ({ title }) => ({ kind: "tool", label: `Task: ${title}` }),
  async run(deps, { title, due, note }) {
    const when = due === undefined ? undefined : await wallTime(due, deps);
    if (due !== undefined && when === undefined) return { text: `"${due}" is no date. Write YYYY-MM-DDTHH:mm.` };
    const task = await deps.tasks.create({
      title,
      ...(note === undefined ? {} : { note }),
      ...(when === undefined ? {} : { due: when, zone: deps.timeZone }),
      conversation: deps.conversation,
    });
    return { text: `Task made: ${task.title}${task.due ? `, due ${task.due}` : ""}`, card: { type: "task", task } };
  },
});

export const TOOLS: readonly Tool[] = [search, openItem, rememberFact, createTask];

/** What the model is told of them. */
export function schemasOf(deps: Pick<ToolDeps, "offered">): FunctionTool[] {
  return offeredBy(deps).map(({ schema }) => schema);
}

export async function runTool(deps: ToolDeps, name: string, input: string): Promise<ToolCall> {
  // A model may ask for what it was not offered.
  const named = offeredBy(deps).find((candidate) => candidate.name === name);
  if (named) return named.call(deps, input);
  return { step: { kind: "tool", label: name }, result: { text: `There is no tool ${name}.` } };
}

function offeredBy({ offered }: Pick<ToolDeps, "offered">): readonly Tool[] {
  return offered ? TOOLS.filter(({ name }) => offered.includes(name)) : TOOLS;
}

function tool<Input>(spec: ToolSpec<Input>): Tool {
  let schema: FunctionTool | undefined; // made for the first model that is told of it
  return {
    name: spec.name,
    class: spec.class,
    get schema() {
      schema ??= schemaOf(spec);
      return schema;
    },
    async call(deps, input) {
      const parsed = spec.input.safeParse(jsonOf(input));
      if (!parsed.success) {
        const text = `Wrong arguments: ${z.prettifyError(parsed.error)}`;
        return { step: { kind: "tool", label: spec.name }, result: { text } };
      }
      const step = spec.step(parsed.data);
      try {
        return { step, result: await spec.run(deps, parsed.data) };
      } catch (error) {
        return { step, result: { text: `It failed: ${error instanceof Error ? error.message : "unknown"}` } };
      }
    },
  };
}

function schemaOf<Input>({ name, description, input }: ToolSpec<Input>): FunctionTool {
  const { $schema: _, ...inputSchema } = z.toJSONSchema(input, { io: "input" });
  // zod writes JSON Schema 2020-12; objects of strings, integers and booleans read the same in draft 7.
  return { type: "function", name, description, inputSchema: inputSchema as FunctionTool["inputSchema"] };
}

async function wallTime(due: string, deps: ToolDeps): Promise<string | undefined> {
  const iso = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d)?/.exec(due.trim().replace(/(?<=\d) (?=\d)/, "T"))?.[0];
  return iso ?? (await dueIn(due, deps.now, deps.timeZone))?.due;
}

function jsonOf(text: string): unknown {
  try {
    return text.trim() === "" ? {} : JSON.parse(text);
  } catch {
    return undefined;
  }
}
