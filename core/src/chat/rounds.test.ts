import assert from "node:assert/strict";
import { test } from "node:test";
import type { TurnError } from "../conversation.ts";
import { type Said, scriptedModel } from "../testing/scripted-model.ts";
import { collect, houseWith, textOf } from "../testing/turn-house.ts";

const RENT = { id: "rent", title: "Rent", text: "The rent is CHF 2,340 a month." };

/** As the SDK's own error: told apart by what it carries. */
function apiError(statusCode: number, responseHeaders: Record<string, string> = {}, message = "refused") {
  return Object.assign(new Error(message), { name: "AI_APICallError", statusCode, responseHeaders });
}

/** Lets waits pass by the fake clock until the turn has ended. */
async function ended(script: (call: number) => readonly Said[], question = "How much is the rent?") {
  let calls = 0;
  const model = scriptedModel((_, call) => {
    calls = call + 1;
    return script(call);
  });
  const house = await houseWith([RENT], { model });
  let done = false;
  const events = collect(house.ask(question)).finally(() => {
    done = true;
  });
  while (!done) await house.clock.advance(1000);
  const all = await events;
  return { events: all, calls, last: all.at(-1), house };
}

const REFUSALS: readonly (readonly [string, unknown, TurnError["code"], number])[] = [
  ["a refused key", apiError(401), "sign-in", 1],
  ["no credit", apiError(402), "sign-in", 1],
  ["an unknown model", apiError(404), "no-model", 1],
  ["too long a prompt", apiError(400, {}, "maximum context length is 4096 tokens"), "too-long", 1],
  ["too many requests", apiError(429), "rate-limit", 3],
  ["a long pause asked for", apiError(429, { "Retry-After": "120" }), "rate-limit", 1],
  ["a provider's fault", apiError(503), "provider-down", 3],
  ["overload", apiError(529), "rate-limit", 3],
  [
    "no connection",
    new TypeError("fetch failed", { cause: Object.assign(new Error("x"), { code: "ECONNREFUSED" }) }),
    "provider-down",
    3,
  ],
  ["a reset connection", Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" }), "cut", 3],
  ["no JSON", Object.assign(new Error("bad"), { name: "AI_JSONParseError" }), "garbage", 3],
  ["a fault of ours", new RangeError("oops"), "internal", 1],
];

for (const [name, error, code, calls] of REFUSALS) {
  test(`${name} ends as ${code} after ${calls} ${calls === 1 ? "call" : "calls"}, and the question is kept`, async () => {
    const turn = await ended(() => [{ refuse: error }]);
    assert.ok(turn.last?.type === "error");
    assert.equal(turn.last.error.code, code);
    assert.equal(turn.last.message.state, "failed");
    assert.equal(turn.calls, calls);
    assert.ok(turn.last.error.message.length > 30);
    const [conversation] = await turn.house.conversations.list();
    const view = await turn.house.conversations.view(conversation?.id ?? "");
    assert.deepEqual(view?.messages[1], turn.last.message);
    assert.equal((await turn.house.spend.today()).usd, 0);
  });
}

test("a retry after trouble answers, and says that what came before is void", async () => {
  const turn = await ended((call) =>
    call === 0 ? [{ text: "The rent was " }, { cut: true }] : [{ text: "CHF 2,340 [[1|rent is CHF 2,340]]" }],
  );
  assert.ok(turn.last?.type === "finish");
  assert.deepEqual(turn.events.filter(({ type }) => type === "retrying").length, 1);
  assert.equal(textOf(turn.events), "CHF 2,340[^1]");
  assert.equal(turn.last.message.text, "CHF 2,340[^1]");
  assert.equal(turn.last.message.citations.length, 1);
});

test("a stream cut every time ends as cut and keeps what was written last", async () => {
  const turn = await ended(() => [{ text: "The rent was " }, { cut: true }]);
  assert.ok(turn.last?.type === "error");
  assert.equal(turn.last.error.code, "cut");
  assert.equal(turn.last.message.text, "The rent was");
  assert.equal(turn.calls, 3);
});

test("silence ends as a timeout, an answer of nothing and a stream of nothing as garbage", async () => {
  const codeOf = async (said: readonly Said[]) => {
    const { last } = await ended(() => said);
    return last?.type === "error" ? last.error.code : last?.type;
  };
  assert.equal(await codeOf([{ silence: true }]), "timeout");
  assert.equal(await codeOf([{ text: "The " }, { silence: true }]), "timeout");
  assert.equal(await codeOf([]), "garbage");
  assert.equal(await codeOf([{ cut: true }]), "garbage");
  assert.equal(await codeOf([{ error: { type: "overloaded_error" } }]), "provider-down");
});

test("a tool's work is not done twice when the call after it breaks", async () => {
  const turn = await ended((call) =>
    call === 0
      ? [{ text: "One moment. " }, { tool: "create_task", input: { title: "Pay the rent", due: "tomorrow at nine" } }]
      : call === 1
        ? [{ text: "I ad" }, { cut: true }]
        : [{ text: "I added it." }],
  );
  assert.ok(turn.last?.type === "finish");
  assert.equal(turn.last.message.text, "One moment. I added it.");
  assert.equal(textOf(turn.events), "One moment. I added it.");
  const [card] = turn.last.message.cards;
  assert.ok(card?.type === "task");
  assert.equal(card.task.due, "2026-11-22T09:00");
  assert.equal(turn.last.message.cards.length, 1);
});

test("bad arguments and unknown tools are told to the model, and the rounds are bounded", async () => {
  const turn = await ended(() => [
    { tool: "search", input: { wrong: 1 } },
    { tool: "launch", input: {} },
  ]);
  assert.ok(turn.calls <= 6);
  assert.ok(turn.last?.type === "finish" || turn.last?.type === "error");
});

test("stopping keeps what was written and what it cost", async () => {
  const model = scriptedModel(() => [{ text: "The rent is " }, { silence: true }]);
  const house = await houseWith([RENT], { model });
  const stop = new AbortController();
  const events = [];
  for await (const event of house.take({ text: "How much is the rent?" }, stop.signal)) {
    events.push(event);
    if (event.type === "text") stop.abort();
  }
  const last = events.at(-1);
  assert.ok(last?.type === "finish");
  assert.equal(last.message.state, "stopped");
  assert.equal(last.message.text, "The rent is");
  assert.ok((last.message.usage.cost ?? 0) > 0);
});

test("a cap reached before the call ends as cap, and the model is not asked", async () => {
  let asked = 0;
  const model = scriptedModel(() => {
    asked += 1;
    return [{ text: "x" }];
  });
  const house = await houseWith([RENT], {
    model,
    settings: { timeZone: "UTC", dailyCapUsd: 0.000001, dailyTokenCap: 0 },
  });
  const last = (await collect(house.ask("How much is the rent?"))).at(-1);
  assert.ok(last?.type === "error");
  assert.equal(last.error.code, "cap");
  assert.equal(asked, 0);
});
