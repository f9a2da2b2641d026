import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { Readable } from "node:stream";
import { test } from "node:test";
import { promisify } from "node:util";
import { apiHouse } from "../../../testing/api-house.ts";

const run = promisify(execFile);
const PAGE = readFileSync(new URL("../../../../../docs/api.md", import.meta.url), "utf8");

function examples(language: string): string[] {
  return [...PAGE.matchAll(new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\``, "gm"))].map(([, code = ""]) => code);
}

test("every example of docs/api.md runs against a house", async (t) => {
  await using at = await apiHouse();
  const note = "# Bicycle\n\nThe bicycle is serviced by Veloladen Huber on 14 May.\n";
  const source = await at.house.sources.addUpload("bike.md", Readable.from([Buffer.from(note)]));
  await at.house.sources.finished(source.id);
  while (at.house.index.stats().embedded === 0) await at.house.clock.sleep(10);
  const { secret } = await at.key(["chat", "search", "memory:read", "memory:write", "ingest"]);
  const env = { ...process.env, TMPDIR: at.home, STEWARD: `http://localhost:${at.port}`, KEY: secret };

  const scripts = examples("js");
  assert.equal(scripts.length, 2);
  const outputs = await Promise.all(
    scripts.map((code) => run(process.execPath, ["--input-type=module", "--eval", code], { env })),
  );
  assert.match(outputs[0]?.stdout ?? "", /Hello/);
  assert.equal(outputs[1]?.stdout, "done 1\n");

  const curls = examples("sh");
  assert.equal(curls.length, 4);
  const curl = await run("curl", ["--version"]).catch(() => undefined);
  if (!curl) return t.diagnostic("there is no curl here: its examples were not run");
  const [chat, memory, search, documents] = await Promise.all(curls.map((code) => run("sh", ["-ec", code], { env })));
  assert.match(chat?.stdout ?? "", /14 May/);
  assert.match(memory?.stdout ?? "", /"metadata":\{"by":"cron"\}/);
  assert.match(search?.stdout ?? "", /"type":"passage"/);
  assert.match(documents?.stdout ?? "", /"name":"kiln\.md","state":"(?:reading|done)"/);
});
