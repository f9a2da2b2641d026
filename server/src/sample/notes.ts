/** Notes, tables, contacts and the calendar of the sample, by their path in the archive. */
export const NOTES: Readonly<Record<string, string>> = {
  "notes/flat.md": `# Flat

- Router: in the hall cupboard. Guest wifi password: havregryn-27
- Fuse box: behind the coats. The bathroom is fuse F4.
- Cellar: compartment 9, combination lock 4-0-7
- Caretaker: Herr Pavlović, 044 555 62 10, only until 18:00
- Paint of the bedroom wall: "Nebelgrau 12", two tins left in the cellar
`,
  "notes/miso.md": `# Miso

Adopted on 23 March 2024 from Pfotenhof. Grey tabby, born in spring 2021.

## Medicine
Half a tablet of Felimed every evening since May 2025 (thyroid). Next blood test: January 2026.

## Likes
The box of the Taiga laptop. Butter. Herr Zumstein.

## Vet
Kleintierpraxis Wolfbach, 044 555 88 31. Emergencies at night: Tierspital, 044 555 11 12.
`,
  "notes/packing-sintra.md": `# Sintra, September 2025

- [x] dress: the dark red one
- [x] poem, printed twice
- [ ] card for Ana and Rui
- [x] adapter is NOT needed
- [ ] tablets for Tiago

Taxi from Lisbon airport to Sintra: about 45 euros, Rui's cousin Marta can fetch us instead (+351 96 555 7120).
`,
  "notes/translation-salzhaus.md": `# Salzhaus, decisions

- Title: Salthuset (not "Saltkammaren", that was the working title)
- Fährmann = färjkarl
- The grandmother says "ni" to everybody, also to the goat
- Dialect poems, chapter 19: Roslagsmål, checked with uncle Gösta
`,
  "notes/books-2025.txt": `Read in 2025

January: Solkatten, by Maja Wikner (4/5)
February: The Lighthouse Accountant, by Oren Pell (2/5)
March: Die Fähre, Paul Wendland, proofs (5/5)
May: Quatro Marés, by Inês Valadão (5/5, in Portuguese!)
August: Nattlinjen, by Jon Alm (3/5)
November: Bird Grammar, by Tess Ogilvie (4/5)
`,
  "notes/ideas.txt": `Ideas
- Article on translating silence (for the union's magazine, 8,000 characters, deadline 15 February 2026)
- Teach Tiago to ski. Or the other way round.
- Grow lemon balm on the balcony
- Ask Mette about the retreat on Bornholm
`,
  "notes/doctor-2025-02-20.md": `# Dr. Iten, check-up, 20 February 2025

Blood pressure 118/76. Iron too low (ferritin 14), so iron tablets for three months. Vitamin D fine.
Tetanus vaccination given today, valid for ten years. Next check-up in two years.
`,
  "notes/garden-balcony.md": `# Balcony

2024: tomatoes "Gelbe Birne", 31 pieces. Basil died.
2025: tomatoes again, 44 pieces. Lemon balm. The fig tree from Birgitta has its first three figs.
`,
  "expenses-2025.csv": `date,shop,what,amount,currency,category
2025-01-07,Papierhaus Enge,printer paper and toner,96.40,CHF,office
2025-01-22,Buchladen am Stauffacher,dictionary of maritime terms,78.00,CHF,office
2025-02-08,Kaffeemechanik Rossi,repair of the espresso machine,187.00,CHF,household
2025-02-20,Praxis Dr. Iten,check-up,164.50,CHF,health
2025-03-12,Kleintierpraxis Wolfbach,vaccination Miso,134.20,CHF,cat
2025-03-30,Haus Lindenau,hotel Leipzig 4 nights,476.00,EUR,travel
2025-04-17,Blumen Iris,flowers for Priya,42.00,CHF,gifts
2025-05-24,Terrihütte,half board for two,142.00,CHF,travel
2025-06-11,Gotthard Rail,half-fare card,190.00,CHF,travel
2025-06-18,Buerostuhl Outlet,office chair,329.00,CHF,office
2025-07-25,Praxis Dr. Favre,crown,1392.00,CHF,health
2025-08-19,Velo Kreis Fuenf,second-hand bicycle Spatz 3,1150.00,CHF,household
2025-09-04,Optik Sehfeld,glasses,734.00,CHF,health
2025-09-23,Casa das Hortensias,hotel Sintra rest,410.00,EUR,travel
2025-10-11,Schneiderei Nadel,hem of the dark red dress,38.00,CHF,clothes
2025-11-21,Escola Azul,exam fee B2,210.00,CHF,education
2025-12-12,Weinhandlung Traube,wine for Christmas,118.50,CHF,household
`,
};

/** When each was last written, wall time. */
export const NOTE_DATES: Readonly<Record<string, string>> = {
  "notes/flat.md": "2024-03-04 20:10",
  "notes/miso.md": "2025-05-07 21:30",
  "notes/packing-sintra.md": "2025-09-16 22:05",
  "notes/translation-salzhaus.md": "2024-09-14 11:20",
  "notes/books-2025.txt": "2025-11-30 18:00",
  "notes/ideas.txt": "2025-11-08 09:15",
  "notes/doctor-2025-02-20.md": "2025-02-20 12:40",
  "notes/garden-balcony.md": "2025-10-04 16:30",
};

export const CONTACTS: readonly (readonly [
  name: string,
  tel: string,
  mail: string,
  note: string,
  birthday?: string,
])[] = [
  ["Birgitta Lindqvist", "+46 18 555 03 12", "birgitta.lindqvist@brevlada.example", "Mamma", "1955-08-16"],
  ["Erik Lindqvist", "+46 70 555 81 20", "erik@lindqvistbygg.example", "brother, Gothenburg", "1990-02-03"],
  ["Tiago Moreira", "+41 79 555 33 07", "tiago.moreira@ondasom.example", "", "1985-11-30"],
  ["Ana Moreira", "+351 91 555 0364", "ana.moreira@ribeira.example", "Tiago's sister", "1992-07-08"],
  ["Ana Keller", "+41 31 555 20 44", "ana.keller@bergblick-verlag.example", "Bergblick Verlag, foreign rights"],
  ["Marco Hofer", "+41 44 555 17 90", "info@sanitaer-hofer.example", "plumber"],
  ["Bruno Zumstein", "+41 44 555 70 02", "bruno.zumstein@bluemail.example", "neighbour, second floor"],
  ["Priya Raman", "+41 76 555 64 19", "priya.raman@quillmail.example", "", "1985-11-13"],
  ["Lea Baumann", "+41 77 555 90 31", "lea.baumann@studi.example", "cat sitter"],
  ["Céline Favre", "+41 44 555 36 36", "praxis@zahnarzt-favre.example", "dentist"],
];

export function contactsFile(): string {
  return CONTACTS.map(([name, tel, mail, note, birthday]) => {
    const [first, ...last] = name.split(" ");
    return [
      "BEGIN:VCARD",
      "VERSION:3.0",
      `FN:${name}`,
      `N:${last.join(" ")};${first};;;`,
      `TEL;TYPE=CELL:${tel}`,
      `EMAIL:${mail}`,
      ...(note ? [`NOTE:${note.replace(/,/g, "\\,")}`] : []),
      ...(birthday ? [`BDAY:${birthday}`] : []),
      "END:VCARD",
      "",
    ].join("\r\n");
  }).join("");
}

export const EVENTS: readonly {
  readonly uid: string;
  readonly start: string;
  readonly end?: string;
  readonly title: string;
  readonly where?: string;
  readonly note?: string;
  readonly repeat?: string;
}[] = [
  {
    uid: "choir",
    start: "20240903T193000",
    end: "20240903T213000",
    title: "Choir rehearsal",
    where: "Parish hall Seefeldstrasse",
    repeat: "FREQ=WEEKLY;UNTIL=20250826T220000Z",
  },
  {
    uid: "choir-2",
    start: "20250904T190000",
    end: "20250904T210000",
    title: "Choir rehearsal",
    where: "Parish hall Seefeldstrasse",
    repeat: "FREQ=WEEKLY;UNTIL=20251218T220000Z",
  },
  {
    uid: "concert",
    start: "20251207T170000",
    end: "20251207T183000",
    title: "Concert Kammerchor",
    where: "Kirche Neumünster",
  },
  {
    uid: "dentist",
    start: "20250617T141500",
    end: "20250617T151500",
    title: "Dentist: crown",
    where: "Kreuzstrasse 50",
  },
  {
    uid: "vet",
    start: "20250312T171500",
    end: "20250312T174500",
    title: "Miso: vaccination",
    where: "Kleintierpraxis Wolfbach",
  },
  {
    uid: "wedding",
    start: "20250920T150000",
    end: "20250920T235900",
    title: "Wedding of Ana and Rui",
    where: "Quinta do Pinhal, Sintra",
  },
  { uid: "mamma", start: "20250816", title: "Mamma 70", where: "Boathouse, Sigtuna" },
  {
    uid: "exam",
    start: "20251122T090000",
    end: "20251122T123000",
    title: "Portuguese exam B2",
    where: "Escola Azul, room 3",
  },
  {
    uid: "yoga",
    start: "20240506T180000",
    end: "20240506T190000",
    title: "Yoga with Priya",
    where: "Studio Atem",
    repeat: "FREQ=WEEKLY;COUNT=12",
  },
  {
    uid: "hairdresser",
    start: "20251125T101500",
    end: "20251125T111500",
    title: "Hairdresser",
    where: "Salon Locke, Dufourstrasse 88",
    note: "ask for Mireille",
  },
  {
    uid: "boiler",
    start: "20251210T130000",
    end: "20251210T143000",
    title: "Boiler descaling",
    where: "Quellenweg 12",
    note: "Herr Pavlovic lets them into the cellar",
  },
  {
    uid: "fondue",
    start: "20251219T183000",
    end: "20251219T230000",
    title: "Fondue with the translators",
    where: "Restaurant Alte Post",
    note: "Mette has reserved for eight",
  },
];

export function calendarFile(): string {
  const day = (at: string) => (at.length === 8 ? `;VALUE=DATE:${at}` : `;TZID=Europe/Zurich:${at}`);
  const text = (value: string) => value.replace(/([,;\\])/g, "\\$1");
  const events = EVENTS.flatMap(({ uid, start, end, title, where, note, repeat }) => [
    "BEGIN:VEVENT",
    `UID:${uid}@lindqvist.example`,
    "DTSTAMP:20240101T000000Z",
    `DTSTART${day(start)}`,
    ...(end ? [`DTEND${day(end)}`] : []),
    `SUMMARY:${text(title)}`,
    ...(where ? [`LOCATION:${text(where)}`] : []),
    ...(note ? [`DESCRIPTION:${text(note)}`] : []),
    ...(repeat ? [`RRULE:${repeat}`] : []),
    "END:VEVENT",
  ]);
  return ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Steward//sample//EN", ...events, "END:VCALENDAR", ""].join(
    "\r\n",
  );
}

/** The terms that come attached to a mail. */
export const GLOSSARY = `Deutsch,Svenska,Bemerkung
Infusionspumpe,infusionspump,nicht "droppump"
Durchflussrate,flödeshastighet,ml/h
Luftblasensensor,luftbubbelsensor,
Alarm stummschalten,tysta larm,Taste 4
`;
