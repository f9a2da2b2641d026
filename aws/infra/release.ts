import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { synthesize } from "./app.ts";
import { CHOICE_WORDS, optionsOf } from "./options.ts";

/**
 * `node aws/infra/release.ts <folder> [--code] [--edge …] [--functions …]`: the template as a file that stands alone. Whoever has it and
 * the two zips of a release deploys with CloudFormation and nothing of ours: docs/aws.md, "Without this repository".
 */
export const TEMPLATE_NAME = "steward-serverless.template.json";

export function writeRelease(folder: string, given: Readonly<Record<string, unknown>>): string {
  const file = join(resolve(folder), TEMPLATE_NAME);
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, `${JSON.stringify(synthesize(optionsOf(given)), null, 1)}\n`);
  return file;
}

/** The functions' zips beside it; their names are what the parameters ApiCodeKey and WorkerCodeKey want. */
async function writeCode(folder: string): Promise<string[]> {
  const { buildCode } = await import("../deploy/code.ts");
  return Object.values(await buildCode()).map(({ key, bytes }) => {
    const file = join(resolve(folder), key);
    writeFileSync(file, bytes);
    return file;
  });
}

if (import.meta.main) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      ...CHOICE_WORDS,
      code: { type: "boolean" },
    },
  });
  const [folder] = positionals;
  if (folder === undefined) {
    process.stderr.write("Say where to: node aws/infra/release.ts <folder>\n");
    process.exitCode = 2;
  } else {
    const { code, ...options } = values;
    const files = [writeRelease(folder, options), ...(code ? await writeCode(folder) : [])];
    process.stdout.write(`${files.join("\n")}\n`);
  }
}
