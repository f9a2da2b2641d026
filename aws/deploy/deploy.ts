import { PutObjectCommand } from "@aws-sdk/client-s3";
import type { CloudFormationTemplate } from "../infra/app.ts";
import { TEMPLATE_NAME } from "../infra/release.ts";
import { type Account, DeployError, stackNameOf } from "./account.ts";
import type { Zip } from "./code.ts";
import { ensureCodeBucket, putWebFiles } from "./objects.ts";
import { ensureOwner } from "./owner.ts";
import { changeStack, findStack, type Outputs } from "./stack.ts";

/**
 * Deploying: code and template go up, the stack is brought to them, the app's files follow, the owner gets an account. Each
 * step may be repeated, so a deployment that broke off is simply run again; the same code deployed twice changes nothing.
 */
export interface Deployment {
  readonly account: Account;
  readonly env: string;
  readonly template: CloudFormationTemplate;
  readonly code: { readonly api: Zip; readonly worker: Zip };
  /** Folder of the built app. */
  readonly web: string;
  /** Parameters the person gave; what is not given keeps its value. */
  readonly parameters: Readonly<Record<string, string>>;
  /** The owner's; needed the first time. */
  readonly ownerEmail?: string;
  say(line: string): void;
}

export interface Deployed {
  readonly address: string;
  readonly isNew: boolean;
  readonly outputs: Outputs;
}

/** Throws `DeployError`. */
export async function deploy(deployment: Deployment): Promise<Deployed> {
  const { account, env, template, code, ownerEmail, say } = deployment;
  const name = stackNameOf(env);
  refuseUnknown(deployment);
  const before = await findStack(account.formation, name);
  const isNew = before === undefined;
  if (isNew && ownerEmail === undefined) throw new DeployError("Say who the owner is: --owner you@example.org");

  say("Putting up the code…");
  const bucket = await ensureCodeBucket(account, env);
  for (const zip of [code.api, code.worker])
    await account.s3.send(new PutObjectCommand({ Bucket: bucket, Key: zip.key, Body: zip.bytes }));
  const defaults = defaultsOf(template);
  const Body = JSON.stringify(template);
  await account.s3.send(new PutObjectCommand({ Bucket: bucket, Key: TEMPLATE_NAME, Body }));
  const templateUrl = `https://${bucket}.s3.${account.region}.amazonaws.com/${TEMPLATE_NAME}`;

  const change = (parameters: Readonly<Record<string, string>>) =>
    changeStack(account.formation, { name, templateUrl, defaults, parameters });
  say(isNew ? "Making the stack (CloudFront takes about five minutes)…" : "Bringing the stack up to date…");
  const made = await change({
    ...deployment.parameters,
    ...{ Env: env, CodeBucket: bucket, ApiCodeKey: code.api.key, WorkerCodeKey: code.worker.key },
    ...(ownerEmail === undefined ? {} : { OwnerEmail: ownerEmail }),
    ...(isNew ? { Protect: "no" } : {}),
  });
  const { WebBucket, UserPoolId, Address } = made.outputs;
  if (!WebBucket || !UserPoolId || !Address)
    throw new DeployError(`The stack ${name} does not say where its parts are.`);

  say("Putting up the app…");
  await putWebFiles(account, WebBucket, deployment.web);
  // Also when an earlier deployment broke off before it came to this.
  const owner = ownerEmail ?? (before?.parameters.OwnerSubject === "" ? before.parameters.OwnerEmail : undefined);
  if (owner !== undefined) {
    say("Making the owner's account…");
    const OwnerSubject = await ensureOwner(account, UserPoolId, owner);
    await change({ OwnerSubject, Protect: "yes" });
  }
  return { address: Address, isNew, outputs: made.outputs };
}

function defaultsOf({ Parameters = {} }: CloudFormationTemplate): Record<string, string | undefined> {
  const entries = Object.entries(Parameters).map(([name, { Default }]) => [name, Default?.toString()] as const);
  return Object.fromEntries(entries);
}

function refuseUnknown({ template, parameters }: Deployment): void {
  const known = Object.keys(template.Parameters ?? {});
  const unknown = Object.keys(parameters).find((key) => !known.includes(key));
  if (unknown !== undefined)
    throw new DeployError(`The template has no parameter ${unknown}. It has ${known.join(", ")}.`);
}
