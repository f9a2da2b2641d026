import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { BackupReport } from "@steward/core/wire.ts";
import type { Cli, JsonOption, Register } from "./cli.ts";
import { running } from "./connect.ts";
import { CliError, EXIT } from "./exit.ts";
import { bytes, count, plain } from "./print.ts";

/** What opens a kit; the recovery code unless another is named. */
interface SecretOptions extends JsonOption {
  readonly passphrase?: boolean;
  readonly passphraseFile?: string;
  readonly keyFile?: string;
  readonly stdin?: boolean;
}

interface VerifyOptions extends SecretOptions {
  readonly kit?: string;
  readonly code?: boolean;
}

interface RestoreOptions extends SecretOptions {
  readonly kit: string;
  readonly otherKit?: boolean;
}

export const registerBackup: Register = (program, cli) => {
  const backup = program.command("backup").description("backups: sealed, with the kit that opens them kept apart");
  backup
    .command("create [folder]")
    .description("write a backup and, beside it, the kit; keep the two apart")
    .option("--json", "JSON")
    .action((folder: string | undefined, options: JsonOption) =>
      cli.withHouse(async (client) => {
        const body = folder === undefined ? {} : { folder: resolve(folder) };
        const made = await client.send<BackupReport>("POST", "/api/backup", body);
        report(cli, options, made, "Keep the kit apart from the backup: together with the recovery code it opens it.");
      }),
    );
  backup
    .command("verify <backup>")
    .description("check that a backup is whole; with what opens its kit, also that it opens. Needs no home")
    .option("--kit <file>", "the kit, when it does not lie beside the backup")
    .option("--code", "open a sample with the recovery code, which is asked for")
    .option("--passphrase", "open a sample with the passphrase, which is asked for")
    .option("--passphrase-file <file>", "open a sample with the passphrase that the file holds")
    .option("--key-file <file>", "open a sample with a copy of the key file")
    .option("--stdin", "read the code or passphrase from the first line of standard input")
    .option("--json", "JSON")
    .action((path: string, options: VerifyOptions) => verify(cli, path, options));
  backup
    .command("restore <backup>")
    .description("bring a backup back into an empty home folder (--home), with its kit and the recovery code")
    .requiredOption("--kit <file>", "the kit that was written beside the backup")
    .option("--passphrase", "open the kit with the passphrase instead of the recovery code")
    .option("--passphrase-file <file>", "open the kit with the passphrase that the file holds")
    .option("--key-file <file>", "open the kit with a copy of the key file instead")
    .option("--other-kit", "take a kit of another backup of the same home")
    .option("--stdin", "read the code or passphrase from the first line of standard input")
    .option("--json", "JSON")
    .action((path: string, options: RestoreOptions) => restore(cli, path, options));
};

async function verify(cli: Cli, path: string, options: VerifyOptions): Promise<void> {
  const { verifyBackup } = await import("../backup.ts");
  const { code, passphrase, passphraseFile, keyFile } = options;
  const opens = code || passphrase || passphraseFile !== undefined || keyFile !== undefined;
  const by = opens ? await secretOf(cli, options) : {};
  const kit = options.kit === undefined ? {} : { kit: resolve(options.kit) };
  const verified = await verifyBackup(resolve(path), { ...kit, ...by });
  if (opens && verified.kit === "") {
    throw new CliError(EXIT.usage, "The kit does not lie beside the backup. Name it: --kit <file>.");
  }
  const advice = opens
    ? "It opens: every key was unwrapped and a sample of items opened."
    : "To prove that it opens too: --code, with the kit beside it or named by --kit.";
  report(cli, options, verified, verified.ok ? advice : undefined);
}

/** Like `verify` no request: there is no house yet to ask. */
async function restore(cli: Cli, path: string, options: RestoreOptions): Promise<void> {
  const config = cli.config();
  if (await running(config))
    throw new CliError(EXIT.busy, "Stop the server of this home first (Ctrl-C where it runs).");
  const { restoreBackup } = await import("../backup.ts");
  const by = await secretOf(cli, options);
  const done = await restoreBackup({
    backup: resolve(path),
    kit: resolve(options.kit),
    home: config.home,
    ...by,
    ...(options.otherKit ? { otherKit: true } : {}),
  });
  cli.say(
    options,
    done,
    () => `Restored ${count(done.items, "item")} in ${count(done.files, "file")} to ${done.home}. Start it: npm start.`,
  );
}

async function secretOf(
  cli: Cli,
  options: SecretOptions,
): Promise<{ rootKeyFile: string } | { passphrase: string } | { recoveryCode: string }> {
  if (options.keyFile !== undefined) return { rootKeyFile: resolve(options.keyFile) };
  if (options.passphraseFile !== undefined) return { passphrase: passphraseIn(resolve(options.passphraseFile)) };
  const what = options.passphrase ? "Passphrase" : "Recovery code";
  const secret = await oneSecret(cli, what, options.stdin);
  if (!secret) throw new CliError(EXIT.usage, `Give the ${what.toLowerCase()}: in the terminal, or with --stdin.`);
  return options.passphrase ? { passphrase: secret } : { recoveryCode: secret };
}

function passphraseIn(file: string): string {
  try {
    return readFileSync(file, "utf8").replace(/\r?\n$/, "");
  } catch {
    throw new CliError(EXIT.usage, `The file ${file}, which is to hold the passphrase, cannot be read.`);
  }
}

async function oneSecret({ io }: Cli, what: string, stdin: boolean | undefined): Promise<string | undefined> {
  if (!stdin && io.inIsTty) return io.ask(`${what}: `, { secret: true });
  for await (const line of io.lines()) return line;
  return undefined;
}

function report(cli: Cli, options: JsonOption, result: BackupReport, advice?: string): void {
  if (!result.ok) cli.setExit(EXIT.failed);
  cli.say(options, result, () =>
    [
      `${result.path}: ${count(result.items, "item")}, ${count(result.files, "file")}, ${bytes(result.bytes)}, ${result.ok ? "whole" : "NOT whole"}`,
      `kit: ${result.kit || "not here"}`,
      ...result.problems.map((problem) => `problem: ${plain(problem)}`),
      ...(advice ? [advice] : []),
    ].join("\n"),
  );
}
