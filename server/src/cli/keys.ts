import {
  ConfigError,
  homeOf,
  isSettingName,
  listSettings,
  loadConfig,
  SETTING_NAMES,
  type Setting,
  writeSetting,
} from "../config.ts";
import type { Cli, JsonOption, Register } from "./cli.ts";
import { CliError, EXIT } from "./exit.ts";
import type { Io } from "./io.ts";
import { table } from "./print.ts";

/** Settings of the process, and the secrets that open the house. */
export const registerKeys: Register = (program, cli) => {
  const config = program.command("config").description("settings of the server (config.json in the home folder)");
  config
    .command("list")
    .description("every setting, its value and where that comes from")
    .option("--json", "JSON")
    .action((options: JsonOption) => {
      const settings = listSettings(cli.io.env);
      cli.say(options, settings, () =>
        table(settings.map((one) => [one.name, String(one.value ?? "not set"), `${one.from} (${one.env})`, one.about])),
      );
    });
  config
    .command("get <name>")
    .description(`one of ${SETTING_NAMES.join(", ")}`)
    .option("--json", "JSON")
    .action((name: string, options: JsonOption) => {
      const setting = settingOf(cli, name);
      cli.say(options, setting, () => String(setting.value ?? ""));
    });
  config
    .command("set <name> [value]")
    .description("change a setting; without a value, back to the default")
    .option("--json", "JSON")
    .action((name: string, value: string | undefined, options: JsonOption) => {
      writeSetting(homeOf(cli.io.env), name, value);
      const setting = settingOf(cli, name);
      for (const fault of missingIn(cli)) cli.io.err(`Not complete yet: ${fault}\n`);
      cli.say(
        options,
        setting,
        () => `${name} = ${setting.value ?? "not set"}. A running server takes it up when it is started again.`,
      );
    });

  program
    .command("password")
    .description("set the sign-in password (also when it is lost); ends all sessions")
    .option("--stdin", "read it from the first line of standard input")
    .option("--json", "JSON")
    .action(async (options: JsonOption & { stdin?: boolean }) => {
      const next = await newSecret(cli.io, "New password", options.stdin);
      await cli.withHouse(async (client) => {
        await client.send("POST", "/api/password", { next });
        cli.say(options, { ok: true }, () => "The password is set; all sessions have ended.");
      });
    });

  program
    .command("lock")
    .description("wrap the root key with a passphrase, asked for at every start; or take it away")
    .option("--passphrase", "set or change the passphrase")
    .option("--off", "keep the root key in a file again")
    .option("--stdin", "read the passphrase from the first line of standard input")
    .option("--json", "JSON")
    .action(async (options: JsonOption & { passphrase?: boolean; off?: boolean; stdin?: boolean }) => {
      if (Boolean(options.passphrase) === Boolean(options.off)) {
        throw new CliError(EXIT.usage, "Say which: steward lock --passphrase, or steward lock --off.");
      }
      const body = options.off
        ? { off: true }
        : { passphrase: await newSecret(cli.io, "New passphrase", options.stdin) };
      await cli.withHouse(async (client) => {
        const locked = await client.send<{ lock: string; recoveryCode?: string }>("POST", "/api/lock", body);
        const code = locked.recoveryCode ? `\nA new recovery code, shown this once: ${locked.recoveryCode}` : "";
        cli.say(options, locked, () =>
          locked.lock === "passphrase"
            ? `The key is wrapped; every start asks for the passphrase. The recovery code still opens it when the passphrase is lost.${code}`
            : "The key is in a file of the home folder again; whoever reads that file can read everything.",
        );
      });
    });

  program
    .command("unlock")
    .description("open the running, locked house with the passphrase or the recovery code")
    .option("--recovery-code", "ask for the recovery code instead")
    .option("--json", "JSON")
    .action(async (options: JsonOption & { recoveryCode?: boolean }) => {
      if (!options.recoveryCode) return cli.withHouse(async () => cli.say(options, { ok: true }, () => "Open."));
      const recoveryCode = await cli.io.ask("Recovery code: ", { secret: cli.io.inIsTty });
      if (!recoveryCode) throw new CliError(EXIT.usage, "No recovery code was given.");
      await cli.withLockedHouse(async (client) => {
        await client.send("POST", "/api/unlock", { recoveryCode });
        cli.say(options, { ok: true }, () => "Open.");
      });
    });
};

/** Settings that belong together are set one after the other: what still keeps the server from starting. */
function missingIn({ io }: Cli): readonly string[] {
  try {
    loadConfig(io.env);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
}

function settingOf(cli: Cli, name: string): Setting {
  const setting = isSettingName(name) ? listSettings(cli.io.env).find((one) => one.name === name) : undefined;
  if (!setting) throw new CliError(EXIT.usage, `There is no setting "${name}". Known: ${SETTING_NAMES.join(", ")}.`);
  return setting;
}

/** Asked for twice in a terminal; from a pipe the first line. Never taken from the arguments, which others can see. */
async function newSecret(io: Io, what: string, stdin: boolean | undefined): Promise<string> {
  if (stdin || !io.inIsTty) {
    for await (const line of io.lines()) return line;
    throw new CliError(EXIT.usage, `Give the ${what.toLowerCase()} as the first line of standard input.`);
  }
  const first = await io.ask(`${what}: `, { secret: true });
  if (!first) throw new CliError(EXIT.usage, "Nothing was given; nothing was changed.");
  if ((await io.ask("Once more: ", { secret: true })) !== first)
    throw new CliError(EXIT.usage, "The two differ; nothing was changed.");
  return first;
}
