import { type Command, InvalidArgumentError } from "commander";
import { CliError, EXIT } from "./exit.ts";

/** Parses an option's whole number within bounds. */
export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`Give a whole number from ${min} to ${max}.`);
  };
}

/** Parses an option that may be repeated, and each time hold several words between commas: `--scope read --scope ask,act`. */
export function severalWords(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, ...text.split(",").map((word) => word.trim())];
}

/**
 * Refuses an option that takes one value and is given two: commander would keep the last without a word, and a key would be
 * made, or a home taken down, by half of what was said. A flag may be said twice, since it means the same.
 */
export function refuseRepeats(command: Command): void {
  for (const option of command.options) {
    const takesValue = option.required || option.optional;
    const takesOne = takesValue && !option.variadic && option.parseArg !== severalWords;
    if (!takesOne) continue;
    let isGiven = false;
    command.on(`option:${option.name()}`, () => {
      if (isGiven)
        throw new CliError(EXIT.usage, `${option.long} was given twice, and it takes one value. Give it once.`);
      isGiven = true;
    });
  }
  for (const sub of command.commands) refuseRepeats(sub);
}
