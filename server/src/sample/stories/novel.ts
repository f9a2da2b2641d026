import type { Mail } from "../mail.ts";

/** The novel: the offer, the contract, more time, the manuscript, the prize, the next one. */
export const NOVEL: readonly Mail[] = [
  {
    id: "novel-offer",
    at: "2024-01-18 14:30",
    from: "keller",
    subject: "Das Salzhaus – translation into Swedish",
    body: `Dear Ms Lindqvist,

we have sold the Swedish rights of Paul Wendland's novel "Das Salzhaus" and the Swedish house would like you as its translator; they leave the contract to us. About 94,000 words.

We offer CHF 0.19 a word, a third on signing, and the delivery date would be 30 September 2024. Would that suit you?

Kind regards
Ana Keller
Foreign Rights, Bergblick Verlag`,
  },
  {
    id: "novel-counter",
    at: "2024-01-19 09:15",
    from: "nora",
    to: "keller",
    re: "novel-offer",
    body: `Dear Ms Keller,

I read Das Salzhaus in two nights and would love to translate it. For literary prose my rate is CHF 0.22 a word. And I would need until 31 October 2024, since I move in March.

Best wishes
Nora Lindqvist`,
  },
  {
    id: "novel-agreed",
    at: "2024-01-23 16:02",
    from: "keller",
    re: "novel-counter",
    body: `Dear Nora (if I may),

agreed: CHF 0.21 a word and delivery on 31 October 2024. The contract is attached, please send it back signed.

Best
Ana`,
    attach: ["documents/contract-bergblick-salzhaus.pdf"],
  },
  {
    id: "novel-late",
    at: "2024-10-07 11:11",
    from: "nora",
    to: "keller",
    subject: "Salzhaus: two more weeks?",
    body: `Dear Ana,

chapter 19 with the dialect poems takes longer than I thought. Could I deliver on 15 November instead of 31 October? The rest is revised.

Nora`,
  },
  {
    id: "novel-extended",
    at: "2024-10-08 08:47",
    from: "keller",
    re: "novel-late",
    body: `Dear Nora,

no problem, the Swedish printer has no slot before January anyway. New delivery date: 15 November 2024.

Ana`,
  },
  {
    id: "novel-delivered",
    at: "2024-11-14 23:58",
    from: "nora",
    to: "keller",
    subject: "Salthuset – the whole manuscript",
    body: `Dear Ana,

here it is, a day early. 412 pages in the manuscript. My neighbour's ceiling dripped, my cat slept on chapter 7, but Salthuset is done.

The second invoice follows next week.

Nora`,
  },
  {
    id: "novel-invoice1",
    at: "2024-02-01 10:00",
    from: "nora",
    to: "keller",
    subject: "Invoice 2024-003",
    body: `Dear Ana,

please find attached invoice 2024-003 for the first third of Das Salzhaus: CHF 6,580.00, payable within 30 days.

Nora`,
    attach: ["documents/invoice-2024-003.pdf"],
  },
  {
    id: "novel-invoice2",
    at: "2024-11-20 10:05",
    from: "nora",
    to: "keller",
    subject: "Invoice 2024-031",
    body: `Dear Ana,

attached is invoice 2024-031 for the remaining two thirds of Das Salzhaus: CHF 13,160.00, payable by 20 December 2024.

Nora`,
    attach: ["documents/invoice-2024-031.pdf"],
  },
  {
    id: "novel-paid",
    at: "2024-12-18 07:03",
    from: "limmatbank",
    subject: "Credit advice",
    form: "html",
    body: `A payment has arrived on your account.

From | Bergblick Verlag AG
Amount | CHF 13,160.00
Reference | Invoice 2024-031
Value date | 17 December 2024`,
  },
  {
    id: "novel-prize",
    at: "2025-10-02 09:31",
    from: "keller",
    subject: "Salthuset is shortlisted!",
    body: `Dear Nora,

I just got the list: Salthuset is shortlisted for the Lindblad Prize for translated fiction. There are five books on it. The winner will be announced on 27 November 2025 in Gothenburg. The prize is SEK 60,000, half of it for the translator.

So happy for you
Ana`,
  },
  {
    id: "novel-prize-result",
    at: "2025-11-28 10:44",
    from: "keller",
    subject: "The Lindblad Prize",
    body: `Dear Nora,

it was not us. The prize went to Henrik Sund for his translation from Polish. The jury praised "the salt in every sentence" of yours though, and the Swedish house is printing again.

There is more: would you do Wendland's next one, "Die Fähre"? About 71,000 words, delivery 30 June 2026.

Ana`,
  },
  {
    id: "keller-faehre",
    at: "2025-12-01 09:00",
    from: "nora",
    to: "keller",
    re: "novel-prize-result",
    body: `Dear Ana,

I am a little sad and very content. And of course I do Die Fähre! But I am away in March, so may I deliver at the end of August 2026? And CHF 0.23 a word this time.

Nora`,
  },
  {
    id: "keller-faehre-ok",
    at: "2025-12-03 14:14",
    from: "keller",
    re: "keller-faehre",
    body: `Dear Nora,

31 August 2026 is fine. I could get you CHF 0.225, my boss does not go higher. The contract comes in the new year.

Ana`,
  },
];
