import { expiryOf, messagesOf } from "./chat/conversations.ts";
import type { AnswerMessage, Conversation, Message } from "./conversation.ts";
import type { Derived } from "./forget.ts";
import type { ItemId, Source } from "./item.ts";
import type { Library } from "./library.ts";
import type { Ledger } from "./memory/ledger.ts";
import type { Memory } from "./memory.ts";
import type { SealedRecords } from "./vault/sealed-records.ts";
import type { ForgetRequest } from "./wire.ts";

/**
 * Derived: what conversations and memories made of items, followed when something is forgotten. An answer that had a
 * forgotten item before it is emptied, and so is every later answer of that conversation (it had the earlier one before
 * it); the running summary goes. Memories learned from the item go.
 */
export interface DerivedDeps {
  readonly sealed: SealedRecords;
  readonly library: Library;
  readonly ledger: Ledger;
  readonly sources: { get(id: string): Promise<Source | undefined> };
}

const EMPTIED = "This answer drew on something you have since had forgotten.";

export function openDerived(deps: DerivedDeps): Derived {
  return {
    label: (what) => labelOf(deps, what),

    async scrub(items) {
      let messages = 0;
      for (const conversation of await conversations(deps))
        messages += await scrubConversation(deps, conversation, items);
      let memories = 0;
      for (const memory of await allMemories(deps)) {
        if (!("item" in memory.source && items.has(memory.source.item))) continue;
        if (await deps.ledger.remove(memory.id)) memories++;
      }
      return { messages, memories };
    },

    async removeConversation(id) {
      let memories = 0;
      for (const memory of await allMemories(deps)) {
        if (!("conversation" in memory.source && memory.source.conversation === id)) continue;
        if (await deps.ledger.remove(memory.id)) memories++;
      }
      const partition = messagesOf(id);
      const keys: string[] = [];
      for await (const row of deps.sealed.records.query(partition)) keys.push(row.sort);
      // The key first: from here on nothing of it opens, whatever becomes of the rows.
      await deps.sealed.write([
        deps.sealed.vault.destroy("private", id),
        { delete: { partition: "conversation", sort: id } },
      ]);
      deps.sealed.vault.forgotten("private", id);
      for (let at = 0; at < keys.length; at += 100) {
        await deps.sealed.write(keys.slice(at, at + 100).map((sort) => ({ delete: { partition, sort } })));
      }
      return { messages: keys.length, memories };
    },

    async removeMemory(id) {
      for (const conversation of await conversations(deps)) await scrubConversation(deps, conversation, new Set([id]));
      await deps.ledger.remove(id);
    },
  };
}

async function scrubConversation(deps: DerivedDeps, id: string, items: ReadonlySet<ItemId>): Promise<number> {
  const { sealed } = deps;
  const partition = messagesOf(id);
  const [key] = await sealed.vault.keys("private", [id]);
  const of = await sealed.get<Conversation>({ partition: "conversation", sort: id, scope: id });
  // A session that ended meanwhile.
  if (!key || !of) return 0;
  const expiry = expiryOf(of.value);
  let emptied = 0;
  for await (const { sort, value, version } of sealed.query<Message>(partition, {}, () => id)) {
    if (value.role !== "steward" || value.text === EMPTIED || !(emptied > 0 || drewOn(value, items))) continue;
    const change = sealed.put(key, { partition, sort, scope: id }, emptyOf(value), { if: { version }, ...expiry });
    await sealed.write([change]);
    emptied++;
  }
  if (emptied > 0) await dropSummary(deps, id);
  return emptied;
}

async function dropSummary({ sealed }: DerivedDeps, id: string): Promise<void> {
  const place = { partition: "conversation", sort: id, scope: id };
  const stored = await sealed.get<Conversation>(place);
  if (!stored?.value.summary) return;
  const { summary: _, ...rest } = stored.value;
  await sealed.write([
    sealed.put(await sealed.vault.key("private", id), place, rest, {
      if: { version: stored.version },
      ...expiryOf(rest),
    }),
  ]);
}

function drewOn(answer: AnswerMessage, items: ReadonlySet<ItemId>): boolean {
  const all = [...(answer.drawnFrom ?? []), ...answer.citations.map((citation) => citation.item)];
  return all.some((item) => items.has(item));
}

function emptyOf(answer: AnswerMessage): AnswerMessage {
  const { id, role, answers, model, usage, at, state } = answer;
  return {
    id,
    role,
    answers,
    model,
    usage,
    at,
    state,
    text: EMPTIED,
    citations: [],
    unsupported: [],
    steps: [],
    cards: [],
  };
}

async function labelOf(deps: DerivedDeps, what: ForgetRequest): Promise<string | undefined> {
  if ("item" in what) return (await deps.library.item(what.item))?.title;
  if ("source" in what) return (await deps.sources.get(what.source))?.name;
  if ("memory" in what) {
    const place = { partition: "memory", sort: what.memory, scope: what.memory };
    return (await deps.sealed.get<Memory>(place))?.value.text;
  }
  const place = { partition: "conversation", sort: what.conversation, scope: what.conversation };
  return (await deps.sealed.get<Conversation>(place))?.value.title;
}

/** With those that are hidden: the ledger lists what is shown. */
async function allMemories({ sealed }: DerivedDeps) {
  const memories: Awaited<ReturnType<Ledger["list"]>> = [];
  for await (const { value } of sealed.query<(typeof memories)[number]>("memory", {}, (sort) => sort))
    memories.push(value);
  return memories;
}

async function conversations({ sealed }: DerivedDeps): Promise<string[]> {
  const ids: string[] = [];
  for await (const row of sealed.records.query("conversation")) ids.push(row.sort);
  return ids;
}
