import type { Mail } from "../mail.ts";

/** Clients: subtitles for Nordlys, manuals for Corvis, the audio guide for the museum; and the accountant. */
export const WORK: readonly Mail[] = [
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
