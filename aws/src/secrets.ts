import {
  DeleteParametersCommand,
  GetParameterCommand,
  GetParametersByPathCommand,
  PutParameterCommand,
  type SSMClient,
} from "@aws-sdk/client-ssm";
import { asCloudError, CloudTrouble } from "./errors.ts";

/**
 * Secrets that the owner gives the deployment and not the app: keys of model providers, as the names they have in an
 * environment (`ANTHROPIC_API_KEY`). They are read when a function starts, and never stand in its environment, where
 * everybody who may look at the function's configuration reads them.
 */
export interface SecretSource {
  /** Value by name. */
  read(): Promise<Readonly<Record<string, string>>>;
}

export interface SecretStore extends SecretSource {
  write(name: string, value: string): Promise<void>;
  /** What is not there is removed already. */
  remove(name: string): Promise<void>;
}

/** A name of a secret is one of an environment variable. */
const NAME = /^[A-Z][A-Z0-9_]{0,99}$/;

export class SecretNameRefused extends Error {
  constructor(name: string) {
    super(`${JSON.stringify(name)} cannot name a secret: capital letters, digits and _, such as ANTHROPIC_API_KEY.`);
    this.name = "SecretNameRefused";
  }
}

export interface SsmSecretsDeps {
  readonly client: SSMClient;
  /** `/steward/<env>`; the secrets lie below `<prefix>/secrets/`. */
  readonly prefix: string;
  /** What seals them. */
  readonly keyArn: string;
}

/**
 * One SecureString a secret: no cost. Parameter Store keeps older values of one that is replaced, sealed like it (and
 * would not let a name be taken again at once if it were deleted first): whoever replaces a key revokes the old one where
 * it came from, which alone ends it. Throws one of `errors.ts`.
 */
export function ssmSecrets({ client, prefix, keyArn }: SsmSecretsDeps): SecretStore {
  const path = `${prefix}/secrets`;
  const what = `A secret below ${path} in Parameter Store`;
  const asking = async <T>(ask: () => Promise<T>): Promise<T> => {
    try {
      return await ask();
    } catch (error) {
      throw asCloudError(error, what);
    }
  };
  const nameAt = (name: string) => {
    if (!NAME.test(name)) throw new SecretNameRefused(name);
    return `${path}/${name}`;
  };
  return {
    async read() {
      const found: [string, string][] = [];
      for (let from: string | undefined; ; ) {
        const start = from === undefined ? {} : { NextToken: from };
        const input = { Path: path, WithDecryption: true, ...start };
        const page = await asking(() => client.send(new GetParametersByPathCommand(input)));
        for (const { Name = "", Value } of page.Parameters ?? []) {
          const name = Name.slice(path.length + 1);
          if (NAME.test(name) && Value !== undefined) found.push([name, Value]);
        }
        from = page.NextToken;
        if (from === undefined) return Object.fromEntries(found);
      }
    },
    async write(name, value) {
      const input = { Name: nameAt(name), Value: value, Type: "SecureString" as const, KeyId: keyArn, Overwrite: true };
      await asking(() => client.send(new PutParameterCommand(input)));
    },
    async remove(name) {
      const Names = [nameAt(name)];
      await asking(() => client.send(new DeleteParametersCommand({ Names })));
    },
  };
}

/**
 * One secret of AWS Secrets Manager ($0.40 a month, with rotation) that holds a JSON object of names and values, read
 * through Parameter Store, so that no further client is loaded. The owner fills it in the console. Throws one of
 * `errors.ts`.
 */
export function managedSecrets({ client, secretId }: { client: SSMClient; secretId: string }): SecretSource {
  const what = `The secret ${secretId} in Secrets Manager`;
  return {
    async read() {
      const input = { Name: `/aws/reference/secretsmanager/${secretId}`, WithDecryption: true };
      let text = "";
      try {
        text = (await client.send(new GetParameterCommand(input))).Parameter?.Value ?? "";
      } catch (error) {
        throw asCloudError(error, what);
      }
      return namesIn(text, what);
    },
  };
}

function namesIn(text: string, what: string): Record<string, string> {
  let said: unknown;
  try {
    said = JSON.parse(text);
  } catch (error) {
    // Without the cause: its message quotes the text.
    said = error instanceof SyntaxError ? undefined : said;
  }
  if (typeof said !== "object" || said === null || Array.isArray(said)) {
    throw new CloudTrouble(`${what} is not a JSON object of names and values; put it right in the console. It`);
  }
  const entries = Object.entries(said).filter(
    (entry): entry is [string, string] => NAME.test(entry[0]) && typeof entry[1] === "string",
  );
  return Object.fromEntries(entries);
}
