import { createHash, randomBytes } from "node:crypto";
import { newId } from "@steward/core/ids.ts";
import type { Stored } from "@steward/core/vault/sealed-records.ts";
import type { Token } from "@steward/core/wire.ts";
import type { SessionsDeps } from "./sessions.ts";

/**
 * API keys: `stw_` and 256 random bits, stored as SHA-256, limited to scopes. No scope reaches settings, keys, sources,
 * approvals, forgetting of items, backups or other tokens: those stay with the owner's browser and terminal.
 *
 * `chat`, `memory:read`, `memory:write` and `search` are those of the API (docs/api.md); `read`, `ask` and `ingest` reach
 * the app's own routes, `tasks` both.
 */
export const SCOPES = [
  ...(["chat", "memory:read", "memory:write", "search"] as const),
  ...(["read", "ask", "ingest", "tasks"] as const),
] as const;
export type Scope = (typeof SCOPES)[number];

/** What each lets a program do, for the command line and the description of the API. */
export const SCOPE_WORDS: Readonly<Record<Scope, string>> = {
  chat: "ask the assistant, in sessions of its own",
  "memory:read": "read memories; chats then know them",
  "memory:write": "store memories, forget what keys have stored",
  search: "search by meaning; chats then answer from what is found",
  read: "search and open items as the app does",
  ask: "read the owner's conversations and ask in them",
  ingest: "bring documents, read sources again",
  tasks: "see and change tasks, make them in chats",
};

type StoredToken = Omit<Token, "secret">;

const PARTITION = "token";
const SCOPE = "house:tokens";
const TOUCH_MS = 60_000;

export class Tokens {
  readonly #deps: SessionsDeps;
  readonly #opened = new Map<string, Stored<StoredToken>>();

  constructor(deps: SessionsDeps) {
    this.#deps = deps;
  }

  /** The answer alone holds the secret; it cannot be shown again. */
  async create(name: string, scopes: readonly Scope[], expiresAt?: number): Promise<Token> {
    const now = this.#deps.clock.now();
    const secret = `stw_${randomBytes(32).toString("base64url")}`;
    const token: StoredToken = {
      id: newId(now),
      name,
      scopes,
      createdAt: now,
      ...(expiresAt === undefined ? {} : { expiresAt }),
    };
    await this.#put(hashOf(secret), token);
    return { ...token, secret };
  }

  async find(secret: string): Promise<Token | undefined> {
    if (!/^stw_[A-Za-z0-9_-]{43}$/.test(secret)) return undefined;
    const sort = hashOf(secret);
    const token = await this.#open(sort);
    const now = this.#deps.clock.now();
    if (!token || (token.expiresAt !== undefined && token.expiresAt <= now)) return undefined;
    if (now - (token.lastUsedAt ?? 0) >= TOUCH_MS) await this.#put(sort, { ...token, lastUsedAt: now });
    return token;
  }

  /** The row is read each time, so that revoking is seen at once; opened only when it is another version of it. */
  async #open(sort: string): Promise<StoredToken | undefined> {
    const { sealed } = this.#deps;
    const row = await sealed.records.get({ partition: PARTITION, sort });
    const known = this.#opened.get(sort);
    if (row && known?.version === row.version) return known.value;
    this.#opened.delete(sort);
    const stored = row && (await sealed.get<StoredToken>({ partition: PARTITION, sort, scope: SCOPE }));
    if (stored) this.#opened.set(sort, stored);
    return stored?.value;
  }

  async list(): Promise<Token[]> {
    const tokens: Token[] = [];
    for await (const row of this.#deps.sealed.query<StoredToken>(PARTITION, {}, () => SCOPE)) tokens.push(row.value);
    return tokens.sort((a, b) => b.createdAt - a.createdAt);
  }

  async revoke(id: string): Promise<boolean> {
    for await (const row of this.#deps.sealed.query<StoredToken>(PARTITION, {}, () => SCOPE)) {
      if (row.value.id !== id) continue;
      await this.#deps.sealed.write([{ delete: { partition: PARTITION, sort: row.sort } }]);
      return true;
    }
    return false;
  }

  async #put(sort: string, token: StoredToken): Promise<void> {
    const { sealed } = this.#deps;
    const key = await sealed.vault.standing("private", SCOPE);
    const expiry = token.expiresAt === undefined ? {} : { expiresAt: token.expiresAt };
    await sealed.write([sealed.put(key, { partition: PARTITION, sort, scope: SCOPE }, token, expiry)]);
  }
}

function hashOf(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}
