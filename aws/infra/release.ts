import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { synthesize } from "./app.ts";
import { optionsOf } from "./options.ts";

/**
 * `node aws/infra/release.ts <folder> [--edge …] [--functions …]`: the template as a file that stands alone. Whoever has it and
 * the two zips of a release deploys with CloudFormation and nothing of ours: docs/aws.md, "Without this repository".
 */
export const TEMPLATE_NAME = "steward-serverless.template.json";

export function writeRelease(folder: string, given: Readonly<Record<string, unknown>>): string {
  const file = join(resolve(folder), TEMPLATE_NAME);
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, `${JSON.stringify(synthesize(optionsOf(given)), null, 1)}\n`);
  return file;
}

if (import.meta.main) {
  const choice = { type: "string" } as const;
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { functions: choice, edge: choice, storage: choice, secrets: choice, dashboard: choice },
  });
  const [folder] = positionals;
  if (folder === undefined) {
    process.stderr.write("Say where to: node aws/infra/release.ts <folder>\n");
    process.exitCode = 2;
  } else process.stdout.write(`${writeRelease(folder, values)}\n`);
}
