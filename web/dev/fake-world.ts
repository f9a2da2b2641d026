import type { AnswerMessage, Citation, Message } from "@steward/core/conversation.ts";
import type { EmbedderChoice, ModelChoice, Settings, Source } from "@steward/core/wire.ts";
import { ITEMS } from "./fake-items.ts";

/** The rest of the fixed world: answers, sources, models, settings. */
export function cite(n: number, id: string, quote: string): Citation {
  const found = ITEMS.find((i) => i.id === id)!;
  const start = found.text.indexOf(quote);
  const from = found.people.find((p) => p.role === "from")?.name;
  return {
    n,
    item: id,
    kind: found.kind,
    title: found.title,
    quote,
    verified: start >= 0,
    ...(found.date ? { date: found.date } : {}),
    ...(from ? { from } : {}),
    ...(found.path ? { path: found.path } : {}),
    ...(found.pages ? { page: 1 } : {}),
    ...(start >= 0 ? { start, end: start + quote.length } : {}),
  };
}

export const LISBON: Omit<AnswerMessage, "id" | "answers" | "at" | "state" | "cards" | "model"> = {
  role: "steward",
  text: "You fly on **Friday 14 March 2025 at 07:40** from Zürich, TAP 933, arriving 09:35. [^1] Ana is on the same booking; seats 12A and 12B. [^2]\n\nThe deposit of **€ 350** for the flat on Rua da Rosa was returned on 2 April. [^3] It was probably paid back to your old card.",
  citations: [
    cite(1, "i-booking", "TP 933 departs Zürich (ZRH) on Friday, 14 March 2025 at 07:40"),
    cite(2, "i-seats", "We sit in 12A and 12B"),
    cite(3, "i-deposit", "the deposit of € 350 was returned on 2 April 2025"),
  ],
  unsupported: ["It was probably paid back to your old card."],
  steps: [
    { kind: "search", label: "flight to Lisbon", found: 12, ms: 14 },
    { kind: "search", label: "deposit flat", found: 6, ms: 15 },
    { kind: "search", label: "seats", found: 3, ms: 12 },
  ],
  usage: { inputTokens: 1120, outputTokens: 84, promptTokens: 1120, cost: 0, ms: 820, msToFirstText: 210 },
};

/** An answer with a table, a list and code, for looking at them. */
export const TABLE_TEXT =
  "Three payments went to the flat on Rua da Rosa:\n\n| Date | What | Amount |\n|---|---|---:|\n| 8 March 2025 | Deposit | € 350 |\n| 14 March 2025 | Rent for a week | € 612 |\n| 2 April 2025 | Deposit, returned [^3] | − € 350 |\n\nTo have them as a sheet:\n\n```csv\ndate,what,amount\n2025-03-08,Deposit,350\n2025-03-14,Rent for a week with a line that is longer than the answer is wide,612\n```\n\n- The rent was paid **in cash**.\n- Nothing is open.";

export const MESSAGES: readonly Message[] = [
  {
    id: "q1",
    role: "owner",
    text: "When do we fly to Lisbon, and did I ever get the deposit for the flat back?",
    at: Date.UTC(2026, 10, 21, 3),
  },
  {
    ...LISBON,
    id: "a1",
    answers: "q1",
    at: Date.UTC(2026, 10, 21, 3),
    state: "done",
    cards: [],
    model: "llama3.3 on this computer",
  },
  {
    id: "q2",
    role: "owner",
    text: "Remind me to check in, and remember that I take the window seat.",
    at: Date.UTC(2026, 10, 21, 3, 2),
  },
  {
    ...LISBON,
    id: "a2",
    answers: "q2",
    at: Date.UTC(2026, 10, 21, 3, 2),
    state: "done",
    model: "llama3.3 on this computer",
    text: "Two things:",
    citations: [],
    unsupported: [],
    steps: [],
    cards: [
      {
        type: "task",
        task: {
          id: "t1",
          title: "Check in for TAP 933",
          due: "2025-03-13T07:40",
          zone: "Europe/Zurich",
          done: false,
          createdAt: 0,
        },
      },
      { type: "memory", id: "m1", text: "You take the window seat." },
    ],
  },
];

const progress = { added: 18_204, known: 12, quarantined: 2, bytes: 730e6, totalBytes: 1000e6, startedAt: 0 };
export const SOURCES: readonly Source[] = [
  {
    id: "s-mail",
    kind: "path",
    name: "Mail.mbox",
    path: "/home/nora/Mail.mbox",
    trust: "contact",
    state: "reading",
    addedAt: 0,
    progress,
  },
  {
    id: "s-files",
    kind: "path",
    name: "Documents",
    path: "/home/nora/Documents",
    trust: "owner",
    state: "done",
    addedAt: 0,
    progress: { ...progress, added: 214, known: 0, quarantined: 1, bytes: 88e6, totalBytes: 88e6, endedAt: 9000 },
  },
  {
    id: "s-notes",
    kind: "path",
    name: "Notes",
    path: "/media/stick/Notes",
    trust: "owner",
    state: "failed",
    addedAt: 0,
    progress: { ...progress, added: 36, known: 0, quarantined: 0, bytes: 1e6, totalBytes: 4e6, endedAt: 9000 },
    error: "The folder /media/stick/Notes is not there any more. Plug the stick in, then retry.",
  },
];

export const MODELS: readonly ModelChoice[] = [
  {
    id: "extractive",
    label: "Built-in",
    description: "Finds, quotes and sums up. Free, private, works offline.",
    local: true,
    state: "ready",
    models: [],
    current: true,
  },
  {
    id: "ollama",
    label: "Ollama on this computer",
    description: "Found at port 11434: llama3.3, qwen3. Nothing leaves the machine.",
    local: true,
    state: "ready",
    models: ["llama3.3", "qwen3"],
    current: false,
  },
  {
    id: "anthropic",
    label: "Anthropic",
    description: "What is asked, and the passages it needs, go to them.",
    local: false,
    state: "ready",
    models: ["claude-sonnet-5", "claude-haiku-5"],
    current: false,
    keyFrom: "A key lies in your environment.",
  },
  {
    id: "openai",
    label: "OpenAI",
    description: "What is asked, and the passages it needs, go to them.",
    local: false,
    state: "needs-key",
    models: ["gpt-6", "gpt-6-mini"],
    current: false,
  },
  {
    id: "lmstudio",
    label: "LM Studio on this computer",
    description: "Not found at port 1234. Start its server and come back.",
    local: true,
    state: "not-found",
    models: [],
    current: false,
  },
  {
    id: "compatible",
    label: "Another server",
    description: "Any server that speaks OpenAI's language.",
    local: false,
    state: "needs-key",
    models: [],
    current: false,
  },
];

export const SETTINGS: Settings = {
  name: "Nora",
  timeZone: "Europe/Zurich",
  dailyCapUsd: 2,
  dailyTokenCap: 500_000,
  theme: "system",
  addresses: ["nora@example.org"],
};

export const EMBEDDERS: readonly EmbedderChoice[] = [
  {
    id: "none",
    label: "Words only",
    description: "Fast and exact; other words for the same thing are not found.",
    local: true,
    state: "ready",
    current: false,
  },
  {
    id: "built-in",
    label: "Built-in",
    description: "Word vectors that came with Steward. Nothing leaves the machine.",
    local: true,
    state: "ready",
    current: true,
  },
  {
    id: "minilm",
    label: "MiniLM on this computer",
    description: "Reads whole sentences; slower to take in, better at paraphrase.",
    local: true,
    state: "needs-download",
    current: false,
    bytes: 23_026_053,
  },
  {
    id: "openai",
    label: "OpenAI",
    description: "Passages and searches go to them to be embedded.",
    local: false,
    state: "needs-key",
    current: false,
  },
  {
    id: "ollama",
    label: "Ollama on this computer",
    description: "Not found at port 11434.",
    local: true,
    state: "not-found",
    current: false,
  },
];
