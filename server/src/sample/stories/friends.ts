import type { Mail } from "../mail.ts";

/** Friends and colleagues: Priya, Mette, the theatre, the retreat. */
export const FRIENDS: readonly Mail[] = [
  {
    id: "greina-report",
    at: "2025-05-26 21:15",
    from: "nora",
    to: "priya",
    subject: "we survived the Greina",
    body: `Seven hours, two ibexes, one blister (Tiago, left heel). The hut warden is called Gion and plays the accordion. You must come next time.

N`,
    keep: "eml",
  },
  {
    id: "priya-tent",
    at: "2025-06-20 18:30",
    from: "priya",
    subject: "your tent",
    body: `Confession: a fox bit a hole into your tent at Lake Cauma. I had it repaired, it was 55 francs, I paid, please do not be angry. It is prettier now.

P.`,
    keep: "eml",
  },
  {
    id: "chez-lotti",
    at: "2025-02-12 07:20",
    from: "nora",
    to: "priya",
    re: "priya-job",
    body: `HEAD of the visitors' centre!! I am so proud. Friday at 19:00 at Chez Lotti, I wear the loud earrings.

N`,
  },
  {
    id: "priya-dish",
    at: "2025-10-28 12:10",
    from: "nora",
    to: "priya",
    re: "priya-birthday",
    body: `I come with Tiago, a pumpkin pie and no sourdough.

N`,
  },
  {
    id: "tiago-premiere",
    at: "2024-10-10 16:22",
    from: "tiago",
    subject: "two tickets for the premiere",
    body: `I have two tickets for you: "Der Sturm", Saturday 19 October, 20:00, row 4, seats 11 and 12. Take Mette if Priya works. The thunder is mine.

T`,
  },
  {
    id: "mette-premiere",
    at: "2024-10-11 08:30",
    from: "nora",
    to: "mette",
    subject: "theatre on the 19th?",
    body: `Mette, do you want to hear my man's thunder? "Der Sturm", Saturday the 19th at eight, Theater am Gleis. I have a ticket for you.

Nora`,
  },
  {
    id: "mette-premiere-yes",
    at: "2024-10-11 09:44",
    from: "mette",
    re: "mette-premiere",
    body: `Thunder: always. I bring liquorice.

M`,
  },
  {
    id: "mette-bornholm",
    at: "2025-11-12 11:30",
    from: "mette",
    subject: "Bornholm",
    body: `The retreat: 8 to 15 March 2026, an old rectory in Svaneke, six translators, DKK 3,900 with food. There is one room left. I have put your name on it until the end of the month, so think fast.

Mette`,
  },
  {
    id: "mette-bornholm-answer",
    at: "2025-11-25 22:18",
    from: "nora",
    to: "mette",
    re: "mette-bornholm",
    body: `I thought fast: yes please, put me down for the room. I pay the DKK 3,900 in January if that is all right.

Nora`,
  },
];
