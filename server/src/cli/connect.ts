import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { type Clock, systemClock } from "@steward/core/clock.ts";
import type { Session } from "@steward/core/wire.ts";
import type { Config } from "../config.ts";
import { createApp } from "../http/app.ts";
import type { Door } from "../http/door.ts";
import type { ProblemDetails } from "../http/problems.ts";
import { type Log, openLog } from "../log.ts";
import { isAnswering, socketPathOf } from "../serve.ts";
import { VERSION } from "../version.ts";
import { CliError, EXIT, type ExitCode } from "./exit.ts";
import type { Io } from "./io.ts";
import { requestOver, type WireInit } from "./wire.ts";

/** Opens the home in this process: takes its lock, makes its keys when it is new. Throws `HomeBusy` and the like. */
export type OpenDoor = (options: { config: Config; log: Log; clock: Clock }) => Promise<Door>;

/** The house as a command sees it: the same app, in the running server or in this process. */
export interface Client {
  /** Where the house is open. */
  readonly at: "server" | "here";
  fetch(path: string, init?: WireInit): Promise<Response>;
  /** The answer's JSON; T is what the route is documented to answer. Throws `CliError` when refused. */
  get<T>(path: string): Promise<T>;
  send<T>(method: string, path: string, body?: unknown): Promise<T>;
  /** The events of a stream. Ends when the signal aborts. */
  events<T>(path: string, options?: { body?: unknown; signal?: AbortSignal }): AsyncIterable<T>;
  close(): Promise<void>;
}

export interface ConnectOptions {
  readonly config: Config;
  readonly io: Io;
  readonly openDoor: OpenDoor;
}

/** The house as it is, locked or not. */
export async function reach(options: ConnectOptions): Promise<Client> {
  return (await running(options.config)) ?? (await here(options));
}

/** The open house; asks for the passphrase when it is locked. */
export async function connect(options: ConnectOptions): Promise<Client> {
  const client = await reach(options);
  try {
    await unlock(client, options);
    return client;
  } catch (error) {
    await client.close();
    throw error;
  }
}

/** The server that runs for this home, if one does. */
export async function running(config: Config): Promise<Client | undefined> {
  const socketPath = socketPathOf(config.home);
  if (!existsSync(socketPath) || !(await isAnswering(socketPath))) return undefined;
  return clientOf(
    "server",
    (path, init) => requestOver({ socketPath }, path, init).catch(serverGone),
    async () => {},
  );
}

async function here({ config, io, openDoor }: ConnectOptions): Promise<Client> {
  const log = openLog(config.logLevel === "debug" ? "debug" : "error");
  const door = await openAt(openDoor, { config, log, clock: systemClock });
  showRecoveryCode(door, io);
  showWarnings(door, io);
  const app = createApp({ door, config, log, clock: systemClock, version: VERSION, static: "" });
  return clientOf(
    "here",
    (path, init = {}) => {
      const { body, ...rest } = init;
      const request = new Request(`http://localhost${path}`, {
        ...rest,
        ...(typeof body === "string" ? { body } : {}),
      });
      return app.fetch(request, { via: "socket" });
    },
    async () => {
      await app.stop();
      await door.close();
    },
  );
}

/** Opens the home, whose folder is made when it is not there. */
export async function openAt(openDoor: OpenDoor, options: Parameters<OpenDoor>[0]): Promise<Door> {
  const { home } = options.config;
  try {
    mkdirSync(home, { recursive: true, mode: 0o700 });
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : error;
    throw new CliError(EXIT.failed, `The home folder ${home} cannot be made (${code}). Set STEWARD_HOME to another.`);
  }
  return openDoor(options);
}

/** What the owner should know of the keys, on standard error. */
export function showWarnings(door: Door, io: Io): void {
  for (const warning of door.warnings()) io.err(`Warning: ${warning}\n`);
}

/** Shown once, when this process made it. */
export function showRecoveryCode(door: Door, io: Io): string | undefined {
  const code = door.takeRecoveryCode();
  if (!code) return undefined;
  io.err(
    `\nThe home ${door.home} is new or had no recovery code.\nIts recovery code, shown this once:\n\n    ${code}\n\n` +
      "Print it or write it down, and keep it apart from this machine: it opens your data when the key file or\n" +
      "the passphrase is lost. Steward does not keep it.\n\n",
  );
  return code;
}

export const KEY_FILE_GONE =
  "The key file of this home is gone. Put back a copy of it, or open the home with its recovery code: " +
  "steward unlock --recovery-code. That also writes the key file anew.";

async function unlock(client: Client, { config, io }: ConnectOptions): Promise<void> {
  const session = await client.get<Session>("/api/session");
  if (session.state !== "locked") return;
  if (session.unlockBy === "recovery-code") throw new CliError(EXIT.locked, KEY_FILE_GONE);
  const given = readPassphraseFile(config);
  const passphrase = given ?? (io.inIsTty ? await io.ask("Passphrase: ", { secret: true }) : undefined);
  if (!passphrase) {
    throw new CliError(
      EXIT.locked,
      "The house is locked. Run this in a terminal to be asked for the passphrase, or name a file that holds it in " +
        "STEWARD_PASSPHRASE_FILE.",
    );
  }
  await client.send("POST", "/api/unlock", { passphrase });
}

export function readPassphraseFile(config: Config): string | undefined {
  if (!config.passphraseFile) return undefined;
  try {
    return readFileSync(config.passphraseFile, "utf8").replace(/\r?\n$/, "");
  } catch {
    throw new CliError(EXIT.usage, `STEWARD_PASSPHRASE_FILE names ${config.passphraseFile}, which cannot be read.`);
  }
}

function clientOf(
  at: Client["at"],
  fetch: (path: string, init?: WireInit) => Promise<Response>,
  close: () => Promise<void>,
): Client {
  const checked = async (path: string, init?: WireInit) => {
    const answer = await fetch(path, init);
    if (!answer.ok) throw await refusal(answer);
    return answer;
  };
  // The routes' answers are what `wire.ts` says; the app's own tests hold them to it.
  const value = async <T>(answer: Response) => (answer.status === 204 ? undefined : await answer.json()) as T;
  return {
    at,
    fetch: checked,
    get: async <T>(path: string) => value<T>(await checked(path)),
    send: async <T>(method: string, path: string, body?: unknown) =>
      value<T>(await checked(path, { method, ...jsonBody(body) })),
    async *events<T>(path: string, options: { body?: unknown; signal?: AbortSignal } = {}) {
      const post = options.body === undefined ? {} : { method: "POST", ...jsonBody(options.body) };
      const answer = await checked(path, { ...post, ...(options.signal ? { signal: options.signal } : {}) });
      yield* eventsOf<T>(answer, options.signal);
    },
    close,
  };
}

function jsonBody(body: unknown): WireInit {
  if (body === undefined) return {};
  return { body: JSON.stringify(body), headers: { "content-type": "application/json" } };
}

async function* eventsOf<T>(answer: Response, signal: AbortSignal | undefined): AsyncGenerator<T> {
  const decoder = new TextDecoder();
  let text = "";
  try {
    for await (const chunk of answer.body ?? []) {
      text += decoder.decode(chunk, { stream: true });
      const frames = text.split("\n\n");
      text = frames.pop() ?? "";
      for (const frame of frames) if (frame.startsWith("data: ")) yield JSON.parse(frame.slice(6)) as T; // see clientOf
      if (signal?.aborted) return;
    }
  } catch (error) {
    if (!signal?.aborted) serverGone(error);
  }
}

/** A line that breaks under a command: the server was stopped or killed. Any other error stays what it is. */
function serverGone(error: unknown): never {
  if (!(error instanceof Error && "code" in error && error.code === "ECONNRESET")) throw error;
  throw new CliError(
    EXIT.failed,
    "The server stopped before this was done. What it had taken on it goes on with at its next start; " +
      "start it (npm start) and look with: steward status.",
  );
}

const EXIT_BY_STATUS: Readonly<Record<number, ExitCode>> = {
  400: EXIT.usage,
  401: EXIT.locked,
  403: EXIT.locked,
  404: EXIT.notFound,
  423: EXIT.locked,
};

async function refusal(answer: Response): Promise<CliError> {
  const text = await answer.text();
  let detail = text;
  try {
    detail = (JSON.parse(text) as ProblemDetails).detail; // every refusal of the app is a problem
  } catch {
    // Not ours: shown as it is.
  }
  return new CliError(EXIT_BY_STATUS[answer.status] ?? EXIT.failed, detail);
}
