import { createHash } from "node:crypto";
import { chmodSync, lstatSync, mkdirSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { connect } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { dirname, join } from "node:path";
import { getRequestListener } from "@hono/node-server";
import type { App } from "./http/app.ts";

/** How long a stop waits for requests under way before it cuts their connections. */
const GRACE_MS = 3_000;
/** A Unix socket's path is at most 104 bytes on macOS, 108 on Linux. */
const MAX_SOCKET_PATH = 100;

export interface ServeOptions {
  readonly app: Pick<App, "fetch" | "stop">;
  /** TCP port on both loopback addresses; 0 lets the system choose. */
  readonly port: number;
  readonly socketPath: string;
}

export interface Serving {
  readonly port: number;
  /** Stops accepting, ends the streams, lets requests under way finish for a few seconds, removes the socket. */
  stop(): Promise<void>;
}

/** The port or the socket is taken; the message says by what and what to do. */
export class CannotListen extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "CannotListen";
  }
}

/** Listens on 127.0.0.1, on ::1 where there is one, and on a 0600 Unix socket whose requests are the owner's. */
export async function serve({ app, port, socketPath }: ServeOptions): Promise<Serving> {
  const servers: Server[] = [];
  try {
    const v4 = tcpServer(app);
    await listenTcp(v4, port, "127.0.0.1");
    servers.push(v4);
    const address = v4.address();
    const bound = typeof address === "object" && address ? address.port : port;

    const v6 = tcpServer(app);
    if (await listenV6(v6, bound)) servers.push(v6);

    const local = createServer(getRequestListener((request) => app.fetch(request, { via: "socket" })));
    await listenSocket(local, socketPath);
    servers.push(local);
    for (const server of servers) patient(server);
    return { port: bound, stop: () => stopAll(servers, app) };
  } catch (error) {
    await Promise.all(servers.map(close));
    throw error;
  }
}

/** `<home>/steward.sock`, or a short path in a folder of the user's own when the home's path is too long. */
export function socketPathOf(home: string): string {
  const mark = createHash("sha256").update(home).digest("hex").slice(0, 16);
  if (process.platform === "win32") return `\\\\.\\pipe\\steward-${mark}`;
  const plain = join(home, "steward.sock");
  if (Buffer.byteLength(plain) <= MAX_SOCKET_PATH) return plain;
  return join(tmpdir(), `steward-${userInfo().uid}`, `${mark}.sock`);
}

/** Whether something answers on the socket. */
export function isAnswering(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(socketPath);
    probe.once("connect", () => {
      probe.destroy();
      resolve(true);
    });
    probe.once("error", () => resolve(false));
  });
}

function tcpServer(app: Pick<App, "fetch">): Server {
  return createServer(
    getRequestListener((request, env) => {
      // Both listeners are HTTP/1, so `incoming` is node:http's.
      const incoming = env.incoming as import("node:http").IncomingMessage;
      return app.fetch(request, { via: "tcp", incoming });
    }),
  );
}

/** Uploads and streams may last for hours; only the headers have a time limit. */
function patient(server: Server): void {
  server.requestTimeout = 0;
  server.headersTimeout = 30_000;
  server.maxHeadersCount = 100;
}

async function listenTcp(server: Server, port: number, host: string): Promise<void> {
  try {
    await listening(server, () => server.listen({ port, host }));
  } catch (error) {
    const code = codeOf(error);
    if (code === "EADDRINUSE") {
      throw new CannotListen(
        `Port ${port} is taken by another program. Stop that program, or choose another port: ` +
          `STEWARD_PORT=${port + 1} npm start. \`npx steward doctor\` tells who has it.`,
        { cause: error },
      );
    }
    if (code === "EACCES") {
      throw new CannotListen(`Port ${port} needs more rights than this user has. Choose one over 1023.`, {
        cause: error,
      });
    }
    throw error;
  }
}

async function listenV6(server: Server, port: number): Promise<boolean> {
  try {
    await listenTcp(server, port, "::1");
    return true;
  } catch (error) {
    // A machine without IPv6 serves on 127.0.0.1 alone.
    if (["EADDRNOTAVAIL", "EAFNOSUPPORT", "EINVAL"].includes(codeOf(error))) return false;
    throw error;
  }
}

async function listenSocket(server: Server, path: string): Promise<void> {
  if (process.platform === "win32") return listening(server, () => server.listen(path));
  privateFolder(dirname(path));
  if (await isAnswering(path)) {
    throw new CannotListen("Steward runs already for this home. Stop it first, or use it as it is.");
  }
  rmSync(path, { force: true });
  // Binding happens within listen(), so the socket never exists with wider rights.
  const before = process.umask(0o177);
  try {
    await listening(server, () => server.listen(path));
  } finally {
    process.umask(before);
  }
  chmodSync(path, 0o600);
}

function privateFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const stat = lstatSync(folder);
  if (!stat.isDirectory() || stat.uid !== userInfo().uid) {
    throw new CannotListen(`${folder} does not belong to this user. Remove it, or set STEWARD_HOME to a shorter path.`);
  }
  if ((stat.mode & 0o077) !== 0) chmodSync(folder, 0o700);
}

function listening(server: Server, start: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.once("listening", () => {
      server.off("error", reject);
      resolve();
    });
    start();
  });
}

async function stopAll(servers: readonly Server[], app: Pick<App, "stop">): Promise<void> {
  const closed = Promise.all(servers.map(close));
  for (const server of servers) server.closeIdleConnections();
  const cut = setTimeout(() => {
    for (const server of servers) server.closeAllConnections();
  }, GRACE_MS);
  await app.stop();
  for (const server of servers) server.closeIdleConnections();
  await closed;
  clearTimeout(cut);
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}
