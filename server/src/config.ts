import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { z } from "zod";

/**
 * Settings of the process: `<home>/config.json`, each also as an environment variable, which wins. This file is the
 * only reader of the environment. Secrets are never settings: model keys are sealed in the house or stay in the
 * environment, a passphrase is asked for or read from the file that `STEWARD_PASSPHRASE_FILE` names.
 */
export interface Config {
  /** Absolute path of the home folder. */
  readonly home: string;
  /** TCP port on the loopback addresses; 0 lets the system choose. */
  readonly port: number;
  /** Where a proxy in front serves this house, such as `https://steward.example.org`; its host and origin are allowed. */
  readonly baseUrl?: string;
  readonly logLevel: "silent" | "error" | "warn" | "info" | "debug";
  /** Days until a session ends whatever is done with it. */
  readonly sessionDays: number;
  /** Requests a minute that one API key may make. */
  readonly apiRate: number;
  /** Exact origins, separated by commas, whose pages may call the API with a key; none when absent. */
  readonly apiOrigins?: string;
  /** An OpenID Connect issuer whose tokens open the API, and whose sign-in the app (http/oidc/issuer.ts). */
  readonly oidcIssuer?: string;
  /** What a bearer token is made out to (`aud`, or Cognito's `client_id`), separated by commas. */
  readonly oidcAudience?: string;
  /** The owner at the issuer: subjects or verified e-mail addresses, separated by commas. */
  readonly oidcSubject?: string;
  /** This app at the issuer, for signing in; its secret only where the issuer demands one. */
  readonly oidcClientId?: string;
  readonly oidcClientSecret?: string;
  /** What the app calls the issuer; its host when absent. */
  readonly oidcName?: string;
  readonly ollamaUrl: string;
  readonly lmstudioUrl: string;
  readonly passphraseFile?: string;
  /** `STEWARD_MODELS`: a folder with sentence-transformers models of the owner's. */
  readonly modelsFolder?: string;
  /** The search index past one machine; the house keeps its own, sealed one when absent. */
  readonly engine?: { readonly type: "postgres"; readonly url: string; readonly schema?: string };
  /** What the model providers look for in the environment, and nothing else of it. */
  readonly providerEnv: Readonly<Record<string, string>>;
}

const httpUrl = z.url({ protocol: /^https?$/, error: "must be an http:// or https:// address" });

const words = z.string().trim().min(1, "must not be empty").max(1_000, "must have at most 1000 characters");

/** The settings of `config.json`: what `steward config` lists and sets. */
export const FILE_SETTINGS = {
  port: {
    schema: z.coerce
      .number()
      .int("must be a whole number")
      .min(0, "must be 0 to 65535")
      .max(65535, "must be 0 to 65535"),
    env: "STEWARD_PORT",
    default: 4180,
    about: "TCP port on this machine",
  },
  baseUrl: { schema: httpUrl, env: "STEWARD_BASE_URL", default: undefined, about: "address of a proxy in front" },
  logLevel: {
    schema: z.enum(["silent", "error", "warn", "info", "debug"], "must be silent, error, warn, info or debug"),
    env: "STEWARD_LOG_LEVEL",
    default: "warn",
    about: "how much is logged; never any content",
  },
  sessionDays: {
    schema: z.coerce.number().min(0.01, "must be at least 0.01").max(365, "must be at most 365"),
    env: "STEWARD_SESSION_DAYS",
    default: 30,
    about: "days until a sign-in ends",
  },
  apiRate: {
    schema: z.coerce.number().min(1, "must be at least 1").max(1_000_000, "must be at most 1000000"),
    env: "STEWARD_API_RATE",
    default: 600,
    about: "requests a minute of one API key",
  },
  apiOrigins: {
    schema: z.string().refine(areOrigins, "must be exact origins such as https://app.example.org, separated by commas"),
    env: "STEWARD_API_ORIGINS",
    default: undefined,
    about: "origins whose pages may call the API with a key",
  },
  engine: {
    schema: z.enum(["private", "postgres"], "must be private or postgres"),
    env: "STEWARD_ENGINE",
    default: "private",
    about: "what keeps the search index: Steward itself, sealed, or PostgreSQL (STEWARD_POSTGRES_URL), which reads it",
  },
  oidcIssuer: {
    schema: httpUrl,
    env: "STEWARD_OIDC_ISSUER",
    default: undefined,
    about: "OpenID Connect issuer whose tokens and sign-in are taken",
  },
  oidcAudience: {
    schema: words,
    env: "STEWARD_OIDC_AUDIENCE",
    default: undefined,
    about: "what its bearer tokens are made out to",
  },
  oidcSubject: {
    schema: words,
    env: "STEWARD_OIDC_SUBJECT",
    default: undefined,
    about: "who is the owner there: subject, or verified e-mail address",
  },
  oidcClientId: {
    schema: words,
    env: "STEWARD_OIDC_CLIENT_ID",
    default: undefined,
    about: "this app there, to sign in",
  },
  oidcName: { schema: words, env: "STEWARD_OIDC_NAME", default: undefined, about: "what the app calls the issuer" },
  ollamaUrl: {
    schema: httpUrl,
    env: "STEWARD_OLLAMA_URL",
    default: "http://127.0.0.1:11434",
    about: "where Ollama is",
  },
  lmstudioUrl: {
    schema: httpUrl,
    env: "STEWARD_LMSTUDIO_URL",
    default: "http://127.0.0.1:1234",
    about: "where LM Studio is",
  },
} as const;

export type SettingName = keyof typeof FILE_SETTINGS;
export const SETTING_NAMES = Object.keys(FILE_SETTINGS) as readonly SettingName[]; // the keys of the literal above

/** A setting that is unknown or wrong; the message names the file and line, or the variable. */
export class ConfigError extends Error {
  readonly faults: readonly string[];
  constructor(faults: readonly string[]) {
    super(faults.join("\n"));
    this.name = "ConfigError";
    this.faults = faults;
  }
}

export type Environment = Readonly<Record<string, string | undefined>>;

export interface Setting {
  readonly name: SettingName;
  readonly value: string | number | undefined;
  readonly from: "default" | "file" | "environment";
  readonly env: string;
  readonly about: string;
}

export function homeOf(env: Environment): string {
  return resolve(env.STEWARD_HOME || join(homedir(), ".steward"));
}

/** Throws `ConfigError` naming every fault at once. */
export function loadConfig(env: Environment): Config {
  const home = homeOf(env);
  const given = listSettings(env).filter((setting) => setting.value !== undefined);
  const { engine, ...settings } = parsedSettings.parse(
    Object.fromEntries(given.map((setting) => [setting.name, setting.value])),
  );
  const config: Config = {
    ...{ ...settings, home },
    ...(engine === "postgres" ? { engine: postgresOf(env) } : {}),
    ...(env.STEWARD_OIDC_CLIENT_SECRET ? { oidcClientSecret: env.STEWARD_OIDC_CLIENT_SECRET } : {}),
    ...(env.STEWARD_MODELS ? { modelsFolder: resolve(env.STEWARD_MODELS) } : {}),
    ...(env.STEWARD_PASSPHRASE_FILE ? { passphraseFile: env.STEWARD_PASSPHRASE_FILE } : {}),
    providerEnv: providerEnvOf(env),
  };
  const faults = oidcFaults(config);
  if (faults.length > 0) throw new ConfigError(faults);
  return config;
}

/** What is missing or unsafe in what is said of the owner's issuer. */
function oidcFaults({ oidcIssuer, oidcSubject, oidcAudience, oidcClientId }: Config): string[] {
  if (oidcIssuer === undefined) return [];
  return [
    ...(isSafeUrl(oidcIssuer) ? [] : ["oidcIssuer: must be https://; http:// is taken on this machine alone"]),
    ...(oidcSubject
      ? []
      : ["oidcSubject: must say who is the owner at oidcIssuer: a subject, or a verified e-mail address"]),
    ...(oidcAudience || oidcClientId
      ? []
      : ["oidcIssuer: does nothing yet; set oidcAudience for bearer tokens, oidcClientId for signing in"]),
  ];
}

/** Names and keys are asked for over TLS; on this machine itself there is nobody between. */
export function isSafeUrl(url: string): boolean {
  const parsed = URL.parse(url);
  if (parsed?.protocol === "https:") return true;
  return parsed?.protocol === "http:" && ["localhost", "127.0.0.1", "[::1]"].includes(parsed.hostname);
}

const parsedSettings = z.object({
  port: FILE_SETTINGS.port.schema,
  baseUrl: FILE_SETTINGS.baseUrl.schema.exactOptional(),
  logLevel: FILE_SETTINGS.logLevel.schema,
  sessionDays: FILE_SETTINGS.sessionDays.schema,
  apiRate: FILE_SETTINGS.apiRate.schema,
  apiOrigins: FILE_SETTINGS.apiOrigins.schema.exactOptional(),
  engine: FILE_SETTINGS.engine.schema,
  oidcIssuer: FILE_SETTINGS.oidcIssuer.schema.exactOptional(),
  oidcAudience: FILE_SETTINGS.oidcAudience.schema.exactOptional(),
  oidcSubject: FILE_SETTINGS.oidcSubject.schema.exactOptional(),
  oidcClientId: FILE_SETTINGS.oidcClientId.schema.exactOptional(),
  oidcName: FILE_SETTINGS.oidcName.schema.exactOptional(),
  ollamaUrl: FILE_SETTINGS.ollamaUrl.schema,
  lmstudioUrl: FILE_SETTINGS.lmstudioUrl.schema,
});

/** The connection string holds a password, so it is no setting of the file. Throws `ConfigError`. */
function postgresOf(env: Environment): NonNullable<Config["engine"]> {
  const { STEWARD_POSTGRES_URL: url, STEWARD_POSTGRES_SCHEMA: schema } = env;
  if (!url) throw new ConfigError(["STEWARD_POSTGRES_URL: must be set when the engine is postgres (docs/engines.md)"]);
  if (!/^postgres(ql)?:\/\//.test(url)) {
    throw new ConfigError(["STEWARD_POSTGRES_URL: must be like postgres://user:password@host/database"]);
  }
  return { type: "postgres", url, ...(schema ? { schema } : {}) };
}

/** Every setting with its value and where that came from. Throws `ConfigError`. */
export function listSettings(env: Environment): Setting[] {
  const file = join(homeOf(env), "config.json");
  const { values, faults } = readConfigFile(file);
  const settings = SETTING_NAMES.flatMap((name): Setting[] => {
    const { schema, env: variable, default: standard, about } = FILE_SETTINGS[name];
    const given = env[variable];
    if (given !== undefined && given !== "") {
      const parsed = schema.safeParse(given);
      if (!parsed.success) faults.push(`${variable}: ${reasonOf(parsed.error)}`);
      else return [{ name, value: parsed.data, from: "environment", env: variable, about }];
    }
    const kept = values[name];
    if (kept !== undefined) return [{ name, value: kept, from: "file", env: variable, about }];
    return [{ name, value: standard, from: "default", env: variable, about }];
  });
  if (faults.length > 0) throw new ConfigError(faults);
  return settings;
}

/** Writes one setting to `config.json`; an undefined value takes it out. Throws `ConfigError` when it is not valid. */
export function writeSetting(home: string, name: string, value: string | undefined): void {
  if (!isSettingName(name)) throw new ConfigError([unknownSetting(name)]);
  const file = join(home, "config.json");
  const { values, faults } = readConfigFile(file);
  if (faults.length > 0) throw new ConfigError(faults);
  const next: Record<string, string | number> = { ...values };
  if (value === undefined) delete next[name];
  else {
    const parsed = FILE_SETTINGS[name].schema.safeParse(value);
    if (!parsed.success) throw new ConfigError([`${name}: ${reasonOf(parsed.error)}`]);
    next[name] = parsed.data;
  }
  mkdirSync(home, { recursive: true, mode: 0o700 });
  writeFileSync(`${file}.new`, `${JSON.stringify(next, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

export function isSettingName(name: string): name is SettingName {
  return Object.hasOwn(FILE_SETTINGS, name);
}

function areOrigins(list: string): boolean {
  const origins = list.split(/[\s,]+/).filter(Boolean);
  return origins.every((origin) => /^https?:[^*]+$/.test(origin) && URL.parse(origin)?.origin === origin);
}

function readConfigFile(file: string): { values: Partial<Record<SettingName, string | number>>; faults: string[] } {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return { values: {}, faults: [] };
    return { values: {}, faults: [`${file} cannot be read (${codeOf(error)}). Check its owner and permissions.`] };
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return { values: {}, faults: [`${file} is not JSON: ${error instanceof Error ? error.message : ""}. Correct it.`] };
  }
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    return { values: {}, faults: [`${file} line 1: must be an object of settings, such as { "port": 4180 }.`] };
  }
  const values: Partial<Record<SettingName, string | number>> = {};
  const faults: string[] = [];
  for (const [name, value] of Object.entries(json)) {
    const where = `${file} line ${lineOf(text, name)}`;
    if (!isSettingName(name)) {
      faults.push(`${where}: ${unknownSetting(name)}`);
      continue;
    }
    const parsed = FILE_SETTINGS[name].schema.safeParse(value);
    if (parsed.success) values[name] = parsed.data;
    else faults.push(`${where}: ${name} ${reasonOf(parsed.error)}`);
  }
  return { values, faults };
}

function unknownSetting(name: string): string {
  return `there is no setting "${name}". Known: ${SETTING_NAMES.join(", ")}.`;
}

function lineOf(text: string, name: string): number {
  const at = text.indexOf(JSON.stringify(name));
  return text.slice(0, Math.max(at, 0)).split("\n").length;
}

function reasonOf(error: z.ZodError): string {
  return error.issues.map((issue) => issue.message).join("; ");
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "unknown error";
}

function providerEnvOf(env: Environment): Record<string, string> {
  const names = /^(ANTHROPIC_(API_KEY|BASE_URL)|OPENAI_(API_KEY|BASE_URL)|AWS_[A-Z_]+)$/;
  return Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => names.test(entry[0]) && Boolean(entry[1])),
  );
}

/** The environment of this process. */
export function environment(): Environment {
  return process.env;
}
