import assert from "node:assert/strict";
import { test } from "node:test";
import { Conversations } from "./chat/conversations.ts";
import { emptyAnswer } from "./chat/draft.ts";
import type { AnswerMessage } from "./conversation.ts";
import { openDerived } from "./derived.ts";
import { Forgettings } from "./forget.ts";
import type { Pulled } from "./intake/connector.ts";
import { keep, prepare } from "./intake/ingest.ts";
import { createSource, getSource } from "./intake/source-rows.ts";
import type { Source } from "./item.ts";
import { RowJobs } from "./job-rows.ts";
import { Library } from "./library.ts";
import { Ledger } from "./memory/ledger.ts";
import { openPrivateIndex } from "./search/index/private-index.ts";
import { FakeClock } from "./testing/fake-clock.ts";
import { MemoryBlobs } from "./testing/memory-blobs.ts";
import { Killed, MortalRecords } from "./testing/mortal-records.ts";
import { plainVault } from "./testing/plain-vault.ts";
import { ScriptReader, scripted } from "./testing/script-reader.ts";
import { SealedRecords } from "./vault/sealed-records.ts";

const SOURCE: Source = {
  id: "source-1",
  kind: "path",
  name: "mail",
  trust: "owner",
  state: "done",
  progress: { added: 0, known: 0, quarantined: 0, bytes: 0 },
  addedAt: 0,
};

/** The rooms over given stores, as a start would open them. */
async function openOver(records: MortalRecords, blobs: MemoryBlobs, clock: FakeClock) {
  const sealed = new SealedRecords(records, plainVault(records));
  const library = new Library({ sealed, blobs });
  const replay = (after: string | undefined) => library.indexedAfter(after);
  const index = await openPrivateIndex({ sealed, blobs, clock, replay });
  const queue = new RowJobs({ sealed, clock });
  const ledger = new Ledger({ clock, sealed });
  const conversations = new Conversations({ clock, sealed });
  const sources = { get: async (id: string) => (await getSource(sealed, id))?.value };
  let purged = 0;
  const forgettings = new Forgettings({
    ...{ clock, sealed, blobs, library, index, queue },
    derived: openDerived({ sealed, library, ledger, sources }),
    purge: async () => void purged++,
    nextRotation: async () => clock.now() + 86_400_000,
    pauseSource: async () => {},
    sourceRemoved: () => {},
  });
  await forgettings.open();
  const intake = { clock, sealed, blobs, library, index, reader: new ScriptReader(), ownAddresses: new Set<string>() };
  return { sealed, library, index, queue, ledger, conversations, forgettings, intake, purged: () => purged };
}

/** Two mails (one with an attachment) of one source, an answer that drew on the first, a memory from it. */
async function world() {
  const clock = new FakeClock();
  const records = new MortalRecords(clock);
  const blobs = new MemoryBlobs();
  const house = await openOver(records, blobs, clock);
  await house.sealed.write(createSource(house.sealed, SOURCE));
  const mails: Pulled[] = [
    {
      title: "Zirkon lease",
      text: "zirkon begins in March",
      messageId: "1@x",
      parts: { "zirkon.txt": { text: "zirkon too" } },
    },
    { title: "Other", text: "another matter", messageId: "2@x" },
  ].map((script, i) => {
    const place = { type: "entry" as const, name: `${i}.eml`, path: `/m/${i}.eml`, position: 0, cursor: "" };
    return { ...place, bytes: scripted(script) };
  });
  await keep(house.intake, SOURCE, await prepare(house.intake, SOURCE, mails), async () => []);
  const { items } = await house.index.list({}, { limit: 10 });
  const all = await house.library.items(items);
  const lease = all.find((item) => item?.title === "Zirkon lease");
  const other = all.find((item) => item?.title === "Other");
  assert.ok(lease && other);
  const conversation = await answered(house, clock, "When does it begin?", "It begins with zirkon.", [lease.id]);
  await house.ledger.keep({ text: "The zirkon lease is mine", source: { item: lease.id }, trust: "stranger" });
  const reopen = () => openOver(records, blobs, clock);
  return { ...house, clock, records, blobs, lease, other, conversation, reopen };
}

async function answered(
  house: Pick<Awaited<ReturnType<typeof openOver>>, "conversations">,
  clock: FakeClock,
  question: string,
  text: string,
  drawnFrom: readonly string[],
  conversation?: string,
): Promise<string> {
  const begun = await house.conversations.begin(conversation, question, (id) =>
    emptyAnswer(`${clock.now()}-${question}`, id, "test", clock.now()),
  );
  assert.ok(begun);
  await house.conversations.end(begun.conversation.id, { ...begun.answer, text, drawnFrom, state: "done" });
  return begun.conversation.id;
}

async function answers(house: Awaited<ReturnType<typeof openOver>>, conversation: string): Promise<AnswerMessage[]> {
  return (await house.conversations.messages(conversation)).filter((message) => message.role === "steward");
}

/** Every row that any live key opens, as text. */
async function readable(house: Awaited<ReturnType<typeof openOver>>, records: MortalRecords): Promise<string> {
  let text = "";
  const scopes: string[] = [];
  for await (const row of records.query("key")) scopes.push(row.sort.slice(row.sort.indexOf("/") + 1));
  for (const scope of scopes.filter((one) => !one.startsWith("house:"))) {
    const item = await house.library.item(scope).catch(() => undefined);
    const reading = await house.library.reading(scope).catch(() => undefined);
    text += JSON.stringify([item, reading]);
  }
  for (const { id } of await house.conversations.list()) text += JSON.stringify(await house.conversations.view(id));
  return text + JSON.stringify(await house.ledger.list()) + JSON.stringify(await house.forgettings.list());
}

test("asked for, it is hidden with its attachments; undone, it is there again", async () => {
  const { forgettings, index, lease } = await world();
  const asked = await forgettings.ask({ item: lease.id });
  assert.equal(asked?.label, "Zirkon lease");
  assert.equal(asked?.counts.items, 2);
  assert.equal((await index.list({}, { limit: 10 })).total, 1);
  assert.ok(forgettings.isHidden({ item: lease.id }));
  assert.equal(await forgettings.undo(asked?.id ?? ""), true);
  assert.equal((await index.list({}, { limit: 10 })).total, 3);
  assert.ok(!forgettings.isHidden({ item: lease.id }));
  assert.deepEqual(await forgettings.list(), []);
});

test("another process hides what this one hid, and shows what it gave back, from its next look on", async () => {
  const { forgettings, lease, conversation, clock, sealed, blobs, library, index, queue, ledger } = await world();
  const sources = { get: async (id: string) => (await getSource(sealed, id))?.value };
  const other = new Forgettings({
    ...{ clock, sealed, blobs, library, index, queue },
    derived: openDerived({ sealed, library, ledger, sources }),
    purge: async () => {},
    nextRotation: async () => 0,
    pauseSource: async () => {},
    sourceRemoved: () => {},
  });
  const asked = await forgettings.ask({ item: lease.id });
  const talk = await forgettings.ask({ conversation });
  const hidden = () => [other.isHidden({ item: lease.id }), other.isHidden({ conversation })];
  assert.deepEqual(hidden(), [false, false]);
  await other.refresh();
  assert.deepEqual(hidden(), [true, true]);
  await forgettings.undo(asked?.id ?? "");
  // Confirmed and not shredded yet: it stays hidden.
  await forgettings.confirm(talk?.id ?? "");
  await other.refresh();
  assert.deepEqual(hidden(), [false, true]);
  await other.shred(talk?.id ?? "");
  await forgettings.refresh();
  assert.ok(!forgettings.isHidden({ conversation }), "its rows are gone, so there is nothing left to hide");
});

test("what is not there cannot be forgotten", async () => {
  const { forgettings } = await world();
  assert.equal(await forgettings.ask({ item: "nothing" }), undefined);
  assert.equal(await forgettings.ask({ conversation: "nothing" }), undefined);
  assert.equal(await forgettings.undo("nothing"), false);
  assert.equal(await forgettings.confirm("nothing"), undefined);
});

test("confirmed and shredded, no live key opens it or what was made of it, and the receipt names none of it", async () => {
  const { forgettings, lease, other, conversation, records, purged, ...house } = await world();
  const asked = await forgettings.ask({ item: lease.id });
  const confirmed = await forgettings.confirm(asked?.id ?? "");
  assert.equal(confirmed?.state, "shredding");
  await forgettings.shred(asked?.id ?? "");
  const all = { ...house, forgettings, purged };
  assert.doesNotMatch(await readable(all, records), /zirkon/i);
  assert.match((await answers(all, conversation))[0]?.text ?? "", /forgotten/);
  const done = await forgettings.get(asked?.id ?? "");
  assert.equal(done?.state, "done");
  assert.deepEqual(done?.counts, { items: 2, passages: 2, messages: 1, memories: 1 });
  assert.equal(done?.receipt?.keysDestroyed, 2);
  assert.equal(purged(), 1);
  assert.equal((await house.library.item(other.id))?.title, "Other");
  assert.equal(await forgettings.undo(asked?.id ?? ""), false);
});

test("an answer after an emptied one had it before it, and is emptied too; an earlier one stays", async () => {
  const { forgettings, lease, clock, other, ...house } = await world();
  const all = { ...house, forgettings };
  const conversation = await answered(all, clock, "First?", "Nothing of it.", [other.id]);
  clock.jumpTo(clock.now() + 10);
  await answered(all, clock, "Second?", "It says zirkon.", [lease.id], conversation);
  clock.jumpTo(clock.now() + 10);
  await answered(all, clock, "Third?", "As I said.", [], conversation);
  const asked = await forgettings.ask({ item: lease.id });
  await forgettings.confirm(asked?.id ?? "");
  const texts = (await answers(all, conversation)).map(({ text }) => text);
  assert.equal(texts[0], "Nothing of it.");
  assert.match(texts[1] ?? "", /forgotten/);
  assert.match(texts[2] ?? "", /forgotten/);
});

test("a conversation goes with its messages; a source with all that it brought", async () => {
  const { forgettings, conversation, records, ...house } = await world();
  const all = { ...house, forgettings };
  for (const what of [{ conversation }, { source: SOURCE.id }]) {
    const asked = await forgettings.ask(what);
    await forgettings.confirm(asked?.id ?? "");
    await forgettings.shred(asked?.id ?? "");
    assert.ok(((await forgettings.get(asked?.id ?? ""))?.receipt?.keysDestroyed ?? 0) > 0);
  }
  assert.deepEqual(await house.conversations.list(), []);
  assert.equal(await getSource(house.sealed, SOURCE.id), undefined);
  assert.equal((await house.index.list({}, { limit: 10 })).total, 0);
  assert.doesNotMatch(await readable(all, records), /zirkon/i);
});

/** Whether the work was killed before it ended; any other trouble is thrown on. */
async function diesIn(work: Promise<unknown>): Promise<boolean> {
  try {
    await work;
    return false;
  } catch (error) {
    if (error instanceof Killed) return true;
    throw error;
  }
}

test("killed at any write of confirm or shred, the next start ends it, with one receipt", async () => {
  for (let dieAt = 0; ; dieAt++) {
    const { forgettings, lease, records, reopen } = await world();
    const asked = await forgettings.ask({ item: lease.id });
    const id = asked?.id ?? "";
    records.dieAt = dieAt;
    const died = await diesIn(forgettings.confirm(id).then(() => forgettings.shred(id)));
    records.dieAt = Number.POSITIVE_INFINITY;
    const again = await reopen();
    // Killed before the plan said "shredding", it is still hidden and still undoable; then the person confirms again.
    if ((await again.forgettings.get(id))?.state === "hidden") await again.forgettings.confirm(id);
    await again.forgettings.shred(id);
    const list = await again.forgettings.list();
    assert.equal(list.length, 1, `killed at write ${dieAt}`);
    assert.equal(list[0]?.state, "done", `killed at write ${dieAt}`);
    assert.equal(list[0]?.receipt?.keysDestroyed, 2, `killed at write ${dieAt}`);
    assert.doesNotMatch(await readable(again, records), /zirkon/i, `killed at write ${dieAt}`);
    assert.equal((await again.index.list({}, { limit: 10 })).total, 1);
    if (!died) return assert.ok(dieAt > 5, `only ${dieAt} writes were tried`);
  }
});

test("killed while it is being hidden, it is hidden after the next start, from counts too", async () => {
  for (let dieAt = 0; ; dieAt++) {
    const { forgettings, lease, records, reopen } = await world();
    records.dieAt = dieAt;
    const died = await diesIn(forgettings.ask({ item: lease.id }));
    records.dieAt = Number.POSITIVE_INFINITY;
    const again = await reopen();
    const asked = (await again.forgettings.list())[0];
    assert.equal((await again.index.list({}, { limit: 10 })).total, asked ? 1 : 3, `killed at write ${dieAt}`);
    if (!died) return assert.ok(asked);
    if (asked) assert.ok(await again.forgettings.undo(asked.id), `killed at write ${dieAt}`);
  }
});

test("killed between the receipt and the purge, the job's next try purges", async () => {
  const { forgettings, lease, reopen } = await world();
  const id = (await forgettings.ask({ item: lease.id }))?.id ?? "";
  await forgettings.confirm(id);
  await forgettings.shred(id);
  const again = await reopen();
  await again.forgettings.shred(id);
  assert.equal(again.purged(), 1);
  assert.equal((await again.forgettings.list()).length, 1);
});
