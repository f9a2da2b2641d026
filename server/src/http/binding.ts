import type { IncomingMessage } from "node:http";

/**
 * How a request came in. Set by whoever calls `app.fetch`: each listener of `serve.ts` has its own constant, so nothing
 * in a request can claim to come over the socket. The socket is 0600 in the owner's home: who can open it is the owner.
 */
export interface Bindings {
  readonly via: "socket" | "tcp";
  readonly incoming?: IncomingMessage;
  /** Who asks, by what was told of them, where no connection says it (a function behind a gateway). */
  readonly address?: string;
}

export interface Env {
  Bindings: Bindings;
}
