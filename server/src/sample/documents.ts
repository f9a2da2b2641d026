/** The PDFs, Word documents and tables of the sample, by their path in the archive. */
import { docxBytes } from "./docx.ts";
import { pdfBytes } from "./pdf.ts";

interface Document {
  readonly path: string;
  readonly title: string;
  readonly author: string;
  /** Wall time. */
  readonly at: string;
  readonly text: string;
}

export const DOCUMENTS: readonly Document[] = [
  {
    path: "documents/lease-quellenweg-12.pdf",
    title: "Mietvertrag Quellenweg 12",
    author: "Sonnhalde Immobilien AG",
    at: "2024-01-09 10:00",
    text: `# Mietvertrag für Wohnräume

Vermieterin: Sonnhalde Immobilien AG, Bahnweg 3, 8004 Zürich
Mieter: Nora Lindqvist und Tiago Moreira, solidarisch haftend

Objekt: 3.5-Zimmer-Wohnung, 3. Obergeschoss rechts, Quellenweg 12, 8032 Zürich
Kellerabteil: Nr. 9

Mietbeginn: 1. März 2024

Nettomietzins\tCHF 2'130.00
Nebenkosten (akonto)\tCHF 210.00
Mietzins brutto pro Monat\tCHF 2'340.00

Kaution: CHF 7'020.00 auf ein Sperrkonto.
\f
# Kündigung und besondere Vereinbarungen

Die Kündigungsfrist beträgt drei Monate, jeweils auf Ende März oder Ende September. Frühester Kündigungstermin ist der 31. März 2025.

Das Halten einer Katze ist gestattet. Das Rauchen im Treppenhaus ist untersagt.

Ruhezeiten: 12:00 bis 13:00 Uhr und 22:00 bis 07:00 Uhr. Instrumente dürfen täglich höchstens zwei Stunden gespielt werden.

Der Unterhalt bis CHF 150.00 im Einzelfall (kleiner Unterhalt) geht zu Lasten der Mieter.`,
  },
  {
    path: "documents/rechnung-sanitaer-hofer-24-1187.pdf",
    title: "Rechnung 24-1187",
    author: "Sanitär Hofer GmbH",
    at: "2024-11-26 11:00",
    text: `# Rechnung 24-1187

Sanitär Hofer GmbH, Zürich
Rechnungsempfänger: Sonnhalde Immobilien AG

Reparatur Steigleitung, Quellenweg 12, 4. OG, 15. November 2024

Arbeitszeit 2 Stunden zu CHF 148.00\tCHF 296.00
Dichtungssatz und Kleinmaterial\tCHF 94.05
Anfahrt\tCHF 60.00
MWST 8.1 %\tCHF 36.45
Total\tCHF 486.50`,
  },
  {
    path: "documents/ticket-alva-QX7LPD.pdf",
    title: "Alva Air e-ticket QX7LPD",
    author: "Alva Air",
    at: "2024-02-11 20:17",
    text: `# E-ticket receipt

Booking code: QX7LPD
Passengers: LINDQVIST NORA, MOREIRA TIAGO

AV 2418   12 APR 2024   Zürich 07:10   Porto 08:55   seats 14A 14B
AV 2421   17 APR 2024   Porto 19:35   Zürich 23:15   seats 9C 9D

Fare\tCHF 288.00
Taxes and charges\tCHF 108.80
Total\tCHF 396.80

The gate closes 20 minutes before departure.`,
  },
  {
    path: "documents/tickets-gotthard-rail-leipzig.pdf",
    title: "Gotthard Rail tickets 7719-440-2",
    author: "Gotthard Rail",
    at: "2025-01-20 08:30",
    text: `# Tickets, order 7719-440-2

Traveller: Nora Lindqvist, half-fare card

26.03.2025   Zürich HB 08:00   Leipzig Hbf 15:31   coach 7, seat 42
Change in Frankfurt: arrival 12:06 on platform 9, departure 12:19 on platform 6

30.03.2025   Leipzig Hbf 12:28   Zürich HB 20:05   coach 11, seat 63

Total\tCHF 148.40

These tickets cannot be exchanged or refunded.`,
  },
  {
    path: "documents/contract-bergblick-salzhaus.pdf",
    title: "Translation contract Das Salzhaus",
    author: "Bergblick Verlag AG",
    at: "2024-01-23 15:00",
    text: `# Translation contract

between Bergblick Verlag AG, Bern, and Nora Lindqvist, Zürich

1. The translator translates the novel "Das Salzhaus" by Paul Wendland from German into Swedish.
2. The manuscript is delivered on 31 October 2024.
3. The fee is CHF 0.21 a word of the original, 94,000 words, CHF 19,740.00 in all: one third on signing, two thirds on acceptance.
4. From the 5,000th copy sold the translator receives a royalty of 1.5 % of the shop price.
5. The name of the translator stands on the title page and on the back cover.
\f
6. The translator receives twelve copies free of charge.
7. If delivery is more than eight weeks late, the publisher may withdraw.
8. The place of jurisdiction is Bern.

Bern, 23 January 2024`,
  },
  {
    path: "documents/invoice-2024-003.pdf",
    title: "Invoice 2024-003",
    author: "Nora Lindqvist",
    at: "2024-02-01 09:50",
    text: `# Invoice 2024-003

To: Bergblick Verlag AG, Bern

Das Salzhaus, first third of the fee\tCHF 6,580.00
Payable within 30 days\tby 2 March 2024`,
  },
  {
    path: "documents/invoice-2024-031.pdf",
    title: "Invoice 2024-031",
    author: "Nora Lindqvist",
    at: "2024-11-20 10:00",
    text: `# Invoice 2024-031

To: Bergblick Verlag AG, Bern

Das Salzhaus, two thirds of the fee\tCHF 13,160.00
Payable\tby 20 December 2024`,
  },
  {
    path: "documents/invoice-2024-019.pdf",
    title: "Invoice 2024-019",
    author: "Nora Lindqvist",
    at: "2024-08-12 09:20",
    text: `# Invoice 2024-019

To: Nordlys Media AS, Oslo

Fjellvakt, episodes 1 to 8, 368 minutes at EUR 10.00\tEUR 3,680.00
Payable\tby 11 September 2024`,
  },
  {
    path: "documents/invoice-2025-006.pdf",
    title: "Rechnung 2025-006",
    author: "Nora Lindqvist",
    at: "2025-02-14 16:50",
    text: `# Rechnung 2025-006

An: Corvis Medizintechnik AG, Bestellnummer PO-88214

Übersetzung CX-40 ins Schwedische, 18'600 Wörter zu CHF 0.26\tCHF 4'836.00
Zahlbar\tbis 16. März 2025`,
  },
  {
    path: "documents/policy-alpina-HR-4471-2093.pdf",
    title: "Household contents policy HR-4471-2093",
    author: "Alpina Versicherung",
    at: "2024-03-05 12:30",
    text: `# Household contents insurance

Policy number: HR-4471-2093
Policyholder: Nora Lindqvist, Quellenweg 12, 8032 Zürich
Valid from 1 March 2024, renewed each year unless cancelled three months before.

Sum insured\tCHF 68,000.00
Deductible for each claim\tCHF 200.00
Annual premium\tCHF 312.60

Simple theft away from home, bicycles included: up to CHF 2,000.00.
Glass breakage: covered. Earthquake: not covered.

Personal liability: CHF 5,000,000.00.`,
  },
  {
    path: "documents/quittung-velo-falke-8.pdf",
    title: "Quittung Falke 8",
    author: "Velo Kreis Fünf",
    at: "2024-06-14 17:35",
    text: `# Quittung

Velo Kreis Fünf, Zürich, 14. Juni 2024

Tourenvelo Falke 8, dunkelgrün, Rahmennummer WF8-77120-K\tCHF 2'890.00
Anzahlung vom 25. Mai 2024\tCHF 300.00
Bezahlt mit Karte\tCHF 2'590.00

Garantie auf den Rahmen: 10 Jahre.`,
  },
  {
    path: "documents/invoice-taiga-T-550917.pdf",
    title: "Invoice T-550917",
    author: "Taiga Computer",
    at: "2024-08-29 08:00",
    text: `# Invoice T-550917

Taiga 14, 32 GB, serial number TG14-0C3391\tCHF 1,799.00
Sleeve, felt\tCHF 39.00
Total\tCHF 1,838.00

Delivered on 29 August 2024. Warranty: 36 months, until 28 August 2027.`,
  },
  {
    path: "documents/cv-nora-lindqvist.docx",
    title: "Curriculum vitae",
    author: "Nora Lindqvist",
    at: "2025-01-05 16:00",
    text: `# Nora Lindqvist, translator

Born on 14 March 1987 in Uppsala. Lives in Zürich.
Works from German, Norwegian, French and Portuguese into Swedish.

# Education

2006–2011 Uppsala University, Master of Arts in German and comparative literature. Thesis on Robert Walser.
2012 Diploma in translation, University of Geneva.

# Work

2012–2017 Translator at the cantonal hospital of Aarau, technical and medical texts.
Since 2017 freelance. Member of the translators' union since 2018.

# Selected books

Paul Wendland, Das Salzhaus (Salthuset), 2025.
Lydia Amrein, Nordwand (Nordväggen), 2021.`,
  },
  {
    path: "documents/speech-mamma-70.docx",
    title: "Speech for Mamma",
    author: "Nora Lindqvist",
    at: "2025-08-10 21:00",
    text: `# Tal till mamma

Kära mamma, kära gäster,

1974 cyklade en ung lärarinna från Uppsala till Nordkap på en röd cykel utan växlar. Hon kom tillbaka med en norsk kompass och utan bromsar.

Kompassen hänger fortfarande i hallen. Bromsarna har hon aldrig saknat.

Skål för Birgitta!`,
  },
];

/** A document's bytes: PDF or Word by the path's ending. */
export function documentBytes(document: Document): Uint8Array {
  return document.path.endsWith(".pdf") ? pdfBytes(document) : docxBytes(document);
}
