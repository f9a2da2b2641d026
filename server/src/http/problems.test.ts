import assert from "node:assert/strict";
import { test } from "node:test";
import { type Log, quiet } from "../log.ts";
import { answerProblem, Problem } from "./problems.ts";

/** As a store throws it: known by its name. */
function named(name: string, message: string): Error {
  return Object.assign(new Error(message), { name });
}

async function answered(error: unknown) {
  const logged: unknown[] = [];
  const log: Log = { ...quiet, error: (_, cause) => void logged.push(cause) };
  const response = answerProblem(error, log, "GET /search");
  // The one shape of every error: what is asked of it here is always there.
  const { detail } = (await response.json()) as { detail: string };
  return { status: response.status, retryAfter: response.headers.get("retry-after"), detail, logged: logged.length };
}

test("a store that is busy says when to come again, and both that and a refusal stand in the log", async () => {
  assert.deepEqual(await answered(named("CloudBusy", "The table is busy.")), {
    ...{ status: 503, retryAfter: "2", detail: "The table is busy.", logged: 1 },
  });
  const refused = await answered(named("KeyTrouble", "The key is disabled."));
  assert.deepEqual(refused, { status: 503, retryAfter: null, detail: "The key is disabled.", logged: 1 });
});

test("the names of a cloud's resources are for the log, not for whoever asks", async () => {
  const arn = "arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-3333-4444-555555555555";
  const { detail } = await answered(named("KeyTrouble", `The key ${arn} is disabled. Enable it.`));
  assert.equal(detail, "The key (named in the log) is disabled. Enable it.");
});

test("two that change one thing at once are told so without the row's name; a line that was cut is nobody's fault", async () => {
  const both = await answered(named("RecordsConflict", "The row key/private/0198 has been changed by someone else."));
  assert.deepEqual([both.status, both.logged], [409, 0]);
  assert.doesNotMatch(both.detail, /row|private/);
  const cut = await answered(Object.assign(new Error("aborted"), { code: "ECONNRESET" }));
  assert.deepEqual([cut.status, cut.logged], [400, 0]);
  assert.equal((await answered(Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" }))).logged, 1);
});

test("what is refused on purpose is no trouble, and what nobody foresaw says nothing of the inside", async () => {
  assert.equal((await answered(new Problem("not-ready", "Starting."))).logged, 0);
  const unforeseen = await answered(new Error("canary at /home/nora"));
  assert.deepEqual([unforeseen.status, unforeseen.logged], [500, 1]);
  assert.ok(!unforeseen.detail.includes("canary"));
});
