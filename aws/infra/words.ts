import { type ParseArgsConfig, parseArgs } from "node:util";
import { OptionError } from "./options.ts";

/**
 * A command line's words, as `parseArgs` reads them, but that an option which takes one value and is given two is refused: half of
 * what was said would pass without a word. A flag may be said twice, since it means the same. Throws `OptionError`, and what
 * `parseArgs` throws.
 */
export function parseWords<T extends ParseArgsConfig>(config: T): ReturnType<typeof parseArgs<T>> {
  const { tokens } = parseArgs({ ...config, tokens: true });
  const given = new Set<string>();
  for (const token of tokens ?? []) {
    if (token.kind !== "option" || token.value === undefined || config.options?.[token.name]?.multiple) continue;
    if (given.has(token.name))
      throw new OptionError(`--${token.name} was given twice, and it takes one value. Give it once.`);
    given.add(token.name);
  }
  return parseArgs(config);
}

/** Whether the command line was wrong, and not what it set out to do: exit code 2 instead of 1. */
export function isUsage(error: unknown): boolean {
  return error instanceof OptionError || (error instanceof TypeError && "code" in error);
}
