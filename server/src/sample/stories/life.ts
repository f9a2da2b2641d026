import type { Mail } from "../mail.ts";

/** The cat, the teeth, the insurances, the choir, the desk, the Portuguese course. */
export const LIFE: readonly Mail[] = [
  {
    id: "cat-adopt",
    at: "2024-03-18 15:50",
    from: "shelter",
    subject: "Ihre neue Mitbewohnerin",
    language: "de",
    body: `Liebe Nora, lieber Tiago

Am Samstag, 23. März 2024 um 11 Uhr könnt ihr die Katze Miso abholen. Sie ist drei Jahre alt, grau getigert, kastriert und gechippt: 756 0981 0043 2217.

Die Schutzgebühr beträgt CHF 180, bitte bar mitbringen.

Euer Tierheim Pfotenhof`,
  },
  {
    id: "cat-vaccination",
    at: "2025-03-03 08:20",
    from: "vet",
    subject: "Impferinnerung für Miso",
    language: "de",
    form: "html",
    body: `Liebe Frau Lindqvist

Misos Jahresimpfung ist fällig. Wir haben für Sie am Mittwoch, 12. März 2025 um 17:15 Uhr einen Termin bei Dr. Anja Brunner reserviert.

Kleintierpraxis Wolfbach`,
  },
  {
    id: "cat-bill",
    at: "2025-03-13 09:12",
    from: "vet",
    subject: "Rechnung Nr. 20931 (Miso)",
    language: "de",
    body: `Guten Tag

Impfung und Jahreskontrolle vom 12. März 2025, Patientin Miso: CHF 134.20. Gewicht 4.3 kg, alles in Ordnung, etwas Zahnstein.

Kleintierpraxis Wolfbach`,
  },
  {
    id: "cat-sitter",
    at: "2025-08-24 17:30",
    from: "nora",
    to: "lea",
    subject: "Miso, 18 to 23 September",
    body: `Hi Lea,

could you feed Miso while we are at the wedding, 18 to 23 September? Same as last time, CHF 25 a day. She gets 60 g in the morning and 60 g at night, and the thyroid tablet (half a Felimed) with the evening meal. The key is with Herr Zumstein.

Nora`,
  },
  {
    id: "cat-sitter-yes",
    at: "2025-08-24 20:11",
    from: "lea",
    re: "cat-sitter",
    body: `Gladly!! But I have an exam on the 23rd, can I come early that day, at 7? Otherwise all good.

Lea`,
  },
  {
    id: "dentist-first",
    at: "2025-04-29 10:35",
    from: "dentist",
    subject: "Ihr Termin am 3. Juni",
    language: "de",
    form: "html",
    body: `Guten Tag Frau Lindqvist

Wir bestätigen Ihren Termin für die Krone am Dienstag, 3. Juni 2025 um 09:00 Uhr bei Dr. Favre.

Kostenvoranschlag: CHF 1'480.00. Bitte sagen Sie uns 24 Stunden vorher Bescheid, wenn Sie verhindert sind.

Praxis Dr. med. dent. Céline Favre, Kreuzstrasse 50`,
  },
  {
    id: "dentist-ask",
    at: "2025-05-26 12:20",
    from: "nora",
    to: "dentist",
    re: "dentist-first",
    language: "de",
    body: `Guten Tag

Am 3. Juni bin ich leider in Genf. Geht es auch zwei Wochen später, am liebsten am Nachmittag?

Nora Lindqvist`,
  },
  {
    id: "dentist-moved",
    at: "2025-05-27 08:05",
    from: "dentist",
    re: "dentist-ask",
    quote: false,
    subject: "Ihr neuer Termin",
    language: "de",
    body: `Guten Tag Frau Lindqvist

Gerne: Ihr neuer Termin ist am Dienstag, 17. Juni 2025 um 14:15 Uhr.

Freundliche Grüsse
Praxis Dr. Favre`,
  },
  {
    id: "dentist-bill",
    at: "2025-06-25 09:55",
    from: "dentist",
    subject: "Rechnung 25-0617",
    language: "de",
    body: `Guten Tag Frau Lindqvist

Für die Krone an Zahn 36 stellen wir Ihnen CHF 1'392.00 in Rechnung, zahlbar bis 25. Juli 2025.

Praxis Dr. Favre`,
  },
  {
    id: "alpina-policy",
    at: "2024-03-05 13:00",
    from: "alpina",
    subject: "Your household contents policy HR-4471-2093",
    body: `Dear Ms Lindqvist,

attached is your policy HR-4471-2093 for Quellenweg 12. Sum insured CHF 68,000, deductible CHF 200, annual premium CHF 312.60. Theft of bicycles away from home is covered up to CHF 2,000.

Alpina Versicherung`,
    attach: ["documents/policy-alpina-HR-4471-2093.pdf"],
  },
  {
    id: "salvia-franchise",
    at: "2025-11-18 11:47",
    from: "salvia",
    subject: "Bestätigung: Änderung Ihrer Franchise per 1. Januar 2026",
    language: "de",
    charset: "iso-8859-1",
    body: `Guten Tag Frau Lindqvist

Wir bestätigen die Änderung Ihrer Grundversicherung: Ab 1. Januar 2026 gilt die Franchise von CHF 1'000 (bisher CHF 2'500). Ihre neue Monatsprämie beträgt CHF 421.35.

Salvia Krankenkasse`,
  },
  {
    id: "choir-welcome",
    at: "2024-09-02 21:10",
    from: "choir",
    subject: "Welcome to the Kammerchor",
    body: `Dear Nora,

lovely to have you in the second altos. We rehearse on Tuesdays at 19:30 in the parish hall on Seefeldstrasse. The yearly fee is CHF 240.

Katrin`,
  },
  {
    id: "choir-day",
    at: "2025-08-20 20:02",
    from: "choir",
    to: "Kammerchor Seefeld <alle@kammerchor-seefeld.example>",
    cc: "nora",
    subject: "New rehearsal day from September",
    body: `Dear all,

the parish hall is taken on Tuesdays. From 4 September 2025 we rehearse on Thursdays at 19:00, same place. Tell me if that makes it impossible for you.

Katrin`,
  },
  {
    id: "choir-concert",
    at: "2025-10-16 22:00",
    from: "choir",
    cc: "nora",
    to: "Kammerchor Seefeld <alle@kammerchor-seefeld.example>",
    subject: "Concert on 7 December",
    body: `Dear all,

our concert is on Sunday 7 December 2025 at 17:00 in the Kirche Neumünster: Rheinberger, Poulenc, and the new piece by Oda Brandt. Dress rehearsal on Saturday at 10:00. Black, please, with something green.

Katrin`,
  },
  {
    id: "werkhof-desk",
    at: "2024-04-22 09:18",
    from: "werkhof",
    subject: "Your desk at Werkhof 9",
    body: `Hello Nora,

from 1 May 2024 desk 14 by the window is yours: CHF 390 a month, notice two months. The deposit of CHF 500 has arrived, thanks. Your key has number 27, and the alarm is switched off with the app.

Team Werkhof 9`,
  },
  {
    id: "werkhof-notice",
    at: "2025-09-30 18:00",
    from: "nora",
    to: "werkhof",
    subject: "Giving up my desk",
    body: `Hello,

I am giving notice for desk 14 as of 30 November 2025. I want to work at home again this winter. Please transfer the deposit of CHF 500 back to my usual account.

Nora Lindqvist`,
  },
  {
    id: "werkhof-end",
    at: "2025-10-01 09:25",
    from: "werkhof",
    re: "werkhof-notice",
    body: `Hello Nora,

what a pity! We confirm the end of your contract on 30 November 2025. Bring back key 27 and you get the deposit within a week.

Team Werkhof 9`,
  },
  {
    id: "course-exam",
    at: "2025-10-20 13:30",
    from: "school",
    subject: "Exame B2",
    language: "pt",
    body: `Cara Nora,

o exame B2 de português é no sábado, 22 de novembro de 2025, às 9h00, sala 3. Traga um documento de identificação.

Escola Azul`,
  },
  {
    id: "course-result",
    at: "2025-12-09 16:40",
    from: "school",
    subject: "Resultado do exame B2",
    language: "pt",
    body: `Parabéns, Nora!

Passou no exame B2 com 82 em 100 pontos. Oral: 27/30. O certificado segue por correio.

Escola Azul`,
  },
  {
    id: "phone-number",
    at: "2025-03-17 19:00",
    from: "nora",
    to: "birgitta, erik, priya, mette, ana",
    subject: "my new number",
    body: `Hello everybody,

I have changed my phone provider and, against all promises, my number too. From today: +41 78 555 02 73. The old one (+41 79 555 01 48) stops at the end of the month.

Nora`,
  },
  {
    id: "gym-price",
    at: "2025-01-30 06:00",
    from: "Kraftraum <studio@kraftraum-zh.example>",
    subject: "Anpassung deines Abos",
    language: "de",
    form: "html",
    body: `Liebe Nora

Dein Abo im Kraftraum kostet ab März 2025 CHF 85 pro Monat statt CHF 79. Dafür gibt es neu die Sauna dazu.

Dein Kraftraum-Team`,
  },
  {
    id: "lumio-cancel",
    at: "2025-08-04 12:12",
    from: "Lumio <hello@lumio-stream.example>",
    subject: "Your subscription has been cancelled",
    form: "html",
    body: `Hi Nora,

as you asked, your Lumio subscription (CHF 17.90 a month) has been cancelled. You can watch until 31 August 2025.

We are sorry to see you go.`,
  },
];
