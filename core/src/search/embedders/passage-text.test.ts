import assert from "node:assert/strict";
import { it } from "node:test";
import { passageToEmbed } from "./passage-text.ts";

const LONG = "The boiler in the cellar leaks again, and the plumber wrote that he can come on Thursday at nine.";
const mail = (title: string) => ({ title, kind: "mail" as const, people: [{ role: "from" as const, name: "Ana" }] });

it("a passage is embedded with the title of its item", () => {
  assert.equal(passageToEmbed(mail("Boiler"), { text: LONG, context: "Boiler; Ana; May" }), `Boiler\n${LONG}`);
  assert.equal(passageToEmbed(mail(""), { text: LONG, context: "Ana" }), LONG);
  assert.equal(passageToEmbed(mail("The boiler"), { text: LONG, context: "" }), LONG);
});

it("a short passage takes its context along", () => {
  const context = "Ana, 3 May 2025: when can you come?";
  assert.equal(passageToEmbed(mail("Boiler"), { text: "At nine.", context }), `Boiler\n${context}\nAt nine.`);
  const withTitle = `Boiler; ${context}`;
  assert.equal(passageToEmbed(mail("Boiler"), { text: "At nine.", context: withTitle }), `${withTitle}\nAt nine.`);
  assert.equal(passageToEmbed(mail("Boiler"), { text: "At nine.", context: "" }), "Boiler\nAt nine.");
  assert.equal(passageToEmbed(mail("Boiler"), { text: "# Boiler\n\nOld.", context: "Boiler" }), "# Boiler\n\nOld.");
});

it("the day is left out: it is found by words", () => {
  const context = "From Ana. Boiler. Saturday 21 November 2026\nwhen can you come?";
  assert.equal(
    passageToEmbed(mail("Boiler"), { text: "At nine.", context }),
    "Boiler\nFrom Ana. Boiler\nwhen can you come?\nAt nine.",
  );
});

it("a message of a chat is embedded with who said it", () => {
  const chat = (title: string, ...people: { role: "from" | "to"; name?: string; address?: string }[]) => ({
    ...{ title, people },
    kind: "text" as const,
  });
  const said = { text: "At nine.", context: "From Ana\nWhen can you come?" };
  assert.equal(
    passageToEmbed(chat("", { role: "to", name: "Ben" }, { role: "from", name: "Ana" }), said),
    "Ana: At nine.",
  );
  assert.equal(passageToEmbed(chat("Family", { role: "from", address: "+41790" }), said), "Family\n+41790: At nine.");
  assert.equal(passageToEmbed(chat(""), said), "At nine.");
});
