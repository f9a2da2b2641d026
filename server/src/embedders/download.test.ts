import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { DownloadError, type DownloadOptions, download, type RemoteFile } from "./download.ts";

const BYTES = randomBytes(300_000);
const FILE: RemoteFile = {
  path: "onnx/model.onnx",
  size: BYTES.length,
  sha256: createHash("sha256").update(BYTES).digest("hex"),
};

type Answer = (request: IncomingMessage, response: ServerResponse, start: number) => void;

/** A server that answers each request with the next of `answers`, the last one ever after. */
async function withServer(
  answers: readonly Answer[],
  work: (at: { from: string; folder: string; starts: number[]; close(): void }) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "steward-download-"));
  const starts: number[] = [];
  const server = createServer((request, response) => {
    const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
    starts.push(start);
    (answers[Math.min(starts.length, answers.length) - 1] ?? whole)(request, response, start);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  assert.ok(address !== null && typeof address === "object");
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  try {
    await work({ from: `http://127.0.0.1:${address.port}/base/`, folder, starts, close });
  } finally {
    close();
    await rm(folder, { recursive: true });
  }
}

const head = (response: ServerResponse, start: number) =>
  start === 0
    ? response.writeHead(200, { "content-length": BYTES.length })
    : response.writeHead(206, {
        "content-length": BYTES.length - start,
        "content-range": `bytes ${start}-${BYTES.length - 1}/${BYTES.length}`,
      });
const whole: Answer = (_request, response, start) => head(response, start).end(BYTES.subarray(start));
/** Sends this many bytes, and cuts the line once they have come: what is on its way may be lost with a line. */
const cutAfter =
  (bytes: number): Answer =>
  (_request, response, start) => {
    head(response, start).write(BYTES.subarray(start, start + bytes));
    toCut = { at: start + bytes, response };
  };
let toCut: { readonly at: number; readonly response: ServerResponse } | undefined;
function cutting(done: number): void {
  if (toCut === undefined || done < toCut.at) return;
  toCut.response.destroy();
  toCut = undefined;
}
const status =
  (code: number): Answer =>
  (_request, response) =>
    response.writeHead(code).end("no");

const fetchIt = (options: Pick<DownloadOptions, "from" | "folder"> & Partial<DownloadOptions>) =>
  download({ files: [FILE], retryMs: 1, onProgress: cutting, ...options });
const failsAs = (reason: DownloadError["reason"], words: RegExp) => (error: unknown) => {
  assert.ok(error instanceof DownloadError, String(error));
  assert.equal(error.reason, reason, error.message);
  assert.match(error.message, words);
  return true;
};
const fetched = (folder: string) => readFile(join(folder, FILE.path));

describe("a download", () => {
  it("puts the whole file in its place and tells how far it is", async () => {
    await withServer([whole], async ({ from, folder, starts }) => {
      const told: [number, number][] = [];
      await fetchIt({ from, folder, onProgress: (done, total) => told.push([done, total]) });
      assert.deepEqual(await fetched(folder), BYTES);
      assert.deepEqual(await readdir(join(folder, "onnx")), ["model.onnx"]);
      assert.deepEqual(told.at(-1), [BYTES.length, BYTES.length]);
      assert.ok(told.every(([done], i) => i === 0 || done >= (told[i - 1]?.[0] ?? 0)));
      await fetchIt({ from, folder });
      assert.equal(starts.length, 1, "what is there is not fetched again");
    });
  });

  it("goes on where the line was cut, as often as it is cut while bytes come", async () => {
    const cuts = Array.from({ length: 6 }, () => cutAfter(40_000));
    await withServer([...cuts, whole], async ({ from, folder, starts }) => {
      await fetchIt({ from, folder });
      assert.deepEqual(await fetched(folder), BYTES);
      assert.equal(starts.length, 7);
      assert.ok(
        starts.every((start, i) => i === 0 || start > (starts[i - 1] ?? 0)),
        String(starts),
      );
    });
  });

  it("goes on in a later run, and after it was stopped", async () => {
    const stop = new AbortController();
    const stopping: Answer = (_request, response, start) => {
      head(response, start).write(BYTES.subarray(0, 100_000));
    };
    await withServer([stopping, whole], async ({ from, folder, starts }) => {
      const onProgress = (done: number) => {
        if (done >= 50_000) stop.abort();
      };
      await assert.rejects(fetchIt({ from, folder, onProgress, signal: stop.signal }), failsAs("stopped", /is kept/));
      await assert.rejects(fetched(folder), { code: "ENOENT" });
      await fetchIt({ from, folder });
      assert.ok((starts[1] ?? 0) >= 50_000, String(starts));
      assert.deepEqual(await fetched(folder), BYTES);
    });
  });

  it("starts again when the server knows no ranges, or the part was damaged", async () => {
    const noRanges: Answer = (request, response) => whole(request, response, 0);
    await withServer([cutAfter(1000), noRanges], async ({ from, folder }) => {
      await fetchIt({ from, folder });
      assert.deepEqual(await fetched(folder), BYTES);
    });
    await withServer([cutAfter(1000), status(404), whole], async ({ from, folder, starts }) => {
      await assert.rejects(fetchIt({ from, folder }), failsAs("not-found", /Check the address/));
      await writeFile(join(folder, `${FILE.path}.part`), randomBytes(2000));
      await fetchIt({ from, folder });
      assert.deepEqual(starts, [0, 1000, 2000, 0]);
      assert.deepEqual(await fetched(folder), BYTES);
    });
  });

  it("takes nothing else for the file", async () => {
    const other = Buffer.from(BYTES).fill(7, 1000, 1001);
    const changed: Answer = (_request, response) => response.writeHead(200).end(other);
    const longer: Answer = (_request, response) => response.writeHead(200).end(Buffer.concat([BYTES, BYTES]));
    const shorter: Answer = (_request, response) => response.setHeader("content-length", 9).end(BYTES.subarray(0, 9));
    const endless: Answer = (_request, response) => {
      response.writeHead(200).write(BYTES);
      response.end(BYTES);
    };
    for (const answer of [changed, longer, shorter, endless]) {
      await withServer([answer], async ({ from, folder }) => {
        await assert.rejects(fetchIt({ from, folder }), failsAs("wrong-content", /thrown away/));
        await assert.rejects(fetched(folder), { code: "ENOENT" });
        for (const name of await readdir(join(folder, "onnx"))) {
          assert.equal((await readFile(join(folder, "onnx", name))).length, 0, name);
        }
      });
    }
  });

  it("tries again what may pass, a bounded number of times", async () => {
    await withServer([status(503), status(429), whole], async ({ from, folder }) => {
      await fetchIt({ from, folder });
      assert.deepEqual(await fetched(folder), BYTES);
    });
    await withServer([status(500)], async ({ from, folder, starts }) => {
      await assert.rejects(fetchIt({ from, folder }), failsAs("offline", /answers 500/));
      assert.equal(starts.length, 4);
    });
  });

  it("takes a line on which nothing comes for cut", async () => {
    const silent: Answer = (_request, response, start) => {
      head(response, start).write(BYTES.subarray(0, 10_000));
    };
    await withServer([silent, whole], async ({ from, folder, starts }) => {
      await fetchIt({ from, folder, stallMs: 200 });
      assert.deepEqual(starts, [0, 10_000]);
      assert.deepEqual(await fetched(folder), BYTES);
    });
  });

  it("says what is wrong: refused, not there, offline, no room to write", async () => {
    await withServer([status(403)], async ({ from, folder }) => {
      await assert.rejects(fetchIt({ from, folder }), failsAs("refused", /403/));
    });
    await withServer([status(404)], async ({ from, folder, starts, close }) => {
      await assert.rejects(fetchIt({ from, folder }), failsAs("not-found", /onnx\/model\.onnx is not there/));
      assert.equal(starts.length, 1);
      close();
      await assert.rejects(fetchIt({ from, folder }), failsAs("offline", /ECONNREFUSED.*Check the connection/));
      await writeFile(join(folder, "file"), "");
      await assert.rejects(fetchIt({ from, folder: join(folder, "file") }), DownloadError);
    });
  });
});
