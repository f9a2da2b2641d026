import { synthesize } from "../infra/app.ts";
import { CHOICE_WORDS, optionsOf } from "../infra/options.ts";
import { isUsage, parseWords } from "../infra/words.ts";
import { billOf } from "./bill.ts";
import { billMarkdown, billText } from "./table.ts";
import { LEVELS, usageOf } from "./usage.ts";

/** `npm run cost [-- --functions three …]`: the bill of the template at each level of use. */
const flag = { type: "boolean" } as const;

try {
  const { values } = parseWords({ options: { ...CHOICE_WORDS, json: flag, markdown: flag } });
  const template = synthesize(optionsOf(values));
  const bills = LEVELS.map((requests) => ({ requests, bill: billOf(template, usageOf(requests)) }));
  if (values.json) process.stdout.write(`${JSON.stringify(bills)}\n`);
  else if (values.markdown) process.stdout.write(`${bills.map(({ bill }) => billMarkdown(bill)).join("\n\n")}\n`);
  else process.stdout.write(`${bills.map(({ bill, requests }) => billText(bill, requests)).join("\n\n")}\n`);
} catch (error) {
  if (!isUsage(error)) throw error;
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 2;
}
