import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Clock } from "@steward/core/clock.ts";
import { systemClock } from "@steward/core/clock.ts";
import type { Session } from "@steward/core/wire.ts";
import { requestOver, type WireInit } from "../cli/wire.ts";
import { type Config, loadConfig } from "../config.ts";
import { type App, createApp } from "../http/app.ts";
import { type Log, quiet } from "../log.ts";
import { type Serving, serve, socketPathOf } from "../serve.ts";
import { type FakeDoor, fakeDoor } from "./fake-door.ts";

export interface Listening extends AsyncDisposable {
  readonly door: FakeDoor;
  readonly app: App;
  readonly serving: Serving;
  readonly home: string;
  readonly socketPath: string;
  /** `http://localhost:<port>` */
  readonly origin: string;
  /** Over TCP, as a page of ours would ask: with our Host and Origin, unless the headers say otherwise. */
  ask(path: string, init?: WireInit): Promise<Response>;
  /** The same with JSON. */
  send(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Response>;
  /** Over the socket, as the owner's terminal. */
  terminal(method: string, path: string, body?: unknown): Promise<Response>;
  /** Signs in; the headers that a signed-in page sends. */
  signIn(password: string): Promise<Record<string, string>>;
}

/** The whole app on real sockets over a fake house. */
export async function listen(
  options: { door?: FakeDoor; config?: Partial<Config>; clock?: Clock; log?: Log; web?: string } = {},
): Promise<Listening> {
  const home = mkdtempSync(join(tmpdir(), "steward-http-"));
  const door = options.door ?? fakeDoor({ password: "correct horse" });
  const config = { ...loadConfig({ STEWARD_HOME: home }), ...options.config };
  const app = createApp({
    door,
    config,
    static: options.web ?? join(home, "web"),
    log: options.log ?? quiet,
    clock: options.clock ?? systemClock,
    version: "0.0.0",
  });
  const socketPath = socketPathOf(home);
  const serving = await serve({ app, port: 0, socketPath });
  const origin = `http://localhost:${serving.port}`;
  const own = { host: `localhost:${serving.port}`, origin };

  const ask = (path: string, init: WireInit = {}) =>
    requestOver({ host: "127.0.0.1", port: serving.port }, path, { ...init, headers: { ...own, ...init.headers } });
  const send = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
    ask(path, { method, ...json(body, headers) });

  return {
    door,
    app,
    serving,
    home,
    socketPath,
    origin,
    ask,
    send,
    terminal: (method, path, body) => requestOver({ socketPath }, path, { method, ...json(body, {}) }),
    async signIn(password) {
      const answer = await send("POST", "/api/session", { password });
      const session = (await answer.json()) as Session; // the route's own answer
      const cookie = answer.headers.get("set-cookie")?.split(";")[0] ?? "";
      return { cookie, "x-steward-csrf": session.csrf ?? "" };
    },
    async [Symbol.asyncDispose]() {
      await serving.stop();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

function json(body: unknown, headers: Record<string, string>): WireInit {
  if (body === undefined) return { headers };
  return { body: JSON.stringify(body), headers: { "content-type": "application/json", ...headers } };
}

/** The problem's code of a refused request. */
export async function codeOf(answer: Response): Promise<string> {
  const { type } = (await answer.json()) as { type: string }; // every refusal is a problem
  return type.replace("urn:steward:problem:", "");
}
