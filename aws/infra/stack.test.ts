import assert from "node:assert/strict";
import { test } from "node:test";
import { Match } from "aws-cdk-lib/assertions";
import { synthesize } from "./app.ts";
import { DEFAULTS } from "./options.ts";
import { KEY, ofType, one, propertiesOf, template, whole } from "./testing/default-stack.ts";

/** The template as a whole: what it needs, how its functions are, who signs in, what is watched and told. */

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

test("the address is told through a parameter that the functions read", () => {
  template.hasResourceProperties("AWS::SSM::Parameter", {
    Name: { "Fn::Join": ["", ["/steward/", { Ref: "Env" }, "/public-url"]] },
    Value: Match.objectLike({ "Fn::Join": ["", ["https://", Match.anyValue()]] }),
  });
});

test("the same choices make the same template", () => {
  assert.deepEqual(synthesize(DEFAULTS), whole);
});
