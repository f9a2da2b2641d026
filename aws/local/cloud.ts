import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@steward/core/clock.ts";
import { quiet } from "@steward/server/log-entry.ts";
import { type Scope, Tokens } from "@steward/server/tokens.ts";
import { bundle } from "../bundle.ts";
import { type CloudHouse, openAnswering } from "../src/compose.ts";
import { cloudConfig } from "../src/config.ts";
import { type Cloud, openMoto } from "../src/testing/moto.ts";
import { LocalFunction, whyNoLambdaNode } from "./functions.ts";
import { type Gateway, openGateway } from "./gateway.ts";
import { openPoller, type Poller } from "./poller.ts";
import { type LocalStack, makeStack } from "./stack.ts";

/** A whole home in the cloud on this machine: the built functions under Lambda's Node, on a stand-in for AWS. */
export interface LocalCloud extends AsyncDisposable {
  readonly moto: Cloud;
  readonly stack: LocalStack;
  readonly api: LocalFunction;
  readonly worker: LocalFunction;
  readonly gateway: Gateway;
  readonly poller: Poller;
  /** What the functions wrote to their logs. */
  readonly log: string[];
  /** Where the bundles lie: `api` and `worker`. */
  readonly folder: string;
  /** The house as another process opens it. */
  house(): Promise<CloudHouse>;
  /** An API key's secret. */
  key(scopes: readonly Scope[], expiresAt?: number): Promise<string>;
  /** Hands over what is in the queue, and what that brings about, until there is nothing. */
  drain(): Promise<void>;
}

export interface LocalCloudOptions {
  readonly port?: number;
  /** Folder of the built app. */
  readonly web?: string;
  /** Bundles made before; made anew when absent. */
  readonly bundles?: string;
  /** More of the functions' environment. */
  readonly env?: Readonly<Record<string, string>>;
  readonly log?: (line: string) => void;
  readonly visibility?: number;
}

/** Why it cannot run here; undefined when it can. */
export async function openLocalCloud(options: LocalCloudOptions = {}): Promise<LocalCloud | string> {
  const missing = whyNoLambdaNode();
  if (missing !== undefined) return missing;
  const moto = await openMoto();
  if (!moto) return "moto_server is not on the PATH: pip install 'moto[server]==5.2.1'";
  const folder = options.bundles ?? (await mkdtemp(join(tmpdir(), "steward-functions-")));
  if (options.bundles === undefined) {
    await Promise.all([bundle("api", join(folder, "api")), bundle("worker", join(folder, "worker"))]);
  }
  const { access } = moto;
  const endpoint = access.endpoint ?? "";
  const log: string[] = [];
  const write = (line: string) => {
    log.push(line);
    options.log?.(line);
  };
  // The gateway's port is part of the address that the functions are told.
  let api: LocalFunction | undefined;
  const relay = { invoke: (event: unknown) => (api ?? fail()).invoke(event) } as LocalFunction;
  const gateway = await openGateway(relay, { port: options.port ?? 0, ...(options.web ? { web: options.web } : {}) });
  const more = options.visibility === undefined ? {} : { visibility: options.visibility };
  const stack = await makeStack({ ...access, endpoint }, { publicUrl: gateway.url, ...more });
  const env = { ...stack.env, ...options.env };
  api = new LocalFunction({ folder: join(folder, "api"), env, log: write });
  const worker = new LocalFunction({ folder: join(folder, "worker"), env, log: write, processes: 2 });
  const poller = openPoller(worker, access, stack.queueUrl);
  const config = { ...cloudConfig(stack.env), access };
  let opened: Promise<CloudHouse> | undefined;
  const house = () => {
    opened ??= openAnswering({ config, clock: systemClock, log: quiet });
    return opened;
  };
  return {
    ...{ moto, stack, api, worker, gateway, poller, log, folder, house },
    async key(scopes, expiresAt) {
      const { secret = "" } = await new Tokens((await house()).house).create("test", scopes, expiresAt);
      return secret;
    },
    async drain() {
      while ((await poller.once()) > 0);
    },
    async [Symbol.asyncDispose]() {
      await poller.close();
      await Promise.all([api?.close(), worker.close(), gateway.close()]);
      await (await opened)?.house.close();
      await moto.close();
      if (options.bundles === undefined) await rm(folder, { recursive: true, force: true });
    },
  };
}

function fail(): never {
  throw new Error("The functions are not started yet.");
}
