import { systemClock } from "@steward/core/clock.ts";
import type { Config } from "@steward/server/config.ts";
import { createApp } from "@steward/server/http/app.ts";
import { answerProblem } from "@steward/server/http/problems.ts";
import { openAnswering } from "./compose.ts";
import { type CloudConfig, cloudConfig, environment } from "./config.ts";
import { CloudDoor } from "./door.ts";
import { countsInRows } from "./guesses.ts";
import { type HttpEvent, requestOf } from "./http-event.ts";
import { openCloudLog } from "./log.ts";
import { runtime, sendTo } from "./streaming.ts";
import "./temporal.ts";

/** Of the package, put in by the bundler. */
declare const VERSION: string;

/**
 * The answering function: the same app as at home, behind API Gateway (which streams) or a function URL. It is loaded before
 * the first request and opens the house with it.
 */
const config = cloudConfig(environment());
const clock = systemClock;
const log = openCloudLog((line) => void process.stdout.write(`${line}\n`));

const door = new CloudDoor(`aws:${config.table}`, () => openAnswering({ config, clock, log }));
const sealed = () => {
  const house = door.house();
  if (!house) throw new Error("The house is not open yet.");
  return house.sealed;
};
const app = createApp({
  ...{ door, clock, log, version: VERSION, static: "web" },
  config: appConfig(config, () => door.publicUrl),
  guessCounts: countsInRows(sealed, clock),
});

/** A process answers one request at a time; what an answer leaves to be done is done before the next. */
async function answer(event: HttpEvent): Promise<Response> {
  const { request, address } = requestOf(event, new AbortController().signal);
  const { pathname } = new URL(request.url);
  try {
    if (pathname !== "/healthz") await door.enter();
    return await app.fetch(request, { via: "tcp", address });
  } catch (error) {
    return answerProblem(error, log, `${request.method}:opening`);
  }
}

export const handler = runtime().streamifyResponse<HttpEvent>(async (event, stream) => {
  await sendTo(stream, await answer(event));
  await app.idle();
});

/** For an edge that takes whole answers only. */
export async function buffered(event: HttpEvent) {
  const response = await answer(event);
  const body = Buffer.from(await response.arrayBuffer());
  await app.idle();
  const headers = Object.fromEntries([...response.headers].filter(([name]) => name !== "set-cookie"));
  return {
    ...{ statusCode: response.status, headers, cookies: response.headers.getSetCookie() },
    ...{ body: body.toString("base64"), isBase64Encoded: true },
  };
}

/** The app's configuration, as the home's file and environment say it there. The public address is known once it was read. */
function appConfig({ oidc, apiOrigins, apiRate, providerEnv }: CloudConfig, base: () => string | undefined): Config {
  const nowhere = "http://127.0.0.1:9";
  const config: Config = {
    ...{ home: "", port: 0, logLevel: "info", sessionDays: 30, apiRate, ollamaUrl: nowhere, lmstudioUrl: nowhere },
    ...(apiOrigins === undefined ? {} : { apiOrigins }),
    ...(oidc
      ? {
          oidcIssuer: oidc.issuer,
          oidcAudience: oidc.audience,
          oidcClientId: oidc.audience,
          oidcSubject: oidc.owner,
        }
      : {}),
    providerEnv,
  };
  return Object.defineProperty(config, "baseUrl", { get: base, enumerable: true });
}
