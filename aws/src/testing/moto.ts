import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { after, it } from "node:test";
import type { CloudAccess } from "../clients.ts";
import { openWire, type Wire } from "./wire.ts";

/**
 * A stand-in for AWS: one `moto_server` process a test file, on a free port, with the wire of `wire.ts` before it.
 * What moto does not show, or shows wrongly, is written down in docs/aws.md and answered by the wire instead.
 */
export interface Cloud {
  /** For `sdkSettings`. The keys are moto's own and open nothing anywhere. */
  readonly access: CloudAccess;
  readonly wire: Wire;
  close(): Promise<void>;
}

const LONGEST_START_MS = 60_000;

/** Defines tests that need AWS: on moto when `moto_server` is on the PATH, else one test that says it was skipped. */
export async function onMoto(define: (cloud: Cloud) => void | Promise<void>): Promise<void> {
  const cloud = await openMoto();
  if (!cloud) {
    it("needs a stand-in for AWS", {
      skip: "moto_server is not on the PATH: pip install 'moto[server]==5.2.1'",
    }, () => {});
    return;
  }
  after(() => cloud.close());
  await define(cloud);
}

/** Undefined when there is no `moto_server` on the PATH. */
export async function openMoto(): Promise<Cloud | undefined> {
  const started = await startServer();
  if (!started) return undefined;
  const wire = await openWire(started.url);
  return {
    access: {
      region: "us-east-1",
      endpoint: wire.endpoint,
      credentials: { accessKeyId: "moto", secretAccessKey: "moto" },
    },
    wire,
    close: async () => {
      await wire.close();
      started.process.kill();
      if (started.process.exitCode === null && started.process.signalCode === null) await once(started.process, "exit");
    },
  };
}

/** A name that no other test has: tables, buckets, queues and keys of one server live side by side. */
export function freshName(kind: string): string {
  return `${kind}-${randomUUID().slice(0, 8)}`;
}

async function startServer(): Promise<{ process: ChildProcess; url: URL } | undefined> {
  const server = spawn("moto_server", ["-H", "127.0.0.1", "-p", "0"], { stdio: ["ignore", "ignore", "pipe"] });
  const url = await new Promise<URL | undefined>((resolve, reject) => {
    let said = "";
    const fail = () => reject(new Error(`moto_server did not start: ${said.slice(-500)}`));
    const late = setTimeout(() => {
      server.kill();
      fail();
    }, LONGEST_START_MS);
    server.once("error", () => resolve(undefined));
    server.once("exit", fail);
    server.stderr.on("data", (text: Buffer) => {
      said += text;
      const found = /Running on (http:\/\/127\.0\.0\.1:\d+)/.exec(said)?.[1];
      if (found === undefined) return;
      clearTimeout(late);
      server.removeListener("exit", fail);
      // It writes a line a request; unread, the pipe would fill.
      server.stderr.removeAllListeners("data");
      server.stderr.resume();
      resolve(new URL(found));
    });
    server.once("error", () => clearTimeout(late));
  });
  if (!url) return undefined;
  // A test that breaks off must not leave it running.
  process.once("exit", () => server.kill());
  return { process: server, url };
}
