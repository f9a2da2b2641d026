import assert from "node:assert/strict";
import { it } from "node:test";
import { messagesOf } from "./messages.ts";

const told = (name: string, key: string) => ({
  Records: [
    {
      eventSource: "aws:s3",
      eventTime: "2026-11-21T06:00:00.000Z",
      s3: { bucket: { name }, object: { key, eTag: "e", size: 1 } },
    },
  ],
});

it("sorts what the queue brings: uploads, jobs, the clock, and what is nothing it knows", () => {
  const bodies = [
    JSON.stringify(told("uploads", "raw%2Fmail.eml")),
    '{"job":"0198c5a0-0000-7000-8000-000000000000"}',
    '{"tick":true}',
    '{"Event":"s3:TestEvent"}',
    JSON.stringify(told("another", "x")),
    '{"Records":[]}',
    "{",
    "null",
  ];
  const Records = bodies.map((body, i) => ({ messageId: `m${i}`, body }));
  const { uploads, jobs, tick } = messagesOf({ Records }, "uploads");
  const at = Date.parse("2026-11-21T06:00:00.000Z");
  assert.deepEqual(uploads, [{ messageId: "m0", key: "raw%2Fmail.eml", etag: "e", at }]);
  assert.deepEqual(
    jobs.map(({ messageId }) => messageId),
    ["m1", "m4", "m5", "m6", "m7"],
  );
  assert.equal(tick, true);
  assert.deepEqual(messagesOf({ tick: true }, "uploads"), { uploads: [], jobs: [], tick: true });
});
