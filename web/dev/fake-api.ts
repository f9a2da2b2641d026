import { createReadStream, existsSync, statSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { extname, join } from "node:path";
import type { Session } from "@steward/core/wire.ts";
import { type FakeOptions, newHouse } from "./fake-house.ts";
import { fakeRoute, Refusal } from "./fake-routes.ts";
import { fakeChat, fakeDownload, fakeProgress } from "./fake-streams.ts";

/**
 * A stand-in for the server that speaks `wire.ts` over a fixed world, for drawing the app and for its browser test:
 * `node web/dev/fake-api.ts [port] [state]`, state one of setup, locked, signed-out, signed-in. It also serves the
 * built app under the server's own policy, so that what the policy forbids shows at once.
 */
export const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' blob:; connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
const BUILT = join(import.meta.dirname, "..", "dist");
const TYPES: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
  ".webmanifest": "application/manifest+json",
};

/** Starts it on loopback; port 0 takes a free one. */
export async function startFakeApi(options: FakeOptions = {}) {
  const house = newHouse(options);

  async function handle(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const url = new URL(req.url ?? "/", "http://localhost");
    const document = /^\/documents(?:\/([^/]+)\/content)?$/.exec(url.pathname);
    if (!document && !url.pathname.startsWith("/api/")) return serveApp(options.dist ?? BUILT, url.pathname, res);
    const pieces: Buffer[] = [];
    for await (const piece of req) pieces.push(piece);
    try {
      const method = req.method ?? "GET";
      if (url.pathname === "/api/progress") return fakeProgress(house, res);
      const raw = Buffer.concat(pieces).toString();
      const body = raw && req.headers["content-type"] === "application/json" ? JSON.parse(raw) : undefined;
      if (document && !document[1]) {
        const there = `http://${req.headers.host}/documents/${encodeURIComponent(body.name)}/content`;
        const ticket = {
          id: "d1",
          url: there,
          method: "PUT",
          headers: { authorization: "Upload fake" },
          expiresAt: "",
        };
        res.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(ticket));
        return;
      }
      if (document?.[1]) {
        const query = new URLSearchParams({ name: decodeURIComponent(document[1]) });
        await fakeRoute(house, "POST", "/api/uploads", query, {} as never); // this route reads no body
        res.writeHead(200).end();
        return;
      }
      if (url.pathname === "/api/chat") return await fakeChat(house, body, res);
      if (url.pathname === "/api/embedders/add") return await fakeDownload(house, body.id, res);
      const turn = house.turns.get(url.pathname.replace("/api/chat/", ""));
      if (turn) {
        res.writeHead(200, { "content-type": "text/event-stream" });
        turn(res);
        return;
      }
      if (/\/original$/.test(url.pathname)) {
        res.writeHead(200, { "content-disposition": "attachment" }).end("original");
        return;
      }
      const answer = await fakeRoute(house, method, url.pathname, url.searchParams, body);
      if (answer === undefined) res.writeHead(204).end();
      else res.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer));
    } catch (error) {
      const [status, field] = error instanceof Refusal ? [error.status, error.field] : [500, undefined];
      res
        .writeHead(status, { "content-type": "application/problem+json" })
        .end(
          JSON.stringify({ type: "about:blank", title: "Refused", status, detail: (error as Error).message, field }),
        );
    }
  }

  const server = createServer((req, res) => void handle(req, res));
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, "127.0.0.1", resolve));
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}`;
  return {
    url,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

function serveApp(dist: string, path: string, res: ServerResponse): void {
  const file = join(dist, path);
  const found = file.startsWith(dist) && existsSync(file) && statSync(file).isFile() ? file : join(dist, "index.html");
  res.writeHead(200, {
    "content-type": TYPES[extname(found)] ?? "application/octet-stream",
    "content-security-policy": POLICY,
    "referrer-policy": "no-referrer",
  });
  createReadStream(found).pipe(res);
}

if (import.meta.main) {
  const [port = "4199", state = "signed-in"] = process.argv.slice(2);
  const { url } = await startFakeApi({ port: Number(port), state: state as Session["state"] });
  console.log(`The fake answers at ${url}/setup#fake-token`);
}
