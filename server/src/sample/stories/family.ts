import type { Mail } from "../mail.ts";

/** Mother, brother, niece, friends. */
export const FAMILY: readonly Mail[] = [
  {
    id: "elsa-born",
    at: "2024-05-10 06:12",
    from: "erik",
    to: "nora, birgitta",
    subject: "Elsa!",
    body: `She is here! Elsa Maria, born last night, 9 May 2024 at 23:41, 3,420 grams and 51 cm. Sanna is well, I have cried on three nurses.

You are an aunt, Nora.

Erik`,
  },
  {
    id: "elsa-answer",
    at: "2024-05-10 07:01",
    from: "nora",
    to: "erik, birgitta",
    re: "elsa-born",
    body: `ELSA MARIA!! I am crying on the cat. When may we come? Kiss Sanna.

N`,
  },
  {
    id: "loan-ask",
    at: "2024-10-21 21:30",
    from: "erik",
    subject: "A question, you may say no",
    body: `Hej storasyster,

the van died and the new one needs a down payment by Friday. Could you lend me 1,200 francs until spring? I pay you back in two parts.

Erik`,
  },
  {
    id: "loan-yes",
    at: "2024-10-22 07:48",
    from: "nora",
    to: "erik",
    re: "loan-ask",
    body: `Of course. I sent you CHF 1,200 this morning. Spring is fine, no interest except cinnamon buns.

N`,
  },
  {
    id: "loan-half",
    at: "2025-04-02 18:40",
    from: "erik",
    subject: "first part",
    body: `Hej, I transferred 800 francs to you today. The remaining 400 come in June, promise.

E`,
  },
  {
    id: "mum-birthday",
    at: "2025-01-12 17:25",
    from: "erik",
    cc: "tiago",
    subject: "Mamma 70",
    body: `Mamma turns 70 on 16 August 2025. I have booked the boathouse in Sigtuna for the Saturday, 40 people. Can you make the speech, and bring the cheese?

Erik`,
  },
  {
    id: "mum-present",
    at: "2025-06-15 20:10",
    from: "nora",
    to: "erik",
    subject: "present for Mamma",
    body: `What about the loom she looked at in Leksand? It costs 8,500 kronor, we split it in two. Tiago's idea: we give her the course with it.

N`,
  },
  {
    id: "mum-present-ok",
    at: "2025-06-16 06:55",
    from: "erik",
    re: "mum-present",
    body: `The loom, yes! I order it tomorrow, you owe me 4,250. Sanna makes a cake in the shape of a loom, God help us.

E`,
  },
  {
    id: "mum-buns",
    at: "2024-11-30 16:18",
    from: "birgitta",
    subject: "Kardemummabullar",
    language: "sv",
    charset: "utf-8-base64",
    body: `Hej gumman!

Här är mormors recept: 5 dl mjölk, 50 g jäst, 150 g smör, 1,5 dl socker, 1 msk nystött kardemumma, 14 dl mjöl. Jäs 45 minuter, grädda i 225 grader 8 minuter. Nystött, inte köpt i burk!

Mamma`,
  },
  {
    id: "mum-knee",
    at: "2025-09-29 10:05",
    from: "birgitta",
    subject: "Knäet",
    language: "sv",
    charset: "iso-8859-1",
    body: `Hej Nora!

Nu har jag fått tid för operationen: den 4 november 2025 på Samariterhemmet, höger knä. Doktor Åkerblom säger sex veckor med kryckor. Kan du komma upp den första helgen?

Kram
Mamma`,
  },
  {
    id: "mum-knee-visit",
    at: "2025-09-29 19:22",
    from: "nora",
    to: "birgitta",
    re: "mum-knee",
    language: "sv",
    body: `Klart jag kommer! Jag tar nattåget och är hos dig på fredagen den 7 november på eftermiddagen. Jag lagar mat så frysen blir full.

Nora`,
  },
  {
    id: "priya-job",
    at: "2025-02-11 22:36",
    from: "priya",
    subject: "NEWS",
    body: `I got it!!! I start on 1 April at the observatory in Bern, as head of the visitors' centre. 80 percent. No more night shifts at the hotel. Dinner on me: Friday at 19:00, Chez Lotti.

Priya`,
  },
  {
    id: "priya-birthday",
    at: "2025-10-28 09:09",
    from: "priya",
    subject: "40",
    body: `I refuse to turn forty alone. Saturday 15 November, 18:30, at my place, Lorrainestrasse 22 in Bern. Bring a dish that starts with P and no presents. (A sourdough starter is not a present.)

Priya`,
  },
  {
    id: "tiago-job",
    at: "2024-06-27 18:55",
    from: "tiago",
    subject: "the contract",
    body: `It's signed. From 1 September I am sound engineer at the Theater am Gleis, 70 percent, CHF 5,480 a month before tax. The rest of the week stays mine for the studio.

T`,
  },
  {
    id: "tiago-allergy",
    at: "2025-05-19 12:02",
    from: "tiago",
    subject: "result of the test",
    body: `The allergist says: hazelnut and birch pollen, but NOT the cat. I repeat, NOT the cat. Miso can stay. I have to carry tablets in spring.

T`,
  },
];
