import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { draftOf, ownWords } from "./draft.ts";
import type { ReadDocument, TextMark } from "./reader.ts";

const contextsOf = (document: Partial<ReadDocument> & { text: string }, neighbours?: readonly string[]) => {
  const { reading } = draftOf({
    id: "a",
    document: {
      kind: "mail",
      title: "",
      people: [],
      mediaType: "text/plain",
      marks: [],
      parts: [],
      warnings: [],
      ...document,
    },
    source: { id: "s", trust: "owner" },
    ...{ path: "a", name: "a", size: 1, takenInAt: 0, ownAddresses: new Set<string>() },
    ...(neighbours ? { neighbours } : {}),
  });
  return reading.passages.map(({ start, end, context }) => [reading.text.slice(start, end), context]);
};

const reply = "Yes, nine works.\n\n> Shall we meet\n> at the station?\n";
const quoted: TextMark[] = [{ kind: "quoted", start: reply.indexOf(">"), end: reply.length }];

describe("the context of a short message", () => {
  it("has of a mail what it answers, as far as it quotes that; the quote has none", () => {
    const from = { role: "from" as const, name: "Ana" };
    assert.deepEqual(contextsOf({ text: reply, marks: quoted, people: [from] }), [
      ["Yes, nine works.", "From Ana\nShall we meet at the station?"],
      ["> Shall we meet\n> at the station?", "From Ana"],
    ]);
    assert.deepEqual(contextsOf({ text: "Yes, nine works." }), [["Yes, nine works.", ""]]);
  });

  it("has nothing of it where the mail is long, or is none", () => {
    const long = `${"Nine works for me and for the whole of the family. ".repeat(9)}\n\n${reply.slice(reply.indexOf(">"))}`;
    const marks: TextMark[] = [{ kind: "quoted", start: long.indexOf(">"), end: long.length }];
    assert.deepEqual(
      contextsOf({ text: long, marks }).map(([, context]) => context),
      ["", ""],
    );
    assert.deepEqual(
      contextsOf({ kind: "note", text: reply, marks: quoted }).map(([, context]) => context),
      ["", ""],
    );
  });

  it("is of a chat what stands before and behind, or what whoever knows the conversation says", () => {
    const lines = ["When does she come?", "On Sunday."].map((line) => line.padEnd(790, " ."));
    const text = lines.join("\n\n");
    const [, second] = contextsOf({ kind: "text", text });
    assert.equal(second?.[1], "", "a long one says for itself what it is about");
    assert.deepEqual(contextsOf({ kind: "text", text: "On Sunday." }, ["When does she come?"]), [
      ["On Sunday.", "When does she come?"],
    ]);
    assert.deepEqual(contextsOf({ text: reply, marks: quoted }, []), [
      ["Yes, nine works.", ""],
      ["> Shall we meet\n> at the station?", ""],
    ]);
  });
});

describe("a message's own words", () => {
  it("are without what it quotes and without its signature, however these lie", () => {
    const text = "one <q>two</q> three --sig";
    const mark = (kind: TextMark["kind"], part: string): TextMark => ({
      kind,
      start: text.indexOf(part),
      end: text.indexOf(part) + part.length,
    });
    assert.equal(ownWords({ text, marks: [] }), text);
    assert.equal(ownWords({ text, marks: [mark("quoted", "<q>two</q> "), mark("signature", "--sig")] }), "one three");
    assert.equal(ownWords({ text, marks: [mark("quoted", "<q>two</q> three"), mark("quoted", "two")] }), "one  --sig");
    assert.equal(ownWords({ text, marks: [mark("heading", "one")] }), text);
  });
});
