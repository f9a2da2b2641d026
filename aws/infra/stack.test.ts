import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import vm from "node:vm";
import { securityHeaders } from "@steward/server/http/guard.ts";
import { Match, Template } from "aws-cdk-lib/assertions";
import { Hono } from "hono";
import { type CloudFormationTemplate, type Resource, serverless, synthesize } from "./app.ts";
import { API_PATHS } from "./edge.ts";
import { EDGE_FUNCTION, PAGE_FUNCTION } from "./edge-code.ts";
import { CHOICES, DEFAULTS, EACH, OptionError, optionsOf } from "./options.ts";
import { writeRelease } from "./release.ts";

const template = Template.fromStack(serverless(DEFAULTS));
const whole = template.toJSON() as CloudFormationTemplate; // what CDK writes has this shape

const ofType = (type: string): [string, Resource][] =>
  Object.entries(whole.Resources).filter(([, resource]) => resource.Type === type);
const propertiesOf = (type: string): Record<string, unknown>[] =>
  ofType(type).map(([, one]) => ({ ...one.Properties }));
const one = (type: string): Record<string, unknown> => {
  const [first, ...more] = propertiesOf(type);
  assert.ok(first && more.length === 0, `there is one ${type}`);
  return first;
};
const KEY = { "Fn::GetAtt": ["Key961B73FD", "Arn"] };

test("the template stands alone: no assets, no bootstrap, small enough to be put up from a file", () => {
  const text = JSON.stringify(whole);
  assert.doesNotMatch(text, /cdk-hnb659fds|AssetParameters|BootstrapVersion|aws-cdk:asset/);
  assert.equal(ofType("AWS::Lambda::Function").length, 2, "no function but our two: no custom resources");
  assert.deepEqual(Object.keys(whole).sort(), [
    "Conditions",
    "Description",
    "Mappings",
    "Outputs",
    "Parameters",
    "Resources",
  ]);
  assert.ok(text.length < 1_000_000);
  for (const [name, { Description }] of Object.entries(whole.Parameters ?? {}))
    assert.ok(Description, `${name} says what it is`);
  assert.deepEqual(
    Object.entries(whole.Parameters ?? {}).flatMap(([name, { Default }]) => (Default === undefined ? [name] : [])),
    ["OwnerEmail", "CodeBucket", "ApiCodeKey", "WorkerCodeKey"],
    "all else has a default",
  );
});

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

test("both functions: Node 24 on arm64, sizes and limits as parameters, no concurrency reserved unless asked", () => {
  template.allResourcesProperties("AWS::Lambda::Function", {
    Runtime: "nodejs24.x",
    Architectures: ["arm64"],
    Handler: "index.handler",
    LoggingConfig: Match.objectLike({ LogFormat: "JSON", SystemLogLevel: "WARN" }),
  });
  const [api, worker] = propertiesOf("AWS::Lambda::Function");
  assert.deepEqual(api?.MemorySize, { Ref: "ApiMemory" });
  assert.deepEqual(api?.Timeout, { Ref: "ApiTimeout" });
  assert.deepEqual(worker?.MemorySize, { Ref: "WorkerMemory" });
  assert.deepEqual(api?.ReservedConcurrentExecutions, {
    "Fn::If": ["HasApiConcurrency", { Ref: "ApiConcurrency" }, { Ref: "AWS::NoValue" }],
  });
  assert.equal(worker?.ReservedConcurrentExecutions, undefined, "the queue limits it");
  assert.equal(
    whole.Parameters?.ApiConcurrency?.Default,
    0,
    "a new account has ten executions and lets none be reserved",
  );
});

test("the functions are told every name that the code asks the environment for", async () => {
  const { cloudConfig } = await import("../src/config.ts");
  for (const { Environment } of propertiesOf("AWS::Lambda::Function")) {
    const { Variables } = Environment as { Variables: Record<string, unknown> }; // as CloudFormation writes it
    const config = cloudConfig({
      AWS_REGION: "set by Lambda",
      ...Object.fromEntries(Object.keys(Variables).map((name) => [name, "told"])),
    });
    assert.deepEqual(config.oidc, { issuer: "told", audience: "told", owner: "told" });
  }
});

test("the API streams, takes TLS 1.2 or better, is throttled, and gives an answer the time its function has", () => {
  template.hasResourceProperties("AWS::ApiGateway::Method", {
    HttpMethod: "ANY",
    Integration: {
      Type: "AWS_PROXY",
      ResponseTransferMode: "STREAM",
      TimeoutInMillis: { "Fn::Join": ["", [Match.anyValue(), "000"]] },
      Uri: Match.objectLike({
        "Fn::Join": ["", Match.arrayWith([Match.stringLikeRegexp("/response-streaming-invocations")])],
      }),
    },
  });
  assert.match(JSON.stringify(propertiesOf("AWS::ApiGateway::Method")), /lambda:path\/2021-11-15\/functions/);
  template.hasResourceProperties("AWS::ApiGateway::RestApi", {
    SecurityPolicy: "SecurityPolicy_TLS13_1_2_PFS_PQ_2025_09",
    EndpointAccessMode: "STRICT",
    EndpointConfiguration: { Types: ["REGIONAL"] },
  });
  template.hasResourceProperties("AWS::ApiGateway::Stage", {
    MethodSettings: [
      Match.objectLike({
        HttpMethod: "*",
        ResourcePath: "/*",
        ThrottlingRateLimit: { Ref: "ThrottleRate" },
        ThrottlingBurstLimit: { Ref: "ThrottleBurst" },
        LoggingLevel: "OFF",
        DataTraceEnabled: false,
      }),
    ],
  });
});

test("every log is kept thirty days under the key; the access log has no query, header, body, path or address in it", () => {
  const groups = propertiesOf("AWS::Logs::LogGroup");
  assert.equal(groups.length, 3);
  for (const group of groups) {
    assert.equal(group.LogGroupClass, "INFREQUENT_ACCESS");
    assert.equal(group.RetentionInDays, 30);
    assert.deepEqual(group.KmsKeyId, KEY);
  }
  const { AccessLogSetting } = one("AWS::ApiGateway::Stage") as { AccessLogSetting: { Format: string } };
  const used = [...AccessLogSetting.Format.matchAll(/\$context\.([A-Za-z.]+)/g)].map(([, name]) => name);
  assert.deepEqual(used, [
    ...["requestId", "requestTimeEpoch", "httpMethod", "resourcePath", "status", "responseLength"],
    ...["responseLatency", "integrationLatency", "tlsVersion"],
  ]);
});

test("CloudFront: https only, TLS 1.2 with one's own domain and to the origins, the API uncached, its paths and no other", () => {
  const { DistributionConfig: config } = one("AWS::CloudFront::Distribution") as {
    DistributionConfig: {
      CacheBehaviors: Record<string, unknown>[];
      DefaultCacheBehavior: Record<string, unknown>;
      Origins: { CustomOriginConfig?: Record<string, unknown> }[];
      ViewerCertificate: unknown;
    };
  };
  assert.deepEqual(
    config.CacheBehaviors.map((behavior) => behavior.PathPattern),
    [...API_PATHS],
  );
  for (const behavior of [config.DefaultCacheBehavior, ...config.CacheBehaviors])
    assert.equal(behavior.ViewerProtocolPolicy, "redirect-to-https");
  for (const behavior of config.CacheBehaviors) {
    assert.equal(behavior.CachePolicyId, "4135ea2d-6df8-44a3-9df3-4b5a84be39ad", "AWS's CachingDisabled");
    assert.equal(
      behavior.OriginRequestPolicyId,
      "b689b0a8-53d0-40ab-baf2-68738e2966ac",
      "AWS's AllViewerExceptHostHeader",
    );
  }
  const [, api] = config.Origins;
  assert.deepEqual(api?.CustomOriginConfig?.OriginSSLProtocols, ["TLSv1.2"]);
  assert.equal(api?.CustomOriginConfig?.OriginProtocolPolicy, "https-only");
  assert.deepEqual(config.ViewerCertificate, {
    "Fn::If": [
      "HasDomain",
      {
        AcmCertificateArn: { Ref: "CertificateArn" },
        MinimumProtocolVersion: "TLSv1.2_2021",
        SslSupportMethod: "sni-only",
      },
      { CloudFrontDefaultCertificate: true },
    ],
  });
});

test("the app's files carry the headers that the server sends, and may connect to the uploads besides", async () => {
  const app = new Hono().use(securityHeaders()).get("/", (context) => context.text(""));
  const { headers } = await app.request("/");
  const pages = propertiesOf("AWS::CloudFront::ResponseHeadersPolicy").map(
    (policy) => policy.ResponseHeadersPolicyConfig,
  );
  const [policy] = pages as {
    SecurityHeadersConfig: Record<string, Record<string, unknown>>;
    CustomHeadersConfig: { Items: { Header: string; Value: string }[] };
  }[];
  assert.ok(policy);
  const { SecurityHeadersConfig: security, CustomHeadersConfig: custom } = policy;
  const csp = JSON.stringify(security.ContentSecurityPolicy?.ContentSecurityPolicy);
  const parts = (headers.get("content-security-policy") ?? "").split("connect-src 'self'");
  for (const part of parts) assert.ok(csp.includes(part), part);
  assert.match(csp, /connect-src 'self' https:\/\/steward-.*Env.*-uploads-.*; manifest-src/);
  const sent = new Map([
    ["x-content-type-options", "nosniff"],
    ["x-frame-options", String(security.FrameOptions?.FrameOption)],
    ["referrer-policy", String(security.ReferrerPolicy?.ReferrerPolicy)],
    ...custom.Items.map(({ Header, Value }) => [Header, Value] as const),
  ]);
  for (const [name, value] of headers) {
    if (["content-security-policy", "content-type", "cache-control"].includes(name)) continue;
    assert.equal(sent.get(name), value, name);
  }
  assert.equal(security.StrictTransportSecurity?.AccessControlMaxAgeSec, 31_536_000);
});

test("CloudFront's own code names the host, sends browsers to the page, and finds the page of every route of the app", () => {
  const run = (code: string, request: object) => {
    const context = vm.createContext({ request });
    return JSON.parse(vm.runInContext(`${code}; JSON.stringify(handler({ request }))`, context));
  };
  const asked = (method: string, uri: string, accept?: string) => ({
    method,
    uri,
    headers: { host: { value: "d1.cloudfront.net" }, ...(accept ? { accept: { value: accept } } : {}) },
  });
  const forged = asked("POST", "/chat", "text/html");
  const passed = run(EDGE_FUNCTION, {
    ...forged,
    headers: { ...forged.headers, "x-forwarded-host": { value: "evil" } },
  });
  assert.equal(passed.headers["x-forwarded-host"].value, "d1.cloudfront.net");
  for (const page of ["/chat", "/memory", "/search"]) {
    const answer = run(EDGE_FUNCTION, asked("GET", page, "text/html,*/*"));
    assert.equal(answer.statusCode, 302);
    assert.equal(answer.headers.location.value, `${page}/`);
    assert.equal(
      run(EDGE_FUNCTION, asked("GET", page, "application/json")).uri,
      page,
      "a program gets the API's answer",
    );
  }
  assert.equal(run(EDGE_FUNCTION, asked("GET", "/docs", "text/html")).uri, "/docs");
  for (const page of ["/", "/chat/", "/chat/0192-ab", "/library/sources"])
    assert.equal(run(PAGE_FUNCTION, asked("GET", page)).uri, "/index.html");
  assert.equal(run(PAGE_FUNCTION, asked("GET", "/assets/app-1.js")).uri, "/assets/app-1.js");
});

test("the sign-in is for the owner alone: no sign-up, passkey or password, code with PKCE, the API's scopes", () => {
  template.hasResourceProperties("AWS::Cognito::UserPool", {
    AdminCreateUserConfig: { AllowAdminCreateUserOnly: true },
    MfaConfiguration: "OPTIONAL",
    EnabledMfas: ["SOFTWARE_TOKEN_MFA"],
    UserPoolTier: "ESSENTIALS",
    Policies: {
      SignInPolicy: { AllowedFirstAuthFactors: ["PASSWORD", "WEB_AUTHN"] },
      PasswordPolicy: Match.objectLike({ MinimumLength: 14 }),
    },
    WebAuthnUserVerification: "required",
  });
  const client = one("AWS::Cognito::UserPoolClient");
  assert.deepEqual(client.AllowedOAuthFlows, ["code"]);
  assert.equal(client.GenerateSecret, false, "a public client: PKCE");
  assert.match(JSON.stringify(client.AllowedOAuthScopes), /chat.*memory:read.*memory:write.*search/);
  assert.match(JSON.stringify(client.CallbackURLs), /https:\/\/.*\/auth\/callback/);
  template.hasResourceProperties("AWS::Cognito::UserPoolDomain", { ManagedLoginVersion: 2 });
});

test("the seed's alarms with their thresholds, dead letters, and a budget that tells by mail", () => {
  const alarms = Object.fromEntries(
    ofType("AWS::CloudWatch::Alarm").map(([name, { Properties }]) => [name.slice(0, -8), Properties]),
  );
  assert.deepEqual(Object.keys(alarms).sort(), ["DeadJobs", "ErrorRate", "ServerErrors", "Throttled"]);
  for (const [name, alarm] of Object.entries(alarms)) {
    assert.equal(alarm?.ComparisonOperator, "GreaterThanThreshold", name);
    assert.equal(alarm?.Threshold, name === "ErrorRate" ? 5 : 0, name);
    assert.equal(alarm?.TreatMissingData, "notBreaching", name);
    assert.ok(Array.isArray(alarm?.AlarmActions) && alarm.AlarmActions.length === 1, `${name} tells somebody`);
  }
  assert.match(JSON.stringify(alarms.ErrorRate), /100 \* \(e0\) \/ \(i0\)/);
  assert.match(JSON.stringify(alarms.ServerErrors), /5XXError/);
  assert.match(JSON.stringify(alarms.Throttled), /ReadThrottleEvents.*WriteThrottleEvents/);
  assert.match(JSON.stringify(alarms.DeadJobs), /ApproximateNumberOfMessagesVisible/);
  template.hasResourceProperties("AWS::Budgets::Budget", {
    Budget: { BudgetLimit: { Amount: { Ref: "BudgetUsd" }, Unit: "USD" }, TimeUnit: "MONTHLY" },
    NotificationsWithSubscribers: [
      Match.objectLike({ Notification: Match.objectLike({ NotificationType: "ACTUAL" }) }),
      Match.objectLike({ Notification: Match.objectLike({ NotificationType: "FORECASTED" }) }),
    ],
  });
  const dashboard = JSON.stringify(one("AWS::CloudWatch::Dashboard"));
  for (const metric of [
    ...["Invocations", "Errors", "Duration", "Count", "4XXError", "5XXError"],
    ...["ConsumedReadCapacityUnits", "ConsumedWriteCapacityUnits", "NumberOfObjects", "BucketSizeBytes"],
  ])
    assert.ok(dashboard.includes(metric), metric);
});

test("the key turns by itself, outlives the stack, and waits as long as asked before it is gone", () => {
  template.hasResource("AWS::KMS::Key", {
    DeletionPolicy: "RetainExceptOnCreate",
    Properties: { EnableKeyRotation: true, PendingWindowInDays: { Ref: "KeyDeletionDays" } },
  });
});

test("the address is told through a parameter that the functions read", () => {
  template.hasResourceProperties("AWS::SSM::Parameter", {
    Name: { "Fn::Join": ["", ["/steward/", { Ref: "Env" }, "/public-url"]] },
    Value: Match.objectLike({ "Fn::Join": ["", ["https://", Match.anyValue()]] }),
  });
});

test("three functions: those of the seed with its sizes, each behind its path", () => {
  const three = Template.fromStack(serverless({ ...DEFAULTS, functions: "three" }));
  for (const size of [512, 1024, 2048]) three.hasResourceProperties("AWS::Lambda::Function", { MemorySize: size });
  three.resourceCountIs("AWS::Lambda::Function", 5);
  three.resourceCountIs("AWS::ApiGateway::Method", 4);
  for (const part of ["chat", "memory", "search", "{proxy+}"])
    three.hasResourceProperties("AWS::ApiGateway::Resource", { PathPart: part });
});

test("an HTTP API hands over whole answers; a function URL streams and needs a domain of one's own", () => {
  const http = Template.fromStack(serverless({ ...DEFAULTS, edge: "http-api" }));
  http.hasResourceProperties("AWS::Lambda::Function", { Handler: "index.buffered" });
  http.hasResourceProperties("AWS::ApiGatewayV2::Stage", {
    DefaultRouteSettings: {
      ThrottlingRateLimit: { Ref: "ThrottleRate" },
      ThrottlingBurstLimit: { Ref: "ThrottleBurst" },
    },
  });
  http.resourceCountIs("AWS::ApiGateway::RestApi", 0);
  const url = Template.fromStack(serverless({ ...DEFAULTS, edge: "function-url" }));
  url.hasResourceProperties("AWS::Lambda::Url", { InvokeMode: "RESPONSE_STREAM" });
  assert.ok(url.toJSON().Rules?.NeedsDomain, "said before anything is made");
});

test("storage in tiers moves only what is large enough to be worth it", () => {
  const tiers = Template.fromStack(serverless({ ...DEFAULTS, storage: "intelligent-tiering" }));
  tiers.hasResourceProperties("AWS::S3::Bucket", {
    LifecycleConfiguration: {
      Rules: Match.arrayWith([
        Match.objectLike({
          ObjectSizeGreaterThan: Match.anyValue(),
          Transitions: [{ StorageClass: "INTELLIGENT_TIERING", TransitionInDays: 0 }],
        }),
      ]),
    },
  });
});

test("a choice that does not exist is refused with those that do", () => {
  assert.throws(
    () => optionsOf({ edge: "telnet" }),
    (error) => error instanceof OptionError && /rest or http-api or function-url/.test(error.message),
  );
  assert.deepEqual(optionsOf({}), DEFAULTS);
  assert.deepEqual(Object.keys(CHOICES), Object.keys(DEFAULTS));
});

const hasLint = spawnSync("cfn-lint", ["--version"]).status === 0;

test("the release file passes cfn-lint, whatever was chosen", {
  skip: hasLint ? false : "cfn-lint is not installed here",
}, () => {
  const folder = mkdtempSync(join(tmpdir(), "steward-release-"));
  try {
    const files = [...EACH.values()].map((options, n) => writeRelease(join(folder, String(n)), { ...options }));
    const { stdout, status } = spawnSync("cfn-lint", files, { encoding: "utf8" });
    assert.equal(stdout, "");
    assert.equal(status, 0);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("the same choices make the same template", () => {
  assert.deepEqual(synthesize(DEFAULTS), whole);
});

test("every route of the app is asked of the API, and none of its pages is", async () => {
  const { ROUTES } = await import("@steward/server/http/owner-face.ts");
  const toApi = (path: string) =>
    API_PATHS.some((pattern) => (pattern.endsWith("*") ? path.startsWith(pattern.slice(0, -1)) : path === pattern));
  assert.deepEqual(
    ROUTES.map(({ path }) => path).filter((path) => !toApi(path)),
    [],
  );
  for (const path of ["/openapi.json", "/docs", "/docs.css"]) assert.ok(toApi(path), path);
  for (const page of ["/", "/chat/", "/library", "/agenda", "/settings", "/setup", "/assets/app.js"])
    assert.ok(!toApi(page), page);
});
