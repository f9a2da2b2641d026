import assert from "node:assert/strict";
import { test } from "node:test";
import { Match } from "aws-cdk-lib/assertions";
import { KEY, ofType, propertiesOf, template, whole } from "./testing/default-stack.ts";

/** What the home lies in: the table, the buckets, the queue, the key over them. */

test("the table: two text keys, expiry, on demand, restorable to any second of 35 days, under the key, not lost with the stack", () => {
  template.hasResource("AWS::DynamoDB::Table", {
    DeletionPolicy: "RetainExceptOnCreate",
    Properties: {
      KeySchema: [
        { AttributeName: "p", KeyType: "HASH" },
        { AttributeName: "s", KeyType: "RANGE" },
      ],
      AttributeDefinitions: [
        { AttributeName: "p", AttributeType: "S" },
        { AttributeName: "s", AttributeType: "S" },
      ],
      TimeToLiveSpecification: { AttributeName: "x", Enabled: true },
      BillingMode: "PAY_PER_REQUEST",
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      SSESpecification: { SSEEnabled: true, SSEType: "KMS", KMSMasterKeyId: KEY },
      DeletionProtectionEnabled: { "Fn::If": ["IsProtected", true, false] },
    },
  });
});

test("every bucket is private, under the key, and refuses TLS below 1.2", () => {
  const buckets = ofType("AWS::S3::Bucket");
  assert.equal(buckets.length, 3);
  for (const [name, { Properties }] of buckets) {
    assert.deepEqual(Properties?.PublicAccessBlockConfiguration, {
      BlockPublicAcls: true,
      BlockPublicPolicy: true,
      IgnorePublicAcls: true,
      RestrictPublicBuckets: true,
    });
    assert.deepEqual(Properties?.BucketEncryption, {
      ServerSideEncryptionConfiguration: [
        { BucketKeyEnabled: true, ServerSideEncryptionByDefault: { KMSMasterKeyID: KEY, SSEAlgorithm: "aws:kms" } },
      ],
    });
    const denied = (condition: object) =>
      template.hasResourceProperties("AWS::S3::BucketPolicy", {
        Bucket: { Ref: name },
        PolicyDocument: { Statement: Match.arrayWith([Match.objectLike({ Effect: "Deny", Condition: condition })]) },
      });
    denied({ Bool: { "aws:SecureTransport": "false" } });
    denied({ NumericLessThan: { "s3:TlsVersion": 1.2 } });
  }
});

test("data is versioned for as long as the table can go back, and outlives the stack; uploads are gone after one day and come from the app's page only", () => {
  const data = whole.Resources.Data666C94C7;
  assert.equal(data?.DeletionPolicy, "RetainExceptOnCreate");
  assert.deepEqual(data?.Properties?.VersioningConfiguration, { Status: "Enabled" });
  assert.deepEqual(data?.Properties?.LifecycleConfiguration, {
    Rules: [
      {
        Id: "old-versions",
        Status: "Enabled",
        NoncurrentVersionExpiration: { NoncurrentDays: 35 },
        ExpiredObjectDeleteMarker: true,
        AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
      },
    ],
  });
  template.hasResourceProperties("AWS::S3::Bucket", {
    LifecycleConfiguration: {
      Rules: [Match.objectLike({ ExpirationInDays: 1, AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 } })],
    },
    NotificationConfiguration: {
      QueueConfigurations: [
        { Event: "s3:ObjectCreated:*", Queue: { "Fn::GetAtt": [Match.stringLikeRegexp("^Jobs"), "Arn"] } },
      ],
    },
    CorsConfiguration: {
      CorsRules: [Match.objectLike({ AllowedMethods: ["PUT"], AllowedOrigins: [Match.anyValue()] })],
    },
    VersioningConfiguration: Match.absent(),
  });
  assert.doesNotMatch(
    JSON.stringify(propertiesOf("AWS::S3::Bucket").map((bucket) => bucket.CorsConfiguration)),
    /"\*"/,
  );
});

test("a job is tried five times, never twice at once, and its dead letters stay for two weeks", () => {
  template.hasResourceProperties("AWS::SQS::Queue", {
    KmsMasterKeyId: KEY,
    RedrivePolicy: {
      maxReceiveCount: 5,
      deadLetterTargetArn: { "Fn::GetAtt": [Match.stringLikeRegexp("^DeadLetters"), "Arn"] },
    },
    VisibilityTimeout: { "Fn::FindInMap": ["Visibility", { Ref: "WorkerTimeout" }, "Seconds"] },
  });
  template.allResourcesProperties("AWS::SQS::Queue", { KmsMasterKeyId: KEY, MessageRetentionPeriod: 1_209_600 });
  template.hasMapping("Visibility", { "30": { Seconds: 180 }, "300": { Seconds: 1800 }, "900": { Seconds: 5400 } });
  template.hasResourceProperties("AWS::Lambda::EventSourceMapping", {
    FunctionResponseTypes: ["ReportBatchItemFailures"],
    ScalingConfig: { MaximumConcurrency: { Ref: "WorkerConcurrency" } },
  });
});

test("the key turns by itself, outlives the stack, and waits as long as asked before it is gone", () => {
  template.hasResource("AWS::KMS::Key", {
    DeletionPolicy: "RetainExceptOnCreate",
    Properties: { EnableKeyRotation: true, PendingWindowInDays: { Ref: "KeyDeletionDays" } },
  });
});
