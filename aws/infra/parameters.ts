import { CfnCondition, CfnMapping, CfnParameter, type CfnParameterProps, Fn, type Stack, Token } from "aws-cdk-lib";

/**
 * What is chosen when the template is deployed. The template stands alone: the code of the functions is named by bucket
 * and key, and no bootstrap of the account is needed.
 *
 * Timeouts come from a list because a queue's visibility must be six times its function's timeout (so that a try that was
 * cut off is over before the next begins) and CloudFormation cannot multiply.
 */
export type Parameters = ReturnType<typeof makeParameters>;

export const TIMEOUTS = [30, 60, 120, 300, 600, 900] as const;
export const VISIBILITY_TIMES = 6;

/** How long logs are kept, in days. */
export const LOG_DAYS = 30;

export function makeParameters(stack: Stack) {
  const make = (name: string, props: CfnParameterProps) => new CfnParameter(stack, name, props);
  const text = (name: string, props: CfnParameterProps) => make(name, { type: "String", ...props }).valueAsString;
  const number = (name: string, fallback: number, min: number, max: number, description: string) =>
    make(name, { type: "Number", default: fallback, minValue: min, maxValue: max, description });
  const unless = (name: string, value: string) =>
    new CfnCondition(stack, name, { expression: Fn.conditionNot(Fn.conditionEquals(value, "")) });

  const env = text("Env", {
    default: "home",
    allowedPattern: "^[a-z][a-z0-9]{0,11}$",
    constraintDescription: "a small letter, then up to eleven small letters or digits",
    description: "Name of this home; several may live in one account.",
  });
  const ownerEmail = text("OwnerEmail", {
    allowedPattern: "^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$",
    constraintDescription: "an e-mail address",
    description: "Where alarms and the budget are told. The sign-in of the owner is made with it by steward deploy.",
  });
  const ownerSubject = text("OwnerSubject", {
    default: "",
    allowedPattern: "^[0-9a-f-]*$",
    description:
      "Who the owner is in the pool. steward deploy makes the account and fills this in; until then nobody signs in.",
  });
  const code = {
    bucket: text("CodeBucket", { description: "Bucket, in this region, that has the zipped code." }),
    api: text("ApiCodeKey", { description: "Key of the zip of the function that answers." }),
    worker: text("WorkerCodeKey", { description: "Key of the zip of the function that does the background work." }),
  };
  const domain = text("DomainName", { default: "", description: "Your own domain name, or empty for cloudfront.net." });
  const certificate = text("CertificateArn", {
    default: "",
    allowedPattern: "^$|^arn:aws[a-z-]*:acm:us-east-1:.+$",
    description: "Its certificate in ACM, which must lie in us-east-1.",
  });
  const restoredTable = text("RestoredTable", {
    default: "",
    allowedPattern: "^$|^[A-Za-z0-9_.-]{3,255}$",
    description: "After a recovery: the restored table, which then is used instead of the stack's own.",
  });
  const bedrock = text("Bedrock", {
    default: "yes",
    allowedValues: ["yes", "no"],
    description: "Whether the functions may use models of Bedrock.",
  });
  const protect = text("Protect", {
    default: "yes",
    allowedValues: ["yes", "no"],
    description:
      "Whether the table refuses to be deleted. steward deploy says no while it makes a home, and yes at its end.",
  });
  const timeouts = new CfnMapping(stack, "Visibility", {
    mapping: Object.fromEntries(TIMEOUTS.map((one) => [String(one), { Seconds: one * VISIBILITY_TIMES }])),
  });
  const timeout = (name: string, fallback: number, description: string) =>
    make(name, { type: "Number", default: String(fallback), allowedValues: TIMEOUTS.map(String), description });
  const apiTimeout = timeout("ApiTimeout", 300, "Seconds that one answer may take, streaming included.");
  const workerTimeout = timeout("WorkerTimeout", 300, "Seconds that one job may take.");

  return {
    env,
    ownerEmail,
    ownerSubject,
    code,
    domain,
    hasDomain: unless("HasDomain", domain),
    certificate,
    restoredTable,
    hasRestoredTable: unless("HasRestoredTable", restoredTable),
    isProtected: Fn.conditionIf(
      new CfnCondition(stack, "IsProtected", { expression: Fn.conditionEquals(protect, "yes") }).logicalId,
      true,
      false,
    ),
    hasBedrock: new CfnCondition(stack, "HasBedrock", { expression: Fn.conditionEquals(bedrock, "yes") }),
    apiMemory: number("ApiMemory", 1024, 256, 10_240, "Megabytes of the function that answers; its share of a CPU too.")
      .valueAsNumber,
    workerMemory: number("WorkerMemory", 1024, 256, 10_240, "Megabytes of the function that does the background work.")
      .valueAsNumber,
    apiTimeout: apiTimeout.valueAsNumber,
    apiTimeoutText: apiTimeout.valueAsString,
    workerTimeout: workerTimeout.valueAsNumber,
    visibility: Token.asNumber(timeouts.findInMap(Fn.ref(workerTimeout.logicalId), "Seconds")),
    apiConcurrency: optional(
      stack,
      "ApiConcurrency",
      "Executions reserved for answers, which is also their limit; 0 reserves none. New accounts have ten in all and refuse any.",
    ),
    workerConcurrency: number("WorkerConcurrency", 2, 2, 1000, "Jobs that may run at once.").valueAsNumber,
    throttleRate: number("ThrottleRate", 20, 1, 10_000, "Requests a second that the edge lets through.").valueAsNumber,
    throttleBurst: number("ThrottleBurst", 40, 1, 5000, "Requests let through at once above that.").valueAsNumber,
    budgetUsd: number("BudgetUsd", 10, 1, 100_000, "US dollars a month of this account that are told about.")
      .valueAsNumber,
    keyDeletionDays: number("KeyDeletionDays", 30, 7, 30, "Days between the key's deletion and its end.").valueAsNumber,
  };
}

/** A number of which 0 means "leave it out". */
function optional(stack: Stack, name: string, description: string): number {
  const parameter = new CfnParameter(stack, name, {
    type: "Number",
    default: 0,
    minValue: 0,
    maxValue: 1000,
    description,
  });
  const given = new CfnCondition(stack, `Has${name}`, {
    expression: Fn.conditionNot(Fn.conditionEquals(parameter.valueAsString, "0")),
  });
  return Token.asNumber(Fn.conditionIf(given.logicalId, Fn.ref(parameter.logicalId), Fn.ref("AWS::NoValue")));
}
