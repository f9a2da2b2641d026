import { existsSync } from "node:fs";
import { systemClock } from "@steward/core/clock.ts";
import { createApp } from "../http/app.ts";
import type { Door } from "../http/door.ts";
import { LINK_MINUTES, OneTimeLink } from "../http/one-time-link.ts";
import { openLog } from "../log.ts";
import { CannotListen, isAnswering, type Serving, serve, socketPathOf } from "../serve.ts";
import { VERSION } from "../version.ts";
import type { Cli, JsonOption, Register } from "./cli.ts";
import { KEY_FILE_GONE, openAt, showRecoveryCode, showWarnings } from "./connect.ts";
import { CliError, EXIT } from "./exit.ts";
import type { Io } from "./io.ts";
import { wholeNumber } from "./usage.ts";

/** Where the built web app lies in a checkout. */
const WEB = new URL("../../../web/dist", import.meta.url).pathname;

/** A stop that hangs is cut after this long. */
const STOP_WITHIN_MS = 5_000;

export const registerStart: Register = (program, cli) => {
  program
    .command("start")
    .description("run the server in the foreground until Ctrl-C")
    .option("--port <n>", "TCP port, this once (STEWARD_PORT, 4180)", wholeNumber(0, 65_535))
    .option("--json", "one JSON line when it is ready: state, address, setupLink")
    .action((options: JsonOption & { port?: number }) => start(cli, options));
};

async function start(cli: Cli, options: JsonOption & { port?: number }): Promise<void> {
  const config = { ...cli.config(), ...(options.port === undefined ? {} : { port: options.port }) };
  const { io } = cli;
  const stopping = stopSignal(io);
  const socketPath = socketPathOf(config.home);
  if (existsSync(socketPath) && (await isAnswering(socketPath))) {
    throw new CliError(EXIT.busy, "Steward runs already for this home. Stop it first, or use it as it is.");
  }
  const log = openLog(config.logLevel);
  const door = await openAt(cli.openDoor, { config, log, clock: systemClock });
  const link = new OneTimeLink(systemClock);
  const app = createApp({ door, config, log, clock: systemClock, version: VERSION, static: WEB, link });
  let serving: Serving;
  try {
    serving = await serve({ app, port: config.port, socketPath });
  } catch (error) {
    await door.close();
    throw error instanceof CannotListen ? new CliError(EXIT.failed, error.message) : error;
  }
  log.info("listening", { port: serving.port });
  link.recoveryCode = showRecoveryCode(door, io);
  link.address = `http://localhost:${serving.port}`;
  showWarnings(door, io);
  const greeting = await greet(door, link);
  cli.say(options, greeting, () => greetingText(greeting));
  await untilStopped(io, door, stopping);

  const late = setTimeout(() => {
    io.err("Something did not stop in time and was cut. Nothing that was acknowledged is lost.\n");
    // An exit waits for calls of the system that hang, such as those of a network drive that is gone; this does not.
    process.kill(process.pid, "SIGKILL");
  }, STOP_WITHIN_MS);
  await serving.stop();
  await door.close();
  clearTimeout(late);
  if (!options.json) io.out("Stopped.\n");
}

export function setupUrl(address: string, token: string): string {
  return `${address}/#setup=${token}`;
}

interface Greeting {
  readonly state: "locked" | "setup" | "ready";
  readonly address: string;
  readonly unlockBy?: "passphrase" | "recovery-code";
  readonly setupLink?: string;
}

async function greet(door: Door, link: OneTimeLink): Promise<Greeting> {
  const { address } = link;
  if (!door.house()) return { state: "locked", address, unlockBy: door.unlockBy() };
  if (await door.password.isSet()) return { state: "ready", address };
  return { state: "setup", address, setupLink: setupUrl(address, link.issue()) };
}

function greetingText({ state, address, unlockBy, setupLink }: Greeting): string {
  if (unlockBy === "recovery-code") return `\n${KEY_FILE_GONE}\nOr open ${address} and give the recovery code there.`;
  if (state === "locked") return `\nSteward is locked. Open ${address} and give the passphrase.`;
  if (state === "ready") return `\nSteward is at ${address}`;
  return `\nSteward is ready. Open this link to set it up (once, within ${LINK_MINUTES} minutes):\n\n    ${setupLink}\n`;
}

/** Aborts at Ctrl-C or SIGTERM; asked for before anything is said, so that no signal finds us unprepared. */
function stopSignal(io: Io): AbortSignal {
  const stopping = new AbortController();
  io.onStop(() => stopping.abort());
  return stopping.signal;
}

/** Resolves when the signal aborts. Meanwhile a locked house can be opened by typing the passphrase here. */
async function untilStopped(io: Io, door: Door, stopping: AbortSignal): Promise<void> {
  const stopped = new Promise<void>((resolve) => {
    if (stopping.aborted) resolve();
    stopping.addEventListener("abort", () => resolve(), { once: true });
  });
  while (!door.house() && io.inIsTty && !stopping.aborted) {
    const byCode = door.unlockBy() === "recovery-code";
    const what = byCode ? "Recovery code" : "Passphrase";
    const secret = await io.ask(`${what} (or unlock in the browser): `, { secret: true, signal: stopping });
    if (secret === undefined) return; // Ctrl-C or Ctrl-D at the prompt
    if (door.house()) break;
    try {
      await door.unlock(byCode ? { recoveryCode: secret } : { passphrase: secret });
      io.out("Unlocked.\n");
      showWarnings(door, io);
    } catch (error) {
      io.err(`${error instanceof Error ? error.message : error}\n`);
    }
  }
  await stopped;
}
