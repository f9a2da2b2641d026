import { createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { resolve } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Task } from "@steward/core/agenda.ts";
import type { Memory } from "@steward/core/memory.ts";
import type { Forgetting, Token } from "@steward/core/wire.ts";
import { SCOPE_WORDS, SCOPES } from "../tokens.ts";
import type { Cli, JsonOption, Register } from "./cli.ts";
import type { Client } from "./connect.ts";
import { CliError, EXIT } from "./exit.ts";
import { bytes, count, day, oneLine, plain, table } from "./print.ts";
import { severalWords, wholeNumber } from "./usage.ts";

const KINDS = ["item", "conversation", "source", "memory"] as const;

export const registerForget: Register = (program, cli) => {
  const forget = program
    .command("forget")
    .description("forget for good: hidden at once, undoable until confirmed, then a receipt");
  for (const kind of KINDS) {
    forget
      .command(`${kind} <id>`)
      .description(kind === "source" ? "forget a source with all it brought" : `forget one ${kind}`)
      .option("-y, --yes", "confirm at once")
      .option("--json", "JSON")
      .action((id: string, options: JsonOption & { yes?: boolean }) =>
        cli.withHouse(async (client) => {
          const asked = await client.send<Forgetting>("POST", "/api/forget", { [kind]: id });
          if (options.yes) return confirm(cli, client, asked.id, options);
          cli.say(options, asked, () => forgettingText(asked));
        }),
      );
  }
  forget
    .command("confirm <id>")
    .description("destroy the keys of what was hidden")
    .option("--json", "JSON")
    .action((id: string, options: JsonOption) => cli.withHouse((client) => confirm(cli, client, id, options)));
  forget
    .command("undo <id>")
    .description("bring back what was hidden and not yet confirmed")
    .option("--json", "JSON")
    .action((id: string, options: JsonOption) =>
      cli.withHouse(async (client) => {
        await client.send("POST", `/api/forget/${encodeURIComponent(id)}/undo`);
        cli.say(options, { ok: true }, () => "It is back.");
      }),
    );
  forget
    .command("list")
    .description("what was forgotten, with receipts")
    .option("--json", "JSON")
    .action((options: JsonOption) =>
      cli.withHouse(async (client) => {
        const all = await client.get<Forgetting[]>("/api/forget");
        cli.say(options, all, () =>
          all.length === 0
            ? "Nothing was forgotten."
            : table(
                all.map((one) => [one.id, one.state, day(new Date(one.askedAt).toISOString()), oneLine(one.label)]),
              ),
        );
      }),
    );
};

/** Confirms, then waits for the receipt: the segments are rewritten in the background. */
async function confirm(cli: Cli, client: Client, id: string, options: JsonOption): Promise<void> {
  let forgetting = await client.send<Forgetting>("POST", `/api/forget/${encodeURIComponent(id)}/confirm`);
  const until = performance.now() + 120_000;
  while (forgetting.state === "shredding" && performance.now() < until) {
    await new Promise((resume) => setTimeout(resume, 50));
    forgetting = await client.get<Forgetting>(`/api/forget/${encodeURIComponent(id)}`);
  }
  cli.say(options, forgetting, () => forgettingText(forgetting));
}

function forgettingText(forgetting: Forgetting): string {
  const { items, passages, messages, memories } = forgetting.counts;
  const what = `${count(items, "item")}, ${count(passages, "passage")}, ${count(messages, "message")}, ${count(memories, "memory", "memories")}`;
  const { receipt } = forgetting;
  if (receipt) {
    return (
      `Forgotten: ${oneLine(forgetting.label)} (${what}).\nReceipt ${receipt.id}: ${count(receipt.keysDestroyed, "key")} destroyed, ` +
      `${count(receipt.segmentsRewritten, "segment")} rewritten. Older backups open with an older kit until ${receipt.backupsOpenUntil}.\nMark ${receipt.mark}`
    );
  }
  if (forgetting.state === "shredding")
    return `The keys are destroyed; the index is being rewritten (${forgetting.id}).`;
  return (
    `Hidden: ${oneLine(forgetting.label)} (${what}).\n` +
    `For good:  steward forget confirm ${forgetting.id}\nBring back: steward forget undo ${forgetting.id}`
  );
}

export const registerTokens: Register = (program, cli) => {
  const token = program.command("token").description("API keys for programs of yours");
  token
    .command("create <name>")
    .description("a new key; its secret is shown this once")
    .requiredOption("--scope <scopes>", "what it may do: words with commas between, or once a word", severalWords)
    .option("--days <n>", "ends after so many days", wholeNumber(1, 3_650))
    .option("--json", "JSON")
    .addHelpText("after", () => `\nScopes:\n${table(SCOPES.map((scope) => [`  ${scope}`, SCOPE_WORDS[scope]]))}`)
    .action((name: string, options: JsonOption & { scope: readonly string[]; days?: number }) =>
      cli.withHouse(async (client) => {
        const body = { name, scopes: options.scope, ...(options.days === undefined ? {} : { days: options.days }) };
        const made = await client.send<Token>("POST", "/api/tokens", body);
        cli.say(
          options,
          made,
          () =>
            `${made.secret}\n\nShown this once. Scopes: ${made.scopes.join(", ")}. ${endOf(made)}. Revoke with: steward token revoke ${made.id}`,
        );
      }),
    );
  token
    .command("list")
    .description("keys, without their secrets, with their last use")
    .option("--json", "JSON")
    .action((options: JsonOption) =>
      cli.withHouse(async (client) => {
        const tokens = await client.get<Token[]>("/api/tokens");
        cli.say(options, tokens, () =>
          tokens.length === 0
            ? "No keys."
            : table(tokens.map((one) => [one.id, plain(one.name), one.scopes.join(","), useOf(one), endOf(one)])),
        );
      }),
    );
  token
    .command("revoke <id>")
    .description("the key stops working at once")
    .option("--json", "JSON")
    .action((id: string, options: JsonOption) =>
      cli.withHouse(async (client) => {
        await client.send("DELETE", `/api/tokens/${encodeURIComponent(id)}`);
        cli.say(options, { ok: true }, () => "Revoked.");
      }),
    );
};

function dayOf(ms: number): string {
  return day(new Date(ms).toISOString());
}

function useOf({ lastUsedAt }: Token): string {
  return lastUsedAt === undefined ? "never used" : `last used ${dayOf(lastUsedAt)}`;
}

function endOf({ expiresAt }: Token): string {
  if (expiresAt === undefined) return "works until revoked";
  return `${expiresAt <= Date.now() ? "ended" : "works until"} ${dayOf(expiresAt)}`;
}

export const registerAgenda: Register = (program, cli) => {
  const tasks = program.command("tasks").description("the list of tasks, done ones too");
  tasks.option("--json", "JSON");
  tasks.action((options: JsonOption) =>
    cli.withHouse(async (client) => {
      const all = await client.get<Task[]>("/api/tasks");
      cli.say(options, all, () =>
        all.length === 0
          ? "No tasks."
          : table(all.map((task) => [task.done ? "done" : "open", task.due ?? "", oneLine(task.title), task.id])),
      );
    }),
  );
  tasks
    .command("add <title...>")
    .description("a new task")
    .option("--due <when>", "YYYY-MM-DD or YYYY-MM-DDTHH:mm")
    .option("--json", "JSON")
    .action((title: string[], options: JsonOption & { due?: string }) =>
      cli.withHouse(async (client) => {
        const task = await client.send<Task>("POST", "/api/tasks", {
          title: title.join(" "),
          ...(options.due ? { due: options.due } : {}),
        });
        cli.say(options, task, () => `Added ${oneLine(task.title)} (${task.id}).`);
      }),
    );
  tasks
    .command("done <id>")
    .description("mark as done")
    .option("--json", "JSON")
    .action((id: string, options: JsonOption) =>
      cli.withHouse(async (client) => {
        const task = await client.send<Task>("PATCH", `/api/tasks/${encodeURIComponent(id)}`, { done: true });
        cli.say(options, task, () => `Done: ${oneLine(task.title)}.`);
      }),
    );

  program
    .command("memory")
    .description("what Steward remembers")
    .option("--json", "JSON")
    .action((options: JsonOption) =>
      cli.withHouse(async (client) => {
        const memories = await client.get<Memory[]>("/api/memories");
        cli.say(options, memories, () =>
          memories.length === 0
            ? "Nothing yet."
            : table(memories.map((one) => [one.id, one.category, oneLine(one.text)])),
        );
      }),
    );
  program
    .command("remember <text...>")
    .description("remember a fact")
    .option("--category <word>", "what kind of fact")
    .option("--json", "JSON")
    .action((text: string[], options: JsonOption & { category?: string }) =>
      cli.withHouse(async (client) => {
        const body = { text: text.join(" "), ...(options.category ? { category: options.category } : {}) };
        const memory = await client.send<Memory>("POST", "/api/memories", body);
        cli.say(options, memory, () => `Remembered (${memory.id}).`);
      }),
    );
};

export const registerExport: Register = (program, cli) => {
  program
    .command("export")
    .description("everything, as a zip of open formats")
    .option("-o, --output <file>", "where to write it (- for standard output)")
    .option("--json", "JSON summary")
    .action((options: JsonOption & { output?: string }) => cli.withHouse((client) => exportTo(cli, client, options)));
};

async function exportTo(cli: Cli, client: Client, options: JsonOption & { output?: string }): Promise<void> {
  const answer = await client.fetch("/api/export");
  if (!answer.body) throw new CliError(EXIT.failed, "The export was empty. Try again.");
  const stream = Readable.fromWeb(answer.body);
  if (options.output === "-") return pipeline(stream, process.stdout, { end: false });
  const file = resolve(options.output ?? `steward-${new Date().toISOString().slice(0, 10)}.zip`);
  // Only a whole zip gets the name; it holds everything in the clear, so only the owner may read it.
  const part = `${file}.part`;
  const sink = createWriteStream(part, { mode: 0o600 });
  try {
    await pipeline(stream, sink);
    await rename(part, file);
  } catch (error) {
    await rm(part, { force: true });
    throw new CliError(
      EXIT.failed,
      `The export could not be written to ${file} (${error instanceof Error ? error.message : error}).`,
    );
  }
  cli.say(
    options,
    { path: file, bytes: sink.bytesWritten },
    () => `${file} (${bytes(sink.bytesWritten)}), readable by anyone who has it.`,
  );
}
