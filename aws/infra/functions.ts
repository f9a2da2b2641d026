import { CfnOutput, Duration, Fn, RemovalPolicy, Stack } from "aws-cdk-lib";
import * as iam from "aws-cdk-lib/aws-iam";
import type * as kms from "aws-cdk-lib/aws-kms";
import * as lambda from "aws-cdk-lib/aws-lambda";
import * as logs from "aws-cdk-lib/aws-logs";
import * as s3 from "aws-cdk-lib/aws-s3";
import * as scheduler from "aws-cdk-lib/aws-scheduler";
import * as secretsmanager from "aws-cdk-lib/aws-secretsmanager";
import type { Construct } from "constructs";
import type { Options } from "./options.ts";
import type { Parameters } from "./parameters.ts";
import { type Grant, needsOf, type Secret } from "./rights.ts";
import { cfn, type Storage } from "./storage.ts";

/**
 * The functions: one that answers (or, by choice, three more for the API of the seed) and one that does the background work,
 * each with a role of its own that has what `rights.ts` says and nothing else.
 */
export interface Functions {
  /** The function for a path: `/chat`, `/memory`, `/search`, and `/` for the rest. */
  readonly byPath: ReadonlyMap<string, lambda.Function>;
  readonly worker: lambda.Function;
  readonly all: readonly lambda.Function[];
}

export interface SignInNames {
  readonly issuer: string;
  readonly audience: string;
}

interface FunctionProps {
  readonly id: string;
  readonly codeKey: string;
  readonly memory: number;
  readonly timeout: number;
  readonly handler: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly grants: readonly Grant[];
}

/** Megabytes of the seed's three functions. */
const SEED_MEMORY = { "/chat": 512, "/memory": 1024, "/search": 2048 } as const;

export function makeFunctions(
  scope: Construct,
  given: { parameters: Parameters; options: Options; storage: Storage; signIn: SignInNames },
): Functions {
  const { parameters, options, storage, signIn } = given;
  const schedules = makeSchedules(scope, parameters, storage);
  const environment = environmentOf(scope, parameters, storage, { signIn, schedules });
  const secret = options.secrets === "secrets-manager" ? makeSecret(scope, parameters, storage) : undefined;
  if (secret) environment.STEWARD_SECRET = secret.name;
  const needs = needsOf(scope, parameters, storage, { schedules, ...(secret ? { secret } : {}) });
  const make = (props: FunctionProps) => makeFunction(scope, parameters, storage.key, props);
  const answering = (id: string, memory: number) =>
    make({
      id,
      codeKey: parameters.code.api,
      memory,
      timeout: parameters.apiTimeout,
      // An HTTP API hands over whole answers only.
      handler: options.edge === "http-api" ? "index.buffered" : "index.handler",
      environment,
      grants: needs.answering,
    });

  const api = answering("Api", parameters.apiMemory);
  cfn<lambda.CfnFunction>(api).reservedConcurrentExecutions = parameters.apiConcurrency;
  const byPath = new Map([["/", api]]);
  if (options.functions === "three") {
    byPath.set("/chat", answering("Chat", SEED_MEMORY["/chat"]));
    byPath.set("/memory", answering("Memory", SEED_MEMORY["/memory"]));
    byPath.set("/search", answering("Search", SEED_MEMORY["/search"]));
  }
  const worker = make({
    id: "Worker",
    codeKey: parameters.code.worker,
    memory: parameters.workerMemory,
    timeout: parameters.workerTimeout,
    handler: "index.handler",
    environment,
    grants: needs.working,
  });
  new lambda.CfnEventSourceMapping(scope, "JobsToWorker", {
    eventSourceArn: storage.queue.queueArn,
    functionName: worker.functionName,
    batchSize: 5,
    functionResponseTypes: ["ReportBatchItemFailures"],
    scalingConfig: { maximumConcurrency: parameters.workerConcurrency },
  });
  return { byPath, worker, all: [...byPath.values(), worker] };
}

function makeFunction(scope: Construct, parameters: Parameters, key: kms.IKey, props: FunctionProps): lambda.Function {
  const { id, codeKey, memory, timeout, environment, handler } = props;
  const logGroup = new logs.LogGroup(scope, `${id}Log`, {
    logGroupName: `/steward/${parameters.env}/${id.toLowerCase()}`,
    retention: logs.RetentionDays.ONE_MONTH,
    // Half the price; read with Logs Insights.
    logGroupClass: logs.LogGroupClass.INFREQUENT_ACCESS,
    encryptionKey: key,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  const role = new iam.Role(scope, `${id}Role`, { assumedBy: new iam.ServicePrincipal("lambda.amazonaws.com") });
  const writeLogs: Grant = {
    actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
    resources: [logGroup.logGroupArn],
  };
  const policy = policyOf(scope, id, role, [writeLogs, ...props.grants]);
  const made = new lambda.Function(scope, id, {
    runtime: lambda.Runtime.NODEJS_24_X,
    architecture: lambda.Architecture.ARM_64,
    handler,
    code: lambda.Code.fromBucketV2(s3.Bucket.fromBucketName(scope, `${id}Code`, parameters.code.bucket), codeKey),
    role: withoutGrants(role),
    environment: { ...environment },
    logGroup,
    loggingFormat: lambda.LoggingFormat.JSON,
    applicationLogLevelV2: lambda.ApplicationLogLevel.INFO,
    // Not a line for every start and end: what each request was stands in the access log.
    systemLogLevelV2: lambda.SystemLogLevel.WARN,
    timeout: Duration.seconds(60),
  });
  const resource = cfn<lambda.CfnFunction>(made);
  resource.memorySize = memory;
  resource.timeout = timeout;
  // The role stands in its own property; what must be there before the first call is what the role may do.
  resource.addOverride("DependsOn", [policy.logicalId]);
  return made;
}

/** The role as CDK may see it: nothing is added to it behind our back. */
function withoutGrants(role: iam.Role): iam.IRole {
  return role.withoutPolicyUpdates();
}

/** One inline policy a role, in the words of `rights.ts`. A grant with a condition of the template is there only then. */
function policyOf(scope: Construct, id: string, role: iam.Role, grants: readonly Grant[]): iam.CfnPolicy {
  const statements = grants.map(({ actions, resources, when, conditions }) => {
    const statement = {
      Effect: "Allow",
      Action: actions,
      Resource: resources,
      ...(conditions === undefined ? {} : { Condition: conditions }),
    };
    return when === undefined ? statement : Fn.conditionIf(when.logicalId, statement, Fn.ref("AWS::NoValue"));
  });
  return new iam.CfnPolicy(scope, `${id}Rights`, {
    policyName: "steward",
    policyDocument: { Version: "2012-10-17", Statement: statements },
    roles: [role.roleName],
  });
}

/** One JSON object of names and values, such as `{"ANTHROPIC_API_KEY": "…"}`, filled in by the owner in the console. */
function makeSecret(scope: Construct, { env }: Parameters, { key }: Storage): Secret {
  const secret = new secretsmanager.CfnSecret(scope, "Secrets", {
    name: `steward-${env}`,
    description: 'Keys of model providers, as a JSON object: {"ANTHROPIC_API_KEY": "…"}.',
    kmsKeyId: key.keyArn,
    secretString: "{}",
  });
  return { arn: secret.ref, name: `steward-${env}` };
}

export interface Schedules {
  readonly group: string;
  readonly groupArn: string;
  readonly role: iam.Role;
  /** ARN pattern of the schedules in the group. */
  readonly schedules: string;
}

/** How often the worker looks for what is overdue and does the upkeep. */
export const TICK_MINUTES = 60;

/** One-off schedules (`at()`) that put a job's id into the queue, and the role they do it with. */
function makeSchedules(scope: Construct, { env }: Parameters, { queue, key }: Storage): Schedules {
  const { account, region } = Stack.of(scope);
  const group = new scheduler.CfnScheduleGroup(scope, "Schedules", { name: `steward-${env}` });
  const role = new iam.Role(scope, "ScheduleRole", {
    assumedBy: new iam.ServicePrincipal("scheduler.amazonaws.com", {
      conditions: { StringEquals: { "aws:SourceAccount": account } },
    }),
  });
  policyOf(scope, "Schedule", role, [
    { actions: ["sqs:SendMessage"], resources: [queue.queueArn] },
    { actions: ["kms:GenerateDataKey", "kms:Decrypt"], resources: [key.keyArn] },
  ]);
  // Housekeeping, through the same queue: keys to be rotated, jobs whose message was lost.
  new scheduler.CfnSchedule(scope, "Tick", {
    groupName: group.ref,
    scheduleExpression: `rate(${TICK_MINUTES} minutes)`,
    flexibleTimeWindow: { mode: "FLEXIBLE", maximumWindowInMinutes: 15 },
    target: { arn: queue.queueArn, roleArn: role.roleArn, input: '{"tick":true}' },
  });
  return {
    group: group.ref,
    groupArn: group.attrArn,
    role,
    schedules: `arn:aws:scheduler:${region}:${account}:schedule/steward-${env}/*`,
  };
}

function environmentOf(
  scope: Construct,
  { env, ownerSubject, hasRestoredTable, restoredTable }: Parameters,
  { table, data, uploads, queue, key }: Storage,
  { signIn, schedules }: { signIn: SignInNames; schedules: Schedules },
): Record<string, string> {
  const inUse = Fn.conditionIf(hasRestoredTable.logicalId, restoredTable, table.tableName).toString();
  new CfnOutput(scope, "TableInUse", { value: inUse });
  return {
    STEWARD_ENV: env,
    STEWARD_TABLE: inUse,
    STEWARD_BUCKET: data.bucketName,
    STEWARD_UPLOADS: uploads.bucketName,
    STEWARD_QUEUE_URL: queue.queueUrl,
    STEWARD_QUEUE_ARN: queue.queueArn,
    STEWARD_KMS_KEY: key.keyArn,
    STEWARD_PARAMETERS: `/steward/${env}`,
    STEWARD_SCHEDULE_GROUP: schedules.group,
    STEWARD_SCHEDULE_ROLE: schedules.role.roleArn,
    STEWARD_OIDC_ISSUER: signIn.issuer,
    STEWARD_OIDC_AUDIENCE: signIn.audience,
    STEWARD_OIDC_SUBJECT: ownerSubject,
  };
}
