/**
 * What is known of the sample's world: questions with the answers they accept, the wrong values that lie near, and
 * where the answer stands. Two halves by a fixed rule: the built-in model is tuned on `tune` only; `held` is for the
 * final judgement.
 */
export type QuestionKind =
  | "who"
  | "when"
  | "how much"
  | "which"
  | "where"
  | "list"
  | "yes/no"
  | "current"
  | "not in here";

export interface Question {
  readonly id: string;
  readonly kind: QuestionKind;
  readonly ask: string;
  /** The answer has to match every one of these (a list has several). Empty for "not in here". */
  readonly expect: readonly RegExp[];
  /** Wrong values near by: a claim with one of these and nothing that is expected is wrong. */
  readonly forbid?: readonly RegExp[];
  /** Mail ids of the stories, paths in the archive, `calendar.ics#uid`; a citation to any one of them proves the answer. */
  readonly evidence: readonly string[];
}

/** Every second question of a kind, in the order written, is held back. */
export function setOf(question: Question): "tune" | "held" {
  const sameKind = QUESTIONS.filter(({ kind }) => kind === question.kind);
  return sameKind.indexOf(question) % 2 === 0 ? "tune" : "held";
}

const MONTHS = [
  "jan(uary?|uar|uari|eiro|vier)?",
  "feb(ruary|ruar|ruari)?|fevereiro|février",
  "mar(ch|s|ço)?|märz",
  "apr(il)?|abril|avril",
  "may|mai|maj|maio",
  "june?|juni|junho|juin",
  "july?|juli|julho|juillet",
  "aug(ust|usti)?|agosto|août",
  "sep(t|tember)?|setembro|septembre",
  "oct(ober)?|okt(ober)?|outubro|octobre",
  "nov(ember)?|novembro|novembre",
  "dec(ember)?|dez(ember|embro)?|décembre",
];

/** A date in the usual spellings of five languages; the year may be left out. */
export function date(iso: string): RegExp {
  const [year = "", month = "", day = ""] = iso.split("-");
  const d = String(Number(day));
  const m = String(Number(month));
  const name = `(?:${MONTHS[Number(month) - 1]})`;
  return new RegExp(
    `(?<!\\d)(?:${year}-${month}-${day}|0?${d}(?:st|nd|rd|th)?\\.?\\s*(?:of |de )?${name}\\b|${name}\\.?\\s+(?:the )?0?${d}(?!\\d|:)|0?${d}[./]0?${m}[./](?:20)?${year.slice(2)})`,
    "iu",
  );
}

/** An amount however it groups thousands and with or without its cents; no currency, which stands on either side. */
export function amount(value: number): RegExp {
  const [whole = "", cents = "00"] = value.toFixed(2).split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, "[ ,.'’\u00a0\u202f]?");
  const tail = cents === "00" ? "(?:[.,](?:00|-|–))?" : `[.,]${cents}`;
  return new RegExp(`(?<!\\d|\\d[.,'’])${grouped}${tail}(?![\\d]|[.,'’]\\d)`, "u");
}

/** A time of day: `14:15`, `14.15`, `14h15`; full hours also `9 o'clock`, `9 am`. */
export function time(text: string): RegExp {
  const [hour = "", minute = ""] = text.split(":");
  const h = Number(hour);
  const half = `${h % 12 === 0 ? 12 : h % 12}${minute === "00" ? `(?:[:.]00)?` : `[:.]${minute}`}\\s*${h < 12 ? "a" : "p"}\\.?m`;
  const full = minute === "00" ? `|0?${h}\\s*(?:Uhr|h\\b|o'clock)` : "";
  return new RegExp(`(?<!\\d)(?:0?${h}[:.h]${minute}(?!\\d)${full}|${half})`, "iu");
}

export const QUESTIONS: readonly Question[] = [
  {
    id: "q-plumber",
    kind: "who",
    ask: "Who fixed the leak in the bathroom?",
    expect: [/Hofer/],
    forbid: [/Kovac/],
    evidence: [
      "leak-found",
      "leak-plumber",
      "leak-moved",
      "leak-invoice",
      "documents/rechnung-sanitaer-hofer-24-1187.pdf",
    ],
  },
  {
    id: "q-novel-author",
    kind: "who",
    ask: "Who wrote the novel Das Salzhaus?",
    expect: [/Wendland/],
    forbid: [/Amrein/],
    evidence: ["novel-offer", "documents/contract-bergblick-salzhaus.pdf", "documents/cv-nora-lindqvist.docx"],
  },
  {
    id: "q-sitter",
    kind: "who",
    ask: "Who did I ask to feed Miso while we were at the wedding?",
    expect: [/Lea/],
    forbid: [/Marta|Priya/],
    evidence: ["cat-sitter", "cat-sitter-yes", "contacts.vcf#Lea Baumann"],
  },
  {
    id: "q-prize-winner",
    kind: "who",
    ask: "Who won the Lindblad Prize?",
    expect: [/Henrik Sund/],
    forbid: [/Wendland/],
    evidence: ["novel-prize-result"],
  },
  {
    id: "q-ana-husband",
    kind: "who",
    ask: "Who is Ana Moreira marrying?",
    expect: [/Rui/],
    forbid: [/Paul|Jonas/],
    evidence: ["wedding-invite"],
  },
  {
    id: "q-corvis-contact",
    kind: "current",
    ask: "Who is my contact person for translations at Corvis now?",
    expect: [/Nadja Steiner/],
    evidence: ["corvis-contact"],
  },
  {
    id: "q-voice",
    kind: "who",
    ask: "Who speaks the Swedish audio guide of the Musée Lumen?",
    expect: [/Karin Ekdal/],
    evidence: ["museum-voice"],
  },
  {
    id: "q-claim-person",
    kind: "who",
    ask: "Who handled the claim for my stolen bicycle at Alpina?",
    expect: [/Luca Ferrari/],
    evidence: ["bike-claim", "bike-paid"],
  },

  {
    id: "q-elsa",
    kind: "when",
    ask: "When was Elsa born?",
    expect: [date("2024-05-09")],
    forbid: [date("2024-05-10")],
    evidence: ["elsa-born"],
  },
  {
    id: "q-wedding",
    kind: "when",
    ask: "When is the wedding of Ana Moreira and Rui?",
    expect: [date("2025-09-20")],
    forbid: [date("2025-09-18")],
    evidence: ["wedding-invite", "calendar.ics#wedding"],
  },
  {
    id: "q-lease-start",
    kind: "when",
    ask: "When does the lease of the flat at Quellenweg begin?",
    expect: [date("2024-03-01")],
    forbid: [date("2024-01-19")],
    evidence: ["lease-offer", "documents/lease-quellenweg-12.pdf"],
  },
  {
    id: "q-concert",
    kind: "when",
    ask: "When is the choir concert?",
    expect: [date("2025-12-07")],
    evidence: ["choir-concert", "calendar.ics#concert"],
  },
  {
    id: "q-knee",
    kind: "when",
    ask: "When is my mother's knee operation?",
    expect: [date("2025-11-04")],
    forbid: [date("2025-11-07")],
    evidence: ["mum-knee"],
  },
  {
    id: "q-bike-stolen",
    kind: "when",
    ask: "When was my bicycle stolen?",
    expect: [date("2025-07-05")],
    forbid: [date("2025-07-07")],
    evidence: ["bike-stolen"],
  },
  {
    id: "q-exam",
    kind: "when",
    ask: "When is the Portuguese B2 exam?",
    expect: [date("2025-11-22")],
    evidence: ["course-exam", "calendar.ics#exam"],
  },
  {
    id: "q-laptop-warranty",
    kind: "when",
    ask: "Until when is my Taiga laptop under warranty?",
    expect: [date("2027-08-28")],
    evidence: ["documents/invoice-taiga-T-550917.pdf", "laptop-order"],
  },
  {
    id: "q-panel",
    kind: "when",
    ask: "When is the panel in Leipzig?",
    expect: [date("2025-03-28")],
    forbid: [date("2025-03-26"), date("2025-03-30")],
    evidence: ["leipzig-panel"],
  },

  {
    id: "q-deposit-flat",
    kind: "how much",
    ask: "How much was the rental deposit for the flat?",
    expect: [amount(7020)],
    forbid: [amount(500), amount(300), amount(150)],
    evidence: ["lease-offer", "deposit-account", "documents/lease-quellenweg-12.pdf"],
  },
  {
    id: "q-deposit-sintra",
    kind: "how much",
    ask: "How much deposit did we pay for the room in Sintra?",
    expect: [amount(150)],
    forbid: [amount(7020), amount(500), amount(300)],
    evidence: ["wedding-hotel", "wedding-deposit"],
  },
  {
    id: "q-bike-price",
    kind: "how much",
    ask: "How much did the Falke 8 bike cost?",
    expect: [amount(2890)],
    forbid: [amount(1150)],
    evidence: ["bike-order", "documents/quittung-velo-falke-8.pdf"],
  },
  {
    id: "q-plumber-bill",
    kind: "how much",
    ask: "How much was the plumber's invoice?",
    expect: [amount(486.5)],
    forbid: [amount(350)],
    evidence: ["leak-invoice", "documents/rechnung-sanitaer-hofer-24-1187.pdf"],
  },
  {
    id: "q-novel-rate",
    kind: "how much",
    ask: "What rate per word was agreed for Das Salzhaus?",
    expect: [/0[.,]21/],
    forbid: [/0[.,]19/, /0[.,]22/, /0[.,]26/],
    evidence: ["novel-agreed", "documents/contract-bergblick-salzhaus.pdf"],
  },
  {
    id: "q-crown-bill",
    kind: "how much",
    ask: "How much did the dentist charge for the crown?",
    expect: [amount(1392)],
    forbid: [amount(1480)],
    evidence: ["dentist-bill", "expenses-2025.csv"],
  },
  {
    id: "q-claim-paid",
    kind: "how much",
    ask: "How much did Alpina pay for the stolen bicycle?",
    expect: [amount(1800)],
    forbid: [amount(2590), amount(68000)],
    evidence: ["bike-paid"],
  },
  {
    id: "q-nordlys",
    kind: "how much",
    ask: "How much was invoice 2024-019 to Nordlys Media?",
    expect: [amount(3680)],
    forbid: [amount(13160), amount(6580)],
    evidence: ["nordlys-invoice", "nordlys-reminder", "documents/invoice-2024-019.pdf"],
  },
  {
    id: "q-lent",
    kind: "how much",
    ask: "How much money did I lend to Erik?",
    expect: [amount(1200)],
    forbid: [amount(800), amount(400)],
    evidence: ["loan-yes", "loan-ask"],
  },
  {
    id: "q-glasses",
    kind: "how much",
    ask: "How much did my new glasses cost?",
    expect: [amount(734)],
    evidence: ["glasses", "expenses-2025.csv"],
  },

  {
    id: "q-booking-porto",
    kind: "which",
    ask: "What is the booking code of the flight to Porto?",
    expect: [/QX7LPD/],
    forbid: [/R8WD2C|H3NV6T|K4TZ9M/],
    evidence: ["porto-flight", "documents/ticket-alva-QX7LPD.pdf"],
  },
  {
    id: "q-seat-leipzig",
    kind: "which",
    ask: "Which seat did I have on the train to Leipzig?",
    expect: [/42/],
    forbid: [/63/],
    evidence: ["leipzig-train", "documents/tickets-gotthard-rail-leipzig.pdf"],
  },
  {
    id: "q-policy",
    kind: "which",
    ask: "What is the number of my household insurance policy?",
    expect: [/HR-4471-2093/],
    forbid: [/S-2025-30417/],
    evidence: ["alpina-policy", "documents/policy-alpina-HR-4471-2093.pdf", "bike-stolen"],
  },
  {
    id: "q-chip",
    kind: "which",
    ask: "What is Miso's chip number?",
    expect: [/756 0981 0043 2217/],
    evidence: ["cat-adopt"],
  },
  {
    id: "q-frame",
    kind: "which",
    ask: "What is the frame number of my Falke bike?",
    expect: [/WF8-77120-K/],
    evidence: ["bike-receipt", "bike-stolen", "documents/quittung-velo-falke-8.pdf"],
  },
  {
    id: "q-wifi",
    kind: "which",
    ask: "What is the guest wifi password?",
    expect: [/havregryn-27/],
    evidence: ["notes/flat.md"],
  },
  {
    id: "q-desk-key",
    kind: "which",
    ask: "What is the number of my key at Werkhof 9?",
    expect: [/27/],
    forbid: [/(?<!desk )14\b/],
    evidence: ["werkhof-desk", "werkhof-end"],
  },
  {
    id: "q-booking-wedding",
    kind: "which",
    ask: "What is the booking code of our flight to Lisbon?",
    expect: [/H3NV6T/],
    forbid: [/QX7LPD|R8WD2C|K4TZ9M/],
    evidence: ["wedding-flight"],
  },

  {
    id: "q-wedding-place",
    kind: "where",
    ask: "Where does Ana's wedding take place?",
    expect: [/Quinta do Pinhal|Sintra/],
    evidence: ["wedding-invite", "calendar.ics#wedding"],
  },
  {
    id: "q-hotel-leipzig",
    kind: "where",
    ask: "Which hotel did I book in Leipzig?",
    expect: [/Haus Lindenau/],
    forbid: [/Marisol|Hortênsias/],
    evidence: ["leipzig-hotel", "expenses-2025.csv"],
  },
  {
    id: "q-concert-place",
    kind: "where",
    ask: "Where is the choir concert?",
    expect: [/Neumünster/],
    forbid: [/parish hall/i],
    evidence: ["choir-concert", "calendar.ics#concert"],
  },
  {
    id: "q-priya-party",
    kind: "where",
    ask: "Where does Priya celebrate her birthday?",
    expect: [/Lorrainestrasse|her place|my place/],
    forbid: [/Chez Lotti/],
    evidence: ["priya-birthday"],
  },
  {
    id: "q-hairdresser",
    kind: "where",
    ask: "Where is my hairdresser?",
    expect: [/Dufourstrasse/],
    evidence: ["calendar.ics#hairdresser"],
  },

  {
    id: "q-rent-now",
    kind: "current",
    ask: "How much is my rent now?",
    expect: [amount(2415)],
    forbid: [amount(2340)],
    evidence: ["rent-rise", "rent-tiago"],
  },
  {
    id: "q-plumber-when",
    kind: "current",
    ask: "When did the plumber finally come for the leak?",
    expect: [date("2024-11-15")],
    forbid: [date("2024-11-13")],
    evidence: ["leak-moved", "leak-found"],
  },
  {
    id: "q-dentist-when",
    kind: "current",
    ask: "When is my dentist appointment for the crown?",
    expect: [date("2025-06-17")],
    forbid: [date("2025-06-03")],
    evidence: ["dentist-moved", "calendar.ics#dentist"],
  },
  {
    id: "q-phone",
    kind: "current",
    ask: "What is my current phone number?",
    expect: [/555 02 73/],
    forbid: [/555 01 48/],
    evidence: ["phone-number"],
  },
  {
    id: "q-choir-day",
    kind: "current",
    ask: "On which day are the choir rehearsals now?",
    expect: [/Thursday/i],
    forbid: [/Tuesday/i],
    evidence: ["choir-day", "calendar.ics#choir-2"],
  },
  {
    id: "q-xmas-departure",
    kind: "current",
    ask: "What time does flight NW 631 to Stockholm leave?",
    expect: [time("12:55")],
    forbid: [time("11:25")],
    evidence: ["xmas-delay"],
  },
  {
    id: "q-sofa-delivery",
    kind: "current",
    ask: "When will the sofa be delivered?",
    expect: [date("2024-05-07")],
    forbid: [date("2024-04-18")],
    evidence: ["sofa-delay"],
  },

  {
    id: "q-prize-yes",
    kind: "yes/no",
    ask: "Did I win the Lindblad Prize?",
    expect: [/not us|Henrik Sund|^no\b/i],
    evidence: ["novel-prize-result"],
  },
  {
    id: "q-dogs",
    kind: "yes/no",
    ask: "Are dogs allowed in the house at Quellenweg 12?",
    expect: [/nicht gestattet|not allowed|^no\b/i],
    evidence: ["lease-cat"],
  },
  {
    id: "q-earthquake",
    kind: "yes/no",
    ask: "Does my household insurance cover earthquakes?",
    expect: [/not covered|^no\b/i],
    evidence: ["documents/policy-alpina-HR-4471-2093.pdf"],
  },
  {
    id: "q-conference",
    kind: "yes/no",
    ask: "Does the Northern Words conference 2025 take place?",
    expect: [/cancel|^no\b/i],
    evidence: ["edinburgh-off", "edinburgh-tiago"],
  },

  {
    id: "n-tokyo",
    kind: "not in here",
    ask: "What is the booking code of my flight to Tokyo?",
    expect: [],
    evidence: [],
  },
  {
    id: "n-sofa-deposit",
    kind: "not in here",
    ask: "How much deposit did I pay for the sofa?",
    expect: [],
    evidence: [],
  },
  { id: "n-magdalena", kind: "not in here", ask: "Who is Magdalena Kovács?", expect: [], evidence: [] },
  { id: "n-car", kind: "not in here", ask: "What is the licence plate of my car?", expect: [], evidence: [] },
  {
    id: "n-dermatologist",
    kind: "not in here",
    ask: "When is my appointment with the dermatologist?",
    expect: [],
    evidence: [],
  },
  { id: "n-piano", kind: "not in here", ask: "How much do my piano lessons cost?", expect: [], evidence: [] },
  { id: "n-keller-birthday", kind: "not in here", ask: "When is Ana Keller's birthday?", expect: [], evidence: [] },
  {
    id: "n-edinburgh-hotel",
    kind: "not in here",
    ask: "Which hotel did I book in Edinburgh?",
    expect: [],
    evidence: [],
  },
  {
    id: "n-dishwasher",
    kind: "not in here",
    ask: "Until when is the dishwasher under warranty?",
    expect: [],
    evidence: [],
  },
  { id: "n-blood-type", kind: "not in here", ask: "What is Tiago's blood type?", expect: [], evidence: [] },
  {
    id: "q-invoices-bergblick",
    kind: "list",
    ask: "Which invoices did I send to Bergblick?",
    expect: [/2024-003/, /2024-031/],
    forbid: [/2024-019/],
    evidence: ["novel-invoice1", "novel-invoice2", "documents/invoice-2024-003.pdf", "documents/invoice-2024-031.pdf"],
  },
  {
    id: "q-invoices-nordlys",
    kind: "list",
    ask: "List my invoices to Nordlys Media.",
    expect: [/2024-019/, /2025-017/],
    forbid: [/2024-031|2025-006/],
    evidence: [
      "nordlys-invoice",
      "nordlys-invoice2",
      "nordlys-reminder",
      "nordlys-paid2",
      "documents/invoice-2024-019.pdf",
    ],
  },
  {
    id: "q-books-read",
    kind: "list",
    ask: "Which books did I read in 2025?",
    expect: [/Solkatten/, /Quatro Marés/, /Nattlinjen/],
    evidence: ["notes/books-2025.txt"],
  },
  {
    id: "q-pieces",
    kind: "list",
    ask: "Which composers are in the choir concert in December?",
    expect: [/Rheinberger/, /Poulenc/],
    evidence: ["choir-concert"],
  },
  {
    id: "q-telephone-may",
    kind: "how much",
    ask: "How much was my telephone bill in May 2025?",
    expect: [amount(34.5)],
    forbid: [amount(62.4), amount(31.2), amount(77.8)],
    evidence: ["telephone-2025-05"],
  },
  {
    id: "q-bornholm",
    kind: "how much",
    ask: "How much does the retreat on Bornholm cost?",
    expect: [amount(3900)],
    evidence: ["mette-bornholm", "mette-bornholm-answer"],
  },
  {
    id: "q-godmother",
    kind: "when",
    ask: "When is Elsa's christening?",
    expect: [date("2024-12-28")],
    forbid: [date("2024-05-09")],
    evidence: ["elsa-christening"],
  },
  {
    id: "q-premiere",
    kind: "when",
    ask: "When is the premiere of Der Sturm?",
    expect: [date("2024-10-19")],
    evidence: ["tiago-premiere"],
  },
  {
    id: "q-faehre-delivery",
    kind: "current",
    ask: "When do I have to deliver the translation of Die Fähre?",
    expect: [date("2026-08-31")],
    forbid: [date("2026-06-30")],
    evidence: ["keller-faehre-ok"],
  },
  {
    id: "q-salzhaus-delivery",
    kind: "current",
    ask: "What was the final delivery date of the Salzhaus translation?",
    expect: [date("2024-11-15")],
    forbid: [date("2024-09-30"), date("2024-10-31")],
    evidence: ["novel-extended", "novel-late"],
  },
  {
    id: "q-new-bike-frame",
    kind: "current",
    ask: "What is the frame number of the bicycle I have now?",
    expect: [/SP3-40961-C/],
    forbid: [/WF8-77120-K/],
    evidence: ["bike-second"],
  },
  {
    id: "q-physio",
    kind: "who",
    ask: "Who is the physiotherapist for my shoulder?",
    expect: [/Livia Caduff/],
    evidence: ["physio"],
  },
  {
    id: "q-norwegian",
    kind: "who",
    ask: "Who did I recommend to Corvis for Norwegian?",
    expect: [/Ingrid Solheim/],
    forbid: [/Halvorsen|Mette/],
    evidence: ["steiner-norwegian"],
  },
  {
    id: "q-cat-hiding",
    kind: "where",
    ask: "Where was Miso found when she was missing?",
    expect: [/Modelleisenbahn/],
    evidence: ["cat-found"],
  },
  {
    id: "q-member-number",
    kind: "which",
    ask: "What is my member number at Teilauto?",
    expect: [/20-88163/],
    evidence: ["carsharing"],
  },
  {
    id: "q-beds",
    kind: "which",
    ask: "Which beds do we have on the night train to Hamburg?",
    expect: [/35/, /36/],
    forbid: [/51|52/],
    evidence: ["night-train"],
  },
  {
    id: "n-bornholm-flight",
    kind: "not in here",
    ask: "What is my flight number to Bornholm?",
    expect: [],
    evidence: [],
  },
  {
    id: "n-coworking-alarm",
    kind: "not in here",
    ask: "What is the alarm code of Werkhof 9?",
    expect: [],
    evidence: [],
  },
  {
    id: "n-tiago-deposit",
    kind: "not in here",
    ask: "How much deposit did Tiago pay for his studio?",
    expect: [],
    evidence: [],
  },
  {
    id: "n-duarte-birthday",
    kind: "not in here",
    ask: "When is Ana Duarte getting married?",
    expect: [],
    evidence: [],
  },
];
