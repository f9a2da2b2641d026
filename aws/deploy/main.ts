import { createInterface } from "node:readline/promises";
import { CHOICE_WORDS, OptionError, optionsOf } from "../infra/options.ts";
import { isUsage, parseWords } from "../infra/words.ts";
import { DeployError, openAccount, stackNameOf } from "./account.ts";
import { deploy } from "./deploy.ts";
import { destroy } from "./destroy.ts";
import { type Plan, planOf, planText } from "./plan.ts";
import { findStack } from "./stack.ts";

/**
 * `steward deploy` and `steward destroy`, a process of their own: the home in the cloud needs the development packages, the
 * home on this machine none of them.
 */
const text = { type: "string" } as const;
const flag = { type: "boolean" } as const;
const many = { type: "string", multiple: true } as const;

const OPTIONS = {
  ...{ env: text, profile: text, region: text, owner: text, domain: text, certificate: text },
  ...CHOICE_WORDS,
  parameter: many,
  ...{ "dry-run": flag, json: flag, yes: flag },
  ...{ data: text, export: text, "key-days": text },
} as const;

const CHOICE_NAMES = ["functions", "edge", "storage", "secrets", "dashboard"] as const;

const USAGE = "Say deploy or destroy; `npx steward deploy --help` tells the options.\n";

type Values = ReturnType<typeof parse>["values"];

function parse(argv: readonly string[]) {
  return parseWords({ args: [...argv], options: OPTIONS, allowPositionals: true });
}

export interface Terminal {
  out(text: string): void;
  err(text: string): void;
  /** Undefined when nobody is there to ask. */
  ask(question: string): Promise<string | undefined>;
}

/** Resolves to the exit code. */
export async function run(argv: readonly string[], terminal: Terminal): Promise<number> {
  try {
    const { values, positionals } = parse(argv);
    const [verb] = positionals;
    if (verb !== "deploy" && verb !== "destroy") {
      terminal.err(USAGE);
      return 2;
    }
    await (verb === "deploy" ? runDeploy(values, terminal) : runDestroy(values, terminal));
    return 0;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (argv.includes("--json")) terminal.out(`${JSON.stringify({ error: message })}\n`);
    terminal.err(`${message}\n`);
    return isUsage(error) ? 2 : 1;
  }
}

async function runDeploy(values: Values, terminal: Terminal): Promise<void> {
  const env = envOf(values);
  const parameters = parametersOf(values);
  const plan = planOf(env, optionsOf(values), nextOf(values));
  if (values["dry-run"]) return showPlan(plan, values, terminal);
  const account = await openAccount(choiceOf(values));
  if (!values.json) terminal.out(`${planText({ ...plan, next: "" }).trimEnd()}\n\n`);
  await confirm(values, terminal, `Make this in account ${account.id}, ${account.region}?`);
  const { buildCode, buildWeb } = await import("./code.ts");
  const say = (line: string) => terminal.err(`${line}\n`);
  say("Building…");
  const { address, isNew } = await deploy({
    ...{ account, env, template: plan.template, parameters, say },
    ...{ code: await buildCode(), web: buildWeb() },
    ...(values.owner === undefined ? {} : { ownerEmail: values.owner }),
  });
  const first = isNew ? `\nAWS has mailed ${values.owner} a password for the first sign-in.` : "";
  terminal.out(values.json ? `${JSON.stringify({ address, isNew })}\n` : `\nSteward is at ${address}${first}\n`);
}

function showPlan(plan: Plan, values: Values, terminal: Terminal): void {
  const { template: _, bill, ...told } = plan;
  const lines = bill.lines.map(({ meter, quantity, list, withFree }) => ({ meter, quantity, list, withFree }));
  const json = { ...told, bill: { list: bill.list, withFree: bill.withFree, dashboards: bill.dashboards, lines } };
  terminal.out(values.json ? `${JSON.stringify(json)}\n` : `${planText(plan)}\n`);
}

async function runDestroy(values: Values, terminal: Terminal): Promise<void> {
  const env = envOf(values);
  const keyDays = keyDaysOf(values);
  const account = await openAccount(choiceOf(values));
  const stack = await findStack(account.formation, stackNameOf(env));
  if (!stack) throw new DeployError(`There is no stack ${stackNameOf(env)} in ${account.region}.`);
  const data = await dataOf(values, terminal);
  if (values.export !== undefined) {
    terminal.err("Exporting…\n");
    const { exportHome } = await import("./export.ts");
    await exportHome({ outputs: stack.outputs, env, region: account.region }, values.export);
  }
  const lost = data === "delete" ? ` Everything in it is lost, and the key in ${keyDays} days.` : "";
  await confirm(values, terminal, `Take down "${env}" in account ${account.id}, ${account.region}?${lost}`);
  const say = (line: string) => terminal.err(`${line}\n`);
  const remains = await destroy({ account, env, data, keyDays, say });
  terminal.out(
    values.json
      ? `${JSON.stringify({ destroyed: env, remains })}\n`
      : `\n"${env}" is taken down. These remain:\n${remains.map((line) => `  ${line}\n`).join("")}`,
  );
}

function envOf({ env = "home" }: Values): string {
  if (/^[a-z][a-z0-9]{0,11}$/.test(env)) return env;
  throw new OptionError(`"${env}" is no name for a home: a small letter, then up to eleven small letters or digits.`);
}

function choiceOf({ profile, region }: Values): Parameters<typeof openAccount>[0] {
  return { ...(profile === undefined ? {} : { profile }), ...(region === undefined ? {} : { region }) };
}

function keyDaysOf({ "key-days": given = "30" }: Values): number {
  const days = Number(given);
  if (Number.isInteger(days) && days >= 7 && days <= 30) return days;
  throw new OptionError("--key-days must be a whole number from 7 to 30: AWS waits at least a week.");
}

async function dataOf({ data, yes }: Values, terminal: Terminal): Promise<"keep" | "delete"> {
  const question = "Keep your data (table, objects, key) or delete it? [keep/delete] ";
  const answer = data ?? (yes ? undefined : await terminal.ask(question));
  if (answer === "keep" || answer === "delete") return answer;
  throw new OptionError("Say what is to become of your data: --data keep or --data delete.");
}

function parametersOf(values: Values): Record<string, string> {
  const named = { DomainName: values.domain, CertificateArn: values.certificate };
  const given = Object.entries(named).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
  const free = (values.parameter ?? []).map((text) => {
    const [, name, value] = /^([A-Za-z]+)=(.*)$/s.exec(text) ?? [];
    if (name === undefined || value === undefined) throw new OptionError(`"${text}" is not Name=Value.`);
    return [name, value] as const;
  });
  if ((values.domain === undefined) !== (values.certificate === undefined))
    throw new OptionError("A domain needs its certificate, and the other way round: --domain with --certificate.");
  return Object.fromEntries([...given, ...free]);
}

/** The command that does what the dry run told, with what was given; an owner and a region it cannot do without. */
function nextOf(values: Values): string {
  const told = { ...values, owner: values.owner ?? "you@example.org", region: values.region ?? "eu-central-1" };
  const names = ["owner", "profile", "region", "env", ...CHOICE_NAMES, "domain", "certificate"] as const;
  const words = names.flatMap((name) => (told[name] === undefined ? [] : [`--${name}`, told[name]]));
  const parameters = (values.parameter ?? []).flatMap((text) => ["--parameter", text]);
  return ["To make it: npx steward deploy", ...[...words, ...parameters].map(forShell)].join(" ");
}

/** As a shell takes it for one word. */
function forShell(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

async function confirm({ yes }: Values, terminal: Terminal, question: string): Promise<void> {
  if (yes) return;
  const answer = await terminal.ask(`${question} [yes/no] `);
  if (answer !== "yes") throw new DeployError("Nothing was changed. Say yes, or --yes where nobody can be asked.");
}

if (import.meta.main) {
  process.exitCode = await run(process.argv.slice(2), {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    ask: async (question) => {
      if (!process.stdin.isTTY) return undefined;
      const reader = createInterface({ input: process.stdin, output: process.stderr });
      try {
        return (await reader.question(question)).trim();
      } finally {
        reader.close();
      }
    },
  });
}
