import type { Mail } from "../mail.ts";

/** Small things of two years: visits, dinners, repairs, doctors, plans that change. */
export const EVERYDAY: readonly Mail[] = [
  {
    id: "mum-visit",
    at: "2024-07-02 09:30",
    from: "birgitta",
    subject: "Jag kommer till Zürich",
    language: "sv",
    charset: "iso-8859-1",
    body: `Hej gumman!

Nu har jag bokat: jag kommer den 8 augusti 2024 med tåget från Hamburg och stannar i nio dagar. Jag sover gärna på den nya soffan.

Kram
Mamma`,
  },
  {
    id: "mum-visit-answer",
    at: "2024-07-02 12:44",
    from: "nora",
    to: "birgitta",
    re: "mum-visit",
    language: "sv",
    body: `Vad roligt! Tiago lagar bacalhau och vi åker båt till Rapperswil.

Nora`,
  },
  {
    id: "elsa-christening",
    at: "2024-08-25 20:00",
    from: "erik",
    to: "nora",
    cc: "tiago",
    subject: "godmother?",
    body: `Sanna and I would like you to be Elsa's godmother. The christening is on 28 December 2024 at 13:00 in Danmarks kyrka, you are here then anyway. Say yes.

Erik`,
  },
  {
    id: "elsa-christening-yes",
    at: "2024-08-25 20:02",
    from: "nora",
    to: "erik",
    re: "elsa-christening",
    body: `YES

N`,
  },
  {
    id: "duarte-essay",
    at: "2025-04-24 10:50",
    from: "duarte",
    subject: "Ensaio para a revista Letras",
    language: "pt",
    body: `Cara Nora Lindqvist,

gostaríamos de publicar o seu ensaio sobre Walser no número de outono. O prazo é 15 de julho de 2025, cerca de 12 000 caracteres; pagamos 200 €.

Ana Duarte
Revista Letras, Lisboa`,
  },
  {
    id: "duarte-essay-no",
    at: "2025-04-25 09:31",
    from: "nora",
    to: "duarte",
    re: "duarte-essay",
    language: "pt",
    body: `Cara Ana Duarte,

muito obrigada, mas este verão não tenho tempo. Talvez no próximo ano?

Nora Lindqvist`,
  },
  {
    id: "iten-appointment",
    at: "2025-02-10 11:11",
    from: "Praxis Dr. Iten <praxis@dr-iten.example>",
    subject: "Terminbestätigung 20. Februar",
    language: "de",
    body: `Guten Tag Frau Lindqvist

Wir erwarten Sie am Donnerstag, 20. Februar 2025 um 08:20 Uhr zur Kontrolle. Bitte kommen Sie nüchtern.

Praxis Dr. med. Beat Iten`,
  },
  {
    id: "physio",
    at: "2024-09-12 17:00",
    from: "Physio am Bach <termine@physio-bach.example>",
    subject: "Ihre neun Termine",
    language: "de",
    body: `Guten Tag Frau Lindqvist

Für Ihre Schulter haben wir neun Termine reserviert, jeweils dienstags um 07:45 Uhr, erstmals am 24. September 2024, bei Frau Livia Caduff.`,
  },
  {
    id: "cat-lost",
    at: "2024-06-08 22:50",
    from: "nora",
    to: "zumstein",
    subject: "Miso gesucht!",
    language: "de",
    body: `Lieber Herr Zumstein

Miso ist seit heute Nachmittag verschwunden. Könnten Sie bitte in Ihrem Keller nachsehen?

Nora Lindqvist`,
  },
  {
    id: "cat-found",
    at: "2024-06-09 07:12",
    from: "zumstein",
    re: "cat-lost",
    language: "de",
    body: `Liebe Frau Lindqvist

Sie schläft auf meiner Modelleisenbahn, Gleis 3. Ich habe den Fahrplan angehalten.

Bruno Zumstein`,
  },
  {
    id: "cat-thyroid",
    at: "2025-05-06 10:26",
    from: "vet",
    subject: "Misos Blutwerte",
    language: "de",
    body: `Liebe Frau Lindqvist

Misos Schilddrüsenwert ist zu hoch. Bitte geben Sie ihr ab heute jeden Abend eine halbe Tablette Felimed. Die Kontrolle ist im Januar 2026.

Dr. Anja Brunner`,
  },
  {
    id: "lea-exam",
    at: "2025-09-24 13:20",
    from: "lea",
    subject: "exam!",
    body: `I passed!! And Miso was an angel, she only threw down one glass (the small one with the fish, sorry). For the six days that's 150 francs, no hurry.

Lea`,
  },
  {
    id: "union-article",
    at: "2025-11-06 15:15",
    from: "Zeitschrift Wortwechsel <redaktion@wortwechsel.example>",
    subject: "Ihr Artikel über das Schweigen",
    language: "de",
    body: `Liebe Nora Lindqvist

Wir freuen uns auf Ihren Artikel: 8'000 Zeichen bis 15. Februar 2026. Das Honorar beträgt CHF 400.

Für die Redaktion
Urs Thalmann`,
  },
  {
    id: "boiler-service",
    at: "2025-11-24 08:15",
    from: "ammann",
    to: "nora, zumstein",
    subject: "Boilerentkalkung",
    language: "de",
    charset: "iso-8859-1",
    body: `Liebe Mieterinnen und Mieter

Am Mittwoch, 10. Dezember 2025, zwischen 13:00 und 14:30 Uhr werden die Boiler entkalkt. Das Warmwasser ist während dieser Zeit abgestellt.

Regula Ammann`,
  },
  {
    id: "bike-second",
    at: "2025-08-19 18:20",
    from: "velo",
    subject: "Quittung Spatz 3",
    language: "de",
    body: `Hoi Nora

Das Occasionsvelo Spatz 3 in Rot: bezahlt CHF 1'150.00. Rahmennummer SP3-40961-C. Und diesmal bitte zwei Schlösser!

Sven`,
  },
  {
    id: "bike-service",
    at: "2024-09-18 12:00",
    from: "velo",
    subject: "Gratis-Service Falke 8",
    language: "de",
    body: `Hoi Nora

Dein Gratis-Service ist am Freitag, 20. September 2024 um 09:00 Uhr. Du kannst das Velo um 17:00 Uhr wieder holen.

Sven`,
  },
  {
    id: "loan-rest",
    at: "2025-06-27 17:30",
    from: "erik",
    subject: "second part",
    body: `The remaining 400 francs are on their way. We are quits, storasyster. The van says thank you.

E`,
  },
  {
    id: "xmas-2025",
    at: "2025-10-05 10:40",
    from: "nora",
    to: "birgitta, erik",
    subject: "Christmas 2025",
    body: `Dear both,

this year we stay in Zürich over Christmas: Tiago has shows until the 26th. We come to Uppsala for New Year instead, from 28 December to 4 January. By night train, no plane.

Nora`,
  },
  {
    id: "night-train",
    at: "2025-10-19 20:12",
    from: "rail",
    subject: "Your tickets Zürich – Uppsala, order 8120-117-9",
    form: "html",
    body: `Thank you for your order 8120-117-9.

Sunday 28 December 2025 | Zürich HB 19:59 – Hamburg 07:50 | night train, coach 261, beds 35 and 36
Monday 29 December 2025 | Hamburg 08:54 – Uppsala 20:41 | coach 3, seats 51 and 52

Price for two: CHF 498.00.`,
  },
];
