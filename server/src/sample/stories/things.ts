import type { Mail } from "../mail.ts";

/** What was bought, brought back, repaired and guaranteed. */
export const THINGS: readonly Mail[] = [
  {
    id: "bike-order",
    at: "2024-05-25 14:02",
    from: "velo",
    subject: "Deine Bestellung: Tourenvelo Falke 8",
    language: "de",
    body: `Hoi Nora

Dein Tourenvelo "Falke 8" in Dunkelgrün ist bestellt. Preis CHF 2'890.00, die Anzahlung von CHF 300.00 haben wir erhalten. Es ist am 14. Juni 2024 abholbereit.

Sven, Velo Kreis Fünf`,
  },
  {
    id: "bike-receipt",
    at: "2024-06-14 17:40",
    from: "velo",
    subject: "Quittung Falke 8",
    language: "de",
    body: `Hoi Nora

Viel Freude mit dem Falke! Bezahlt: CHF 2'590.00 (Restbetrag). Die Rahmennummer ist WF8-77120-K, bitte für die Versicherung aufbewahren. Der erste Service nach drei Monaten ist gratis.

Sven`,
    attach: ["documents/quittung-velo-falke-8.pdf"],
  },
  {
    id: "bike-stolen",
    at: "2025-07-07 08:15",
    from: "nora",
    to: "alpina",
    subject: "Stolen bicycle, policy HR-4471-2093",
    body: `Dear Sir or Madam,

my bicycle (Falke 8, dark green, frame number WF8-77120-K) was stolen on Saturday 5 July 2025 between 14:00 and 18:00 at Tiefenbrunnen station. I reported it to the police on Sunday, report number 2025-118834. The receipt is attached.

Nora Lindqvist`,
    attach: ["documents/quittung-velo-falke-8.pdf"],
  },
  {
    id: "bike-claim",
    at: "2025-07-09 11:31",
    from: "alpina",
    re: "bike-stolen",
    quote: false,
    body: `Dear Ms Lindqvist,

your claim has the number S-2025-30417; Mr Luca Ferrari looks after it.

Alpina Versicherung`,
  },
  {
    id: "bike-paid",
    at: "2025-07-28 15:16",
    from: "Luca Ferrari <luca.ferrari@alpina-versicherung.example>",
    subject: "Claim S-2025-30417: our payment",
    body: `Dear Ms Lindqvist,

for your stolen bicycle we pay CHF 1,800.00: the insured maximum of CHF 2,000 less your deductible of CHF 200. The money will be on your account by 4 August 2025.

Luca Ferrari`,
  },
  {
    id: "laptop-order",
    at: "2024-08-21 22:30",
    from: "taiga",
    subject: "Order T-550917: Taiga 14",
    form: "html",
    body: `Thank you for your order T-550917.

Taiga 14, 32 GB, Swedish keyboard | CHF 1,799.00
Sleeve, felt | CHF 39.00
Shipping | free
Total | CHF 1,838.00

The warranty is 36 months from delivery. Your laptop will arrive on 29 August 2024.`,
    attach: ["documents/invoice-taiga-T-550917.pdf"],
  },
  {
    id: "laptop-hinge",
    at: "2025-10-06 16:12",
    from: "taiga",
    subject: "Repair case 81-2207",
    body: `Dear Nora,

we received your Taiga 14 (serial number TG14-0C3391). The hinge will be replaced under warranty, free of charge. We expect to send it back on 14 October 2025.

Taiga repair centre, Winterthur`,
  },
  {
    id: "headphones-return",
    at: "2024-12-04 10:47",
    from: "Klangwerk <service@klangwerk.example>",
    subject: "Your return R-40118",
    form: "html",
    body: `Hello Nora,

we have received the headphones Stille 3. CHF 249.00 will be refunded to your card within five days.

Klangwerk customer service`,
  },
  {
    id: "sofa-order",
    at: "2024-03-06 19:20",
    from: "Möbelhaus Lind & Co <bestellung@lind-moebel.example>",
    subject: "Auftrag 66-1042: Sofa Havanna",
    language: "de",
    charset: "iso-8859-1",
    body: `Guten Tag Frau Lindqvist

Vielen Dank für Ihren Auftrag 66-1042: Sofa Havanna, dreiplätzig, petrol, CHF 1'649.00, vollständig bezahlt. Lieferung am Donnerstag, 18. April 2024, zwischen 8 und 12 Uhr.`,
  },
  {
    id: "sofa-delay",
    at: "2024-04-10 08:40",
    from: "Möbelhaus Lind & Co <bestellung@lind-moebel.example>",
    subject: "Auftrag 66-1042: neuer Liefertermin",
    language: "de",
    charset: "iso-8859-1",
    body: `Guten Tag Frau Lindqvist

Ihr Sofa Havanna verspätet sich leider. Der neue Liefertermin ist Dienstag, 7. Mai 2024, zwischen 13 und 17 Uhr. Als Entschuldigung schenken wir Ihnen zwei Kissen.`,
  },
  {
    id: "espresso-repair",
    at: "2025-02-07 14:55",
    from: "Kaffeemechanik Rossi <werkstatt@kaffeemechanik-rossi.example>",
    subject: "Ihre Espressomaschine ist fertig",
    language: "de",
    body: `Guten Tag Frau Lindqvist

Ihre Espressomaschine Bella Due ist repariert: neue Pumpe und neue Dichtung, zusammen CHF 187.00. Abholen können Sie sie Dienstag bis Samstag, Badenerstrasse 310. Auf die Reparatur geben wir 12 Monate Garantie.

G. Rossi`,
  },
  {
    id: "glasses",
    at: "2025-09-03 17:05",
    from: "Optik Sehfeld <laden@optik-sehfeld.example>",
    subject: "Ihre Brille ist da",
    language: "de",
    body: `Guten Tag Frau Lindqvist

Ihre neue Brille mit Gleitsichtgläsern liegt bereit. Der Preis beträgt CHF 734.00. Werte: rechts -2.25, links -1.75, Addition 1.25.

Optik Sehfeld`,
  },
  {
    id: "halffare",
    at: "2025-06-11 07:45",
    from: "rail",
    subject: "Your half-fare card has been renewed",
    form: "html",
    body: `Dear Nora Lindqvist,

your half-fare card was renewed until 10 June 2026. Price: CHF 190.00, customer number 118-402-775.`,
  },
  {
    id: "passport",
    at: "2024-07-03 10:20",
    from: "Sveriges ambassad <pass.bern@ambassad.example>",
    subject: "Ditt pass är klart",
    language: "sv",
    body: `Hej Nora Lindqvist,

ditt nya pass är klart att hämta på ambassaden i Bern, vardagar 9–12. Passnumret är SE 55021847 och det gäller till den 28 juni 2029. Avgiften var 1 400 kronor.`,
  },
];
