/** What is not in the archive, though its words are: the only right answer is that it was not found. */
import type { Question } from "../questions.ts";

export const ABSENT: readonly Question[] = [
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
    id: "n-duarte-wedding",
    kind: "not in here",
    ask: "When is Ana Duarte getting married?",
    expect: [],
    evidence: [],
  },
];
