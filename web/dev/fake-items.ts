import type { ItemView } from "@steward/core/wire.ts";

/** A small fixed world for drawing the app against: one traveller, a flat in Lisbon. Nothing in it is real. */
const ANA = { name: "Ana Silva", address: "ana.silva@example.org" };
const TAP = { name: "TAP Air Portugal", address: "confirmation@flytap.example" };
const YOU = { name: "Nora Lind", address: "nora@example.org" };
const MAIL = { id: "s-mail", name: "Mail.mbox" };
const FILES = { id: "s-files", name: "Documents" };

type Draft = Partial<ItemView> & Pick<ItemView, "id" | "title" | "text">;
const item = (draft: Draft): ItemView => ({
  kind: "mail",
  people: [],
  source: MAIL,
  trust: "contact",
  mediaType: "message/rfc822",
  size: draft.text.length * 3,
  pageStarts: [],
  quoted: [],
  remoteReferences: 0,
  warnings: [],
  attachments: [],
  thread: [],
  ...draft,
});

const BOOKING = `Dear traveller,

Thank you for booking with us. TP 933 departs Zürich (ZRH) on Friday, 14 March 2025 at 07:40 and arrives in Lisbon (LIS) at 09:35. Please be at the gate 30 minutes before departure.

Booking reference NX4Q7L. Two passengers. You can choose seats and check in online from 24 hours before the flight.

${Array.from({ length: 14 }, (_, i) => `> Condition of carriage number ${i + 1}, as sent before.`).join("\n")}
`;
const SEATS = `Hi! I took seats for us.

We sit in 12A and 12B, I know you like the window. The bags are paid too.

Ana
`;
const FLAT = `Hi! All settled with the owner.

The key is at the café next door, ask for Inês. The flat is on the third floor, no lift, and Lisbon is cold at night, so bring the blue jacket. I have the tickets for the tram.

See you at the gate,
Ana
`;
const DEPOSIT = `Devolução do depósito

Casa da Rosa, Rua da Rosa 114, Lisboa

We confirm that the deposit of € 350 was returned on 2 April 2025.
Reference of the transfer: 7781-220.
`;
const THREAD = [
  {
    id: "i-ask",
    from: "you",
    title: "Can you ask for the keys?",
    excerpt: "Can you ask for the keys?",
    date: "2025-03-09T18:00:00+01:00",
  },
  { id: "i-yes", from: "Ana", title: "Yes, tonight.", excerpt: "Yes, tonight.", date: "2025-03-09T20:10:00+00:00" },
  {
    id: "i-flat",
    from: "Ana",
    title: "Re: Flat on Rua da Rosa",
    excerpt: "All settled with the owner.",
    date: "2025-03-11T21:04:00+00:00",
  },
  {
    id: "i-thanks",
    from: "you",
    title: "Perfect, obrigado!",
    excerpt: "Perfect, obrigado!",
    date: "2025-03-12T08:31:00+01:00",
  },
];

export const ITEMS: readonly ItemView[] = [
  item({
    id: "i-flat",
    title: "Re: Flat on Rua da Rosa",
    text: FLAT,
    date: "2025-03-11T21:04:00+00:00",
    messageId: "flat@example.org",
    people: [
      { role: "from", ...ANA },
      { role: "to", ...YOU },
      { role: "to", name: "Casa da Rosa", address: "casa@example.net" },
    ],
    thread: THREAD,
    attachments: [
      {
        item: "i-contract",
        filename: "Contrato Rua da Rosa.pdf",
        mediaType: "application/pdf",
        size: 214_000,
        inline: false,
      },
      { filename: "door.jpg", mediaType: "image/jpeg", size: 1_800_000, inline: false },
    ],
  }),
  item({
    id: "i-text",
    kind: "text",
    title: "Ana",
    text: "landed? The flat people say check-in from 14:00, we can leave bags there before.",
    date: "2025-03-10T09:12:00+00:00",
    people: [{ role: "from", ...ANA }],
    mediaType: "text/plain",
  }),
  item({
    id: "i-contract",
    kind: "file",
    title: "Contrato Rua da Rosa.pdf",
    source: FILES,
    path: "Documents/Contrato Rua da Rosa.pdf",
    filename: "Contrato Rua da Rosa.pdf",
    mediaType: "application/pdf",
    pages: 2,
    pageStarts: [0, 30],
    text: "Contrato de arrendamento\nCasa.\nO depósito de € 350, devolvido até 21 dias após a saída do apartamento. Lisboa, 8 de Março.",
    date: "2025-03-08T11:00:00+00:00",
  }),
  item({
    id: "i-stay",
    title: "Your stay from 14 to 21 March",
    text: "Dear Nora,\n\nhere are the directions to the flat, the wifi and the house rules. Lisbon is lovely in March.\n\nCasa da Rosa\n",
    date: "2025-03-07T15:45:00+00:00",
    people: [
      { role: "from", name: "Casa da Rosa", address: "casa@example.net" },
      { role: "to", ...YOU },
    ],
  }),
  item({
    id: "i-booking",
    title: "Your booking NX4Q7L is confirmed",
    text: BOOKING,
    date: "2025-01-11T18:22:00+01:00",
    messageId: "nx4q7l@flytap.example",
    people: [
      { role: "from", ...TAP },
      { role: "to", ...YOU },
    ],
    quoted: [[BOOKING.indexOf("> Cond"), BOOKING.length]],
    remoteReferences: 6,
    trust: "stranger",
  }),
  item({
    id: "i-seats",
    title: "Seats for Lisbon",
    text: SEATS,
    date: "2025-01-12T10:00:00+00:00",
    people: [
      { role: "from", ...ANA },
      { role: "to", ...YOU },
    ],
  }),
  item({
    id: "i-deposit",
    kind: "file",
    title: "Devolução do depósito.pdf",
    source: FILES,
    text: DEPOSIT,
    date: "2025-04-02T09:00:00+00:00",
    path: "Documents/Devolução do depósito.pdf",
    filename: "Devolução do depósito.pdf",
    mediaType: "application/pdf",
    pages: 1,
  }),
  item({
    id: "i-event",
    kind: "event",
    title: "Dinner at Ana's",
    text: "Dinner at Ana's. Bring the flat keys.",
    date: "2025-03-15T19:30:00+00:00",
    ends: "2025-03-15T22:00:00+00:00",
    mediaType: "text/calendar",
    people: [{ role: "organizer", ...ANA }],
  }),
  item({
    id: "i-note",
    kind: "note",
    title: "Lisbon packing",
    text: "# Lisbon packing\n\n- blue jacket\n- flat adapter\n- camera\n",
    date: "2025-03-12T22:00:00+00:00",
    mediaType: "text/markdown",
    path: "Notes/lisbon.md",
    trust: "owner",
  }),
  ...Array.from({ length: 120 }, (_, i) =>
    item({
      id: `i-more-${i}`,
      title: `Flat news ${i + 1}`,
      text: `Number ${i + 1} of the flat and Lisbon letters, as they came every week.\n`,
      date: `2024-${String(12 - (i % 12)).padStart(2, "0")}-${String(28 - (i % 27)).padStart(2, "0")}T08:00:00+00:00`,
      people: [
        { role: "from", name: "Flat News", address: "news@example.com" },
        { role: "to", ...YOU },
      ],
      trust: "stranger",
    }),
  ),
];
