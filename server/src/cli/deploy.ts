import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Command } from "commander";
import type { Cli, Register } from "./cli.ts";
import { wholeNumber } from "./usage.ts";

/**
 * `steward deploy` and `steward destroy`: a process of its own (`aws/deploy/main.ts`), because the cloud's tools are development
 * packages that running at home does without. The bootstrap installs them when they are missing.
 */
const BOOTSTRAP = fileURLToPath(new URL("../../../scripts/bootstrap.cjs", import.meta.url));

export const registerDeploy: Register = (program, cli) => {
  shared(program.command("deploy"))
    .description("put Steward into your own AWS account")
    .option("--dry-run", "tell what would be made, what it costs and may do; needs no account")
    .option("--owner <e-mail>", "who signs in; needed the first time")
    .option("--domain <name>", "your own domain, with --certificate")
    .option("--certificate <arn>", "its certificate in ACM, in us-east-1")
    .option("--functions <n>", "one, or three: /chat, /memory and /search apart (one)")
    .option("--edge <kind>", "rest, http-api or function-url (rest)")
    .option("--storage <kind>", "lifecycle or intelligent-tiering (lifecycle)")
    .option("--secrets <kind>", "ssm or secrets-manager, for keys of model providers (ssm)")
    .option("--dashboard <on|off>", "free for an account's first three (on)")
    .option("--parameter <Name=Value...>", "any parameter of the template (docs/aws.md)")
    .action((options: Given) => run(cli, "deploy", options));
  shared(program.command("destroy"))
    .description("take it down again")
    .option("--data <keep|delete>", "what becomes of table, objects, key and kit; asked for otherwise")
    .option("--export <file.zip>", "everything you have, first")
    .option("--key-days <n>", "days until the key is gone for good (30)", wholeNumber(7, 30))
    .action((options: Given) => run(cli, "destroy", options));
};

type Given = Readonly<Record<string, string | number | boolean | readonly string[]>>;

function shared(command: Command): Command {
  return command
    .option("--env <name>", "which home, when there are several (home)")
    .option("--profile <name>", "your AWS profile")
    .option("--region <name>", "such as eu-central-1; otherwise the profile's")
    .option("--yes", "do not ask")
    .option("--json", "JSON");
}

function run(cli: Cli, name: string, options: Given): void {
  const args = [BOOTSTRAP, "cloud", name, ...argumentsOf(options)];
  const done = spawnSync(process.execPath, args, { stdio: "inherit", env: cli.io.env });
  if (done.error) throw new Error(`The deployment could not be started: ${done.error.message}`, { cause: done.error });
  cli.setExit(done.status ?? 1);
}

/** What commander has read, as words of a command line again. */
export function argumentsOf(options: Given): string[] {
  return Object.entries(options).flatMap(([name, value]) => {
    const word = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    if (typeof value === "boolean") return value ? [word] : [];
    return [value].flat().map((one) => `${word}=${one}`);
  });
}
