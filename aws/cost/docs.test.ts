import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { synthesize } from "../infra/app.ts";
import { CHOICES, DEFAULTS, type Options } from "../infra/options.ts";
import { type Bill, billOf } from "./bill.ts";
import { billMarkdown, dollars } from "./table.ts";
import { LEVELS, usageOf } from "./usage.ts";

/** docs/aws.md says what the code says. */
const page = readFileSync(new URL("../../docs/aws.md", import.meta.url), "utf8");
const template = synthesize(DEFAULTS);

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
