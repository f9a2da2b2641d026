/**
 * The other half of the archive: newsletters, parcel notices, mailing lists, reminders. Made from templates with a
 * seed, with words that overlap the stories (other flights, other deposits, other people called Ana), so that finding
 * the right mail is as hard as in a real mailbox. Nothing here answers a question of questions.ts.
 */
import { later, longDate } from "./calendar.ts";
import type { Mail } from "./mail.ts";
import type { Random } from "./random.ts";

type Template = (random: Random, at: string) => Omit<Mail, "id" | "at">;

/** Nobody writes to the members before Nora is one. */
const MEMBER_SINCE: Readonly<Record<string, string>> = { choir: "2024-09-02", werkhof: "2024-05-01" };

const CITIES = [
  "Palermo",
  "Riga",
  "Valencia",
  "Bergen",
  "Split",
  "Gdansk",
  "Cagliari",
  "Malmö",
  "Bilbao",
  "Corfu",
] as const;
const SHOPS = ["Papierhaus Enge", "Korb & Krug", "Wollwerk", "Gartenkiosk", "Pfannenzauber", "Leselampe"] as const;
const GOODS = [
  "a linen tablecloth",
  "two notebooks",
  "a cast-iron pan",
  "seeds and a trowel",
  "wool for a scarf",
  "a desk lamp",
] as const;
const NAMES = [
  "Ana Petrović",
  "Ana Lindgren",
  "Marco Bianchi",
  "Helena Voss",
  "Stefan Kunz",
  "Claire Martin",
  "Jonas Ek",
  "Lea Sutter",
  "Ana Sousa",
] as const;
const TOPICS = [
  "Genitive chains",
  "CAT tools and rates",
  "Rates for subtitles",
  "Translating proverbs",
  "Late payers",
  "AI clauses in contracts",
  "Invoice templates",
  "Dialects in dialogue",
] as const;
const OPINIONS = [
  "I would never sign that without asking the union first.",
  "In my contract the deposit is called an advance, which is not the same.",
  "My client in Hamburg pays after sixty days, and then only with a reminder.",
  "Has anybody tried to put a clause about cancelled appointments in?",
  "We had the same in our cooperative: the invoice was right, the address was not.",
  "I just say no, and half of the time they come back with a better rate.",
  "For novels I keep a list of decisions, otherwise I forget what I called the ferryman.",
  "The flight to the conference ate the whole fee, so this year I follow it online.",
] as const;

const TEMPLATES: readonly [Template, ...Template[]] = [
  (random) => {
    const [a, b, c] = random.some(CITIES, 3);
    return {
      from: "Ferienfuchs <deals@ferienfuchs.example>",
      subject: random.pick([
        `Flights to ${a} from CHF ${random.between(39, 99)}`,
        `Last seats: ${a} and ${b}`,
        "Your weekend escape is waiting",
      ]),
      form: "html",
      list: "deals.ferienfuchs.example",
      body: `Hello traveller,

this week our foxes found for you:

${a} | return flight from CHF ${random.between(59, 189)}
${b} | 3 nights with breakfast from EUR ${random.between(149, 399)}
${c} | hotel near the old town, free cancellation

Book by Sunday and pay only a deposit of ${random.between(10, 30)} %. Use the booking code FUCHS${random.between(10, 99)}.

https://ferienfuchs.example/deals/${random.between(1000, 9999)}`,
    };
  },
  (random) => ({
    from: "Paketblitz <info@paketblitz.example>",
    subject: random.pick(["Your parcel is on its way", "Ihr Paket kommt morgen", "We missed you"]),
    form: "html",
    body: `Good day Nora Lindqvist,

your parcel ${random.between(10, 99)}.${random.between(1000, 9999)}.${random.between(1000, 9999)} from ${random.pick(SHOPS)} ${random.pick(["is on its way and should arrive tomorrow between 9 and 14 o'clock", "has been left with a neighbour", "is ready for collection at the kiosk until Saturday"])}.

Do not answer this mail.`,
  }),
  (random) => {
    const shop = random.pick(SHOPS);
    return {
      from: `${shop} <shop@${shop.toLowerCase().replace(/[^a-z]+/g, "-")}.example>`,
      subject: random.pick([`Thank you for your order at ${shop}`, "Your order has been received"]),
      form: "both",
      body: `Dear Nora,

thank you for your order of ${random.pick(GOODS)}.

Order number ${random.between(100000, 999999)}
Total CHF ${random.between(18, 89)}.${random.pick(["90", "50", "00", "40"])}, paid by card

Goods can be returned within 30 days.

${shop}`,
    };
  },
  (random, at) => {
    const topic = random.pick(TOPICS);
    return {
      from: `${random.pick(NAMES)} <member${random.between(100, 999)}@wortleute.example>`,
      to: "Wortleute <liste@wortleute.example>",
      subject: `[Wortleute] ${topic}`,
      list: "liste.wortleute.example",
      charset: random.pick(["utf-8", "utf-8-base64"]),
      body: `Dear colleagues,

on "${topic}", which we began before ${longDate(later(at, -random.between(2, 9)))}: ${random.some(OPINIONS, 2).join(" ")}

${random.pick(["What do you do?", "Curious what the others think.", "Greetings from the lake", "Answers to the list, please."])}
--
Wortleute, the list of translators`,
    };
  },
  (random) => ({
    from: "Der Seebote <newsletter@seebote.example>",
    subject: random.pick(["Das Wichtigste am Morgen", "Ihr Seebote am Mittag", "Wochenende in der Stadt"]),
    language: "de",
    form: "html",
    charset: "iso-8859-1",
    list: "news.seebote.example",
    body: `Guten Morgen

${random.some(["Die Mieten in der Stadt steigen weiter: Was Mieterinnen jetzt wissen müssen.", "Velodiebstähle nehmen zu, die Polizei rät zur Rahmennummer.", "Wasserrohrbruch an der Langstrasse: drei Häuser ohne Wasser.", "Neue Prämien: So wählen Sie die richtige Franchise.", "Zahnärzte warnen vor billigen Kronen aus dem Ausland.", "Kammerchöre suchen Tenöre, und zwar dringend.", "Ein Kater namens Miso wurde nach drei Wochen im Tram 4 gefunden.", "Die Badi Tiefenbrunnen öffnet dieses Jahr früher.", "Die Bahn baut: Wochenendsperrung zwischen Thalwil und Zug."], 3).join("\n\n")}

Sie erhalten diese Mail, weil Sie sich angemeldet haben.`,
  }),
  (random) => ({
    from: "Papierkram <hello@papierkram-app.example>",
    subject: random.pick([
      "New in Papierkram: recurring invoices",
      "Webinar: get paid faster",
      "Three tips for friendly reminders",
    ]),
    form: "both",
    list: "news.papierkram-app.example",
    body: `Hi there,

${random.pick(["recurring invoices are here: set the day and the amount, we do the rest.", "join our webinar about payment terms. Bring your questions.", "a reminder works best when it names the invoice number, the amount and a new date."])}

Example: "Invoice 2024-${random.between(100, 199)} over CHF ${random.between(1, 9)}00.00 was due last week."

The Papierkram team`,
  }),
  (random) => ({
    from: "limmatbank",
    subject: random.pick([
      "Ihr Kontoauszug liegt bereit",
      "Sicherheit: so erkennen Sie falsche Mails",
      "Neue Öffnungszeiten der Filiale Enge",
    ]),
    language: "de",
    form: "html",
    body: `Guten Tag

${random.pick(["Ihr monatlicher Kontoauszug liegt im E-Banking für Sie bereit.", "Wir fragen Sie nie nach Ihrem Passwort. Im Zweifel rufen Sie uns an.", "Unsere Filiale Enge ist neu von 9 bis 17 Uhr geöffnet."])}

Ihre Limmatbank`,
  }),
  (random, at) => ({
    from: "werkhof",
    to: "Members <alle@werkhof9.example>",
    cc: "nora",
    subject: random.pick([
      "Lunch on Thursday",
      "The coffee machine",
      "Open house",
      "Found in the meeting room",
      "Heating",
    ]),
    body: `Dear desk people,

${random.pick([`on ${longDate(later(at, random.between(2, 6)))} we cook together, please sign the list by the door.`, "the coffee machine leaks again, a plumber has been called. Please use the moka pot.", "somebody left a grey scarf and a key without a number in the meeting room.", "desk 9 is free from next month. Do you know somebody nice? The deposit is two hundred francs for students.", "the heating will be checked tomorrow between 8 and 10, it may be cold."])}

Team Werkhof 9`,
  }),
  (random) => ({
    from: "tiago",
    subject: random.pick(["groceries", "tonight", "late", "cinema?", "re sound check", "keys"]),
    body: `${random.pick(["We need cat litter, oats, lemons and something green.", "Sound check takes longer, eat without me. There is soup.", "The 7:40 was cancelled, I take the next one.", "Shall we see the film with the lighthouse on Sunday? 18:15, Kino Riff.", "I have your keys. You have mine. Come to the theatre door.", "Miso threw up on the blue rug. It is handled."])}

${random.pick(["beijo", "T", "até logo", "x"])}`,
  }),
  (random) => ({
    from: "priya",
    subject: random.pick(["walk?", "this book", "Sunday", "you will laugh", "recipe"]),
    body: `${random.pick(["Walk on the Uetliberg on Saturday? I bring the thermos.", "I read the one about the lighthouse and threw it across the room. You would like the cat in it.", "A guest asked me today if the moon is open on Mondays.", "The lentil thing: fry the onions far longer than you think, then lemon at the end.", "Can I borrow the tent in the second half of the month?"])}

P.`,
  }),
  (random, at) => ({
    from: "Stadtbibliothek <leihfrist@bibliothek-zh.example>",
    subject: "Erinnerung: Leihfrist läuft ab",
    language: "de",
    charset: "iso-8859-1",
    body: `Guten Tag Nora Lindqvist

Die Leihfrist folgender Medien läuft am ${longDate(later(at, 3), "de")} ab:

- ${random.pick(["Portugiesische Grammatik", "Atlas der Inseln", "Geschichte des Salzes", "Kochen mit Hülsenfrüchten"])}
- ${random.pick(["Der Leuchtturmwärter (Hörbuch)", "Häuser am Fjord", "Die Sprache der Vögel"])}

Bitte antworten Sie nicht auf diese Nachricht.`,
  }),
  (random) => ({
    from: `${random.pick(NAMES)} <contact${random.between(10, 99)}@lingua-jobs.example>`,
    subject: random.pick(["Freelance translator needed EN>SV", "Urgent job, 3,000 words", "Collaboration opportunity"]),
    body: `Dear translator,

we found your profile and have a job of ${random.between(2, 9)},${random.between(100, 900)} words. Our best rate is EUR 0.0${random.between(3, 6)} a word, payment after ${random.pick(["60", "75", "90"])} days. Please send your CV and your best price.

Vendor management`,
  }),
  (random, at) => ({
    from: "choir",
    to: "Kammerchor Seefeld <alle@kammerchor-seefeld.example>",
    cc: "nora",
    subject: random.pick(["Notes for bar 40", "Who brings cake?", "Sheet music", "Section rehearsal"]),
    body: `Dear all,

${random.pick(["altos, please mark a breath before bar 41, not after.", "the sopranos bring cake next time, the basses wash up.", "the new sheet music costs nine francs, put it in the envelope.", `the altos meet separately on ${longDate(later(at, 4))} at Helena's place.`])}

Katrin`,
  }),
  (random) => ({
    from: "mette",
    subject: random.pick(["terminology", "have you seen this", "a word", "complaint"]),
    body: `Hej Nora,

${random.pick(["what do you say for 'Sollbruchstelle'? I have three words and hate them all.", "they offered me four cents. FOUR. I framed the mail.", "is 'hygge' still allowed in a serious text?", "my author has changed the ending after the second proofs. I am lying on the floor."])}

Knus
Mette`,
  }),
];

/** `count` mails spread evenly over the two years, at hours of the day when such mails come. */
export function noise(random: Random, count: number): Mail[] {
  const days = 727;
  return Array.from({ length: count }, (_, i) => {
    const at = later("2024-01-03 06:00", Math.floor((i * days) / count), random.between(0, 900));
    const template = TEMPLATES[i % TEMPLATES.length] ?? TEMPLATES[0];
    const mail = template(random, at);
    const tooEarly = at < (MEMBER_SINCE[mail.from] ?? "");
    return { id: `noise-${i}`, at, ...(tooEarly ? TEMPLATES[0](random, at) : mail) };
  });
}
