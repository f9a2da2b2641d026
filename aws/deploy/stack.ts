import {
  Capability,
  type CloudFormationClient,
  CreateStackCommand,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  UpdateStackCommand,
  waitUntilStackCreateComplete,
  waitUntilStackUpdateComplete,
} from "@aws-sdk/client-cloudformation";
import { DeployError } from "./account.ts";

/**
 * One stack, brought to what a template and its parameters say. CloudFormation takes a failed update back by itself, code
 * included, and a failed first deployment is taken away whole.
 */
export interface StackChange {
  readonly name: string;
  /** Absent: the template that is there. */
  readonly templateUrl?: string;
  /** Those not named keep their value. */
  readonly parameters: Readonly<Record<string, string>>;
  /** All the template's parameters with their defaults: what a new stack begins with. */
  readonly defaults: Readonly<Record<string, string | undefined>>;
}

export type Outputs = Readonly<Record<string, string>>;

const LONGEST = { create: 30 * 60, update: 30 * 60 };

/** The stack's state and outputs; undefined when there is none. */
export async function findStack(
  client: CloudFormationClient,
  name: string,
): Promise<{ status: string; outputs: Outputs; parameters: Readonly<Record<string, string>> } | undefined> {
  try {
    const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: name }));
    const stack = Stacks?.[0];
    if (!stack || stack.StackStatus === "DELETE_COMPLETE") return undefined;
    const given = (stack.Parameters ?? []).map(({ ParameterKey = "", ParameterValue = "" }) => [
      ParameterKey,
      ParameterValue,
    ]);
    const outputs = (stack.Outputs ?? []).map(({ OutputKey = "", OutputValue = "" }) => [OutputKey, OutputValue]);
    return {
      status: stack.StackStatus ?? "",
      outputs: Object.fromEntries(outputs),
      parameters: Object.fromEntries(given),
    };
  } catch (error) {
    if (error instanceof Error && /does not exist/i.test(error.message)) return undefined;
    throw error;
  }
}

/** Resolves to the outputs; `changed` is false when there was nothing to do. Throws `DeployError` naming what failed. */
export async function changeStack(
  client: CloudFormationClient,
  change: StackChange,
): Promise<{ outputs: Outputs; changed: boolean }> {
  const { name, templateUrl, defaults } = change;
  const before = await findStack(client, name);
  if (before && /(?:ROLLBACK_COMPLETE|ROLLBACK_FAILED|CREATE_FAILED|REVIEW_IN_PROGRESS)$/.test(before.status)) {
    if (!/UPDATE_ROLLBACK_COMPLETE|REVIEW_IN_PROGRESS/.test(before.status))
      throw new DeployError(
        `The stack ${name} is in ${before.status}. Delete it (steward destroy), then deploy again.`,
      );
  }
  const parameters = before ? change.parameters : { ...defaults, ...change.parameters };
  const kept = Object.keys(defaults).filter(
    (key) => parameters[key] === undefined && before?.parameters[key] !== undefined,
  );
  const wanted = {
    StackName: name,
    ...(templateUrl === undefined ? { UsePreviousTemplate: true } : { TemplateURL: templateUrl }),
    Capabilities: [Capability.CAPABILITY_IAM],
    Parameters: [
      ...Object.entries(parameters).flatMap(([ParameterKey, ParameterValue]) =>
        ParameterValue === undefined ? [] : [{ ParameterKey, ParameterValue }],
      ),
      ...kept.map((ParameterKey) => ({ ParameterKey, UsePreviousValue: true })),
    ],
  };
  try {
    // A first deployment that fails leaves nothing behind.
    if (before) await client.send(new UpdateStackCommand(wanted));
    else await client.send(new CreateStackCommand({ ...wanted, OnFailure: "DELETE" }));
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    if (before && /no updates are to be performed/i.test(said)) return { outputs: before.outputs, changed: false };
    throw new DeployError(`CloudFormation refused the change: ${said}`, { cause: error });
  }
  await untilDone(client, name, before !== undefined);
  const after = await findStack(client, name);
  return { outputs: after?.outputs ?? {}, changed: true };
}

async function untilDone(client: CloudFormationClient, name: string, existed: boolean): Promise<void> {
  const wait = existed ? waitUntilStackUpdateComplete : waitUntilStackCreateComplete;
  const maxWaitTime = existed ? LONGEST.update : LONGEST.create;
  try {
    await wait({ client, maxWaitTime, minDelay: 2, maxDelay: 10 }, { StackName: name });
  } catch (error) {
    const reasons = await failuresOf(client, name);
    const taken = existed ? "What was there before is back." : "What had been made is taken away again.";
    throw new DeployError(`The deployment of ${name} failed. ${taken}\n${reasons.join("\n")}`, { cause: error });
  }
}

/** What CloudFormation said of each thing that failed, the first first. */
async function failuresOf(client: CloudFormationClient, name: string): Promise<string[]> {
  try {
    const { StackEvents } = await client.send(new DescribeStackEventsCommand({ StackName: name }));
    return (StackEvents ?? [])
      .filter(({ ResourceStatus = "" }) => ResourceStatus.endsWith("_FAILED"))
      .map(({ LogicalResourceId, ResourceStatusReason }) => `  ${LogicalResourceId}: ${ResourceStatusReason}`)
      .reverse()
      .slice(0, 10);
  } catch {
    return ["  CloudFormation no longer says why; see the events of the deleted stack in the console."];
  }
}
