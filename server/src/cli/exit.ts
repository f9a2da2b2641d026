/** Exit codes of every command; `steward --help` tells them. */
export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  notFound: 3,
  locked: 4,
  busy: 5,
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export const EXIT_HELP = `
Exit codes:
  0  done
  1  failed, or faults were found
  2  wrong usage or a wrong setting
  3  what was asked for is not there
  4  locked, or not set up yet
  5  another process has the home
130  interrupted`;

/** What ends a command: a sentence for the person and the exit code. */
export class CliError extends Error {
  readonly exit: ExitCode;
  constructor(exit: ExitCode, message: string) {
    super(message);
    this.name = "CliError";
    this.exit = exit;
  }
}
