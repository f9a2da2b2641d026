import type { AnswerMessage, ChatEvent, Conversation } from "@steward/core/conversation.ts";
import type { ConversationView } from "@steward/core/wire.ts";
import type { Cli, JsonOption, Register } from "./cli.ts";
import type { Client } from "./connect.ts";
import { CliError, EXIT } from "./exit.ts";
import { day, oneLine, plain, table } from "./print.ts";

interface AskOptions extends JsonOption {
  readonly conversation?: string;
}

interface Answered {
  readonly conversation: string;
  readonly message: AnswerMessage;
}

export const registerAsk: Register = (program, cli) => {
  program
    .command("ask")
    .argument("[question...]", "what you want to know")
    .description("ask one question; without one, reads questions from standard input, one a line")
    .option("-c, --conversation <id>", "go on with a conversation")
    .option("--json", "one JSON object per question")
    .action((words: string[], options: AskOptions) =>
      cli.withHouse(async (client) => {
        if (words.length > 0) return void (await askOne(cli, client, words.join(" "), options));
        if (cli.io.inIsTty) throw new CliError(EXIT.usage, 'Say what to ask: steward ask "when is the rent due?".');
        for await (const line of cli.io.lines()) if (line.trim()) await askOne(cli, client, line, options);
      }),
    );

  program
    .command("chat")
    .description("talk with Steward; Ctrl-C stops an answer, Ctrl-D leaves")
    .option("-c, --conversation <id>", "go on with a conversation")
    .option("--list", "list conversations")
    .option("--show <id>", "print a conversation")
    .option("--json", "JSON")
    .action((options: AskOptions & { list?: boolean; show?: string }) =>
      cli.withHouse(async (client) => {
        if (options.list) return list(cli, client, options);
        if (options.show) return showConversation(cli, client, options.show, options);
        return talk(cli, client, options);
      }),
    );
};

async function askOne(cli: Cli, client: Client, question: string, options: AskOptions): Promise<string> {
  const { conversation, message } = await turn(cli, client, question, options);
  if (message.state === "failed") cli.setExit(EXIT.failed);
  cli.say(options, answerJson(question, conversation, message), () => "");
  return conversation;
}

/** Runs one turn to its end, writing the text as it comes. Ctrl-C stops the answer and keeps what was written. */
async function turn(cli: Cli, client: Client, text: string, options: AskOptions): Promise<Answered> {
  const { conversation } = options;
  let answered: Answered | undefined;
  let begun: Extract<ChatEvent, { type: "turn" }> | undefined;
  const undo = cli.io.onStop(() => {
    cli.setExit(EXIT.interrupted);
    if (begun) void client.send("POST", "/api/chat/stop", { answer: begun.answer }).catch(() => {});
  });
  const write = (part: string) => void (options.json || cli.io.out(plain(part)));
  try {
    const body = { text, ...(conversation === undefined ? {} : { conversation }) };
    for await (const event of client.events<ChatEvent>("/api/chat", { body })) {
      if (event.type === "turn") begun = event;
      else if (event.type === "text") write(event.delta);
      else if (event.type === "retrying") {
        if (!options.json) cli.io.err(`\n(${plain(event.reason)} Trying again.)\n`);
      } else if (event.type === "finish" || event.type === "error") {
        answered = { conversation: begun?.conversation ?? "", message: event.message };
      }
    }
  } finally {
    undo();
  }
  if (!answered)
    throw new CliError(EXIT.failed, "The answer ended in the middle. Ask again; `steward doctor` may tell why.");
  if (!options.json) cli.io.out(`\n${footnotes(answered.message)}`);
  return answered;
}

/** The answer as scripts read it. `cost` is in US dollars, null when the model has no price. */
function answerJson(question: string, conversation: string, message: AnswerMessage): object {
  return {
    question,
    answer: message.text,
    citations: message.citations,
    unsupported: message.unsupported,
    model: message.model,
    usage: message.usage,
    cost: message.usage.cost ?? null,
    state: message.state,
    conversation,
    ...(message.error ? { error: message.error } : {}),
  };
}

function footnotes(message: AnswerMessage): string {
  const lines = message.citations.map((citation) => {
    const about = [day(citation.date), citation.from, citation.title].filter(Boolean).join(" · ");
    const seal = citation.verified ? "checked" : "not found word for word";
    return `[${citation.n}] ${oneLine(about, 120)} (${seal})\n    “${oneLine(citation.quote, 300)}”`;
  });
  if (message.unsupported.length > 0) {
    lines.push(`Not supported by anything found: ${message.unsupported.map((one) => oneLine(one, 200)).join(" / ")}`);
  }
  if (message.error) lines.push(plain(message.error.message));
  return lines.length > 0 ? `\n${lines.join("\n")}\n` : "";
}

async function talk(cli: Cli, client: Client, options: AskOptions): Promise<void> {
  let { conversation } = options;
  const next = async (text: string) => {
    if (!text.trim()) return;
    const asked = { ...options, ...(conversation === undefined ? {} : { conversation }) };
    conversation = await askOne(cli, client, text, asked);
  };
  if (!cli.io.inIsTty) {
    for await (const line of cli.io.lines()) await next(line);
    return;
  }
  for (;;) {
    cli.io.err("\n");
    const line = await cli.io.ask("you> ");
    if (line === undefined) return;
    await next(line);
  }
}

async function list(cli: Cli, client: Client, options: JsonOption): Promise<void> {
  const conversations = await client.get<Conversation[]>("/api/conversations");
  cli.say(options, conversations, () =>
    conversations.length === 0
      ? "No conversations yet."
      : table(
          conversations.map(({ id, title, updatedAt }) => [id, day(new Date(updatedAt).toISOString()), oneLine(title)]),
        ),
  );
}

async function showConversation(cli: Cli, client: Client, id: string, options: JsonOption): Promise<void> {
  const view = await client.get<ConversationView>(`/api/conversations/${encodeURIComponent(id)}`);
  cli.say(options, view, () =>
    view.messages
      .map((message) =>
        message.role === "owner" ? `you> ${plain(message.text)}` : plain(message.text) + footnotes(message),
      )
      .join("\n\n"),
  );
}
