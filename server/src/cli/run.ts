import { Command, CommanderError } from "commander";
import { ConfigError } from "../config.ts";
import { VERSION } from "../version.ts";
import { registerAsk } from "./ask.ts";
import { registerBackup } from "./backup.ts";
import { type Cli, makeCli } from "./cli.ts";
import { registerCompletion } from "./completion.ts";
import type { OpenDoor } from "./connect.ts";
import { registerDeploy } from "./deploy.ts";
import { registerDoctor } from "./doctor.ts";
import { CliError, EXIT, EXIT_HELP } from "./exit.ts";
import { registerIndex } from "./index-upkeep.ts";
import type { Io } from "./io.ts";
import { registerAgenda, registerExport, registerForget, registerTokens } from "./keeping.ts";
import { registerKeys } from "./keys.ts";
import { registerModels } from "./models.ts";
import { registerSearch } from "./search.ts";
import { registerSources } from "./sources.ts";
import { registerStart } from "./start.ts";
import { refuseRepeats } from "./usage.ts";

const GROUPS = [
  registerStart,
  registerSources,
  registerSearch,
  registerAsk,
  registerAgenda,
  registerModels,
  registerIndex,
  registerForget,
  registerKeys,
  registerTokens,
  registerBackup,
  registerExport,
  registerDoctor,
  registerDeploy,
  registerCompletion,
];

/** Runs one command line; resolves to its exit code. */
export async function runCli(argv: readonly string[], given: Io, openDoor: OpenDoor): Promise<number> {
  const homeGiven: { home?: string } = {};
  const io: Io = {
    ...given,
    get env() {
      return homeGiven.home === undefined ? given.env : { ...given.env, STEWARD_HOME: homeGiven.home };
    },
  };
  let exit: number = EXIT.ok;
  const cli = makeCli(io, openDoor, (code) => {
    exit = code;
  });
  const program = programOf(cli);
  program.hook("preAction", (_, action) => {
    const { home, json } = action.optsWithGlobals<{ home?: string; json?: boolean }>();
    // `sources quarantine --json`: commander gives the option to `sources`, which has it too.
    if (json) action.setOptionValue("json", true);
    if (home !== undefined) homeGiven.home = home;
  });
  try {
    await program.parseAsync([...argv], { from: "user" });
    return exit;
  } catch (error) {
    return failed(error, io, argv.includes("--json"));
  }
}

function programOf(cli: Cli): Command {
  const program = new Command("steward")
    .description("A private personal assistant. Ask your own mail and files, and check the answer.")
    .version(VERSION, "-V, --version")
    .option("--home <folder>", "the home folder (STEWARD_HOME, ~/.steward)")
    .addHelpText("after", EXIT_HELP)
    .exitOverride()
    .configureOutput({ writeOut: (text) => cli.io.out(text), writeErr: (text) => cli.io.err(text) });
  for (const register of GROUPS) register(program, cli);
  inherit(program);
  refuseRepeats(program);
  return program;
}

/** Commander copies settings to subcommands only when they are made by `command()` after being set on the parent. */
function inherit(command: Command): void {
  for (const sub of command.commands) {
    sub.copyInheritedSettings(command).exitOverride();
    sub.addHelpText("after", EXIT_HELP);
    inherit(sub);
  }
}

/** The one place where an error becomes words and an exit code. */
function failed(error: unknown, io: Io, json: boolean): number {
  const answer = (message: string, exit: number) => {
    if (json) io.out(`${JSON.stringify({ error: message, exit })}\n`);
    return exit;
  };
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return EXIT.ok;
    // Commander has told the person already.
    return answer(error.message.replace(/^error: /, ""), EXIT.usage);
  }
  const message = error instanceof Error ? error.message : String(error);
  io.err(`${message}\n`);
  return answer(message, exitOf(error));
}

/** Errors of the rooms under us, by name, so that they need not be loaded to be told apart. */
const EXIT_BY_NAME: Readonly<Record<string, number>> = {
  HomeBusy: EXIT.busy,
  KeyFileError: EXIT.locked,
  KitFault: EXIT.locked,
  WrongSecret: EXIT.locked,
};

function exitOf(error: unknown): number {
  if (error instanceof CliError) return error.exit;
  if (error instanceof ConfigError) return EXIT.usage;
  return (error instanceof Error ? EXIT_BY_NAME[error.name] : undefined) ?? EXIT.failed;
}
