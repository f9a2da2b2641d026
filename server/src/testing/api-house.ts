import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Clock, systemClock } from "@steward/core/clock.ts";
import type { Token } from "@steward/core/wire.ts";
import { requestOver } from "../cli/wire.ts";
import { loadConfig } from "../config.ts";
import { openDoor } from "../door.ts";
import type { House } from "../house.ts";
import { createApp } from "../http/app.ts";
import { keepersOf } from "../http/caller.ts";
import { quiet } from "../log.ts";
import { serve, socketPathOf } from "../serve.ts";
import type { Scope } from "../tokens.ts";

/** A real house with the API on a real port, for programs with keys. */
export interface ApiHouse extends AsyncDisposable {
  readonly house: House;
  readonly home: string;
  readonly port: number;
  /** Milliseconds that the house's clock is ahead. */
  ahead: number;
  key(scopes: readonly Scope[], expiresAt?: number): Promise<Token & { secret: string }>;
  /** POST with JSON (or the text as it is), as a program does: no Origin, no cookie. */
  ask(path: string, body: unknown, secret?: string, headers?: Record<string, string>): Promise<Response>;
  request(method: string, path: string, headers?: Record<string, string>): Promise<Response>;
}

export async function apiHouse(
  env: Record<string, string> = {},
  options: { readonly password?: false } = {},
): Promise<ApiHouse> {
  const home = await mkdtemp(join(tmpdir(), "steward-api-"));
  const config = loadConfig({ STEWARD_HOME: home, ...env });
  let ahead = 0;
  const clock: Clock = { ...systemClock, now: () => systemClock.now() + ahead };
  const door = await openDoor({ config, clock, log: quiet });
  if (options.password !== false) await door.password.set("correct horse battery");
  const house = door.house();
  if (!house) throw new Error("The home did not open");
  const app = createApp({ door, config, static: join(home, "web"), log: quiet, clock, version: "0.0.0" });
  const serving = await serve({ app, port: 0, socketPath: socketPathOf(home) });
  const over = { host: "127.0.0.1", port: serving.port };
  const host = `localhost:${serving.port}`;
  const at: ApiHouse = {
    ...{ house, home, port: serving.port },
    get ahead() {
      return ahead;
    },
    set ahead(ms) {
      ahead = ms;
    },
    async key(scopes, expiresAt) {
      const token = await keepersOf(house).tokens.create("test", scopes, expiresAt);
      return { ...token, secret: token.secret ?? "" };
    },
    ask: (path, body, secret, headers = {}) =>
      requestOver(over, path, {
        method: "POST",
        body: typeof body === "string" ? body : JSON.stringify(body),
        headers: {
          host,
          "content-type": "application/json",
          ...(secret === undefined ? {} : { authorization: `Bearer ${secret}` }),
          ...headers,
        },
      }),
    request: (method, path, headers = {}) => requestOver(over, path, { method, headers: { host, ...headers } }),
    async [Symbol.asyncDispose]() {
      await serving.stop();
      await door.close();
      await rm(home, { recursive: true, force: true });
    },
  };
  return at;
}
