import assert from "node:assert/strict";
import { it } from "node:test";
import { passageToEmbed } from "./passage-text.ts";

const LONG = "The boiler in the cellar leaks again, and the plumber wrote that he can come on Thursday at nine.";

it("a passage is embedded with the title of its item", () => {
  assert.equal(passageToEmbed({ title: "Boiler" }, { text: LONG, context: "Boiler; Ana; May" }), `Boiler\n${LONG}`);
  assert.equal(passageToEmbed({ title: "" }, { text: LONG, context: "Ana" }), LONG);
  assert.equal(passageToEmbed({ title: "The boiler" }, { text: LONG, context: "" }), LONG);
});

it("a short passage takes its context along", () => {
  const context = "Ana, 3 May 2025: when can you come?";
  assert.equal(passageToEmbed({ title: "Boiler" }, { text: "At nine.", context }), `Boiler\n${context}\nAt nine.`);
  const withTitle = `Boiler; ${context}`;
  assert.equal(passageToEmbed({ title: "Boiler" }, { text: "At nine.", context: withTitle }), `${withTitle}\nAt nine.`);
  assert.equal(passageToEmbed({ title: "Boiler" }, { text: "At nine.", context: "" }), "Boiler\nAt nine.");
});
