import type { EmbedderChoice, EmbedderDownload, ModelChoice } from "@steward/core/wire.ts";
import { SingleBar } from "cli-progress";
import type { Cli, JsonOption, Register } from "./cli.ts";
import type { Client } from "./connect.ts";
import { CliError, EXIT } from "./exit.ts";
import { bytes, plain, table } from "./print.ts";

interface ModelOptions extends JsonOption {
  readonly use?: string;
  readonly model?: string;
  readonly baseUrl?: string;
  readonly prove?: boolean;
}

export const registerModels: Register = (program, cli) => {
  const command = program
    .command("models")
    .description("who may think: list, or choose one")
    .option("--use <id>", "choose (extractive, anthropic, openai, bedrock, ollama, lmstudio, compatible)")
    .option("--model <name>", "the provider's model")
    .option("--base-url <url>", "for compatible endpoints")
    .option("--prove", "try it with a real completion of a few tokens")
    .option("--json", "JSON")
    .action((options: ModelOptions) => cli.withHouse((client) => models(cli, client, options)));
  command
    .command("meaning [id]")
    .description("what finds by meaning: list, or choose one (built-in, minilm, folder, ollama, none, …)")
    .option("--model <name>", "the provider's model, or the folder's name")
    .option("--base-url <url>", "for compatible endpoints")
    .option("--json", "JSON")
    .action((id: string | undefined, _: JsonOption, self: { optsWithGlobals(): ModelOptions }) =>
      cli.withHouse((client) => meaning(cli, client, id, self.optsWithGlobals())),
    );
  command
    .command("add <id>")
    .description("fetch a model that finds by meaning (minilm), checked by size and SHA-256")
    .option("--json", "JSON")
    .action((id: string, _: JsonOption, self: { optsWithGlobals(): ModelOptions }) =>
      cli.withHouse((client) => add(cli, client, id, self.optsWithGlobals())),
    );
};

async function models(cli: Cli, client: Client, options: ModelOptions): Promise<void> {
  if (!options.use) {
    const choices = await client.get<ModelChoice[]>("/api/models");
    return cli.say(options, choices, () => listed(choices));
  }
  const setup = { id: options.use, ...detailsOf(options) };
  if (options.prove) {
    const proof = await client.send<{ ok: boolean; ms: number; message: string }>("POST", "/api/models/prove", setup);
    if (!proof.ok) cli.setExit(EXIT.failed);
    return cli.say(options, proof, () => `${plain(proof.message)} (${proof.ms} ms)`);
  }
  const choices = await client.send<ModelChoice[]>("PUT", "/api/models", setup);
  cli.say(options, choices, () => `New turns use ${choices.find((one) => one.current)?.label ?? options.use}.`);
}

async function meaning(cli: Cli, client: Client, id: string | undefined, options: ModelOptions): Promise<void> {
  if (id === undefined) {
    const choices = await client.get<EmbedderChoice[]>("/api/embedders");
    return cli.say(options, choices, () => listed(choices));
  }
  const choices = await client.send<EmbedderChoice[]>("PUT", "/api/embedders", { id, ...detailsOf(options) });
  const current = choices.find((one) => one.current);
  cli.say(options, choices, () =>
    current?.id === "none"
      ? "Search goes by words alone now."
      : `${current?.label ?? id} finds by meaning now; what is there gets its vectors in the background.`,
  );
}

/** Fetches with a bar; a download that was cut goes on where it was when it is asked for again. */
async function add(cli: Cli, client: Client, id: string, options: ModelOptions): Promise<void> {
  const bar = cli.io.errIsTty
    ? new SingleBar({ format: `${id} {bar} {percentage}% {read} of {whole}`, hideCursor: true, stream: process.stderr })
    : undefined;
  let begun = false;
  if (!options.json) cli.io.err("First comes what runs it, then the model itself.\n");
  try {
    for await (const event of client.events<EmbedderDownload>("/api/embedders/add", { body: { id } })) {
      if (event.type === "error") throw new CliError(EXIT.failed, event.message);
      if (event.type === "done") break;
      const shown = { read: bytes(event.bytes), whole: bytes(event.totalBytes) };
      if (begun) bar?.update(event.bytes, shown);
      else bar?.start(event.totalBytes, event.bytes, shown);
      begun = true;
    }
  } finally {
    if (begun) bar?.stop();
  }
  cli.say(options, { id, added: true }, () => `${id} is here. Switch it on with: steward models meaning ${id}`);
}

function listed(choices: readonly (ModelChoice | EmbedderChoice)[]): string {
  return table(choices.map((one) => [one.current ? "*" : " ", one.id, one.state, one.label, one.chosen ?? ""]));
}

function detailsOf({ model, baseUrl }: ModelOptions): { model?: string; baseUrl?: string } {
  return { ...(model ? { model } : {}), ...(baseUrl ? { baseUrl } : {}) };
}
