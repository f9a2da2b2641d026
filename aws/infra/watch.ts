import { Aws, Duration, Stack } from "aws-cdk-lib";
import * as budgets from "aws-cdk-lib/aws-budgets";
import * as cloudwatch from "aws-cdk-lib/aws-cloudwatch";
import * as actions from "aws-cdk-lib/aws-cloudwatch-actions";
import * as iam from "aws-cdk-lib/aws-iam";
import type * as lambda from "aws-cdk-lib/aws-lambda";
import * as sns from "aws-cdk-lib/aws-sns";
import type { Construct } from "constructs";
import type { Edge } from "./edge.ts";
import type { Functions } from "./functions.ts";
import type { Options } from "./options.ts";
import type { Parameters } from "./parameters.ts";
import type { Storage } from "./storage.ts";

/**
 * What is watched: the four alarms of the seed (errors above 5 %, answers of 500 and more, throttled rows, unusual cost), the
 * dead letters, and a dashboard with the seed's metrics. Cost is a budget with forecast, which is free and tells by mail:
 * the cost of an account is no metric that an alarm in every region could see.
 */
export const ERROR_RATE_PERCENT = 5;

interface WatchProps {
  readonly parameters: Parameters;
  readonly options: Options;
  readonly storage: Storage;
  readonly functions: Functions;
  readonly edge: Edge;
}

const PERIOD = Duration.minutes(5);

export function makeWatch(scope: Construct, props: WatchProps): void {
  const { parameters, options, storage } = props;
  const topic = new sns.Topic(scope, "Alarms", { masterKey: storage.key, enforceSSL: true });
  topic.addToResourcePolicy(
    new iam.PolicyStatement({
      principals: [new iam.ServicePrincipal("cloudwatch.amazonaws.com")],
      actions: ["sns:Publish"],
      resources: [topic.topicArn],
      conditions: { StringEquals: { "aws:SourceAccount": Stack.of(scope).account } },
    }),
  );
  new sns.CfnSubscription(scope, "AlarmsByMail", {
    topicArn: topic.topicArn,
    protocol: "email",
    endpoint: parameters.ownerEmail,
  });
  for (const alarm of alarms(scope, props)) alarm.addAlarmAction(new actions.SnsAction(topic));
  makeBudget(scope, parameters);
  if (options.dashboard === "on") makeDashboard(scope, props);
}

function alarms(scope: Construct, { storage, functions, edge }: WatchProps): cloudwatch.Alarm[] {
  const make = (id: string, description: string, metric: cloudwatch.IMetric, threshold: number, periods = 1) =>
    new cloudwatch.Alarm(scope, id, {
      alarmDescription: description,
      metric,
      threshold,
      evaluationPeriods: periods,
      comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
      treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    });
  const answering = [...functions.byPath.values()];
  const rate = new cloudwatch.MathExpression({
    expression:
      "100 * (" +
      answering.map((_, i) => `e${i}`).join(" + ") +
      ") / (" +
      answering.map((_, i) => `i${i}`).join(" + ") +
      ")",
    usingMetrics: Object.fromEntries(
      answering.flatMap((one, i) => [
        [`e${i}`, one.metricErrors({ period: PERIOD })],
        [`i${i}`, one.metricInvocations({ period: PERIOD })],
      ]),
    ),
    label: "errors, percent",
    period: PERIOD,
  });
  const throttled = new cloudwatch.MathExpression({
    expression: "reads + writes",
    usingMetrics: {
      reads: tableMetric(storage, "ReadThrottleEvents"),
      writes: tableMetric(storage, "WriteThrottleEvents"),
    },
    label: "throttled",
    period: PERIOD,
  });
  const serverErrors = serverErrorsOf(edge, functions);
  return [
    make("ErrorRate", `More than ${ERROR_RATE_PERCENT} % of the calls of a function failed.`, rate, ERROR_RATE_PERCENT),
    ...(serverErrors ? [make("ServerErrors", "The API answered with 500 or more.", serverErrors, 0)] : []),
    make("Throttled", "The table refused reads or writes for a while.", throttled, 0),
    make(
      "DeadJobs",
      "A job failed five times and lies among the dead letters. See it in the app under Settings.",
      storage.deadLetters.metricApproximateNumberOfMessagesVisible({ period: PERIOD, statistic: "Maximum" }),
      0,
    ),
  ];
}

function tableMetric({ table }: Storage, metricName: string): cloudwatch.Metric {
  return new cloudwatch.Metric({
    namespace: "AWS/DynamoDB",
    metricName,
    dimensionsMap: { TableName: table.tableName },
    statistic: "Sum",
    period: PERIOD,
  });
}

/** The edge's own count where it has one; a function URL counts them at its function. */
function serverErrorsOf({ restApi }: Edge, { byPath }: Functions): cloudwatch.Metric | undefined {
  if (restApi) return restApi.metricServerError({ period: PERIOD, statistic: "Sum" });
  const api: lambda.Function | undefined = byPath.get("/");
  return api?.metricErrors({ period: PERIOD, statistic: "Sum" });
}

function makeBudget(scope: Construct, { env, budgetUsd, ownerEmail }: Parameters): void {
  const tell = (notificationType: "ACTUAL" | "FORECASTED", threshold: number) => ({
    notification: { notificationType, comparisonOperator: "GREATER_THAN", threshold, thresholdType: "PERCENTAGE" },
    subscribers: [{ subscriptionType: "EMAIL", address: ownerEmail }],
  });
  new budgets.CfnBudget(scope, "Budget", {
    budget: {
      budgetName: `steward-${env}-${Aws.REGION}`,
      budgetType: "COST",
      timeUnit: "MONTHLY",
      budgetLimit: { amount: budgetUsd, unit: "USD" },
    },
    notificationsWithSubscribers: [tell("ACTUAL", 80), tell("FORECASTED", 100)],
  });
}

function makeDashboard(scope: Construct, { parameters, storage, functions, edge }: WatchProps): void {
  const graph = (title: string, left: cloudwatch.IMetric[], right: cloudwatch.IMetric[] = []) =>
    new cloudwatch.GraphWidget({ title, left, right, width: 12, period: PERIOD });
  const bucket = (metricName: string, storageType: string) =>
    new cloudwatch.Metric({
      namespace: "AWS/S3",
      metricName,
      dimensionsMap: { BucketName: storage.data.bucketName, StorageType: storageType },
      statistic: "Average",
      period: Duration.days(1),
    });
  const api = edge.restApi;
  const sum = { period: PERIOD, statistic: "Sum" };
  const widgets = [
    graph(
      "Calls and errors",
      functions.all.flatMap((one) => [one.metricInvocations(sum), one.metricErrors(sum)]),
    ),
    graph(
      "Duration, ms",
      functions.all.map((one) => one.metricDuration({ period: PERIOD, statistic: "p90" })),
    ),
    ...(api
      ? [graph("Requests, 4XX, 5XX", [api.metricCount(sum), api.metricClientError(sum), api.metricServerError(sum)])]
      : []),
    graph(
      "Rows: capacity and throttling",
      ["ConsumedReadCapacityUnits", "ConsumedWriteCapacityUnits"].map((name) => tableMetric(storage, name)),
      ["ReadThrottleEvents", "WriteThrottleEvents"].map((name) => tableMetric(storage, name)),
    ),
    graph("Objects", [bucket("NumberOfObjects", "AllStorageTypes")], [bucket("BucketSizeBytes", "StandardStorage")]),
    graph(
      "Jobs: waiting, oldest, dead",
      [
        storage.queue.metricApproximateNumberOfMessagesVisible({ period: PERIOD }),
        storage.deadLetters.metricApproximateNumberOfMessagesVisible({ period: PERIOD }),
      ],
      [storage.queue.metricApproximateAgeOfOldestMessage({ period: PERIOD })],
    ),
  ];
  const dashboard = new cloudwatch.Dashboard(scope, "Dashboard", { dashboardName: `steward-${parameters.env}` });
  dashboard.addWidgets(...widgets);
}
