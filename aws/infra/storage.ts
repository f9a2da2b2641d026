import { Duration, RemovalPolicy, Stack } from "aws-cdk-lib";
import * as dynamodb from "aws-cdk-lib/aws-dynamodb";
import * as iam from "aws-cdk-lib/aws-iam";
import * as kms from "aws-cdk-lib/aws-kms";
import * as s3 from "aws-cdk-lib/aws-s3";
import * as sqs from "aws-cdk-lib/aws-sqs";
import type { Construct } from "constructs";
import type { Options } from "./options.ts";
import type { Parameters } from "./parameters.ts";

/**
 * Where the home lies: one key, one table, three buckets, one queue with its dead letters. Everything is under the key,
 * reachable by TLS 1.2 or better only, and public nowhere. Key, table and data outlive the stack, so that no slip with a
 * stack loses a home; `steward destroy` asks what is to become of them.
 */
export interface Storage {
  readonly key: kms.Key;
  readonly table: dynamodb.Table;
  readonly data: s3.Bucket;
  readonly uploads: s3.Bucket;
  /** `https://<bucket>.s3.<region>.amazonaws.com`: what the app's page may connect to, besides its own origin. */
  readonly uploadsOrigin: string;
  readonly web: s3.Bucket;
  readonly queue: sqs.Queue;
  readonly deadLetters: sqs.Queue;
}

/** Outlives the stack, but for a first deployment that failed and is taken back whole. */
const KEPT = RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE;

/** A job is tried this often before it lies among the dead letters. */
export const MAX_RECEIVES = 5;

export function makeStorage(scope: Construct, parameters: Parameters, options: Options): Storage {
  const key = makeKey(scope, parameters);
  const deadLetters = new sqs.Queue(scope, "DeadLetters", {
    ...sealedQueue(key),
    retentionPeriod: Duration.days(14),
  });
  const queue = new sqs.Queue(scope, "Jobs", {
    ...sealedQueue(key),
    retentionPeriod: Duration.days(14),
    deadLetterQueue: { queue: deadLetters, maxReceiveCount: MAX_RECEIVES },
  });
  cfn<sqs.CfnQueue>(queue).visibilityTimeout = parameters.visibility;
  return {
    key,
    table: makeTable(scope, key, parameters),
    data: makeData(scope, key, options),
    ...makeUploads(scope, key, parameters, queue),
    web: new s3.Bucket(scope, "Web", { ...closedBucket(key), removalPolicy: RemovalPolicy.DESTROY }),
    queue,
    deadLetters,
  };
}

function makeKey(scope: Construct, { env, keyDeletionDays }: Parameters): kms.Key {
  const { account, region } = Stack.of(scope);
  const key = new kms.Key(scope, "Key", {
    alias: `alias/steward-${env}`,
    description: "Everything a Steward home keeps is under this key.",
    // Each of the first two turns adds a dollar a month for good. What wears is the domain keys under it, and those the home
    // turns every month; so this one turns as seldom as AWS lets it, and by hand when there is a reason.
    enableKeyRotation: true,
    rotationPeriod: Duration.days(2560),
    removalPolicy: KEPT,
  });
  cfn<kms.CfnKey>(key).pendingWindowInDays = keyDeletionDays;
  const allow = (service: string, actions: string[], conditions: iam.Conditions) =>
    key.addToResourcePolicy(
      new iam.PolicyStatement({
        principals: [new iam.ServicePrincipal(service)],
        actions,
        resources: ["*"], // in a key's policy: this key
        conditions,
      }),
    );
  const own = { StringEquals: { "aws:SourceAccount": account } };
  allow(`logs.${region}.amazonaws.com`, ["kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey", "kms:DescribeKey"], {
    ArnLike: { "kms:EncryptionContext:aws:logs:arn": `arn:aws:logs:${region}:${account}:log-group:/steward/${env}/*` },
  });
  // Messages that S3 puts into the queue, alarms that tell a sealed topic, schedules that fire.
  for (const service of ["s3.amazonaws.com", "cloudwatch.amazonaws.com"])
    allow(service, ["kms:GenerateDataKey", "kms:Decrypt"], own);
  // A distribution names the web bucket, so the bucket's key cannot name the distribution: any of this account's may read.
  allow("cloudfront.amazonaws.com", ["kms:Decrypt"], {
    ArnLike: { "aws:SourceArn": `arn:aws:cloudfront::${account}:distribution/*` },
  });
  return key;
}

function makeTable(scope: Construct, key: kms.Key, { isProtected }: Parameters): dynamodb.Table {
  const table = new dynamodb.Table(scope, "Table", {
    partitionKey: { name: "p", type: dynamodb.AttributeType.STRING },
    sortKey: { name: "s", type: dynamodb.AttributeType.STRING },
    timeToLiveAttribute: "x",
    billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
    encryption: dynamodb.TableEncryption.CUSTOMER_MANAGED,
    encryptionKey: key,
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    removalPolicy: KEPT,
  });
  cfn<dynamodb.CfnTable>(table).deletionProtectionEnabled = isProtected;
  return table;
}

function makeData(scope: Construct, key: kms.Key, options: Options): s3.Bucket {
  return new s3.Bucket(scope, "Data", {
    ...closedBucket(key),
    versioned: true,
    lifecycleRules: [
      {
        id: "old-versions",
        // As far back as the table can be restored to: a row that comes back finds its blob.
        noncurrentVersionExpiration: Duration.days(35),
        expiredObjectDeleteMarker: true,
        abortIncompleteMultipartUploadAfter: Duration.days(1),
      },
      ...(options.storage === "intelligent-tiering"
        ? [
            {
              id: "tiers",
              // Smaller objects are never moved but their request to be would be billed.
              objectSizeGreaterThan: 128 * 1024,
              transitions: [{ storageClass: s3.StorageClass.INTELLIGENT_TIERING, transitionAfter: Duration.days(0) }],
            },
          ]
        : []),
    ],
    removalPolicy: KEPT,
  });
}

/**
 * Where the app's page puts documents by signed addresses; the worker takes them from there. Its name is made of words, not
 * left to CloudFormation, because the page's security policy must name it and it must name the page.
 */
function makeUploads(
  scope: Construct,
  key: kms.Key,
  { env }: Parameters,
  queue: sqs.Queue,
): Pick<Storage, "uploads" | "uploadsOrigin"> {
  const { account, region, urlSuffix } = Stack.of(scope);
  const bucketName = `steward-${env}-uploads-${account}-${region}`;
  const uploads = new s3.Bucket(scope, "Uploads", {
    ...closedBucket(key),
    bucketName,
    removalPolicy: RemovalPolicy.DESTROY,
    lifecycleRules: [
      { id: "taken-or-forgotten", expiration: Duration.days(1), abortIncompleteMultipartUploadAfter: Duration.days(1) },
    ],
  });
  const allowed = queue.addToResourcePolicy(
    new iam.PolicyStatement({
      principals: [new iam.ServicePrincipal("s3.amazonaws.com")],
      actions: ["sqs:SendMessage"],
      resources: [queue.queueArn],
      conditions: {
        StringEquals: { "aws:SourceAccount": account },
        ArnEquals: { "aws:SourceArn": `arn:aws:s3:::${bucketName}` },
      },
    }),
  );
  const bucket = cfn<s3.CfnBucket>(uploads);
  bucket.notificationConfiguration = {
    queueConfigurations: [{ event: "s3:ObjectCreated:*", queue: queue.queueArn }],
  };
  // S3 tries the queue when it is told about it.
  if (allowed.policyDependable) uploads.node.addDependency(allowed.policyDependable);
  return { uploads, uploadsOrigin: `https://${bucketName}.s3.${region}.${urlSuffix}` };
}

/** Only the app's own page may put into the uploads bucket from a browser. */
export function allowUploadsFrom(uploads: s3.Bucket, origin: string): void {
  cfn<s3.CfnBucket>(uploads).corsConfiguration = {
    corsRules: [
      {
        allowedOrigins: [origin],
        allowedMethods: ["PUT"],
        allowedHeaders: ["content-type", "content-length", "x-amz-*", "if-none-match"],
        exposedHeaders: ["etag"],
        maxAge: 600,
      },
    ],
  };
}

function closedBucket(key: kms.Key): s3.BucketProps {
  return {
    blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
    objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
    encryption: s3.BucketEncryption.KMS,
    encryptionKey: key,
    bucketKeyEnabled: true,
    enforceSSL: true,
    minimumTLSVersion: 1.2,
  };
}

function sealedQueue(key: kms.Key): sqs.QueueProps {
  // A data key is used for a day: a call of the key a day and caller, not one a message.
  return {
    encryption: sqs.QueueEncryption.KMS,
    encryptionMasterKey: key,
    dataKeyReuse: Duration.days(1),
    enforceSSL: true,
  };
}

/** The CloudFormation resource under a construct, where the construct has no word for something. */
export function cfn<T>(construct: Construct): T {
  // The default child of these constructs is the resource of their own type by CDK's convention.
  return construct.node.defaultChild as T;
}
