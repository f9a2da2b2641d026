import type { Clock } from "@steward/core/clock.ts";
import { FakeClock } from "@steward/core/testing/fake-clock.ts";
import { MemoryRecords } from "@steward/core/testing/memory-records.ts";
import { plainVault } from "@steward/core/testing/plain-vault.ts";
import { SealedRecords } from "@steward/core/vault/sealed-records.ts";
import type { ModelSetup } from "../../house.ts";
import { openModels } from "../index.ts";
import type { Dialect } from "./speech.ts";

/** Every provider as an owner would set it up, with its server at `url`. */
export interface Wired {
  readonly id: string;
  readonly dialect: Dialect;
  readonly env: (url: string) => Readonly<Record<string, string>>;
  readonly setup: (url: string) => ModelSetup;
  /** Dollars for a million tokens in and out; without them the token cap counts, or nothing where it runs here. */
  readonly price?: readonly [number, number];
  readonly local: boolean;
}

const AWS = { AWS_REGION: "eu-central-1", AWS_ACCESS_KEY_ID: "AKIDEXAMPLE", AWS_SECRET_ACCESS_KEY: "secret" };

export const WIRED: readonly Wired[] = [
  {
    id: "anthropic",
    dialect: "anthropic",
    env: (url) => ({ ANTHROPIC_API_KEY: "sk-ant-test", ANTHROPIC_BASE_URL: url }),
    setup: () => ({ id: "anthropic", model: "claude-sonnet-5-5" }),
    price: [2, 10],
    local: false,
  },
  {
    id: "openai",
    dialect: "responses",
    env: (url) => ({ OPENAI_API_KEY: "sk-test", OPENAI_BASE_URL: `${url}/v1` }),
    setup: () => ({ id: "openai", model: "gpt-6.2-sol" }),
    price: [2, 10],
    local: false,
  },
  {
    id: "bedrock",
    dialect: "bedrock",
    env: (url) => ({ ...AWS, AWS_ENDPOINT_URL_BEDROCK_RUNTIME: url }),
    setup: () => ({ id: "bedrock", model: "global.anthropic.claude-sonnet-5-5" }),
    price: [2, 10],
    local: false,
  },
  {
    id: "ollama",
    dialect: "chat",
    env: () => ({}),
    setup: (url) => ({ id: "ollama", baseUrl: url, model: "qwen3" }),
    local: true,
  },
  {
    id: "lmstudio",
    dialect: "chat",
    env: () => ({}),
    setup: (url) => ({ id: "lmstudio", baseUrl: url, model: "qwen3-8b" }),
    local: true,
  },
  {
    id: "compatible",
    dialect: "chat",
    env: () => ({}),
    setup: (url) => ({ id: "compatible", baseUrl: `${url}/v1`, model: "big-model", apiKey: "sk-own" }),
    local: true,
  },
];

/** What a local server lists. */
export const LISTS = {
  "/api/tags": { models: [{ name: "llama3.3:latest" }, { name: "qwen3:latest" }] },
  "/api/ps": { models: [{ name: "qwen3:latest", context_length: 16_384 }] },
  "/v1/models": { object: "list", data: [{ id: "qwen3-8b" }, { id: "big-model" }, { id: "text-embedding-nomic" }] },
  "/api/v0/models": { data: [{ id: "qwen3-8b", state: "loaded", loaded_context_length: 12_288 }] },
};

/** Models over a store in memory, with no server anywhere near unless told. */
export function modelsIn(options: {
  readonly env?: Readonly<Record<string, string>>;
  readonly home?: string;
  readonly ollamaUrl?: string;
  readonly lmstudioUrl?: string;
  readonly proveMs?: number;
  readonly lookMs?: number;
}) {
  const records = new MemoryRecords(new FakeClock());
  const sealed = new SealedRecords(records, plainVault(records));
  const models = openModels({
    sealed,
    home: options.home ?? "/nonexistent",
    config: {
      ollamaUrl: options.ollamaUrl ?? "http://127.0.0.1:1",
      lmstudioUrl: options.lmstudioUrl ?? "http://127.0.0.1:1",
      providerEnv: options.env ?? {},
    },
    patience: { lookMs: options.lookMs ?? 5000, proveMs: options.proveMs ?? 10_000 },
  });
  return { models, sealed, records };
}

/** A provider chosen, and its model as the next turn gets it. */
export async function chosen(wired: Wired, url: string) {
  const { models } = modelsIn({ env: wired.env(url) });
  await models.choose(wired.setup(url));
  return models.current();
}

/** Time in a turn: pauses before a retry pass at once and are noted; patience lasts until it is ended by hand. */
export class TurnClock implements Clock {
  readonly pauses: number[] = [];
  /** From now on nothing is waited for that is not there already. */
  impatient = false;
  readonly #waiting = new Set<() => void>();
  #now = Date.parse("2026-11-21T14:05:00+01:00");

  now(): number {
    return this.#now;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.resolve();
    if (ms < 30_000) this.pauses.push(ms);
    if (ms < 30_000 || this.impatient) {
      this.#now += ms;
      return this.impatient ? new Promise((resolve) => setImmediate(resolve)) : Promise.resolve();
    }
    return new Promise((resolve) => {
      const wake = () => {
        this.#waiting.delete(wake);
        resolve();
      };
      this.#waiting.add(wake);
      signal?.addEventListener("abort", wake, { once: true });
    });
  }

  /** Ends the patience with what is waited for now. */
  runOut(): void {
    for (const wake of this.#waiting) wake();
  }
}
