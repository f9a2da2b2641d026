import type { Mail } from "../mail.ts";

/** Clients: the novel for Bergblick, subtitles for Nordlys, manuals for Corvis, the audio guide for the museum. */
export const WORK: readonly Mail[] = [
  {
    id: "novel-offer",
    at: "2024-01-18 14:30",
    from: "keller",
    subject: "Das Salzhaus – translation into Swedish",
    body: `Dear Ms Lindqvist,

we have sold the Swedish rights of Paul Wendland's novel "Das Salzhaus" and the Swedish house would like you as its translator; they leave the contract to us. About 94,000 words.

We offer CHF 0.19 a word, a third on signing, and the delivery date would be 30 September 2024. Would that suit you?

Kind regards
Ana Keller
Foreign Rights, Bergblick Verlag`,
  },
  {
    id: "novel-counter",
    at: "2024-01-19 09:15",
    from: "nora",
    to: "keller",
    re: "novel-offer",
    body: `Dear Ms Keller,

I read Das Salzhaus in two nights and would love to translate it. For literary prose my rate is CHF 0.22 a word. And I would need until 31 October 2024, since I move in March.

Best wishes
Nora Lindqvist`,
  },
  {
    id: "novel-agreed",
    at: "2024-01-23 16:02",
    from: "keller",
    re: "novel-counter",
    body: `Dear Nora (if I may),

agreed: CHF 0.21 a word and delivery on 31 October 2024. The contract is attached, please send it back signed.

Best
Ana`,
    attach: ["documents/contract-bergblick-salzhaus.pdf"],
  },
  {
    id: "novel-late",
    at: "2024-10-07 11:11",
    from: "nora",
    to: "keller",
    subject: "Salzhaus: two more weeks?",
    body: `Dear Ana,

chapter 19 with the dialect poems takes longer than I thought. Could I deliver on 15 November instead of 31 October? The rest is revised.

Nora`,
  },
  {
    id: "novel-extended",
    at: "2024-10-08 08:47",
    from: "keller",
    re: "novel-late",
    body: `Dear Nora,

no problem, the Swedish printer has no slot before January anyway. New delivery date: 15 November 2024.

Ana`,
  },
  {
    id: "novel-delivered",
    at: "2024-11-14 23:58",
    from: "nora",
    to: "keller",
    subject: "Salthuset – the whole manuscript",
    body: `Dear Ana,

here it is, a day early. 412 pages in the manuscript. My neighbour's ceiling dripped, my cat slept on chapter 7, but Salthuset is done.

The second invoice follows next week.

Nora`,
  },
  {
    id: "novel-invoice1",
    at: "2024-02-01 10:00",
    from: "nora",
    to: "keller",
    subject: "Invoice 2024-003",
    body: `Dear Ana,

please find attached invoice 2024-003 for the first third of Das Salzhaus: CHF 6,580.00, payable within 30 days.

Nora`,
    attach: ["documents/invoice-2024-003.pdf"],
  },
  {
    id: "novel-invoice2",
    at: "2024-11-20 10:05",
    from: "nora",
    to: "keller",
    subject: "Invoice 2024-031",
    body: `Dear Ana,

attached is invoice 2024-031 for the remaining two thirds of Das Salzhaus: CHF 13,160.00, payable by 20 December 2024.

Nora`,
    attach: ["documents/invoice-2024-031.pdf"],
  },
  {
    id: "novel-paid",
    at: "2024-12-18 07:03",
    from: "limmatbank",
    subject: "Credit advice",
    form: "html",
    body: `A payment has arrived on your account.

From | Bergblick Verlag AG
Amount | CHF 13,160.00
Reference | Invoice 2024-031
Value date | 17 December 2024`,
  },
  {
    id: "novel-prize",
    at: "2025-10-02 09:31",
    from: "keller",
    subject: "Salthuset is shortlisted!",
    body: `Dear Nora,

I just got the list: Salthuset is shortlisted for the Lindblad Prize for translated fiction. There are five books on it. The winner will be announced on 27 November 2025 in Gothenburg. The prize is SEK 60,000, half of it for the translator.

So happy for you
Ana`,
  },
  {
    id: "novel-prize-result",
    at: "2025-11-28 10:44",
    from: "keller",
    subject: "The Lindblad Prize",
    body: `Dear Nora,

it was not us. The prize went to Henrik Sund for his translation from Polish. The jury praised "the salt in every sentence" of yours though, and the Swedish house is printing again.

There is more: would you do Wendland's next one, "Die Fähre"? About 71,000 words, delivery 30 June 2026.

Ana`,
  },
  {
    id: "nordlys-offer",
    at: "2024-05-06 13:20",
    from: "halvorsen",
    subject: "Subtitles for a series",
    body: `Hi Nora,

Mette Sørensen recommended you. We need Swedish subtitles for eight episodes of "Fjellvakt", from Norwegian, 46 minutes each. We pay EUR 9.50 a programme minute. First episode in the second week of June, then one a week.

Interested?
Jonas Halvorsen
Nordlys Media, Oslo`,
  },
  {
    id: "nordlys-yes",
    at: "2024-05-06 17:45",
    from: "nora",
    to: "halvorsen",
    re: "nordlys-offer",
    body: `Hi Jonas,

yes, with pleasure, at EUR 10 a minute, please: the time codes always need work. I start on 10 June.

Nora`,
  },
  {
    id: "nordlys-ok",
    at: "2024-05-07 08:10",
    from: "halvorsen",
    re: "nordlys-yes",
    body: `Deal, EUR 10 a minute. The files are on our server, your user name is nlindqvist.

Jonas`,
  },
  {
    id: "nordlys-invoice",
    at: "2024-08-12 09:30",
    from: "nora",
    to: "halvorsen",
    subject: "Invoice 2024-019",
    body: `Hi Jonas,

all eight episodes are with you. Invoice 2024-019 is attached: 368 minutes, EUR 3,680.00, payable by 11 September 2024.

Nora`,
    attach: ["documents/invoice-2024-019.pdf"],
  },
  {
    id: "nordlys-reminder",
    at: "2024-09-23 09:00",
    from: "nora",
    to: "halvorsen",
    subject: "Reminder: invoice 2024-019",
    body: `Hi Jonas,

invoice 2024-019 over EUR 3,680.00 was due on 11 September and I cannot see a payment. Could you look into it?

Nora`,
  },
  {
    id: "nordlys-sorry",
    at: "2024-09-24 12:38",
    from: "halvorsen",
    re: "nordlys-reminder",
    body: `Nora, sorry! Our bookkeeper changed and yours was in the wrong folder. It was paid this morning, you should have it on Friday 27 September.

Jonas`,
  },
  {
    id: "corvis-order",
    at: "2025-01-08 10:22",
    from: "roth",
    subject: "Bedienungsanleitung CX-40, Deutsch–Schwedisch",
    language: "de",
    body: `Guten Tag Frau Lindqvist

Wir benötigen die Bedienungsanleitung unseres Infusionsgeräts CX-40 auf Schwedisch, 18'600 Wörter, Liefertermin 14. Februar 2025. Die Bestellnummer ist PO-88214. Wie besprochen CHF 0.26 pro Wort.

Die Terminologie finden Sie im angehängten Glossar.

Freundliche Grüsse
Stefan Roth
Corvis Medizintechnik AG`,
    attach: ["documents/glossar-cx40.csv"],
  },
  {
    id: "corvis-invoice",
    at: "2025-02-14 16:55",
    from: "nora",
    to: "roth",
    subject: "CX-40 schwedisch, Rechnung 2025-006",
    language: "de",
    body: `Guten Tag Herr Roth

Anbei die Übersetzung und die Rechnung 2025-006 über CHF 4'836.00, zahlbar bis 16. März 2025, Bestellnummer PO-88214.

Freundliche Grüsse
Nora Lindqvist`,
    attach: ["documents/invoice-2025-006.pdf"],
  },
  {
    id: "corvis-contact",
    at: "2025-06-30 15:00",
    from: "roth",
    subject: "Neue Ansprechperson",
    language: "de",
    body: `Liebe Partnerinnen und Partner

Ich verlasse die Corvis Medizintechnik AG per Ende Juli. Ihre neue Ansprechperson für Übersetzungen ist ab 1. August 2025 Frau Nadja Steiner, n.steiner@corvis-medtech.example.

Danke für die gute Zusammenarbeit
Stefan Roth`,
  },
  {
    id: "museum-ask",
    at: "2025-03-10 11:05",
    from: "dubois",
    subject: "Audioguide en suédois",
    language: "fr",
    charset: "iso-8859-1",
    body: `Chère Madame,

le Musée Lumen à Genève prépare un audioguide en suédois : 32 stations, environ 9 000 mots. Notre budget est de CHF 2 400. Seriez-vous disponible en mai ?

Bien à vous,
Claire Dubois`,
  },
  {
    id: "museum-yes",
    at: "2025-03-11 09:40",
    from: "nora",
    to: "dubois",
    re: "museum-ask",
    language: "fr",
    body: `Chère Madame Dubois,

avec plaisir. Je peux livrer le 23 mai 2025 pour CHF 2 400. Qui prêtera sa voix ? J'aimerais relire le texte avec cette personne.

Nora Lindqvist`,
  },
  {
    id: "museum-voice",
    at: "2025-03-13 14:19",
    from: "dubois",
    re: "museum-yes",
    language: "fr",
    charset: "iso-8859-1",
    body: `Parfait, c'est entendu. La voix sera celle de Karin Ekdal, comédienne suédoise à Lausanne. L'enregistrement aura lieu le 4 juin 2025 à 9h30 au studio du musée.

Claire Dubois`,
  },
  {
    id: "mette-referral",
    at: "2024-05-03 19:20",
    from: "mette",
    subject: "you may get a mail from Oslo",
    body: `Hej Nora,

I gave your name to Jonas at Nordlys, I have no time for his mountain rescue series. He haggles, but he pays. Mostly.

See you at the Danish embassy thing?
Mette`,
  },
  {
    id: "tax-papers",
    at: "2025-02-25 10:10",
    from: "wyss",
    subject: "Steuererklärung 2024: was ich noch brauche",
    language: "de",
    body: `Liebe Frau Lindqvist

Für die Steuererklärung 2024 fehlen mir noch: der Zinsausweis der Limmatbank, die Prämienabrechnung der Salvia und die Quittung für den Laptop. Ihr Umsatz 2024 beträgt nach meiner Liste CHF 71'240.

Die Frist habe ich bis 30. September 2025 verlängert.

Daniel Wyss`,
  },
  {
    id: "tax-bill",
    at: "2025-09-12 09:00",
    from: "wyss",
    subject: "Steuern 2024 eingereicht",
    language: "de",
    body: `Liebe Frau Lindqvist

Die Steuererklärung ist eingereicht. Voraussichtlich zahlen Sie CHF 8'912.00 Staats- und Gemeindesteuern. Mein Honorar: CHF 640.00, Rechnung liegt bei.

Für die AHV bitte ich Sie, die Akontobeiträge zu erhöhen.

Daniel Wyss`,
  },
];
