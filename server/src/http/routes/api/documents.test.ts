import assert from "node:assert/strict";
import { request as httpRequest } from "node:http";
import { after, before, test } from "node:test";
import { type ApiHouse, apiHouse } from "../../../testing/api-house.ts";
import type { ProblemDetails } from "../../problems.ts";

let at: ApiHouse;
let secret: string;

before(async () => {
  at = await apiHouse({ STEWARD_API_RATE: "1000000" });
  secret = (await at.key(["ingest"])).secret;
});

after(() => at[Symbol.asyncDispose]());

interface Ticket {
  readonly id: string;
  readonly url: string;
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly expiresAt: string;
}

async function announce(body: object, headers: Record<string, string> = {}): Promise<Ticket> {
  const answer = await at.ask("/documents", body, secret, headers);
  assert.equal(answer.status, 200);
  return (await answer.json()) as Ticket; // as the schema of the route says
}

function send({ url, method, headers }: Ticket, body: string | Buffer): Promise<Response> {
  // The test runs where `localhost` may not be a name: the address is dialled, the name is sent.
  return fetch(url.replace("localhost", "127.0.0.1"), { method, headers, body: new Uint8Array(Buffer.from(body)) });
}

async function refusal(answer: Response): Promise<{ status: number; field: string | undefined; detail: string }> {
  assert.equal(answer.headers.get("content-type"), "application/problem+json");
  const { status, field, detail } = (await answer.json()) as ProblemDetails; // every refusal is one
  assert.equal(status, answer.status);
  return { status, field, detail };
}

// biome-ignore lint/suspicious/noExplicitAny: answers of the routes under test, each looked at field by field
type Any = any;

async function stateOf(id: string, key = secret): Promise<Any> {
  return (await at.request("GET", `/documents/${id}`, { authorization: `Bearer ${key}` })).json();
}

async function read(id: string): Promise<Any> {
  await at.house.sources.finished(id);
  return stateOf(id);
}

const NOTE = "# Kiln\n\nThe kiln is fired on 3 June by Agathe Brunner.\n";

test("a document is announced, sent to the address given, read, and its state told", async () => {
  const ticket = await announce({ name: "notes/kiln.md", size: Buffer.byteLength(NOTE), mediaType: "text/markdown" });
  assert.equal(new URL(ticket.url).host, `localhost:${at.port}`);
  assert.equal(ticket.method, "PUT");
  assert.doesNotMatch(ticket.url, /[?#]/, "no secret stands in the address");
  assert.deepEqual(await stateOf(ticket.id), {
    ...{ id: ticket.id, name: "kiln.md", state: "waiting", expiresAt: ticket.expiresAt },
  });
  const sent = await send(ticket, NOTE);
  assert.equal(sent.status, 200, await sent.clone().text());
  const state = await read(ticket.id);
  assert.deepEqual([state.state, state.added, state.setAside], ["done", 1, 0]);
  const found = await at.house.find("kiln Brunner");
  assert.equal(found.hits[0]?.source.id, ticket.id);
});

test("bytes that come twice are taken in once; a stranger's, late and altered tickets are refused", async () => {
  const ticket = await announce({ name: "twice.md" });
  assert.equal((await send(ticket, "Once only")).status, 200);
  assert.equal((await send(ticket, "And again, otherwise")).status, 200, "what came first stands");
  await read(ticket.id);
  assert.equal((await at.house.sources.list()).filter(({ id }) => id === ticket.id).length, 1);
  for (const hit of (await at.house.find("otherwise")).hits) assert.doesNotMatch(hit.passage.text, /otherwise/);

  const other = await announce({ name: "other.md" });
  const late = await announce({ name: "late.md" });
  const stolen = { ...other, headers: ticket.headers };
  const bare = { ...other, headers: {} };
  const mended = { ...other, headers: { authorization: (other.headers.authorization ?? "").replace(/ \d/, " 9") } };
  for (const wrong of [stolen, mended]) {
    const refused = await refusal(await send(wrong, "x"));
    assert.equal(refused.status, 403);
    assert.match(refused.detail, /Announce the document again/);
  }
  assert.equal((await send(bare, "x")).status, 401);
  at.ahead = 15 * 60_000 + 1;
  try {
    assert.equal((await refusal(await send(late, "x"))).status, 403);
    assert.equal((await stateOf(late.id)).state, "expired");
  } finally {
    at.ahead = 0;
  }
  assert.equal((await stateOf(other.id)).state, "waiting", "nothing of a refused request is kept");
});

test("another number of bytes than announced, and a line that is cut, leave nothing; the bytes may come again", async () => {
  for (const body of ["short", "longer than was said"]) {
    const ticket = await announce({ name: "sized.md", size: 10 });
    const refused = await refusal(await send(ticket, body));
    assert.equal(refused.status, 400);
    assert.match(refused.detail, /announced with 10 bytes/);
    assert.equal(await at.house.sources.get(ticket.id), undefined);
    assert.equal((await send(ticket, "ten bytes!")).status, 200);
  }
  const cut = await announce({ name: "cut.md" });
  const { host, pathname } = new URL(cut.url);
  const options = { host: "127.0.0.1", port: at.port, path: pathname, method: "PUT" };
  const outgoing = httpRequest({ ...options, headers: { ...cut.headers, host, "content-length": "100000" } });
  outgoing.on("error", () => {}).write("half of");
  while (!(await at.house.sources.get(cut.id))) await at.house.clock.sleep(5);
  assert.equal((await stateOf(cut.id)).state, "waiting", "nothing is read before all of it is here");
  outgoing.destroy();
  while (await at.house.sources.get(cut.id)) await at.house.clock.sleep(5);
  assert.equal((await send(cut, "The whole of it")).status, 200);
});

test("a key sees what it announced itself; what was forgotten is gone, for its ticket too", async () => {
  const ticket = await announce({ name: "mine.md" });
  const stranger = (await at.key(["ingest"])).secret;
  assert.equal((await stateOf(ticket.id, stranger)).status, 404);
  assert.equal((await stateOf("nothing-of-the-kind")).status, 404);
  assert.equal((await stateOf(ticket.id, (await at.key(["chat", "search"])).secret)).status, 403);
  await send(ticket, "Soon forgotten");
  await read(ticket.id);
  const forgetting = await at.house.forgetting.ask({ source: ticket.id });
  await at.house.forgetting.confirm(forgetting?.id ?? "");
  while ((await at.house.forgetting.get(forgetting?.id ?? ""))?.state !== "done") await at.house.clock.sleep(5);
  assert.equal((await stateOf(ticket.id)).status, 404);
  assert.equal((await send(ticket, "Soon forgotten")).status, 404);
});

test("bad announcements name the field; a repeated one with an Idempotency-Key is the same document", async () => {
  for (const [body, field] of [
    [{}, "name"],
    [{ name: "" }, "name"],
    [{ name: "x".repeat(256) }, "name"],
    [{ name: "x", size: 0 }, "size"],
    [{ name: "x", size: 1.5 }, "size"],
    [{ name: "x", mediaType: "pdf" }, "mediaType"],
    [{ name: "x", mediaType: "text/plain\r\nx: y" }, "mediaType"],
    [{ name: "x", path: "/etc" }, "path"],
  ] as const) {
    const refused = await refusal(await at.ask("/documents", body, secret));
    assert.deepEqual([refused.status, refused.field], [400, field], JSON.stringify(body));
  }
  const keyed = { "idempotency-key": "one" };
  const first = await announce({ name: "once.md" }, keyed);
  const again = await announce({ name: "once.md" }, keyed);
  assert.equal(again.id, first.id);
  assert.equal((await refusal(await at.ask("/documents", { name: "other.md" }, secret, keyed))).status, 422);
  assert.equal((await send(again, "Once")).status, 200);
  assert.equal((await refusal(await at.ask("/documents", { name: "once.md" }, secret, keyed))).status, 409);
  for (const [method, path, allow] of [
    ["DELETE", `/documents/${first.id}`, "GET"],
    ["GET", `/documents/${first.id}/content`, "PUT"],
    ["GET", "/documents", "POST"],
  ] as const) {
    const wrong = await at.request(method, path, { authorization: `Bearer ${secret}` });
    assert.deepEqual([wrong.status, wrong.headers.get("allow")], [405, allow], `${method} ${path}`);
  }
});

test("a document whose taking in was cut off by a crash right after its bytes is known as taken in", async () => {
  const ticket = await announce({ name: "crash.md" });
  async function* bytes() {
    yield Buffer.from("Whole, and not said to be");
  }
  await at.house.sources.addUpload("crash.md", bytes(), ticket.id);
  assert.equal((await send(ticket, "Whole, and not said to be")).status, 200);
  assert.equal((await read(ticket.id)).state, "done");
});
