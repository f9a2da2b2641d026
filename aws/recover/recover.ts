import {
  DescribeContinuousBackupsCommand,
  RestoreTableToPointInTimeCommand,
  UpdateContinuousBackupsCommand,
  UpdateTableCommand,
  UpdateTimeToLiveCommand,
  waitUntilTableExists,
} from "@aws-sdk/client-dynamodb";
import { systemClock } from "@steward/core/clock.ts";
import { DOMAINS } from "@steward/core/vault/vault.ts";
import { type Account, DeployError, stackNameOf } from "../deploy/account.ts";
import { configOf } from "../deploy/config.ts";
import { changeStack, findStack, type Outputs } from "../deploy/stack.ts";
import type { CloudAccess } from "../src/clients.ts";
import { openStores } from "../src/compose.ts";
import { openCloudLog } from "../src/log.ts";
import { lookAtRestored, type Restored } from "../src/restored.ts";
import { objectsAsOf } from "./objects.ts";

/**
 * Recovery, as the seed has it: the table as it was at a time, in a new table; the objects as they were; then the functions
 * are pointed at the new table. The old table stays untouched, so the way back is one more change of the stack.
 *
 * 1. restore   DynamoDB makes the new table. AWS names no time for it: small tables take minutes, 95 % of all under an hour.
 * 2. dress     What a restore leaves out: point-in-time recovery, expiry, protection.
 * 3. look      Every data key is tried. A rotation since then destroyed keys, by design: what they wrapped is gone.
 * 4. objects   Versions deleted or written over since then come forward.
 * 5. point     The stack's parameter RestoredTable; the functions' environment and rights follow.
 */
export interface Recovery {
  readonly account: Account;
  readonly env: string;
  /** Absent: as late as AWS can, about five minutes ago. */
  readonly at?: Date;
  /** Go on although some of what was there does not open any more. */
  readonly acceptLoss: boolean;
  readonly access?: CloudAccess;
  say(line: string): void;
}

export interface Recovered {
  readonly table: string;
  readonly at: Date;
  readonly keys: Restored;
  readonly objects: number;
  readonly seconds: { readonly restore: number; readonly whole: number };
}

const LONGEST_RESTORE_S = 6 * 3600;

/** Throws `DeployError`; until the last step nothing of the running home was changed but its objects. */
export async function recover(recovery: Recovery): Promise<Recovered> {
  const { account, env, say } = recovery;
  const began = Date.now();
  const name = stackNameOf(env);
  const stack = await findStack(account.formation, name);
  const { TableInUse: source, DataBucket, KeyArn } = stack?.outputs ?? {};
  if (!stack || !source || !DataBucket || !KeyArn)
    throw new DeployError(`There is no stack ${name} in ${account.region} that says where its parts are.`);
  const at = await timeOf(account, source, recovery.at);

  const table = `${name}-${at
    .toISOString()
    .slice(0, 19)
    .replace(/[^0-9]/g, "")}-${began.toString(36)}`;
  say(`Restoring ${source} as of ${at.toISOString()} into ${table}…`);
  await restore(account, { source, table, at, keyArn: KeyArn });
  const restored = seconds(began);
  await dress(account, table);

  say("Looking whether what is in it opens…");
  const keys = await look(recovery, { ...stack.outputs, TableInUse: table });
  if (keys.lost > 0 && !recovery.acceptLoss) {
    throw new DeployError(
      `${keys.lost} of ${keys.lost + keys.opens} keys in ${table} no longer open: the domain keys were rotated after that time, ` +
        "which is how forgetting comes to its end. Choose a later time, or say --accept-loss. The running home was not touched.",
    );
  }
  say("Bringing objects back…");
  const { back } = await objectsAsOf(account, DataBucket, at);
  say("Pointing the functions at it…");
  const defaults = Object.fromEntries(Object.keys(stack.parameters).map((key) => [key, undefined]));
  await changeStack(account.formation, { name, defaults, parameters: { RestoredTable: table } });
  return { table, at, keys, objects: back, seconds: { restore: restored, whole: seconds(began) } };
}

/** The time to restore to, within what AWS has. */
async function timeOf({ dynamo }: Account, TableName: string, wanted: Date | undefined): Promise<Date> {
  const { ContinuousBackupsDescription } = await dynamo.send(new DescribeContinuousBackupsCommand({ TableName }));
  const { EarliestRestorableDateTime: earliest, LatestRestorableDateTime: latest } =
    ContinuousBackupsDescription?.PointInTimeRecoveryDescription ?? {};
  if (!earliest || !latest)
    throw new DeployError(`${TableName} has no point-in-time recovery; nothing can be restored.`);
  if (wanted === undefined) return latest;
  if (wanted >= earliest && wanted <= latest) return wanted;
  throw new DeployError(
    `${wanted.toISOString()} cannot be restored: choose a time from ${earliest.toISOString()} to ${latest.toISOString()}.`,
  );
}

async function restore(
  { dynamo }: Account,
  { source, table, at, keyArn }: { source: string; table: string; at: Date; keyArn: string },
): Promise<void> {
  await dynamo.send(
    new RestoreTableToPointInTimeCommand({
      SourceTableName: source,
      TargetTableName: table,
      RestoreDateTime: at,
      BillingModeOverride: "PAY_PER_REQUEST",
      SSESpecificationOverride: { Enabled: true, SSEType: "KMS", KMSMasterKeyId: keyArn },
    }),
  );
  const waiting = { client: dynamo, maxWaitTime: LONGEST_RESTORE_S, minDelay: 2, maxDelay: 20 };
  await waitUntilTableExists(waiting, { TableName: table });
}

async function dress({ dynamo }: Account, TableName: string): Promise<void> {
  const PointInTimeRecoverySpecification = { PointInTimeRecoveryEnabled: true };
  await dynamo.send(new UpdateContinuousBackupsCommand({ TableName, PointInTimeRecoverySpecification }));
  const TimeToLiveSpecification = { Enabled: true, AttributeName: "x" };
  await dynamo.send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification }));
  await dynamo.send(new UpdateTableCommand({ TableName, DeletionProtectionEnabled: true }));
}

async function look({ account, env, access }: Recovery, outputs: Outputs): Promise<Restored> {
  const config = configOf({ outputs, env, region: account.region, ...(access ? { access } : {}) });
  const { records, vault } = await openStores({ config, clock: systemClock, log: openCloudLog(() => {}) }, DOMAINS);
  return lookAtRestored(records, vault);
}

function seconds(since: number): number {
  return Math.round((Date.now() - since) / 100) / 10;
}
