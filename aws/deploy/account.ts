import { CloudFormationClient } from "@aws-sdk/client-cloudformation";
import { CognitoIdentityProviderClient } from "@aws-sdk/client-cognito-identity-provider";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { KMSClient } from "@aws-sdk/client-kms";
import { S3Client } from "@aws-sdk/client-s3";
import { SSMClient } from "@aws-sdk/client-ssm";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { type CloudAccess, s3Settings, sdkSettings } from "../src/clients.ts";

/**
 * The account that is worked on, as the person's own AWS profile or environment opens it. No key is stored or printed: the
 * SDK finds them where the person keeps them (a profile, single sign-on, the role of a workflow).
 */
export interface Account {
  readonly id: string;
  readonly region: string;
  readonly formation: CloudFormationClient;
  readonly cognito: CognitoIdentityProviderClient;
  readonly dynamo: DynamoDBClient;
  readonly kms: KMSClient;
  readonly s3: S3Client;
  readonly ssm: SSMClient;
}

export interface AccountChoice {
  readonly profile?: string;
  readonly region?: string;
  /** A stand-in for AWS, for tests. */
  readonly access?: CloudAccess;
}

/** What ends a command: a sentence for the person. */
export class DeployError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "DeployError";
  }
}

/** Throws `DeployError` when nobody is signed in or no region is named. */
export async function openAccount({ profile, region, access }: AccountChoice): Promise<Account> {
  const named = profile === undefined ? {} : { profile };
  const settings = access
    ? sdkSettings(access)
    : { ...without(sdkSettings({ region: region ?? "" }), region === undefined), ...named };
  const objects = access ? s3Settings(access) : settings;
  const sts = new STSClient(settings);
  try {
    const chosen = await sts.config.region();
    const { Account: id } = await sts.send(new GetCallerIdentityCommand({}));
    if (!id) throw new Error("no account was named");
    return {
      ...{ id, region: chosen },
      formation: new CloudFormationClient(settings),
      cognito: new CognitoIdentityProviderClient(settings),
      dynamo: new DynamoDBClient(settings),
      kms: new KMSClient(settings),
      s3: new S3Client(objects),
      ssm: new SSMClient(settings),
    };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new DeployError(
      `AWS does not let us in (${reason}). Sign in first (aws configure, or aws sso login), and name --profile and --region; ` +
        "to see what would be made without an account: steward deploy --dry-run.",
      { cause: error },
    );
  }
}

/** Without a named region the SDK looks into the profile. */
function without(settings: ReturnType<typeof sdkSettings>, noRegion: boolean): Partial<ReturnType<typeof sdkSettings>> {
  const { region: _, ...rest } = settings;
  return noRegion ? rest : settings;
}

/** The name of the stack of one home. */
export function stackNameOf(env: string): string {
  return `steward-${env}`;
}
