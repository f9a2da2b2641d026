/**
 * Writes the sample archive, and the sets that are judged on it:
 * `node scripts/sample/make.ts <folder> [--seed n] [--judged <folder>]`.
 */
import { parseArgs } from "node:util";
import { DEFAULT_SEED, makeSample } from "@steward/server/sample/make.ts";
import { writeJudged } from "./judged.ts";

if (import.meta.main) await main();

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { seed: { type: "string" }, judged: { type: "string" } },
  });
  const [folder] = positionals;
  const seed = Number(values.seed ?? DEFAULT_SEED);
  if (folder === undefined || !Number.isInteger(seed)) {
    console.error("usage: node scripts/sample/make.ts <folder> [--seed n] [--judged <folder>]");
    process.exit(2);
  }
  const report = await makeSample(folder, seed);
  console.log(`${report.mails} mails and ${report.files} files, ${Math.round(report.bytes / 1000)} kB, in ${folder}`);
  if (values.judged !== undefined) {
    const judged = await writeJudged(values.judged, seed);
    console.log(`${judged.documents} documents and ${judged.queries} judged queries in ${values.judged}`);
  }
}
