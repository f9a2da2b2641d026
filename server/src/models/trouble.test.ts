import assert from "node:assert/strict";
import { test } from "node:test";
import type { ChatEvent, TurnError } from "@steward/core/conversation.ts";
import { chosen, LISTS, WIRED, type Wired } from "./testing/providers.ts";
import { overloaded, type Speech, speak } from "./testing/speech.ts";
import { ANSWER, collect, endingOf, QUESTION, turnWith } from "./testing/turn.ts";
import { BEGUN, nowhere, type Reply, type WireServer, wireServer } from "./testing/wire-server.ts";

/** What goes wrong with a provider, at its wire: each ends in one state that a person sees and understands. */
const SAID: Speech = { text: ANSWER, usage: { input: 800, output: 30 } };
const WHOLE = "It is on 26 November at 8:30[^1].";

type House = Awaited<ReturnType<typeof turnWith>>;

/** The turn with a provider that does as told; the server and the house to look at afterwards. */
async function turn(wired: Wired, replies: readonly Reply[], listen?: (house: House, server: WireServer) => void) {
  const server = await wireServer(wired.dialect, LISTS);
  try {
    const house = await turnWith(await chosen(wired, server.url));
    server.will(...replies);
    listen?.(house, server);
    const events = await collect(house.ask(QUESTION));
    return { events, ending: await endingOf(house, events), house, asked: [...server.questions] };
  } finally {
    await server.close();
  }
}

function failed(ending: ChatEvent, code: TurnError["code"]): TurnError {
  assert.ok(ending.type === "error", JSON.stringify(ending));
  assert.equal(ending.error.code, code, ending.error.message);
  assert.equal(ending.message.state, "failed");
  assert.deepEqual(ending.message.error, ending.error);
  return ending.error;
}

const retries = (events: readonly ChatEvent[]) => events.filter((event) => event.type === "retrying");

for (const wired of WIRED) {
  test(`${wired.id}: a refused key ends at once, as sign-in`, async () => {
    for (const status of [401, 403]) {
      const { events, ending, house, asked } = await turn(wired, [{ status }]);
      const error = failed(ending, "sign-in");
      assert.match(error.message, /Settings/);
      assert.equal(error.retryable, false);
      assert.equal(asked.length, 1);
      assert.deepEqual(retries(events), []);
      assert.deepEqual(await house.spent(), { usd: 0, tokens: 0 });
    }
  });

  test(`${wired.id}: asked too often, it is waited for as long as it says, and then answers`, async () => {
    const busy: Reply = { status: 429, headers: { "retry-after": "7" } };
    const { events, ending, house } = await turn(wired, [busy, busy, { say: SAID }]);
    assert.ok(ending.type === "finish", JSON.stringify(ending));
    assert.equal(ending.message.text, WHOLE);
    assert.deepEqual(
      retries(events).map(({ attempt, inMs }) => [attempt, inMs]),
      [
        [1, 7000],
        [2, 7000],
      ],
    );
    assert.deepEqual(house.clock.pauses, [7000, 7000]);
  });

  test(`${wired.id}: asked too often for too long, it ends as rate-limit and says how long to wait`, async () => {
    const { events, ending, house, asked } = await turn(wired, [{ status: 429, headers: { "retry-after": "7" } }]);
    const error = failed(ending, "rate-limit");
    assert.equal(error.retryAfter, 7);
    assert.equal(asked.length, 3);
    assert.equal(retries(events).length, 2);
    assert.deepEqual(await house.spent(), { usd: 0, tokens: 0 });
  });

  test(`${wired.id}: a pause longer than a person waits is not waited for`, async () => {
    const { ending, house, asked } = await turn(wired, [{ status: 429, headers: { "retry-after": "3600" } }]);
    assert.equal(failed(ending, "rate-limit").retryAfter, 3600);
    assert.equal(asked.length, 1);
    assert.deepEqual(house.clock.pauses, []);
  });

  test(`${wired.id}: a fault of its own is tried three times in all, then ends as provider-down`, async () => {
    for (const status of [500, 503]) {
      const { events, ending, asked } = await turn(wired, [{ status }]);
      failed(ending, "provider-down");
      assert.equal(asked.length, 3);
      assert.equal(retries(events).length, 2);
    }
    const { ending } = await turn(wired, [{ status: 502 }, { say: SAID }]);
    assert.equal(ending.type, "finish");
  });

  test(`${wired.id}: a model it does not have ends at once, as no-model`, async () => {
    const { ending, asked } = await turn(wired, [{ status: 404 }]);
    failed(ending, "no-model");
    assert.equal(asked.length, 1);
  });

  test(`${wired.id}: an address where nothing listens ends as provider-down`, async () => {
    const gone = await nowhere();
    const server = await wireServer(wired.dialect, LISTS);
    const model = await chosen(wired, server.url);
    await server.close();
    assert.notEqual(gone, server.url);
    const house = await turnWith(model);
    const events = await collect(house.ask(QUESTION));
    failed(await endingOf(house, events), "provider-down");
    assert.equal(retries(events).length, 2);
    assert.deepEqual(await house.spent(), { usd: 0, tokens: 0 });
  });

  test(`${wired.id}: silence before the first word ends as timeout, after its retries`, async () => {
    const { events, ending } = await turn(wired, [{ hang: true }], (house, server) => {
      server.onQuestion(() => house.clock.runOut());
    });
    failed(ending, "timeout");
    assert.equal(retries(events).length, 2);
  });

  test(`${wired.id}: silence in the middle makes the words void, and the retry says them whole`, async () => {
    const server = await wireServer(wired.dialect, LISTS);
    try {
      const house = await turnWith(await chosen(wired, server.url));
      server.will({ hang: true, after: SAID }, { say: SAID });
      const events: ChatEvent[] = [];
      for await (const event of house.ask(QUESTION)) {
        events.push(event);
        if (event.type === "text" && retries(events).length === 0) house.clock.impatient = true;
        if (event.type === "retrying") house.clock.impatient = false;
      }
      const ending = await endingOf(house, events);
      assert.ok(ending.type === "finish", JSON.stringify(ending));
      assert.equal(ending.message.text, WHOLE);
      assert.equal(ending.message.citations.length, 1);
      assert.equal(retries(events).length, 1);
    } finally {
      await server.close();
    }
  });

  test(`${wired.id}: a connection cut in the middle makes the words void, and the retry says them whole`, async () => {
    const { events, ending } = await turn(wired, [{ cut: SAID, chunks: BEGUN }, { say: SAID }]);
    assert.ok(ending.type === "finish", JSON.stringify(ending));
    assert.equal(ending.message.text, WHOLE);
    assert.equal(ending.message.citations.length, 1);
    const at = events.findIndex(({ type }) => type === "retrying");
    assert.ok(
      events.slice(0, at).some(({ type }) => type === "text"),
      "something had been said",
    );
  });

  test(`${wired.id}: a connection cut every time ends as cut, with what was written kept`, async () => {
    const { events, ending, house } = await turn(wired, [{ cut: SAID, chunks: BEGUN }]);
    failed(ending, "cut");
    assert.equal(retries(events).length, 2);
    assert.ok(ending.message.text.startsWith("It is on 26"), ending.message.text);
    assert.ok(ending.message.usage.outputTokens > 0, "what was written is paid for");
    const { usd, tokens } = await house.spent();
    assert.ok(wired.local ? usd + tokens === 0 : usd > 0);
  });

  test(`${wired.id}: a stream that ends without its end is cut, not done`, async () => {
    const { ending } = await turn(wired, [{ end: SAID, chunks: BEGUN }]);
    failed(ending, "cut");
  });

  test(`${wired.id}: trouble reported within the stream is tried again, then ends as provider-down`, async () => {
    const begun = speak(wired.dialect, SAID).slice(0, BEGUN);
    const { events, ending } = await turn(wired, [{ bytes: [...begun, overloaded(wired.dialect)] }]);
    failed(ending, "provider-down");
    assert.equal(retries(events).length, 2);
  });

  test(`${wired.id}: a page instead of an answer ends as garbage`, async () => {
    const page = { bytes: [Buffer.from("<html><body>Sign in to the network</body></html>")], mediaType: "text/html" };
    failed((await turn(wired, [page])).ending, "garbage");
  });

  test(`${wired.id}: a stream of garbage ends as garbage`, async () => {
    const noise =
      wired.dialect === "bedrock" ? Buffer.from("\0\0\0\x20not an event stream, just noise") : "data: {not json\n\n";
    failed((await turn(wired, [{ bytes: [Buffer.from(noise)] }])).ending, "garbage");
  });

  test(`${wired.id}: success with nothing in it ends as garbage`, async () => {
    failed((await turn(wired, [{ bytes: [] }])).ending, "garbage");
  });

  test(`${wired.id}: stopped by the person, it keeps what was written and hangs up`, async () => {
    const server = await wireServer(wired.dialect, LISTS);
    try {
      const house = await turnWith(await chosen(wired, server.url));
      server.will({ hang: true, after: SAID });
      const stop = new AbortController();
      const events: ChatEvent[] = [];
      for await (const event of house.take({ text: QUESTION }, stop.signal)) {
        events.push(event);
        if (event.type === "text") stop.abort();
      }
      const ending = await endingOf(house, events);
      assert.ok(ending.type === "finish");
      assert.equal(ending.message.state, "stopped");
      assert.ok(ending.message.text.startsWith("It is on 26"), ending.message.text);
      assert.equal(server.questions.length, 1);
      await server.hungUp();
    } finally {
      await server.close();
    }
  });

  test(`${wired.id}: the daily cap is checked before the call: nothing reaches the provider`, async () => {
    const server = await wireServer(wired.dialect, LISTS);
    try {
      const model = await chosen(wired, server.url);
      // A model that runs here costs nothing; as one that does not, without a price, its tokens count.
      const house = await turnWith(wired.local ? { ...model, local: false } : model, { usd: 0.001, tokens: 100 });
      server.will({ say: SAID });
      const events = await collect(house.ask(QUESTION));
      const error = failed(await endingOf(house, events), "cap");
      assert.equal(error.retryable, false);
      assert.equal(server.questions.length, 0);
    } finally {
      await server.close();
    }
  });
}
