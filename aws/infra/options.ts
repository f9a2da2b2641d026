/**
 * What is chosen when the template is made (`-c`, `--functions three`), each priced by `aws/cost`. What is chosen when it is
 * deployed (sizes, addresses, limits) are the template's parameters: see `parameters.ts`.
 */
export interface Options {
  /** `one`: a single function answers; `three`: `/chat`, `/memory` and `/search` have their own, with the sizes of the seed. */
  readonly functions: "one" | "three";
  /** What stands between CloudFront and the function. `http-api` cannot stream: answers come whole. */
  readonly edge: "rest" | "http-api" | "function-url";
  /** `lifecycle`: objects stay in S3 Standard; `intelligent-tiering`: S3 moves what nobody reads to cheaper tiers. */
  readonly storage: "lifecycle" | "intelligent-tiering";
  /** Where keys of model providers lie: `ssm` costs nothing; `secrets-manager` is a secret of its own. */
  readonly secrets: "ssm" | "secrets-manager";
  /** The dashboard: free while the account has no more than three. */
  readonly dashboard: "on" | "off";
}

export const CHOICES = {
  functions: ["one", "three"],
  edge: ["rest", "http-api", "function-url"],
  storage: ["lifecycle", "intelligent-tiering"],
  secrets: ["ssm", "secrets-manager"],
  dashboard: ["on", "off"],
} as const satisfies { readonly [Name in keyof Options]: readonly Options[Name][] };

const WORD = { type: "string" } as const;

/** The choices as options of a command line, for `parseArgs`. */
export const CHOICE_WORDS = {
  functions: WORD,
  edge: WORD,
  storage: WORD,
  secrets: WORD,
  dashboard: WORD,
} as const satisfies Record<keyof Options, typeof WORD>;

export const DEFAULTS: Options = {
  functions: "one",
  edge: "rest",
  storage: "lifecycle",
  secrets: "ssm",
  dashboard: "on",
};

/** Every choice once, the others as by default: what a test looks at to have seen each. */
export const EACH: ReadonlyMap<string, Options> = new Map([
  ["as by default", DEFAULTS],
  ...Object.entries(CHOICES).flatMap(([name, choices]) =>
    choices
      .filter((choice) => choice !== Reflect.get(DEFAULTS, name))
      .map((choice): [string, Options] => [`${name} ${choice}`, optionsOf({ [name]: choice })]),
  ),
]);

/** A choice that does not exist; the message names those that do. */
export class OptionError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "OptionError";
  }
}

/** Takes the choices out of words such as a command line's or a context's; what is absent is the default. */
export function optionsOf(given: Readonly<Record<string, unknown>>): Options {
  return {
    functions: choiceOf("functions", CHOICES.functions, given.functions),
    edge: choiceOf("edge", CHOICES.edge, given.edge),
    storage: choiceOf("storage", CHOICES.storage, given.storage),
    secrets: choiceOf("secrets", CHOICES.secrets, given.secrets),
    dashboard: choiceOf("dashboard", CHOICES.dashboard, given.dashboard),
  };
}

function choiceOf<T extends string>(name: keyof Options, choices: readonly T[], given: unknown): T {
  const chosen = choices.find((choice) => choice === (given ?? DEFAULTS[name]));
  if (chosen === undefined)
    throw new OptionError(`"${given}" is no choice for ${name}. Choose ${choices.join(" or ")}.`);
  return chosen;
}
