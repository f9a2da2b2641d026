import { longDate, two } from "../calendar.ts";
import type { Mail } from "../mail.ts";

/** Bills, receipts, subscriptions, taxes; the telephone bill comes each month. */
const TELEPHONE_2024 = [48.2, 45, 51.35, 47.9, 62.4, 45, 45, 83.15, 45, 46.1, 45, 49.75];
const TELEPHONE_2025 = [45, 45, 58.6, 29, 34.5, 29, 29, 31.2, 77.8, 29, 29, 36.4];

const telephoneBill =
  (year: number) =>
  (amount: number, month: number): Mail => {
    const changed = year === 2025 && month >= 3;
    const name = changed ? "Funkwerk Mobil" : "Telsana";
    const when = longDate(`${year}-${two(month + 1)}-28`, "de").replace("28. ", "");
    return {
      id: `telephone-${year}-${two(month + 1)}`,
      at: `${year}-${two(month + 1)}-28 04:${two(10 + month)}`,
      from: `${name} <rechnung@${changed ? "funkwerk-mobil" : "telsana"}.example>`,
      subject: `Ihre Rechnung ${when}`,
      language: "de",
      form: "html",
      body: `Guten Tag Nora Lindqvist

Ihre Telefonrechnung für ${when} beträgt CHF ${amount.toFixed(2)}. Der Betrag wird Ihrer Karte belastet.

${name}`,
    };
  };

export const MONEY: readonly Mail[] = [
  ...TELEPHONE_2024.map(telephoneBill(2024)),
  ...TELEPHONE_2025.map(telephoneBill(2025)),
  {
    id: "electricity-2024",
    at: "2024-10-14 07:15",
    from: "Stadtstrom <kundenservice@stadtstrom.example>",
    subject: "Ihre Stromrechnung",
    language: "de",
    form: "html",
    body: `Guten Tag

Ihre Stromrechnung für März bis September 2024: 1'104 kWh, CHF 318.65, zahlbar bis 13. November 2024.`,
    keep: "maildir",
  },
  {
    id: "electricity-2025",
    at: "2025-10-13 07:15",
    from: "Stadtstrom <kundenservice@stadtstrom.example>",
    subject: "Ihre Stromrechnung",
    language: "de",
    form: "html",
    body: `Guten Tag

Ihre Stromrechnung für April bis September 2025: 986 kWh, CHF 291.40, zahlbar bis 12. November 2025.`,
    keep: "maildir",
  },
  {
    id: "museum-invoice",
    at: "2025-05-23 15:40",
    from: "nora",
    to: "dubois",
    subject: "Facture 2025-011",
    language: "fr",
    body: `Chère Madame Dubois,

voici les 32 textes et ma facture 2025-011 de CHF 2400.00, payable au 22 juin 2025.

Bien à vous,
Nora Lindqvist`,
  },
  {
    id: "nordlys-second",
    at: "2025-06-02 09:12",
    from: "halvorsen",
    subject: "Fjellvakt, season two",
    body: `Hi Nora,

they go up the mountain again: nine episodes, 46 minutes each, same price as last time. First one on 16 June, the last at the end of August. Can you?

Jonas`,
    keep: "eml",
  },
  {
    id: "nordlys-second-yes",
    at: "2025-06-02 10:01",
    from: "nora",
    to: "halvorsen",
    re: "nordlys-second",
    body: `Hi Jonas,

I can, if the bookkeeper has learned where my folder is :)

Nora`,
    keep: "eml",
  },
  {
    id: "nordlys-invoice2",
    at: "2025-09-01 10:00",
    from: "nora",
    to: "halvorsen",
    subject: "Invoice 2025-017",
    body: `Hi Jonas,

invoice 2025-017 for season two of Fjellvakt: 414 minutes, EUR 4,140.00, payable by 1 October 2025.

Nora`,
  },
  {
    id: "nordlys-paid2",
    at: "2025-09-30 07:03",
    from: "limmatbank",
    subject: "Credit advice",
    form: "html",
    body: `A payment has arrived on your account.

From | Nordlys Media AS
Amount | EUR 4,140.00
Reference | Invoice 2025-017
Value date | 29 September 2025`,
  },
  {
    id: "steiner-order",
    at: "2025-09-16 13:44",
    from: "Nadja Steiner <n.steiner@corvis-medtech.example>",
    subject: "Neuer Auftrag: Kurzanleitung CX-40",
    language: "de",
    body: `Guten Tag Frau Lindqvist

Ich habe die Betreuung der Übersetzungen von Stefan Roth übernommen. Wir bräuchten die Kurzanleitung des CX-40 auf Schwedisch und Norwegisch, 2'150 Wörter, bis 10. Oktober 2025. Bestellnummer PO-90377.

Freundliche Grüsse
Nadja Steiner`,
  },
  {
    id: "steiner-norwegian",
    at: "2025-09-16 15:02",
    from: "nora",
    to: "Nadja Steiner <n.steiner@corvis-medtech.example>",
    re: "steiner-order",
    language: "de",
    body: `Guten Tag Frau Steiner

Schwedisch gern, ich übersetze aber nicht ins Norwegische. Dafür empfehle ich Ihnen Ingrid Solheim in Bergen, ingrid@solheim-tekst.example.

Freundliche Grüsse
Nora Lindqvist`,
  },
  {
    id: "unicard",
    at: "2025-03-21 23:04",
    from: "limmatbank",
    subject: "Card blocked as you asked",
    form: "html",
    body: `Dear Ms Lindqvist,

your debit card ending in 4471 was blocked today at 22:51. A new card will reach you within five working days. Its PIN stays the same.`,
  },
  {
    id: "parking",
    at: "2025-08-06 08:00",
    from: "Gemeinde Sumvitg <polizei@gemeinde-sumvitg.example>",
    subject: "Ordnungsbusse Nr. 40-2281",
    language: "de",
    body: `Guten Tag

Das von Ihnen gemietete Fahrzeug war am 26. Juli 2025 in Rabius ohne Parkschein abgestellt. Die Busse beträgt CHF 40.00, zahlbar innert 30 Tagen.`,
  },
  {
    id: "carsharing",
    at: "2025-07-20 19:35",
    from: "Teilauto Zürich <service@teilauto.example>",
    subject: "Reservation confirmed: Saturday 26 July",
    form: "both",
    body: `Hello Nora,

your reservation: estate car "Enzian", bay Tiefenbrunnen 2, Saturday 26 July 2025, 07:00 to 21:00. Your member number is 20-88163.

Price: CHF 3.40 an hour and CHF 0.62 a kilometre.`,
  },
  {
    id: "newspaper",
    at: "2025-11-05 06:30",
    from: "Der Limmatbote <abo@limmatbote.example>",
    subject: "Ihr Abonnement wird verlängert",
    language: "de",
    body: `Guten Tag Frau Lindqvist

Ihr Wochenend-Abonnement wird am 1. Dezember 2025 um ein Jahr verlängert. Preis: CHF 298.00. Sie können bis 25. November kündigen.`,
    keep: "maildir",
  },
  {
    id: "newspaper-end",
    at: "2025-11-19 20:44",
    from: "nora",
    to: "Der Limmatbote <abo@limmatbote.example>",
    re: "newspaper",
    language: "de",
    body: `Guten Tag

Bitte kündigen Sie mein Abonnement auf den 30. November 2025.

Nora Lindqvist`,
    keep: "maildir",
  },
  {
    id: "newspaper-confirmed",
    at: "2025-11-20 09:10",
    from: "Der Limmatbote <abo@limmatbote.example>",
    re: "newspaper-end",
    language: "de",
    body: `Guten Tag Frau Lindqvist

Ihr Abonnement endet am 30. November 2025. Schade!`,
    keep: "maildir",
  },
];
