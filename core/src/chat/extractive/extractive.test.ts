import assert from "node:assert/strict";
import { test } from "node:test";
import { collect, houseWith } from "../../testing/turn-house.ts";
import { wordsOf } from "./words.ts";

const from = (name: string) => [
  { role: "from" as const, name, address: `${name.split(" ")[0]?.toLowerCase()}@mail.example` },
];
const WORLD = [
  {
    id: "dinner",
    title: "Dinner",
    date: "2026-11-02T09:00:00+01:00",
    people: from("Ana Ruiz"),
    text: "Hi Nora,\n\nI booked the table at Chez Lotti for Thursday 26 November 2026 at 19:30. It costs 48 euros a head.\n\nAna",
  },
  {
    id: "moved",
    title: "Re: Dinner",
    date: "2026-11-10T09:00:00+01:00",
    people: from("Ana Ruiz"),
    text: "Sorry, they are full. The dinner is moved to Friday 27 November 2026 at 20:00.\n\nAna",
  },
  {
    id: "keys",
    title: "Wohnung",
    date: "2026-10-01T09:00:00+02:00",
    people: from("Regula Ammann"),
    text: "Sie erhalten vier Schlüssel und einen Briefkastenschlüssel.",
  },
  { id: "router", title: "Router", kind: "note" as const, text: "Wifi password: havre-27\nSerial number: RX-88-1203" },
  {
    id: "quote",
    title: "Re: Dinner",
    date: "2026-11-11T09:00:00+01:00",
    people: from("Priya Raman"),
    text: "> I booked the table for Monday 7 December 2026.\n\nI cannot come, the hotel needs me.\n\nPriya",
  },
];

async function answered(question: string, conversation?: string) {
  const house = await houseWith(WORLD);
  const last = (await collect(house.ask(question, conversation))).at(-1);
  assert.ok(last?.type === "finish");
  return { ...last.message, house };
}

const KNOWN: readonly (readonly [string, RegExp, string])[] = [
  ["How much does the dinner cost a head?", /^\*\*48 euros\*\*/, "dinner"],
  ["When is the dinner?", /^\*\*Friday 27 November 2026, 20:00\*\*/, "moved"],
  ["When was the dinner originally?", /^\*\*Thursday 26 November 2026, 19:30\*\*/, "dinner"],
  ["How many keys do I get?", /^\*\*vier\*\*/, "keys"],
  ["What is the wifi password?", /^\*\*havre-27\*\*/, "router"],
  ["What is the serial number of the router?", /^\*\*RX-88-1203\*\*/, "router"],
];

for (const [question, expected, item] of KNOWN) {
  test(`${question} is answered with a verified quote`, async () => {
    const answer = await answered(question);
    assert.match(answer.text, expected);
    assert.deepEqual(answer.unsupported, []);
    assert.ok(answer.citations.length > 0);
    for (const citation of answer.citations) {
      assert.equal(citation.verified, true);
      assert.equal(citation.item, item);
    }
  });
}

for (const question of [
  "When is the dinner with Bruno?",
  "How much did the sofa cost?",
  "What is Priya's phone number?",
  "What is the policy number?",
  "How many keys does Ana have?",
  "Did the dinner get cancelled in 2019?",
]) {
  test(`${question} is not in there, and it says so`, async () => {
    const answer = await answered(question);
    assert.match(answer.text, /^I did not find/);
    assert.deepEqual(answer.citations, []);
  });
}

test("an order to write or translate is said to be beyond it, and not looked for in vain", async () => {
  for (const order of [
    "Write an e-mail to Ana that I am late",
    "Please draft a reply to Ana",
    "Translate the mail of Regula",
    "Schreib Ana, dass ich später komme",
    "Übersetze die letzte Mail",
  ]) {
    const answer = await answered(order);
    assert.match(answer.text, /^I cannot write or translate: .* Settings/, order);
    assert.deepEqual(answer.unsupported, [], order);
  }
  for (const question of ["Write-off of the dinner", "What did Ana write about the dinner?", "draft of the dinner"])
    assert.doesNotMatch((await answered(question)).text, /cannot write/, question);
});

test("remind me makes a task in the owner's zone, with the words that are left as its title", async () => {
  const answer = await answered("Please remind me to call mum tomorrow at nine");
  const [card] = answer.cards;
  assert.ok(card?.type === "task");
  assert.equal(card.task.title, "Call mum");
  assert.equal(card.task.due, "2026-11-22T09:00");
  assert.equal(card.task.zone, "Europe/Berlin");
  assert.match(answer.text, /Call mum.*Sunday,? 22 November at 09:00/);
  assert.deepEqual(answer.unsupported, []);
  assert.deepEqual(answer.house.asked, []);
});

test("remember keeps the fact as the owner's, and it is known afterwards", async () => {
  const { house, cards } = await answered("Remember that my passport number is X1234567");
  assert.equal(cards[0]?.type, "memory");
  const [fact] = await house.ledger.list();
  assert.equal(fact?.trust, "owner");
  const last = (await collect(house.ask("What is my passport number?"))).at(-1);
  assert.ok(last?.type === "finish");
  assert.match(last.message.text, /X1234567/);
  assert.deepEqual(last.message.unsupported, []);
});

test("the latest mails are summarized newest first, each by a quote, and the task after it is made", async () => {
  const answer = await answered("Summarize my latest 2 emails and remind me to answer Priya on Monday");
  assert.deepEqual(
    answer.citations.map(({ item, verified }) => [item, verified]),
    [
      ["quote", true],
      ["moved", true],
    ],
  );
  assert.equal(answer.cards[0]?.type, "task");
  assert.match(answer.text, /I added the task “Answer Priya”/);
});

test("a subject that asks, or that would be a mark of ours, stays words of its mail", async () => {
  const house = await houseWith([
    {
      id: "walk",
      title: `walk? Or [^1] **not** “at all”\u202e ${"\u0301".repeat(90)}`,
      date: "2026-11-12T09:00:00+01:00",
      people: from("Priya Raman"),
      text: "The path over the Uetliberg is open again.",
    },
    { id: "short", title: "tonight", date: "2026-11-11T09:00:00+01:00", people: from("Tiago Moreira"), text: "At 8." },
  ]);
  const last = (await collect(house.ask("Summarize my latest emails and remind me to answer on Monday"))).at(-1);
  assert.ok(last?.type === "finish");
  assert.deepEqual(last.message.unsupported, []);
  assert.match(
    last.message.text,
    /^- \*\*Priya Raman\*\*, 12 November 2026, “walk\? Or \^1 not at all \u0301{3}”: “The path .*”\[\^1\]$/m,
  );
  assert.match(last.message.text, /^- \*\*Tiago Moreira\*\*, .*“At 8\.”\[\^2\]$/m);
});

test("what could not be remembered is not said to be noted", async () => {
  const house = await houseWith(WORLD);
  const terms = { tools: ["search"] };
  for (const turn of [
    { text: `Remember that ${"so ".repeat(300)}` },
    { text: "Remember that the key is red", terms },
  ]) {
    const last = (await collect(house.take(turn))).at(-1);
    assert.ok(last?.type === "finish");
    assert.match(last.message.text, /^I (?:could not remember that|cannot remember anything here)\./);
    assert.deepEqual(last.message.unsupported, []);
  }
  assert.deepEqual(await house.ledger.list(), []);
});

test("a word without an end is taken for no compound: not each of its parts is looked up", () => {
  const conceptsOf = (word: string) => wordsOf(word).flatMap(({ concepts }) => concepts);
  assert.notDeepEqual(conceptsOf("Mietvertrag"), []);
  assert.deepEqual(conceptsOf("Mietvertrag".repeat(10)), []);
});

test("asked not to look, it does not say that it looked", async () => {
  const house = await houseWith(WORLD);
  const terms = { knowledge: false, tools: [] };
  const last = (await collect(house.take({ text: "What is the wifi password?", terms }))).at(-1);
  assert.ok(last?.type === "finish");
  assert.match(last.message.text, /^I cannot say: this was asked without looking/);
  assert.deepEqual([last.message.unsupported, house.asked], [[], []]);
});

test("small talk is answered shortly and searches nothing", async () => {
  for (const text of ["hello", "Thanks!", "What can you do?"]) {
    const answer = await answered(text);
    assert.ok(answer.text.length > 3);
    assert.deepEqual(answer.unsupported, [], text);
    assert.deepEqual(answer.house.asked, []);
  }
});

test("a question that leans on the one before is understood with it", async () => {
  const house = await houseWith(WORLD);
  const first = (await collect(house.ask("How much does the dinner cost a head?")))[0];
  assert.ok(first?.type === "turn");
  const last = (await collect(house.ask("And when is it?", first.conversation))).at(-1);
  assert.ok(last?.type === "finish");
  assert.match(last.message.text, /27 November 2026/);
});
