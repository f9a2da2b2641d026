import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { detectLanguage } from "./detect-language.ts";

const SENTENCES: Readonly<Record<string, string>> = {
  da: "Hej Nora, jeg har ikke set din mail før nu, men vi kan godt mødes efter arbejdet, hvis du vil.",
  de: "Sehr geehrte Frau Lindqvist, gerne bestätigen wir Ihnen, dass die Wohnung ab dem 1. März frei ist.",
  en: "Dear Nora, thank you for your letter; we have not yet received the deposit for the flat.",
  es: "Hola Nora, muchas gracias por tu carta. El martes no puedo, pero el jueves sí estoy en casa.",
  fi: "Hei, minä en ole vielä nähnyt sitä, mutta jos se on valmis niin voin tulla huomenna sen kanssa.",
  fr: "Bonjour, je vous remercie pour votre message. Nous ne sommes pas encore prêts, mais cela va venir.",
  hu: "Kedves Nóra, köszönöm a levelet, de most nem vagyok itthon, és csak holnap lehet beszélni róla.",
  it: "Ciao, grazie per la lettera. Non sono ancora a casa, ma quando arrivo ti scrivo con calma.",
  nl: "Beste Nora, bedankt voor je brief. Ik ben nog niet thuis, maar morgen kan ik wel naar de stad komen.",
  no: "Hei Nora, jeg har ikke fått svar fra dem ennå, men vi kan møtes etter jobb hvis du vil.",
  pt: "Olá Nora, obrigada pela carta. Ainda não estou em casa, mas amanhã já posso falar com você.",
  ro: "Bună, mulțumesc pentru scrisoare. Nu sunt încă acasă, dar mâine pot să vin cu mașina dacă este nevoie.",
  ru: "Здравствуйте, спасибо за ваше письмо, но завтра меня не будет дома, приходите в четверг.",
  sv: "Hej Nora, tack för brevet. Jag har inte hunnit svara, men vi kan ses efter jobbet om du vill.",
  tr: "Merhaba, mektubun için teşekkürler ama şimdi evde değilim, yarın daha iyi bir zaman olur.",
};

test("each of the languages is told from one sentence", () => {
  for (const [language, sentence] of Object.entries(SENTENCES))
    assert.equal(detectLanguage(sentence), language, sentence);
});

test("too little, or no language at all, is not guessed", () => {
  for (const text of ["", "OK", "Nora Lindqvist", "CHF 1'240.00\nQX7LPD\n12.04.2024", "猫が好きです", "🦊🦊🦊"]) {
    assert.equal(detectLanguage(text), undefined, text);
  }
});

test("any text has an answer or none, never an error", () => {
  fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 3_000 }), (text) => void detectLanguage(text)));
});
