import assert from "node:assert/strict";
import { test } from "node:test";
import { readEvents } from "./sse.ts";

async function* inPieces(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const STREAM = ': hello\ndata: {"a":"Zürich"}\n\nevent: x\r\ndata:one\r\ndata: two\r\n\r\ndata: three\r\rdata: cut';
const EVENTS = ['{"a":"Zürich"}', "one\ntwo", "three"];

for (const size of [1, 2, 3, 7, 1000]) {
  test(`events come whole out of pieces of ${size} bytes`, async () => {
    assert.deepEqual(await Array.fromAsync(readEvents(inPieces(STREAM, size))), EVENTS);
  });
}
