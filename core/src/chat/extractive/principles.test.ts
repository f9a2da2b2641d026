import assert from "node:assert/strict";
import { test } from "node:test";
import { collect, houseWith } from "../../testing/turn-house.ts";
import { LEXICON } from "./lexicon/index.ts";

/** One principle of answering by extraction a test, each in a small world of its own. */
const mail = (id: string, from: string, date: string, title: string, text: string) => ({
  id,
  title,
  date: `${date}T09:00:00+01:00`,
  people: [{ role: "from" as const, name: from, address: `${from.split(" ")[0]?.toLowerCase()}@mail.example` }],
  text,
});
const note = (id: string, title: string, text: string) => ({ id, title, kind: "note" as const, text });

async function answer(world: Parameters<typeof houseWith>[0], question: string): Promise<string> {
  const house = await houseWith(world);
  const last = (await collect(house.ask(question))).at(-1);
  assert.ok(last?.type === "finish");
  assert.deepEqual(last.message.unsupported, []);
  assert.ok(last.message.citations.every(({ verified }) => verified));
  return last.message.text;
}

const NOT_FOUND = /^I did not find/;

test("a question in English finds the German letter, also by the parts of a compound", async () => {
  const world = [
    mail("chimney", "Kaminfeger Ott", "2026-03-02", "Ihr Termin", "Der Kaminfeger kommt am 9. April 2026."),
    mail("radiator", "Haustechnik Ott", "2026-03-03", "Arbeiten", "Die Heizungsreparatur kostet CHF 310.00."),
  ];
  assert.match(await answer(world, "How much does the repair of the radiator cost?"), /^\*\*CHF 310\.00\*\*/);
});

test("until when is answered by where something ends, not by another date near by", async () => {
  const world = [
    note(
      "receipt",
      "Receipt kettle",
      "The kettle was sent back on 4 May 2026. Warranty of the kettle until 3 May 2028.",
    ),
  ];
  assert.match(await answer(world, "Until when is the kettle under warranty?"), /^\*\*Wednesday 3 May 2028\*\*/);
  const lent = [note("lent", "Kettle", "The kettle was sent back under warranty on 4 May 2026.")];
  assert.match(await answer(lent, "Until when is the kettle under warranty?"), NOT_FOUND);
});

test("an amount in another role is no price: a deposit, a loan, a rest, a ceiling, a difference", async () => {
  for (const text of [
    "For the cello I paid a deposit of 200 euros.",
    "Could I lend you 200 euros for the cello?",
    "The remaining 200 euros for the cello come in June.",
    "The cello is insured up to 200 euros.",
    "The cello is 200 euros more than I thought.",
  ])
    assert.match(await answer([note("cello", "Music", text)], "How much did the cello cost?"), NOT_FOUND, text);
  const paid = [note("cello", "Music", "For the cello I paid 2,400 euros, after a deposit of 200 euros.")];
  assert.match(await answer(paid, "How much did the cello cost?"), /^\*\*2,400 euros\*\*/);
  assert.match(await answer(paid, "How much was the deposit for the cello?"), /^\*\*200 euros\*\*/);
});

test("a role that is asked for by name has to be named", async () => {
  const world = [note("contract", "Contract Sea Glass", "The fee for Sea Glass is CHF 900.")];
  assert.match(await answer(world, "How much is the discount for Sea Glass?"), NOT_FOUND);
});

test("of an invoice's rows the total is what it cost", async () => {
  const text = "Invoice 77\n\nHours 3 at CHF 90.00\tCHF 270.00\nMaterial\tCHF 31.50\nTotal\tCHF 301.50";
  const world = [mail("invoice", "Gartenbau Roth", "2026-04-01", "Invoice 77 for the garden", text)];
  assert.match(await answer(world, "How much was the invoice for the garden?"), /^\*\*CHF 301\.50\*\*/);
});

test("a new date from the same sender takes the old one's place, also under another subject", async () => {
  const world = [
    mail(
      "first",
      "Praxis Weber",
      "2026-02-02",
      "Your appointment",
      "Your appointment at the optician is on 4 March 2026.",
    ),
    mail("second", "Praxis Weber", "2026-02-20", "Dr Weber is ill", "Your new appointment is on 11 March 2026."),
  ];
  assert.match(await answer(world, "When is my appointment at the optician?"), /^\*\*Wednesday 11 March 2026\*\*/);
});

test("who is answered by a name, not by a German noun or a place", async () => {
  const world = [
    mail(
      "sweep",
      "Verwaltung Ott",
      "2026-01-05",
      "Kamin",
      "Der Kamin wird am Montag gereinigt.\n\nDen Kamin reinigt Frau Selma Koch.",
    ),
  ];
  const said = await answer(world, "Who cleans the Kamin?");
  assert.match(said, /Selma Koch/);
  const nobody = [
    mail("sweep", "Verwaltung Ott", "2026-01-05", "Kamin", "Der Kamin wird am Montag in Bern gereinigt."),
  ];
  assert.match(await answer(nobody, "Who cleans the Kamin?"), NOT_FOUND);
});

test("who is answered by somebody the question does not name yet", async () => {
  const left = mail("left", "Bo Falk", "2026-01-05", "Goodbye", "I leave the Velox Technik AG in March.");
  assert.match(await answer([left], "Who replaced Bo Falk at Velox?"), NOT_FOUND);
});

test("which hotel needs a hotel, and three is not two", async () => {
  const world = [mail("trip", "Bo Falk", "2026-01-05", "Trip", "I booked the boat in Bergen. There are two boats.")];
  assert.match(await answer(world, "Which hotel did Bo book in Bergen?"), NOT_FOUND);
  assert.match(await answer(world, "How many boats does trip three have?"), NOT_FOUND);
});

test("who wrote it is answered by a maker's line; who somebody is, is not", async () => {
  const world = [note("read", "Read in 2026", "January: The Silent Baker, by Oda Lind")];
  assert.match(await answer(world, "Who wrote The Silent Baker?"), /Oda Lind/);
  assert.match(await answer(world, "Who is my baker?"), NOT_FOUND);
});

test("two answers as good as each other, from two matters, are none", async () => {
  const one = note("a", "Bees", "The hive was weighed on 3 June 2026.");
  const other = note("b", "Honey", "The hive was weighed on 9 July 2026.");
  assert.match(await answer([one, other], "When was the hive weighed?"), NOT_FOUND);
  assert.match(await answer([one], "When was the hive weighed?"), /^\*\*Wednesday 3 June 2026\*\*/);
});

test("several years asked about are answered one by one", async () => {
  const world = [note("plums", "Orchard", "2025: plums, 12 pieces.\n2026: plums again, 40 pieces.")];
  const said = await answer(world, "How many plums did we have in 2025 and in 2026?");
  assert.match(said, /12 pieces[\s\S]*40 pieces/);
});

test("what somebody writes to you is not about them", async () => {
  const world = [mail("photo", "Ida Berg", "2026-05-05", "photo", "You would like the dog in it.")];
  assert.match(await answer(world, "Does Ida have a dog?"), NOT_FOUND);
});

test("a name that is also a word stays a name", async () => {
  const world = [note("cellar", "Cellar", "The cellar was painted on 3 May 2026.")];
  assert.match(await answer(world, "When was Ada Keller painted?"), NOT_FOUND);
});

test("the rows of a table are matters of their own", async () => {
  const world = [
    note(
      "table",
      "spending.csv",
      "date: 2026-01-02; what: skis; amount: 310.00; currency: CHF\ndate: 2026-01-09; what: sledge; amount: 45.00; currency: CHF",
    ),
  ];
  assert.match(await answer(world, "How much did the sledge cost?"), /^\*\*45\.00\*\*/);
  assert.match(await answer(world, "How much did the rope cost?"), NOT_FOUND);
});

test("every idea of the lexicon is known by a first word of its own", () => {
  const first = LEXICON.map((line) => line.split(" ")[0]);
  assert.equal(new Set(first).size, first.length);
});
