import {
  DeleteParametersCommand,
  GetParametersByPathCommand,
  type Parameter,
  PutParameterCommand,
  type SSMClient,
} from "@aws-sdk/client-ssm";
import type { Clock } from "@steward/core/clock.ts";
import { KitFault } from "@steward/core/vault/domain-keys.ts";
import type { Kit, KitStore } from "@steward/core/vault/key-ring.ts";
import { KitShape } from "@steward/server/stores/kit-shape.ts";
import { asCloudError, CloudTrouble, nameOf } from "./errors.ts";
import { keyTrouble } from "./key-ring.ts";

/**
 * The kit in SSM Parameter Store, as a SecureString under the key.
 *
 * A parameter that is overwritten keeps its last 100 values, and a domain key that was destroyed would live on among
 * them. So a kit is never overwritten: each is a parameter of its own, `<prefix>/kit/00000001` and on, of which the
 * highest is in force, and those below it are deleted, which takes their history with them.
 *
 * 1. The next number is created, which Parameter Store refuses when it is taken: of two writers one wins.
 * 2. It is read back, until what is in force is this very kit. Found beaten by a higher one, it is taken back.
 * 3. Only then the lower ones are deleted. The highest is never deleted by anyone.
 *
 * Killed before 1: the old kit is in force. After 1: the new one is, and `sweep` deletes the others.
 */
export interface SsmKitDeps {
  readonly client: SSMClient;
  /** `/steward/<env>`. */
  readonly prefix: string;
  readonly keyArn: string;
  readonly clock: Clock;
}

export interface SsmKit extends KitStore {
  /** Deletes what a killed write left of older kits; how many. For a start, and now and then. */
  sweep(): Promise<number>;
}

interface StoredKit {
  readonly name: string;
  readonly number: number;
  readonly value: string;
}

const DIGITS = 8;
/** Parameter Store's limit for an advanced parameter, in bytes; a standard one holds 4,096. */
const MAX_VALUE = 8_192;
/** DeleteParameters takes ten names. */
const NAMES_A_CALL = 10;
const READS_BACK = 8;
const FIRST_WAIT_MS = 50;

/** Throws `KitFault` `changed`, `KeyTrouble`, or one of `errors.ts`. */
export function ssmKit({ client, prefix, keyArn, clock }: SsmKitDeps): SsmKit {
  const path = `${prefix}/kit`;
  const what = `The kit below ${path} in Parameter Store`;
  const asking = async <T>(ask: () => Promise<T>): Promise<T> => {
    try {
      return await ask();
    } catch (error) {
      throw ofTheKey(error) ? keyTrouble(keyArn, error) : asCloudError(error, what);
    }
  };
  /** The number last read here: a kit is written on top of what its writer has seen. */
  let seen = 0;

  /** From the lowest to the highest. */
  async function stored(): Promise<StoredKit[]> {
    const found: StoredKit[] = [];
    for (let from: string | undefined; ; ) {
      const start = from === undefined ? {} : { NextToken: from };
      const input = { Path: path, WithDecryption: true, ...start };
      const page = await asking(() => client.send(new GetParametersByPathCommand(input)));
      found.push(...(page.Parameters ?? []).flatMap((parameter) => storedKit(path, parameter)));
      from = page.NextToken;
      if (from === undefined) return found.sort((a, b) => a.number - b.number);
    }
  }

  async function remove(kits: readonly StoredKit[]): Promise<void> {
    for (let i = 0; i < kits.length; i += NAMES_A_CALL) {
      const Names = kits.slice(i, i + NAMES_A_CALL).map(({ name }) => name);
      await asking(() => client.send(new DeleteParametersCommand({ Names })));
    }
  }

  /** Resolves with the older kits once the new one is in force for every reader. */
  async function settled(mine: StoredKit): Promise<StoredKit[]> {
    for (let attempt = 1; ; attempt++) {
      const kits = await stored();
      const highest = kits.at(-1);
      if (highest && highest.number > mine.number) {
        await remove([mine]);
        throw overtaken();
      }
      if (highest?.name === mine.name) {
        if (highest.value === mine.value) return kits.slice(0, -1);
        throw overtaken();
      }
      if (attempt === READS_BACK) {
        throw new CloudTrouble(`${what}, written but not read back, so that the older kits are kept too,`);
      }
      await clock.sleep(FIRST_WAIT_MS * 2 ** (attempt - 1));
    }
  }

  return {
    async read() {
      const highest = (await stored()).at(-1);
      seen = highest?.number ?? 0;
      return highest && parse(highest);
    },
    async write(kit) {
      const value = JSON.stringify(kit);
      const bytes = Buffer.byteLength(value);
      if (bytes > MAX_VALUE)
        throw new RangeError(`The kit has ${bytes} bytes, over ${MAX_VALUE}: end the rotations first.`);
      const number = seen + 1;
      const mine = { name: `${path}/${String(number).padStart(DIGITS, "0")}`, number, value };
      try {
        // Past 4 kB (while most domains rotate at once) it is an advanced parameter, paid for as long as it lives.
        const input = { Name: mine.name, Value: value, KeyId: keyArn, Overwrite: false };
        const kind = { Type: "SecureString", Tier: "Intelligent-Tiering" } as const;
        await client.send(new PutParameterCommand({ ...input, ...kind }));
      } catch (error) {
        // Taken: by another writer, or by this very request, whose answer was lost and which was sent again.
        if (nameOf(error) !== "ParameterAlreadyExists") {
          throw ofTheKey(error) ? keyTrouble(keyArn, error) : asCloudError(error, what);
        }
      }
      const older = await settled(mine);
      seen = number;
      await remove(older);
    },
    async sweep() {
      const older = (await stored()).slice(0, -1);
      await remove(older);
      return older.length;
    },
  };
}

function storedKit(path: string, { Name = "", Value = "" }: Parameter): StoredKit[] {
  const digits = Name.startsWith(`${path}/`) ? Name.slice(path.length + 1) : "";
  return new RegExp(`^\\d{${DIGITS}}$`).test(digits) ? [{ name: Name, number: Number(digits), value: Value }] : [];
}

function parse({ name, value }: StoredKit): Kit {
  try {
    return KitShape.parse(JSON.parse(value));
  } catch (cause) {
    throw new CloudTrouble(`The parameter ${name} is not a kit. Put back the kit of this home. Parameter Store`, cause);
  }
}

function overtaken(): KitFault {
  return new KitFault("changed", "Another process changed the kit at the same moment. Try again; nothing was lost.");
}

/** Parameter Store passes on what KMS said about the key under other names. */
function ofTheKey(error: unknown): boolean {
  return /^(KMS|InvalidKeyId|Disabled|InvalidCiphertext)/.test(nameOf(error));
}
