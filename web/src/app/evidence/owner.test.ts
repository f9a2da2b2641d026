import assert from "node:assert/strict";
import { test } from "node:test";
import { likelyOwn, ownerOf } from "./owner.ts";

const NORA = { role: "to", name: "Nora Lind", address: "nora@example.org" } as const;
const ANA = { role: "from", name: "Ana Silva", address: "ana@example.org" } as const;

test("the owner is called you, in whatever case the address was written", () => {
  const owner = ownerOf(["Nora@Example.org"]);
  assert.equal(owner.called(NORA), "you");
  assert.equal(owner.called(ANA), "Ana Silva");
  assert.equal(owner.called({ role: "from", address: "bot@example.org" }), "bot@example.org");
});

test("a name alone is the owner's only where the paper's people say so", () => {
  const owner = ownerOf(["nora@example.org"]);
  assert.equal(owner.calledIn("Nora Lind", [ANA, NORA]), "you");
  assert.equal(owner.calledIn("Nora Lind", [ANA]), "Nora Lind");
  assert.equal(owner.calledIn("nora@example.org", []), "you");
});

test("of a name with its address the name is said, and the owner's is known by the address", () => {
  const owner = ownerOf(["nora@example.org"]);
  assert.equal(owner.calledIn("Ana Silva <ana@example.org>", []), "Ana Silva");
  assert.equal(owner.calledIn("Nora <Nora@Example.org>", []), "you");
  assert.equal(owner.calledIn("Nora <other@example.org>", [NORA]), "Nora");
  assert.equal(
    owner.calledIn("Silva, Ana <ana@example.org>, Nora Lind <nora@example.org> and others", []),
    "Silva, Ana, you and others",
  );
});

test("the address most mails went to is likely the owner's; a scattered mailbox names none", () => {
  const to = (address: string) => ({ people: [{ ...NORA, address }, ANA] });
  assert.equal(likelyOwn([to("n@x.org"), to("n@x.org"), to("n@x.org"), to("list@x.org")]), "n@x.org");
  assert.equal(likelyOwn([to("a@x.org"), to("b@x.org"), to("c@x.org"), to("d@x.org")]), undefined);
  assert.equal(likelyOwn([]), undefined);
});
