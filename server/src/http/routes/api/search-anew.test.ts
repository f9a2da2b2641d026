import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { z } from "zod";
import { type ApiHouse, apiHouse } from "../../../testing/api-house.ts";

/** The records are enough: without any segment the house reads itself again, and `/search` answers as before. */
const NOTES = [
  "The bicycle is serviced by Veloladen Huber on 14 May.",
  "The roof was mended in 2019 by the cooperative.",
];
const MEMORY = "Bicycle bell broken";
const QUERY = "bicycle service";

const Answer = z.object({
  results: z.array(z.object({ type: z.string(), id: z.string(), text: z.string(), score: z.number() })),
  scored: z.number(),
  waiting: z.number(),
});

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "steward-anew-"));
  await mkdir(join(folder, "notes"));
  for (const [n, note] of NOTES.entries()) await writeFile(join(folder, "notes", `note-${n}.md`), note);
});
after(() => rm(folder, { recursive: true, force: true }));

test("with every segment of the index gone, search finds passages and memories by their cosines again", async () => {
  const first = await withHouse(async (at) => {
    const source = await at.house.sources.addPath(join(folder, "notes"));
    assert.equal((await at.house.sources.finished(source.id)).state, "done");
    await at.ask("/memory", { action: "store", content: MEMORY }, (await at.key(["memory:write"])).secret);
    await embedded(at);
    await at.house.index.flush();
    const answer = await searched(at);
    const segments = await Array.fromAsync(at.house.blobs.list("index/"));
    assert.ok(segments.length > 0, "there is an index to lose");
    for (const name of segments) await at.house.blobs.delete(name);
    return answer;
  });

  const again = await withHouse(async (at) => {
    await embedded(at);
    const embedder = await at.house.embedder();
    const answer = await searched(at);
    const texts = answer.results.map(({ text }) => text);
    const [query, ...vectors] = (await embedder?.embed([QUERY, ...texts], "passage")) ?? [];
    for (const [n, { text, score }] of answer.results.entries()) {
      const cosine = query?.reduce((sum, value, i) => sum + value * (vectors[n]?.[i] ?? 0), 0) ?? Number.NaN;
      // A passage is embedded with its title and place, and kept in eight bits a number.
      if (text === MEMORY) assert.ok(Math.abs(score - cosine) < 1e-5, `${score} for ${cosine}`);
      assert.ok(score >= -1 && score <= 1);
    }
    return answer;
  });
  assert.equal(again.results.length, NOTES.length + 1);
  assert.deepEqual(
    [again.scored, again.waiting],
    [NOTES.length + 1, 0],
    "every vector is there again, and every one is scored",
  );
  assert.deepEqual(new Set(again.results.map(({ text }) => text)), new Set([...NOTES, MEMORY]));
  assert.deepEqual(
    again.results.map(({ id }) => id),
    first.results.map(({ id }) => id),
  );
  for (const [n, { score }] of again.results.entries()) {
    assert.ok(Math.abs(score - (first.results[n]?.score ?? Number.NaN)) < 1e-6);
  }
});

async function withHouse<T>(work: (at: ApiHouse) => Promise<T>): Promise<T> {
  await using at = await apiHouse({ STEWARD_HOME: join(folder, "home") });
  return await work(at);
}

async function searched(at: ApiHouse) {
  const answer = await at.ask("/search", { query: QUERY, topK: 100 }, (await at.key(["search"])).secret);
  const found = Answer.parse(await answer.json());
  return { ...found, results: found.results.toSorted((a, b) => b.score - a.score) };
}

/** Vectors follow in the background. */
async function embedded({ house }: ApiHouse): Promise<void> {
  const isDone = () => {
    const { embedded: there, passages } = house.index.stats();
    return passages > 0 && there === passages;
  };
  while (!isDone()) await house.clock.sleep(10);
}
