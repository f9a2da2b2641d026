import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { type CloudFormationTemplate, type Resource, synthesize } from "../infra/app.ts";
import { CHOICES, DEFAULTS, type Options } from "../infra/options.ts";
import { type Bill, billOf } from "./bill.ts";
import { Unpriced } from "./meters.ts";
import type { Meter } from "./prices.ts";
import { billMarkdown, billText, dollars } from "./table.ts";
import { LEVELS, usageOf } from "./usage.ts";

/** Dollars a month at the seed's usage: the promise. */
const LIMIT = { withFree: 1.9, list: 5.5 };

const template = synthesize(DEFAULTS);
const usage = usageOf(100_000);

const billWith = (options: Partial<Options>, requests = 100_000): Bill =>
  billOf(synthesize({ ...DEFAULTS, ...options }), usageOf(requests));
const listOf = (bill: Bill, meter: Meter): number => bill.lines.find((line) => line.meter === meter)?.list ?? 0;

/** The template with one resource more, or with one changed. */
function changed(name: string, resource: Resource): CloudFormationTemplate {
  return { ...template, Resources: { ...template.Resources, [name]: resource } };
}
function withProperties(type: string, properties: Record<string, unknown>): CloudFormationTemplate {
  const found = Object.entries(template.Resources).find(([, resource]) => resource.Type === type);
  assert.ok(found, type);
  const [name, resource] = found;
  return changed(name, { ...resource, Properties: { ...resource.Properties, ...properties } });
}

test("at the seed's usage the home costs at most $1.90 with the always-free tiers and, alarms included, $5.50 at list but for the dashboard, which costs only an account that has three others", (context) => {
  const bill = billOf(template, usage);
  context.diagnostic(`\n${billText(bill, usage.requests)}`);
  assert.ok(bill.withFree <= LIMIT.withFree, `$${bill.withFree.toFixed(2)} with the always-free tiers`);
  assert.ok(bill.list <= LIMIT.list, `$${bill.list.toFixed(2)} at list`);
  assert.ok(bill.list > 4 && bill.withFree > 1, "and nothing large was forgotten");
  assert.equal(bill.lines.find(({ meter }) => meter === "alarmMetrics")?.quantity, 6, "the alarms are counted");
  assert.equal(bill.dashboards, 3, "what is left out of the list total is told");
  const every = bill.lines.reduce((sum, { list }) => sum + list, 0);
  assert.ok(Math.abs(every - bill.list - bill.dashboards) < 1e-9, "and it is all that is left out");
});

test("five and twenty times the requests", (context) => {
  const [light, moderate, heavy] = LEVELS.map((requests) => billOf(template, usageOf(requests)));
  assert.ok(light && moderate && heavy);
  context.diagnostic(`500,000: $${moderate.withFree.toFixed(2)} / $${moderate.list.toFixed(2)} at list`);
  context.diagnostic(`2,000,000: $${heavy.withFree.toFixed(2)} / $${heavy.list.toFixed(2)} at list`);
  assert.ok(moderate.withFree <= 10 && moderate.list <= 20);
  assert.ok(heavy.withFree <= 60 && heavy.list <= 75);
  const compute = listOf(heavy, "lambdaGbSeconds") / heavy.list;
  assert.ok(compute > 0.6, "most of it is functions that wait for a model: the seed left their time out");
});

test("without requests only the key, and what is kept, is paid for", () => {
  const idle = billOf(template, {
    ...usageOf(0),
    keyRequests: 0,
    ticks: 0,
    mails: 0,
    schedules: 0,
    rowGb: 0,
    objectGb: 0,
  });
  assert.equal(idle.withFree, 1);
});

test("what nobody has priced does not slip in", () => {
  const gateway = { Type: "AWS::EC2::NatGateway" };
  assert.throws(
    () => billOf(changed("Gateway", gateway), usage),
    (error) =>
      error instanceof Unpriced && /Gateway is a AWS::EC2::NatGateway, which nobody has priced/.test(error.message),
  );
});

test("nor what costs by the hour under a name that is known", () => {
  const refused: [string, Record<string, unknown>][] = [
    ["AWS::DynamoDB::Table", { BillingMode: "PROVISIONED" }],
    ["AWS::ApiGateway::Stage", { CacheClusterEnabled: true }],
    ["AWS::Cognito::UserPool", { UserPoolTier: "PLUS" }],
    ["AWS::SSM::Parameter", { Tier: "Advanced" }],
    ["AWS::Lambda::Function", { MemorySize: { Ref: "Nothing" } }],
  ];
  for (const [type, properties] of refused)
    assert.throws(() => billOf(withProperties(type, properties), usage), Unpriced, type);
});

test("a key that turns every year is three keys before long", () => {
  const yearly = withProperties("AWS::KMS::Key", { EnableKeyRotation: true, RotationPeriodInDays: 365 });
  assert.equal(listOf(billOf(yearly, usage), "keys"), 3);
  assert.equal(listOf(billOf(template, usage), "keys"), 1);
});

test("every choice has its price", (context) => {
  const base = billOf(template, usage);
  const three = billWith({ functions: "three" });
  assert.ok(listOf(three, "lambdaGbSeconds") < listOf(base, "lambdaGbSeconds") * 0.7, "chats wait in half the memory");
  const http = billWith({ edge: "http-api" });
  assert.equal(listOf(http, "restRequests"), 0);
  assert.equal(listOf(http, "httpRequests"), 0.1, "the seed's line");
  const url = billWith({ edge: "function-url" });
  assert.equal(listOf(url, "restRequests") + listOf(url, "httpRequests"), 0);
  const tiers = billWith({ storage: "intelligent-tiering" });
  assert.ok(Math.abs(tiers.list - base.list - 0.0125) < 1e-9);
  const secrets = billWith({ secrets: "secrets-manager" });
  assert.ok(Math.abs(secrets.list - base.list - 0.4) < 1e-9);
  assert.equal(billWith({ dashboard: "off" }).dashboards, 0);
  for (const [name, bill] of Object.entries({ three, http, url, tiers, secrets }))
    context.diagnostic(`${name}: $${bill.withFree.toFixed(2)} / $${bill.list.toFixed(2)} at list`);
});

test("both tables show every line and the totals", () => {
  const bill = billOf(template, usage);
  for (const text of [billText(bill, usage.requests), billMarkdown(bill)]) {
    for (const { price } of bill.lines) assert.ok(text.includes(price.what), price.what);
    assert.ok(text.includes(bill.list.toFixed(2)) && text.includes(bill.withFree.toFixed(2)));
  }
});

/** docs/aws.md says what the code says. */
const page = readFileSync(new URL("../../docs/aws.md", import.meta.url), "utf8");

test("the page has the bill as it is, at each level of use", () => {
  const bills = LEVELS.map((requests) => billOf(template, usageOf(requests)));
  assert.ok(bills[0] && page.includes(billMarkdown(bills[0])), "npm run cost -- --markdown");
  LEVELS.forEach((requests, level) => {
    const { withFree, list } = bills[level] as Bill; // one a level
    const row = `| ${requests.toLocaleString("en-US")} | $${dollars(withFree)} | $${dollars(list)} |`;
    assert.ok(page.includes(row), row);
  });
});

test("the page has every choice with its price, and every parameter", () => {
  for (const [name, choices] of Object.entries(CHOICES)) {
    for (const choice of choices) {
      assert.ok(page.includes(`\`${choice}\``), choice);
      const bill = billOf(synthesize({ ...DEFAULTS, [name]: choice } as Options), usageOf(100_000)); // of CHOICES
      const price = `$${dollars(bill.withFree)} / $${dollars(bill.list)}`;
      assert.ok(page.includes(price), `${name} ${choice}: ${price}`);
    }
  }
  for (const name of Object.keys(template.Parameters ?? {})) assert.ok(page.includes(`\`${name}\``), name);
});
