import type { CloudFormationTemplate, Resource } from "../infra/app.ts";
import type { Meter } from "./prices.ts";
import type { Usage } from "./usage.ts";

/**
 * What each type of resource meters. The list is closed: a type that is not here fails the bill, and so does a setting that
 * costs while nothing is asked of it (provisioned capacity, a cache of the API, a dearer plan). So nothing always-on slips in.
 */
export class Unpriced extends Error {
  constructor(message: string) {
    super(message);
    this.name = "Unpriced";
  }
}

type Metered = Partial<Record<Meter, number>>;
interface Asked {
  readonly name: string;
  readonly resource: Resource;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly usage: Usage;
  readonly template: CloudFormationTemplate;
}
type Rule = (asked: Asked) => Metered;

/** Costs nothing, by itself and in use. */
const nothing: Rule = () => ({});

const RULES: Readonly<Record<string, Rule>> = {
  "AWS::Lambda::Function": lambdaFunction,
  "AWS::Lambda::EventSourceMapping": ({ usage }) => ({ queueRequests: EMPTY_POLLS + (usage.jobs + usage.ticks) * 3 }),
  "AWS::Lambda::Permission": nothing,
  "AWS::Lambda::Url": nothing,
  "AWS::ApiGateway::RestApi": ({ usage }) => ({ restRequests: usage.requests }),
  "AWS::ApiGateway::Stage": restStage,
  "AWS::ApiGateway::Deployment": nothing,
  "AWS::ApiGateway::Resource": nothing,
  "AWS::ApiGateway::Method": nothing,
  "AWS::ApiGateway::Account": nothing,
  "AWS::ApiGatewayV2::Api": ({ usage }) => ({ httpRequests: usage.requests }),
  "AWS::ApiGatewayV2::Stage": nothing,
  "AWS::ApiGatewayV2::Route": nothing,
  "AWS::ApiGatewayV2::Integration": nothing,
  "AWS::CloudFront::Distribution": distribution,
  "AWS::CloudFront::Function": nothing, // its runs are the distribution's requests
  "AWS::CloudFront::OriginAccessControl": nothing,
  "AWS::CloudFront::ResponseHeadersPolicy": nothing,
  "AWS::DynamoDB::Table": table,
  "AWS::S3::Bucket": bucket,
  "AWS::S3::BucketPolicy": nothing,
  "AWS::SQS::Queue": nothing, // its requests come from who asks it
  "AWS::SQS::QueuePolicy": nothing,
  "AWS::KMS::Key": key,
  "AWS::KMS::Alias": nothing,
  "AWS::Logs::LogGroup": logGroup,
  "AWS::CloudWatch::Alarm": alarm,
  "AWS::CloudWatch::Dashboard": () => ({ dashboards: 1 }),
  "AWS::Budgets::Budget": nothing, // without actions a budget is free
  "AWS::SNS::Topic": () => ({ alarmMails: 20 }),
  "AWS::SNS::TopicPolicy": nothing,
  "AWS::SNS::Subscription": nothing,
  "AWS::Cognito::UserPool": userPool,
  "AWS::Cognito::UserPoolClient": nothing,
  "AWS::Cognito::UserPoolDomain": nothing,
  "AWS::Cognito::UserPoolResourceServer": nothing,
  "AWS::Cognito::ManagedLoginBranding": nothing,
  "AWS::Scheduler::ScheduleGroup": ({ usage }) => ({ schedules: usage.schedules, mails: usage.mails }),
  "AWS::Scheduler::Schedule": ({ usage }) => ({ schedules: usage.ticks }),
  "AWS::SecretsManager::Secret": () => ({ secrets: 1 }),
  "AWS::SSM::Parameter": parameter,
  "AWS::IAM::Role": nothing,
  "AWS::IAM::Policy": nothing,
};

/** Five pollers that wait twenty seconds each, all month. */
const EMPTY_POLLS = 5 * 3 * 60 * 24 * 30;

/** Sums over the whole template; every resource must be known. */
export function meterReadings(template: CloudFormationTemplate, usage: Usage): ReadonlyMap<Meter, number> {
  const readings = new Map<Meter, number>();
  for (const [name, resource] of Object.entries(template.Resources)) {
    const rule = RULES[resource.Type];
    if (!rule) {
      throw new Unpriced(
        `${name} is a ${resource.Type}, which nobody has priced. Say what it costs in aws/cost/meters.ts, or leave it out.`,
      );
    }
    const metered = rule({ name, resource, properties: resource.Properties ?? {}, usage, template });
    // The keys of what a rule gives are meters.
    for (const [meter, quantity] of Object.entries(metered) as [Meter, number][])
      readings.set(meter, (readings.get(meter) ?? 0) + quantity);
  }
  return readings;
}

/** Paths that a function of its own answers, by the name CDK gives it. */
const PATH_OF = { Chat: "/chat", Memory: "/memory", Search: "/search" } as const;

function lambdaFunction({ name, properties, usage, template }: Asked): Metered {
  const gigabytes = numberOf(properties.MemorySize, template, `${name}.MemorySize`) / 1024;
  if (name.startsWith("Worker")) {
    const seconds = usage.jobs * usage.jobSeconds + usage.ticks * usage.tickSeconds;
    return { lambdaRequests: usage.jobs + usage.ticks, lambdaGbSeconds: seconds * gigabytes };
  }
  const own = Object.entries(PATH_OF).find(([prefix]) => name.startsWith(prefix))?.[1];
  const elsewhere = Object.entries(PATH_OF).flatMap(([prefix, path]) => (hasFunction(template, prefix) ? [path] : []));
  const paths = own ? [own] : Object.values(PATH_OF).filter((path) => !elsewhere.includes(path));
  const named = paths.reduce((sum, path) => sum + usage.share[path], 0);
  const rest = own ? 0 : 1 - usage.share["/chat"] - usage.share["/memory"] - usage.share["/search"];
  const chats = paths.includes("/chat") ? usage.share["/chat"] * usage.requests : 0;
  const requests = (named + rest) * usage.requests;
  const seconds = chats * usage.chatSeconds + (requests - chats) * usage.otherSeconds;
  return { lambdaRequests: requests, lambdaGbSeconds: seconds * gigabytes };
}

function hasFunction(template: CloudFormationTemplate, prefix: string): boolean {
  return Object.entries(template.Resources).some(
    ([name, { Type }]) => Type === "AWS::Lambda::Function" && name.startsWith(prefix),
  );
}

function restStage({ name, properties }: Asked): Metered {
  if (properties.CacheClusterEnabled) throw new Unpriced(`${name} has a cache, which costs by the hour. Leave it out.`);
  return {};
}

function distribution({ usage }: Asked): Metered {
  return { edgeRequests: usage.requests, edgeFunctions: usage.requests, edgeGb: usage.sentGb };
}

function table({ name, properties, usage }: Asked): Metered {
  if (properties.BillingMode !== "PAY_PER_REQUEST")
    throw new Unpriced(`${name} has provisioned capacity, which costs by the hour. Use PAY_PER_REQUEST.`);
  const { PointInTimeRecoveryEnabled: backup } = (properties.PointInTimeRecoverySpecification ?? {}) as {
    PointInTimeRecoveryEnabled?: boolean; // as CloudFormation writes it
  };
  return {
    rowWrites: usage.writes * 2, // in transactions
    rowReads: usage.reads,
    rowGb: usage.rowGb,
    rowBackupGb: backup ? usage.rowGb : 0,
  };
}

/** The app's files and the uploads on their way weigh next to nothing beside the data. */
function bucket({ name, properties, usage }: Asked): Metered {
  if (!name.startsWith("Data")) return {};
  const watched = JSON.stringify(properties.LifecycleConfiguration ?? {}).includes("INTELLIGENT_TIERING");
  return {
    objectGb: usage.objectGb,
    objectPuts: usage.objectPuts,
    objectGets: usage.objectGets,
    ...(watched ? { objectsWatched: usage.objects } : {}),
  };
}

function logGroup({ name, properties, usage }: Asked): Metered {
  const isAccess = name.startsWith("Access");
  // The functions' share is counted once, with the one that answers.
  if (!isAccess && !name.startsWith("Api")) return {};
  const gb = usage.logGb * (isAccess ? usage.accessLogShare : 1 - usage.accessLogShare);
  const seldom = properties.LogGroupClass === "INFREQUENT_ACCESS";
  return { [seldom ? "logGbSeldom" : "logGb"]: gb, logGbKept: gb };
}

/** The first two turns of a key are kept and billed like keys; one that turns yearly is three before long. */
function key({ properties, usage }: Asked): Metered {
  const days = Number(properties.RotationPeriodInDays ?? 365);
  const turnsSoon = properties.EnableKeyRotation === true && days < 2000;
  return { keys: turnsSoon ? 3 : 1, keyRequests: usage.keyRequests };
}

/** An alarm over an expression is billed for every metric in it. */
function alarm({ properties }: Asked): Metered {
  const metrics = Array.isArray(properties.Metrics) ? properties.Metrics : undefined;
  return { alarmMetrics: metrics ? metrics.filter((one) => "MetricStat" in one).length : 1 };
}

function userPool({ name, properties }: Asked): Metered {
  if (properties.UserPoolTier !== "ESSENTIALS")
    throw new Unpriced(`${name} is of the plan ${properties.UserPoolTier}, which is not priced here. Use ESSENTIALS.`);
  return { owners: 1 };
}

function parameter({ name, properties }: Asked): Metered {
  if (properties.Tier === "Advanced") throw new Unpriced(`${name} is an advanced parameter, which costs each month.`);
  return {};
}

/** A number of the template, or the default of the parameter it refers to. */
function numberOf(value: unknown, { Parameters = {} }: CloudFormationTemplate, where: string): number {
  const { Ref: name } = (typeof value === "object" && value !== null ? value : {}) as { Ref?: string };
  const number = Number(name === undefined ? value : Parameters[name]?.Default);
  if (!Number.isFinite(number)) throw new Unpriced(`${where} is neither a number nor a parameter with a default.`);
  return number;
}
