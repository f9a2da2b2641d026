import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { after, before, test } from "node:test";
import { type ApiHouse, apiHouse } from "../../../testing/api-house.ts";
import { keepersOf } from "../../caller.ts";
import type { ProblemDetails } from "../../problems.ts";

let at: ApiHouse;
let all: string;

before(async () => {
  at = await apiHouse({ STEWARD_API_RATE: "1000000" });
  all = (await at.key(["chat", "search", "memory:read", "memory:write", "tasks"])).secret;
  const note = "# Bicycle\n\nThe bicycle is serviced by Veloladen Huber on 14 May. It costs 95 francs.\n";
  const source = await at.house.sources.addUpload("bike.md", Readable.from([Buffer.from(note)]));
  assert.equal((await at.house.sources.finished(source.id)).state, "done");
  // Its vectors follow in the background.
  while (at.house.index.stats().embedded === 0) await at.house.clock.sleep(10);
});

after(() => at[Symbol.asyncDispose]());

// biome-ignore lint/suspicious/noExplicitAny: answers of the routes under test, each looked at field by field
type Any = any;

async function ok(path: string, body: unknown, secret = all, headers: Record<string, string> = {}): Promise<Any> {
  const answer = await at.ask(path, body, secret, headers);
  const text = await answer.text();
  assert.equal(answer.status, 200, text);
  return JSON.parse(text);
}

async function problem(path: string, body: unknown, secret: string | undefined = all, headers = {}) {
  const answer = await at.ask(path, body, secret, headers);
  assert.equal(answer.headers.get("content-type"), "application/problem+json");
  const details = (await answer.json()) as ProblemDetails; // every refusal is one
  assert.equal(details.status, answer.status);
  return { ...details, code: details.type.replace("urn:steward:problem:", ""), headers: answer.headers };
}

test("a memory is stored with its vector, retrieved, listed by category and time, and forgotten with a receipt", async () => {
  const store = (content: string, category: string, metadata = {}) =>
    ok("/memory", { action: "store", content, category, metadata });
  const first = await store("The boiler is serviced every May", "Home", { by: "script", times: 1 });
  const second = await store("Aunt Vreni likes figs", "people");
  const third = await store("The roof was mended in 2019", "home");
  assert.equal(first.embedded, true);

  const one = await ok("/memory", { action: "retrieve", id: first.id });
  assert.deepEqual(one.memories[0].metadata, { by: "script", times: 1 });
  assert.equal(one.memories[0].content, "The boiler is serviced every May");
  assert.equal(one.memories[0].trust, "contact", "a program's word is a claim");

  const near = await ok("/memory", { action: "retrieve", query: "heating boiler maintenance", topK: 1 });
  assert.equal(near.ranking, "vectors");
  assert.deepEqual(
    near.memories.map(({ id }: Any) => id),
    [first.id],
  );

  const home = await ok("/memory", { action: "list", category: " HOME " });
  assert.deepEqual(
    home.memories.map(({ id }: Any) => id),
    [third.id, first.id],
    "newest first",
  );
  const page = await ok("/memory", { action: "list", category: "home", limit: 1 });
  assert.deepEqual(
    page.memories.map(({ id }: Any) => id),
    [third.id],
  );
  const next = await ok("/memory", { action: "list", category: "home", limit: 1, cursor: page.cursor });
  assert.deepEqual(
    next.memories.map(({ id }: Any) => id),
    [first.id],
  );
  assert.equal(next.cursor, undefined);
  const before = new Date(Date.parse(first.storedAt) - 1).toISOString();
  assert.deepEqual((await ok("/memory", { action: "list", before })).memories, []);
  const since = await ok("/memory", { action: "list", since: first.storedAt });
  assert.deepEqual(
    since.memories.map(({ id }: Any) => id),
    [third.id, second.id, first.id],
  );

  const gone = await ok("/memory", { action: "forget", id: first.id });
  assert.equal(gone.state, "done");
  assert.equal(gone.receipt.keysDestroyed, 1);
  assert.equal((await problem("/memory", { action: "retrieve", id: first.id })).status, 404);
  const after = await ok("/memory", { action: "retrieve", query: "boiler", topK: 100 });
  assert.ok(after.memories.every(({ id }: Any) => id !== first.id));
  const left: string[] = [];
  const rows = at.house.sealed.records;
  for (const partition of ["memory", "memory-vector", "key"])
    for await (const { sort } of rows.query(partition)) if (sort.includes(first.id)) left.push(partition);
  assert.deepEqual(left, []);
});

test("what the owner said is not a key's to forget", async () => {
  const { id } = await at.house.ledger.remember("My passport is X123");
  const refused = await problem("/memory", { action: "forget", id });
  assert.deepEqual([refused.status, refused.field], [403, "id"]);
  assert.ok(await at.house.ledger.get(id));
});

test("memories of before there was an index by category are found in it", async () => {
  const { sealed } = at.house;
  const id = "0198c5a0-0000-7000-8000-00000000000a";
  const { key, change } = sealed.vault.create("private", id);
  const old = {
    id,
    text: "Old",
    category: "attic",
    source: { typed: true },
    trust: "owner",
    confidence: 1,
    learnedAt: 1,
  };
  await sealed.write([change, sealed.put(key, { partition: "memory", sort: id, scope: id }, old)]);
  await sealed.write([{ delete: { partition: "memory-index", sort: "v2" } }]);
  const { Ledger } = await import("@steward/core/memory/ledger.ts");
  const ledger = new Ledger({ clock: at.house.clock, sealed });
  const page = await ledger.page({ category: "Attic", limit: 5 });
  assert.deepEqual(
    page.memories.map((memory) => memory.id),
    [id],
  );
  await ledger.remove(id);
});

test("search gives cosines, best first, of memories and passages, and obeys topK, category and minScore", async () => {
  await ok("/memory", { action: "store", content: "Bicycle bell broken", category: "garage" });
  await ok("/memory", { action: "store", content: "Bicycle helmet is red", category: "garage" });
  const found = await ok("/search", { query: "bicycle service", topK: 100 });
  const scores = found.results.map(({ score }: Any) => score);
  assert.deepEqual(
    scores,
    [...scores].sort((a, b) => b - a),
  );
  assert.ok(scores.every((score: number) => score >= -1 && score <= 1));
  assert.deepEqual(new Set(found.results.map(({ type }: Any) => type)), new Set(["memory", "passage"]));
  const passage = found.results.find(({ type }: Any) => type === "passage");
  assert.match(passage.text, /Veloladen Huber/);
  assert.ok(found.scored >= found.results.length);

  const garage = await ok("/search", { query: "bicycle service", category: "Garage" });
  assert.deepEqual(new Set(garage.results.map(({ category }: Any) => category)), new Set(["garage"]));
  assert.equal((await ok("/search", { query: "bicycle service", topK: 1 })).results.length, 1);
  const strict = await ok("/search", { query: "Bicycle helmet is red", minScore: 0.999 });
  assert.deepEqual(
    strict.results.map(({ text }: Any) => text),
    ["Bicycle helmet is red"],
  );

  // Every vector is scored and shown, those that point away too.
  const away = await ok("/search", { query: "bicycle service", topK: 100, minScore: -1 });
  assert.deepEqual(away.results, found.results, "-1 leaves nothing out");
  assert.equal(away.results.length, (await at.house.ledger.list()).length + at.house.index.stats().items);
  const negative = await ok("/search", { query: "quantum chromodynamics lattice", topK: 100 });
  assert.ok(
    negative.results.some(({ score }: Any) => score < 0),
    JSON.stringify(negative.results.map((r: Any) => r.score)),
  );
  for (const { score } of (await ok("/search", { query: "lattice", minScore: 0 })).results) assert.ok(score >= 0);

  // The score is the cosine of the two texts' vectors, as the embedder itself gives them.
  const embedder = await at.house.embedder();
  const [a, b] = (await embedder?.embed(["bicycle service", "Bicycle bell broken"], "passage")) ?? [];
  const cosine = a?.reduce((sum, value, i) => sum + value * (b?.[i] ?? 0), 0) ?? 0;
  const bell = found.results.find(({ text }: Any) => text === "Bicycle bell broken");
  assert.ok(Math.abs(bell.score - cosine) < 1e-5);
});

test("without an embedder search says what to switch on, and retrieve ranks by words and says so", async () => {
  const before = (await at.house.embedders.choices()).find(({ current }) => current)?.id ?? "";
  await ok("/memory", { action: "store", content: "The piano is tuned by Frau Keller" });
  await at.house.embedders.choose({ id: "none" });
  try {
    const refused = await problem("/search", { query: "piano" });
    assert.deepEqual([refused.status, refused.code], [503, "no-embedder"]);
    assert.match(refused.detail, /Settings/);
    const byWords = await ok("/memory", { action: "retrieve", query: "who tunes the piano" });
    assert.equal(byWords.ranking, "words");
    assert.match(byWords.memories[0].content, /Frau Keller/);
    const blind = await ok("/memory", { action: "store", content: "Stored while no vectors were made: zither" });
    assert.equal(blind.embedded, false);
  } finally {
    await at.house.embedders.choose({ id: before });
  }
  // Its vector is made when there is an embedder again.
  const found = await ok("/search", { query: "zither", category: "fact", topK: 1 });
  assert.match(found.results[0].text, /zither/);
});

test("a chat answers with verified citations, usage and cost, and goes on in its session", async () => {
  const first = await ok("/chat", { message: "When is the bicycle serviced?" });
  assert.match(first.reply, /14 May/);
  assert.equal(first.knowledge, true);
  assert.match(first.citations[0].quote, /14 May/);
  assert.equal(first.cost, 0);
  assert.ok(first.usage.inputTokens > 0);
  const second = await ok("/chat", { message: "And what does it cost?", sessionId: first.sessionId });
  assert.equal(second.sessionId, first.sessionId);
  const view = await at.house.conversations.view(first.sessionId);
  assert.equal(view?.messages.length, 4);
  assert.deepEqual(await at.house.conversations.list(), [], "sessions are not among the owner's conversations");
});

test("the stream is the turn's events, asked for by `stream` or by Accept", async () => {
  for (const [body, headers] of [
    [{ message: "hello", stream: true }, {}],
    [{ message: "hello" }, { accept: "text/event-stream" }],
  ] as const) {
    const answer = await at.ask("/chat", body, all, headers);
    assert.match(answer.headers.get("content-type") ?? "", /^text\/event-stream/);
    const events = (await answer.text())
      .split("\n\n")
      .filter((event) => event.startsWith("data: "))
      .map((event) => JSON.parse(event.slice(6)));
    assert.equal(events[0].type, "turn");
    assert.equal(events.at(-1).type, "finish");
  }
});

test("a session is another's business to nobody, and gone after 24 hours with all its rows", async () => {
  const { sessionId, expiresAt } = await ok("/chat", { message: "hello" });
  const other = (await at.key(["chat"])).secret;
  const refused = await problem("/chat", { message: "hello again", sessionId }, other);
  assert.deepEqual([refused.status, refused.field], [404, "sessionId"]);
  const own = at.house.answer({ text: "hello" }, new AbortController().signal);
  const [turn] = await Array.fromAsync(own);
  assert.ok(turn?.type === "turn");
  const owners = await problem("/chat", { message: "what did I say?", sessionId: turn.conversation });
  assert.equal(owners.status, 404, "the owner's conversations are not reached");

  at.ahead = Date.parse(expiresAt) - Date.now() - 60_000;
  assert.equal((await ok("/chat", { message: "still there?", sessionId })).expiresAt, expiresAt);
  at.ahead += 120_000;
  try {
    const ended = await problem("/chat", { message: "hello?", sessionId });
    assert.deepEqual([ended.status, ended.field], [404, "sessionId"]);
    assert.equal(await at.house.conversations.view(sessionId), undefined);
    const { records } = at.house.sealed;
    for await (const row of records.query(`message:${sessionId}`)) assert.fail(`${row.sort} is still read`);
    assert.equal(await records.get({ partition: "key", sort: `private/${sessionId}` }), undefined);
  } finally {
    at.ahead = 0;
  }
});

test("what a key's turn may do follows its scopes", async () => {
  const count = async () => [(await at.house.ledger.list()).length, (await at.house.tasks.list()).length];
  const chatOnly = (await at.key(["chat"])).secret;
  const before = await count();
  await ok("/chat", { message: "Remember that my locker code is 4711" }, chatOnly);
  await ok("/chat", { message: "Remind me to call mum tomorrow at nine" }, chatOnly);
  assert.deepEqual(await count(), before, "nothing was written");
  const blind = await ok("/chat", { message: "When is the bicycle serviced?" }, chatOnly);
  assert.equal(blind.knowledge, false);
  assert.doesNotMatch(blind.reply, /14 May/);
  const wanted = await problem("/chat", { message: "When?", knowledge: true }, chatOnly);
  assert.deepEqual([wanted.status, wanted.field], [403, "knowledge"]);
  const off = await ok("/chat", { message: "When is the bicycle serviced?", knowledge: false });
  assert.deepEqual(off.citations, []);

  await ok("/chat", { message: "Remember that my locker code is 4711" });
  await ok("/chat", { message: "Remind me to call mum tomorrow at nine" });
  assert.deepEqual(await count(), [(before[0] ?? 0) + 1, (before[1] ?? 0) + 1], "with the scopes it was");
});

test("a chat answers from what programs stored, cites it, and loses the answer with it; without memory:read it knows nothing", async () => {
  const content = "The kayak is kept in the boathouse at Horgen, berth 17.";
  const { id } = await ok("/memory", { action: "store", content, category: "places" });
  const question = { message: "Where is the kayak kept?" };
  const told = await ok("/chat", question);
  assert.match(told.reply, /Horgen/);
  const [citation] = told.citations;
  assert.deepEqual([citation.memory, citation.item], [true, id]);
  assert.ok(content.includes(citation.quote));
  for (const scopes of [["chat"], ["chat", "search"]] as const) {
    const blind = await ok("/chat", question, (await at.key(scopes)).secret);
    assert.doesNotMatch(blind.reply, /Horgen|17/, scopes.join());
  }
  const reader = await ok("/chat", question, (await at.key(["chat", "memory:read"])).secret);
  assert.match(reader.reply, /Horgen/, "search is for the owner's items; memories are read with memory:read");
  await ok("/memory", { action: "forget", id });
  const view = await at.house.conversations.view(told.sessionId);
  assert.doesNotMatch(JSON.stringify(view?.messages.at(-1)), /Horgen/);
  assert.doesNotMatch((await ok("/chat", question)).reply, /Horgen/);
});

test("each route asks for its scope; no key, a wrong, an expired and a revoked one are told apart from that", async () => {
  const asks: readonly [string, object, string][] = [
    ["/chat", { message: "hello" }, "chat"],
    ["/search", { query: "x" }, "search"],
    ["/memory", { action: "list" }, "memory:read"],
    ["/memory", { action: "retrieve", query: "x" }, "memory:read"],
    ["/memory", { action: "store", content: "x" }, "memory:write"],
    ["/memory", { action: "forget", id: "x" }, "memory:write"],
  ];
  for (const scope of ["chat", "search", "memory:read", "memory:write", "read", "ask", "tasks"] as const) {
    const { secret } = await at.key([scope]);
    for (const [path, body, needs] of asks) {
      const { status } = await at.ask(path, body, secret);
      if (scope !== needs) assert.equal(status, 403, `${scope} ${path} ${JSON.stringify(body)}`);
      else assert.notEqual(status, 403, `${scope} ${path}`);
    }
    for (const [path, body] of [
      ["/api/tokens", { name: "x", scopes: ["chat"] }],
      ["/api/forget", { item: "x" }],
      ["/api/sources", { sample: true }],
      ["/api/password", { next: "another one" }],
    ] as const) {
      assert.equal((await at.ask(path, body, secret)).status, 403, `${scope} ${path}`);
    }
  }
  for (const secret of [undefined, "nonsense", `stw_${"A".repeat(43)}`]) {
    const answer = await at.ask("/search", { query: "x" }, secret, { origin: own() });
    assert.equal(answer.status, 401, String(secret));
    assert.match(answer.headers.get("www-authenticate") ?? "", /^Bearer/);
  }
  const short = await at.key(["search"], at.house.clock.now() + 60_000);
  assert.equal((await at.ask("/search", { query: "x" }, short.secret)).status, 200);
  const { tokens } = keepersOf(at.house);
  assert.ok((await tokens.list()).find(({ id }) => id === short.id)?.lastUsedAt, "its last use is kept");
  at.ahead = 61_000;
  assert.equal((await at.ask("/search", { query: "x" }, short.secret)).status, 401, "expired");
  at.ahead = 0;
  const revoked = await at.key(["search"]);
  await tokens.revoke(revoked.id);
  assert.equal((await at.ask("/search", { query: "x" }, revoked.secret)).status, 401, "revoked");
});

function own(): string {
  return `http://localhost:${at.port}`;
}

test("a fact that a key's chat is told to remember is the key's claim, whichever route it asks by, and its to forget", async () => {
  await using at = await apiHouse();
  const { secret, id } = await at.key(["chat", "memory:read", "memory:write"]);
  const said = await at.ask("/chat", { message: "Remember that the bins go out on Mondays" }, secret);
  assert.match(((await said.json()) as { reply: string }).reply, /^Noted/);
  const app = await at.key(["ask"]);
  await (await at.ask("/api/chat", { text: "Remember that the gate is always open" }, app.secret)).text();
  const kept = await at.house.ledger.list();
  assert.deepEqual(new Set(kept.map(({ trust }) => trust)), new Set(["contact"]));
  assert.deepEqual(new Set(kept.map(({ source }) => "key" in source && source.key)), new Set([id, app.id]));
  for (const memory of kept)
    assert.equal((await at.ask("/memory", { action: "forget", id: memory.id }, secret)).status, 200);
});
