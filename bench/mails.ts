import { randomFrom } from "@steward/core/testing/random.ts";

/**
 * A synthetic mailbox for benchmarks: `count` mails in mbox form, the same for the same count on every machine. Sizes
 * and words follow ordinary mail: 40 to 400 words of a Zipf vocabulary, replies in threads, a third with quoted text.
 */
export function* mboxMails(count: number): Iterable<string> {
  const random = randomFrom(7);
  const word = () => WORDS[Math.floor(WORDS.length * random() ** 3)] ?? "the";
  const people = Array.from({ length: 200 }, (_, i) => `Person ${i} <person${i}@example.org>`);
  for (let i = 0; i < count; i++) {
    const from = people[Math.floor(people.length * random() ** 2)] ?? "";
    const root = i - Math.floor(random() * 5);
    const subject = Array.from({ length: 4 + (root % 4) }, word).join(" ");
    const at = new Date(Date.UTC(2015, 0, 1) + i * 3_600_000).toUTCString().replace("GMT", "+0000");
    const body = paragraph(random, word, 40 + Math.floor(360 * random() ** 2));
    const quoted =
      i % 3 === 0 ? `\n\nOn Monday ${from} wrote:\n> ${paragraph(random, word, 40).replaceAll("\n", "\n> ")}` : "";
    yield [
      `From person@example.org ${asctime(Date.UTC(2015, 0, 1) + i * 3_600_000)}`,
      `From: ${from}`,
      "To: Me <me@example.org>",
      `Subject: ${i === root ? "" : "Re: "}${subject}`,
      `Date: ${at}`,
      `Message-ID: <bench-${i}@example.org>`,
      ...(i === root || root < 0 ? [] : [`In-Reply-To: <bench-${root}@example.org>`]),
      "MIME-Version: 1.0",
      "Content-Type: text/plain; charset=utf-8",
      "",
      `${body}\nReference bench${i}code.${quoted}`,
      "",
      "",
    ].join("\n");
  }
}

/** "Thu Jan  1 05:00:00 2015": the time of an mbox separator (RFC 4155). */
function asctime(at: number): string {
  const [weekday, day = "", month, year, time] = new Date(at).toUTCString().split(/,? /);
  return `${weekday} ${month} ${String(Number(day)).padStart(2)} ${time} ${year}`;
}

function paragraph(random: () => number, word: () => string, words: number): string {
  let line = "";
  const lines: string[] = [];
  for (let i = 0; i < words; i++) {
    line += `${word()} `;
    if (line.length > 68) {
      lines.push(random() < 0.15 ? `${line.trim()}.\n` : line.trim());
      line = "";
    }
  }
  return [...lines, line].join("\n");
}

/** Pronounceable made-up words, the frequent ones first. */
const WORDS = Array.from({ length: 30_000 }, (_, i) => {
  const syllables = [
    "ba",
    "ren",
    "to",
    "li",
    "sa",
    "mor",
    "en",
    "du",
    "kin",
    "fa",
    "ge",
    "ton",
    "al",
    "ri",
    "vo",
    "ne",
  ];
  let text = "";
  for (let rest = i + 16; rest > 0; rest = Math.floor(rest / 16)) text += syllables[rest % 16];
  return text;
});
