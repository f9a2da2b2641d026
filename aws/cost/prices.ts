/**
 * What AWS charges, in us-east-1, in US dollars, without tax: one dated table. `free` is what AWS gives every account every
 * month without end; credits of new accounts are not counted.
 *
 * `seen` says how sure we are: `document` was read in AWS's documents while this was written; `remembered` is the list price
 * as widely known and is worth a look before relying on it (https://aws.amazon.com/<service>/pricing/).
 */
export interface Price {
  readonly what: string;
  /** Dollars for `per` units. */
  readonly usd: number;
  readonly per: number;
  readonly unit: string;
  /** Units a month that are free for every account. */
  readonly free?: number;
  readonly seen: "document" | "remembered";
  readonly note?: string;
}

export const PRICES_OF = "2026-11-21";

export const PRICES = {
  lambdaRequests: { what: "Lambda, calls", usd: 0.2, per: 1e6, unit: "calls", free: 1e6, seen: "document" },
  lambdaGbSeconds: {
    ...{ what: "Lambda, compute on arm64", usd: 13.3334, per: 1e6, unit: "GB-s", free: 400_000, seen: "document" },
  },
  restRequests: { what: "API Gateway REST", usd: 3.5, per: 1e6, unit: "requests", seen: "remembered" },
  httpRequests: {
    what: "API Gateway HTTP",
    usd: 1,
    per: 1e6,
    unit: "requests",
    seen: "document",
    note: "the seed's too",
  },
  edgeRequests: { what: "CloudFront, requests", usd: 1, per: 1e6, unit: "requests", free: 10e6, seen: "document" },
  edgeGb: { what: "CloudFront, sent", usd: 0.085, per: 1, unit: "GB", free: 1024, seen: "document" },
  edgeFunctions: { what: "CloudFront functions", usd: 0.1, per: 1e6, unit: "runs", free: 2e6, seen: "remembered" },
  rowWrites: {
    ...{ what: "DynamoDB, written", usd: 0.625, per: 1e6, unit: "units", seen: "remembered" },
    note: "a write in a transaction is two",
  },
  rowReads: { what: "DynamoDB, read", usd: 0.125, per: 1e6, unit: "units", seen: "remembered" },
  rowGb: { what: "DynamoDB, kept", usd: 0.25, per: 1, unit: "GB", free: 25, seen: "remembered" },
  rowBackupGb: { what: "DynamoDB, restorable to any second", usd: 0.2, per: 1, unit: "GB", seen: "remembered" },
  objectGb: { what: "S3, kept", usd: 0.023, per: 1, unit: "GB", seen: "remembered" },
  objectPuts: { what: "S3, put and listed", usd: 5, per: 1e6, unit: "requests", seen: "remembered" },
  objectGets: { what: "S3, got", usd: 0.4, per: 1e6, unit: "requests", seen: "remembered" },
  objectsWatched: { what: "S3 Intelligent-Tiering, watched", usd: 2.5, per: 1e6, unit: "objects", seen: "remembered" },
  queueRequests: {
    ...{ what: "SQS", usd: 0.4, per: 1e6, unit: "requests", free: 1e6, seen: "remembered" },
    note: "Lambda asks an empty queue 648,000 times a month",
  },
  keys: {
    ...{ what: "KMS, key", usd: 1, per: 1, unit: "keys", seen: "document" },
    note: "each of its first two rotations would add one",
  },
  keyRequests: { what: "KMS, calls", usd: 0.03, per: 10_000, unit: "calls", free: 20_000, seen: "document" },
  secrets: { what: "Secrets Manager", usd: 0.4, per: 1, unit: "secrets", seen: "remembered" },
  mails: { what: "SES, mail sent", usd: 0.1, per: 1000, unit: "mails", seen: "remembered" },
  logGb: { what: "CloudWatch Logs, taken in", usd: 0.5, per: 1, unit: "GB", free: 5, seen: "remembered" },
  logGbSeldom: {
    ...{ what: "CloudWatch Logs, seldom read, taken in", usd: 0.25, per: 1, unit: "GB", seen: "remembered", free: 5 },
    note: "shares the 5 GB that are free",
  },
  logGbKept: { what: "CloudWatch Logs, kept", usd: 0.03, per: 1, unit: "GB", free: 5, seen: "remembered" },
  alarmMetrics: {
    ...{ what: "CloudWatch alarms", usd: 0.1, per: 1, unit: "metrics", free: 10, seen: "remembered" },
    note: "an alarm over two metrics is two",
  },
  dashboards: {
    ...{ what: "CloudWatch dashboard", usd: 3, per: 1, unit: "dashboards", free: 3, seen: "remembered" },
    note: "an account's first three are free; for a fourth deploy with --dashboard off",
  },
  alarmMails: { what: "SNS, alarms by mail", usd: 2, per: 100_000, unit: "mails", free: 1000, seen: "remembered" },
  schedules: { what: "EventBridge Scheduler", usd: 1, per: 1e6, unit: "calls", free: 14e6, seen: "remembered" },
  owners: { what: "Cognito Essentials", usd: 0.015, per: 1, unit: "active users", free: 10_000, seen: "remembered" },
} as const satisfies Readonly<Record<string, Price>>;

export type Meter = keyof typeof PRICES;
