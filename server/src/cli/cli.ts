import type { Command } from "commander";
import { type Config, loadConfig } from "../config.ts";
import { type Client, connect, type OpenDoor, reach } from "./connect.ts";
import type { Io } from "./io.ts";

/** What every command has. */
export interface Cli {
  readonly io: Io;
  readonly openDoor: OpenDoor;
  config(): Config;
  /** Runs with the house, and closes it whatever happens. */
  withHouse<T>(run: (client: Client) => Promise<T>): Promise<T>;
  /** The same without asking for the passphrase first. */
  withLockedHouse<T>(run: (client: Client) => Promise<T>): Promise<T>;
  /** Prints a line, or with `--json` the value. */
  say(options: JsonOption, value: unknown, text: () => string): void;
  /** The exit code when a command ends without an error but not well. */
  setExit(code: number): void;
}

export interface JsonOption {
  readonly json?: boolean;
}

/** One group of commands adds itself to the program. */
export type Register = (program: Command, cli: Cli) => void;

export function makeCli(io: Io, openDoor: OpenDoor, setExit: (code: number) => void): Cli {
  const config = () => loadConfig(io.env);
  return {
    io,
    openDoor,
    config,
    setExit,
    withHouse: (run) => using(connect({ config: config(), io, openDoor }), run),
    withLockedHouse: (run) => using(reach({ config: config(), io, openDoor }), run),
    say(options, value, text) {
      const shown = options.json ? JSON.stringify(value) : text();
      if (shown) io.out(`${shown}\n`);
    },
  };
}

async function using<T>(opening: Promise<Client>, run: (client: Client) => Promise<T>): Promise<T> {
  const client = await opening;
  try {
    return await run(client);
  } finally {
    await client.close();
  }
}
