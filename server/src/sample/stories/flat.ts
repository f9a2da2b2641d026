import type { Mail } from "../mail.ts";

/** The flat in the Quellenweg: lease, deposit, the leak in the bathroom, the rent that rose. */
export const FLAT: readonly Mail[] = [
  {
    id: "lease-offer",
    at: "2024-01-09 10:14",
    from: "ammann",
    subject: "Wohnung Quellenweg 12, 3. OG rechts",
    language: "de",
    charset: "iso-8859-1",
    body: `Sehr geehrte Frau Lindqvist

Gerne bestätigen wir Ihnen, dass Sie und Herr Moreira die 3.5-Zimmer-Wohnung am Quellenweg 12 in Zürich erhalten.

Mietbeginn ist der 1. März 2024. Der Mietzins beträgt CHF 2'340.00 pro Monat inkl. Nebenkosten. Als Kaution benötigen wir drei Monatsmieten, also CHF 7'020.00, einzuzahlen auf ein Mietkautionskonto bei der Limmatbank.

Den Mietvertrag finden Sie im Anhang. Bitte senden Sie uns ein unterschriebenes Exemplar bis zum 19. Januar zurück.

Freundliche Grüsse
Regula Ammann
Sonnhalde Immobilien AG`,
    attach: ["documents/lease-quellenweg-12.pdf"],
  },
  {
    id: "lease-signed",
    at: "2024-01-15 20:31",
    from: "nora",
    to: "ammann",
    cc: "tiago",
    re: "lease-offer",
    language: "de",
    body: `Sehr geehrte Frau Ammann

Der unterschriebene Vertrag ist heute per Einschreiben an Sie unterwegs. Die Kaution überweise ich diese Woche.

Eine Frage noch: Ist eine Katze in der Wohnung erlaubt?

Freundliche Grüsse
Nora Lindqvist`,
  },
  {
    id: "lease-cat",
    at: "2024-01-16 08:52",
    from: "ammann",
    re: "lease-signed",
    language: "de",
    charset: "iso-8859-1",
    body: `Guten Tag Frau Lindqvist

Eine Katze ist erlaubt, sofern sie keine Schäden verursacht. Hunde sind in der Liegenschaft nicht gestattet.

Die Schlüsselübergabe findet am 29. Februar um 16:00 Uhr im Treppenhaus statt. Sie erhalten vier Schlüssel und einen Briefkastenschlüssel.

Freundliche Grüsse
Regula Ammann`,
  },
  {
    id: "deposit-account",
    at: "2024-01-22 09:05",
    from: "limmatbank",
    subject: "Your rental deposit account has been opened",
    form: "html",
    body: `Dear Ms Lindqvist

We confirm that your rental deposit account has been opened and that the deposit has arrived.

Account | Rental deposit savings
Number | 84-220917-3
Amount received | CHF 7,020.00
Value date | 19 January 2024
Landlord | Sonnhalde Immobilien AG

The money can only be released with the signature of both parties.

Your Limmatbank`,
  },
  {
    id: "move-tiago",
    at: "2024-02-20 21:48",
    from: "tiago",
    subject: "moving day",
    body: `The van is booked for Friday 1 March, 9 to 13, CHF 168 with the cushions and the trolley. Pickup is at Depot Altstetten. My drivers licence is the one on the contract so I have to sign.

Can you ask Priya if she still wants the old bookshelf? Otherwise it goes to the Brockenhaus.

beijo
T`,
  },
  {
    id: "move-bookshelf",
    at: "2024-02-21 08:02",
    from: "nora",
    to: "tiago",
    re: "move-tiago",
    body: `Perfect. Priya takes the bookshelf AND the green lamp, she comes on Thursday evening with her brother's car.

N`,
  },
  {
    id: "leak-report",
    at: "2024-11-04 19:42",
    from: "nora",
    to: "ammann",
    subject: "Wasserfleck an der Badezimmerdecke",
    language: "de",
    body: `Guten Abend Frau Ammann

Seit gestern haben wir einen Wasserfleck an der Decke im Bad, ungefähr so gross wie ein Suppenteller, und er wächst. Herr Zumstein vom zweiten Stock sagt, bei ihm tropfe es auch neben dem Boiler.

Können Sie bitte jemanden schicken?

Freundliche Grüsse
Nora Lindqvist
Quellenweg 12, 3. OG rechts`,
  },
  {
    id: "leak-plumber",
    at: "2024-11-05 07:55",
    from: "ammann",
    cc: "hofer",
    re: "leak-report",
    language: "de",
    charset: "iso-8859-1",
    body: `Guten Morgen Frau Lindqvist

Danke für die Meldung. Wir haben die Firma Sanitär Hofer GmbH beauftragt. Herr Marco Hofer kommt am Mittwoch, 13. November um 08:00 Uhr zu Ihnen. Seine Nummer: 044 555 17 90.

Freundliche Grüsse
Regula Ammann`,
  },
  {
    id: "leak-moved",
    at: "2024-11-12 16:20",
    from: "hofer",
    cc: "ammann",
    re: "leak-plumber",
    quote: false,
    language: "de",
    body: `Grüezi Frau Lindqvist

Leider ist mein Lehrling krank. Ich muss den Termin von morgen verschieben: Ich komme am Freitag, 15. November um 10:30 Uhr.

Gruss
Marco Hofer
Sanitär Hofer GmbH, Zürich`,
  },
  {
    id: "leak-found",
    at: "2024-11-15 13:08",
    from: "nora",
    to: "tiago",
    subject: "the leak, solved",
    body: `Marco Hofer was here. It is not our shower: a seal on the riser pipe behind the bathtub on the fourth floor was broken. He replaced it in forty minutes and was very nice to Miso.

The ceiling has to dry for three weeks, then a painter comes. The property manager pays for everything, he only needed my signature on the work report.

N`,
  },
  {
    id: "leak-zumstein",
    at: "2024-11-16 10:12",
    from: "zumstein",
    subject: "Danke!",
    language: "de",
    body: `Liebe Nachbarin

Bei mir tropft es nicht mehr, danke, dass Sie sich gekümmert haben. Mein Teppich ist leider hinüber; meine Versicherung übernimmt 350 Franken.

Ich habe Ihnen ein Glas Quittengelee vor die Tür gestellt.

Bruno Zumstein, 2. Stock`,
  },
  {
    id: "leak-invoice",
    at: "2024-11-26 11:30",
    from: "hofer",
    to: "ammann",
    cc: "nora",
    subject: "Rechnung 24-1187, Quellenweg 12",
    language: "de",
    body: `Sehr geehrte Frau Ammann

Anbei unsere Rechnung 24-1187 für die Reparatur der Steigleitung über CHF 486.50, zahlbar innert 30 Tagen. Kopie an Frau Lindqvist zur Kenntnis.

Freundliche Grüsse
Sanitär Hofer GmbH`,
    attach: ["documents/rechnung-sanitaer-hofer-24-1187.pdf"],
  },
  {
    id: "painter",
    at: "2024-12-06 09:40",
    from: "ammann",
    subject: "Malerarbeiten Bad",
    language: "de",
    charset: "iso-8859-1",
    body: `Guten Tag Frau Lindqvist

Der Maler, Herr Kovac, streicht die Badezimmerdecke am Montag, 16. Dezember, zwischen 13 und 15 Uhr. Bitte räumen Sie das Bad aus.

Freundliche Grüsse
Regula Ammann`,
  },
  {
    id: "rent-rise",
    at: "2025-05-27 14:11",
    from: "ammann",
    subject: "Mietzinsanpassung per 1. Oktober 2025",
    language: "de",
    charset: "iso-8859-1",
    body: `Sehr geehrte Frau Lindqvist, sehr geehrter Herr Moreira

Aufgrund der Teuerung passen wir den Mietzins per 1. Oktober 2025 an. Der neue Mietzins beträgt CHF 2'415.00 pro Monat inkl. Nebenkosten (bisher CHF 2'340.00). Das amtliche Formular haben Sie per Post erhalten.

Freundliche Grüsse
Regula Ammann
Sonnhalde Immobilien AG`,
  },
  {
    id: "rent-tiago",
    at: "2025-05-27 18:25",
    from: "nora",
    to: "tiago",
    subject: "rent from October",
    body: `The letter is real: from 1 October 2025 we pay CHF 2,415 a month, 75 francs more. I changed the standing order already so we do not forget.

N`,
  },
  {
    id: "laundry",
    at: "2025-02-03 07:30",
    from: "ammann",
    to: "nora, zumstein",
    subject: "Waschküche: neuer Plan",
    language: "de",
    charset: "iso-8859-1",
    body: `Liebe Mieterinnen und Mieter

Ab März gilt ein neuer Waschplan. 3. OG rechts (Lindqvist/Moreira): jeden zweiten Mittwoch, erstmals am 5. März 2025. 2. OG (Zumstein): Montag.

Regula Ammann`,
  },
  {
    id: "cellar-key",
    at: "2025-08-11 18:03",
    from: "zumstein",
    subject: "Kellerschlüssel",
    language: "de",
    body: `Liebe Frau Lindqvist

Ihr Ersatzschlüssel für den Keller liegt bei mir, Sie haben ihn am Samstag in der Waschküche liegen lassen. Ich bin bis Donnerstag zuhause, danach bei meiner Tochter in Chur.

Bruno Zumstein`,
  },
];
