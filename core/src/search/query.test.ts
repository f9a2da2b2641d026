import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Clause, Filter } from "./passage-index.ts";
import { parseQuery } from "./query.ts";
import { parseDateSpan } from "./query-dates.ts";

/** A Saturday; in Zürich 13:00, in Auckland already Sunday. */
const NOW = Date.UTC(2026, 10, 21, 12);
const ZURICH = "Europe/Zurich";
const parse = (text: string) =>
  parseQuery(text, {
    now: NOW,
    timeZone: ZURICH,
    sources: new Map([
      ["s1", "Old mail"],
      ["s2", "Notes"],
    ]),
  });
const word = (text: string, ...alternatives: string[]): Clause => ({
  type: "word",
  text,
  ...(alternatives.length > 0 ? { alternatives } : {}),
});

describe("the query language", () => {
  it("understands every operator", () => {
    const cases: [string, Filter][] = [
      ["from:anna", { from: ["anna"] }],
      ["from: anna", { from: ["anna"] }],
      ['from:"Anna Meyer"', { from: ["Anna Meyer"] }],
      ["to:ben", { to: ["ben"] }],
      ["cc:ben", { to: ["ben"] }],
      ["people:ben", { people: ["ben"] }],
      ["with:ben", { people: ["ben"] }],
      ["subject:invoice", { subject: ["invoice"] }],
      ["SUBJECT:invoice", { subject: ["invoice"] }],
      ["filename:report", { filename: ["report"] }],
      ["kind:mail", { kinds: ["mail"] }],
      ["kind:mails", { kinds: ["mail"] }],
      ["kind:mail kind:note", { kinds: ["mail", "note"] }],
      ["is:appointment", { kinds: ["event"] }],
      ["in:notes", { sources: ["s2"] }],
      ['in:"old mail"', { sources: ["s1"] }],
      ["in:mail", { sources: ["s1"] }],
      ["has:pdf", { has: ["pdf"] }],
      ["has:attachments", { has: ["attachment"] }],
      ["-from:anna", { not: [{ from: ["anna"] }] }],
      ["after:2025 before:2026-01", { after: Date.UTC(2024, 11, 31, 23), before: Date.UTC(2025, 11, 31, 23) }],
      ["during:2025-03-14", { after: Date.UTC(2025, 2, 13, 23), before: Date.UTC(2025, 2, 14, 23) }],
      ["from:anna OR from:ben", { not: [{ not: [{ from: ["anna"] }, { from: ["ben"] }] }] }],
      ["from:(anna OR ben)", { not: [{ not: [{ from: ["anna"] }, { from: ["ben"] }] }] }],
      ["(from:anna OR to:ben) kind:mail", { kinds: ["mail"], not: [{ not: [{ from: ["anna"] }, { to: ["ben"] }] }] }],
      ["subject:(night train)", { subject: ["night", "train"] }],
      ["-from:(anna OR ben)", { not: [{ from: ["anna"] }, { from: ["ben"] }] }],
      ["NOT from:anna", { not: [{ from: ["anna"] }] }],
      ["-(from:anna -has:pdf)", { has: ["pdf"], not: [{ from: ["anna"] }] }],
      ["sender:anna", { from: ["anna"] }],
      ["before:last week", { before: Date.UTC(2026, 10, 8, 23) }],
      ["after:(last March)", { after: Date.UTC(2026, 1, 28, 23) }],
      ['during:"last March"', { after: Date.UTC(2026, 1, 28, 23), before: Date.UTC(2026, 2, 31, 22) }],
      ["-during:last March", { not: [{ after: Date.UTC(2026, 1, 28, 23), before: Date.UTC(2026, 2, 31, 22) }] }],
      ["during:2025-01..2025-03", { after: Date.UTC(2024, 11, 31, 23), before: Date.UTC(2025, 2, 31, 22) }],
    ];
    for (const [text, filter] of cases) {
      const parsed = parse(text);
      assert.deepEqual(parsed.filter, filter, text);
      assert.deepEqual(parsed.clauses, [], text);
      assert.deepEqual(parsed.problems, [], text);
      assert.ok(parsed.understood.length > 0, text);
    }
  });

  it("reads words, quotations, exclusions and OR", () => {
    const cases: [string, Clause[]][] = [
      ["night train", [word("night"), word("train")]],
      ['"night train"', [{ type: "phrase", text: "night train" }]],
      [
        "„night train“ «x y»",
        [
          { type: "phrase", text: "night train" },
          { type: "phrase", text: "x y" },
        ],
      ],
      ["-leaves", [{ type: "not", text: "leaves", phrase: false }]],
      ['-"night train"', [{ type: "not", text: "night train", phrase: true }]],
      ["plumber OR electrician OR roofer", [word("plumber", "electrician", "roofer")]],
      ["plumber | electrician", [word("plumber", "electrician")]],
      ["a AND b", [word("a"), word("b")]],
      ["e-mail 9-5", [word("e-mail"), word("9-5")]],
      ["http://example.org/a", [word("http://example.org/a")]],
      ["(night) train", [word("night"), word("train")]],
      ["(plumber OR electrician) invoice", [word("plumber", "electrician"), word("invoice")]],
      ['(plumber OR "night train") -x', [word("plumber", "night train"), { type: "not", text: "x", phrase: false }]],
      ["-(leaves OR twigs)", ["leaves", "twigs"].map((text) => ({ type: "not", text, phrase: false }))],
      ["NOT leaves NOT twigs", ["leaves", "twigs"].map((text) => ({ type: "not", text, phrase: false }))],
      ["((night train", [word("night"), word("train")]],
      ["night) train :)", [word("night"), word("train")]],
      ["Night night NIGHT train", [word("Night"), word("train")]],
      ["a b OR c a", [word("b", "c"), word("a")]],
    ];
    for (const [text, clauses] of cases) assert.deepEqual(parse(text).clauses, clauses, text);
  });

  it("says where what it understood stands", () => {
    const text = 'plumber -from:anna during:last March "boiler room"';
    assert.deepEqual(
      parse(text).understood.map(({ operator, start, end }) => [operator, text.slice(start, end)]),
      [
        ["-from", "-from:anna"],
        ["during", "during:last March"],
        ["phrase", '"boiler room"'],
      ],
    );
  });

  it("says of an OR, and of parentheses, all that belongs to them, so that a face can take it off whole", () => {
    const cases: [string, [operator: string, value: string, at: string][]][] = [
      ["x from:anna OR from:ben y", [["from", "anna OR ben", "from:anna OR from:ben"]]],
      ["from:anna OR to:ben", [["either", "from:anna OR to:ben", "from:anna OR to:ben"]]],
      ["from:a OR to:b OR kind:note", [["either", "from:a OR to:b OR kind:note", "from:a OR to:b OR kind:note"]]],
      ["from:(anna OR ben) x", [["from", "anna OR ben", "from:(anna OR ben)"]]],
      ["subject:(night train) x", [["subject", "night train", "subject:(night train)"]]],
      ["x -(leaves OR twigs)", [["not", "leaves OR twigs", "-(leaves OR twigs)"]]],
      ["after:(last March", [["after", "last March", "after:(last March"]]],
      ['plumber OR "night train"', []],
      ['"night train" OR plumber', []],
    ];
    for (const [text, expected] of cases) {
      const { understood } = parse(text);
      assert.deepEqual(
        understood.map(({ operator, value, start, end }) => [operator, value, text.slice(start, end)]),
        expected,
        text,
      );
    }
  });

  it("reports what it does not understand, with a hint, and searches it", () => {
    const cases: [string, RegExp, string[]][] = [
      ["form:anna", /no operator form:.*Did you mean from:\?/, ["form", "anna"]],
      ["colour:red", /no operator colour:.*The operators are from:/, ["colour", "red"]],
      ["kind:pdf", /Did you mean has:pdf\?/, []],
      ["kind:bird", /Kinds: mail/, []],
      ["has:wings", /It knows attachment, pdf/, []],
      ["after:someday", /no date that is understood.*2025-03-14/, []],
      ["before:2025-02-30", /no date/, []],
      ["in:nowhere", /No source is called.*Old mail, Notes/, []],
      ["from:", /needs a value.*from:anna/, []],
      ["OR plumber", /nothing on one side/, ["plumber"]],
      ["plumber OR", /nothing on one side/, ["plumber"]],
      ["plumber OR from:anna", /both sides were searched together/, ["plumber"]],
      ['"open end', /no closing/, ["open", "end"]],
      ['from:ana "open -end', /no closing/, ["open", "end"]],
      ["(gas water) OR light", /Parentheses with several/, ["gas", "water", "light"]],
      ["light OR (gas water)", /Parentheses with several/, ["light", "gas", "water"]],
      ["plumber OR OR electrician", /nothing on one side/, ["plumber"]],
      ["plumber OR -electrician", /both sides were searched together/, ["plumber", "electrician"]],
      ["older_than:2d", /no operator older_than:/, ["older_than", "2d"]],
      ["constructor:x", /no operator constructor:/, ["constructor", "x"]],
      ["kind:constructor", /no kind/, []],
      ["!!! …", /no word in “!!! …” to search for/, []],
      ["- ( )", /no word/, []],
      ['""', /no word between/, []],
    ];
    for (const [text, message, words] of cases) {
      const { problems, clauses } = parse(text);
      assert.equal(problems.length, 1, `${text}: ${JSON.stringify(problems)}`);
      assert.match(problems[0]?.message ?? "", message, text);
      const { start = -1, end = -1 } = problems[0] ?? {};
      assert.ok(start >= 0 && end > start && end <= text.length, text);
      assert.deepEqual(
        clauses.map((clause) => clause.text),
        words,
        text,
      );
    }
  });

  it("reads the beginning of what is pasted, and says how much of it was searched", () => {
    const words = (count: number) => Array.from({ length: count }, (_, i) => `word${i}`).join(" ");
    assert.deepEqual(parse("lorem ipsum ".repeat(900)), {
      ...parse("lorem ipsum"),
      clauses: [word("lorem"), word("ipsum")],
    });
    assert.deepEqual(parse(words(48)).problems, []);
    assert.match(parse(words(60)).problems[0]?.message ?? "", /Of these 60 words the 48 rarest were searched/);
    const pasted = parse(words(400));
    assert.equal(pasted.clauses.length, 256);
    assert.match(pasted.problems[0]?.message ?? "", /first 256 different words were read, and the 48 rarest/);
    const book = `${"x ".repeat(10_001)} from:anna`;
    const { filter, problems } = parse(book);
    assert.deepEqual(filter, {}, "it stands behind what was read");
    assert.match(problems[0]?.message ?? "", /first 20,000 characters/);
    assert.deepEqual([problems[0]?.start, problems[0]?.end], [20_000, book.length]);
  });
});

describe("dates of a query", () => {
  const days = (text: string, timeZone: string) => {
    const span = parseDateSpan(text, NOW, timeZone);
    if (!span) return undefined;
    return [span.from, span.to].map((ms) =>
      Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(timeZone).toPlainDateTime().toString(),
    );
  };
  const span = (from: string, to: string) => [`${from}T00:00:00`, `${to}T00:00:00`];

  it("reads them in words, in the owner's zone", () => {
    const cases: [string, string, string, string][] = [
      ["today", ZURICH, "2026-11-21", "2026-11-22"],
      ["today", "Pacific/Auckland", "2026-11-22", "2026-11-23"],
      ["yesterday", ZURICH, "2026-11-20", "2026-11-21"],
      ["yesterday", "Pacific/Auckland", "2026-11-21", "2026-11-22"],
      ["yesterday", "America/Los_Angeles", "2026-11-20", "2026-11-21"],
      ["last week", ZURICH, "2026-11-09", "2026-11-16"],
      ["this month", ZURICH, "2026-11-01", "2026-12-01"],
      ["last month", ZURICH, "2026-10-01", "2026-11-01"],
      ["last year", ZURICH, "2025-01-01", "2026-01-01"],
      ["last 7 days", ZURICH, "2026-11-15", "2026-11-22"],
      ["3 weeks ago", ZURICH, "2026-10-26", "2026-11-02"],
      ["two years ago", ZURICH, "2024-01-01", "2025-01-01"],
      ["March", ZURICH, "2026-03-01", "2026-04-01"],
      ["last March", ZURICH, "2026-03-01", "2026-04-01"],
      ["December", ZURICH, "2025-12-01", "2026-01-01"],
      ["mar 2024", ZURICH, "2024-03-01", "2024-04-01"],
      ["14 March 2025", ZURICH, "2025-03-14", "2025-03-15"],
      ["2024-02", ZURICH, "2024-02-01", "2024-03-01"],
      ["2024/02/29", ZURICH, "2024-02-29", "2024-03-01"],
      ["summer 2024", ZURICH, "2024-06-01", "2024-09-01"],
      ["winter 2024", ZURICH, "2023-12-01", "2024-03-01"],
      ["summer", ZURICH, "2026-06-01", "2026-09-01"],
      ["autumn", ZURICH, "2026-09-01", "2026-12-01"],
      ["last autumn", ZURICH, "2025-09-01", "2025-12-01"],
      ["last winter", ZURICH, "2025-12-01", "2026-03-01"],
      ["Q3 2024", ZURICH, "2024-07-01", "2024-10-01"],
      ["2024-Q1", ZURICH, "2024-01-01", "2024-04-01"],
      ["2023..2024-02", ZURICH, "2023-01-01", "2024-03-01"],
      ["last March..today", ZURICH, "2026-03-01", "2026-11-22"],
      ["last friday", ZURICH, "2026-11-20", "2026-11-21"],
    ];
    for (const [text, zone, from, to] of cases) assert.deepEqual(days(text, zone), span(from, to), `${text} ${zone}`);
  });

  it("knows that days are not all of one length", () => {
    const hours = (text: string) => {
      const found = parseDateSpan(text, NOW, ZURICH);
      return found && (found.to - found.from) / 3_600_000;
    };
    assert.equal(hours("2026-03-29"), 23);
    assert.equal(hours("2026-10-25"), 25);
  });

  it("refuses what is none", () => {
    for (const text of [
      "",
      "2025-13",
      "2025-02-30",
      "someday",
      "99999",
      "last",
      "0 days ago ago",
      "2025..2024",
      "2025..",
      "..",
      "1..2..3",
      "Q5 2024",
      "x".repeat(100),
    ]) {
      assert.equal(parseDateSpan(text, NOW, ZURICH), undefined, text);
    }
  });
});
