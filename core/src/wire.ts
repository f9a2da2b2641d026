import type { Task } from "./agenda.ts";
import type { Conversation, Message } from "./conversation.ts";
import type { AttachmentRef, ItemKind, Person, Quarantined, Source, Trust } from "./item.ts";
import type { JobRow } from "./jobs.ts";
import type { Memory } from "./memory.ts";
import type { Facets, ScoreParts, TermReason } from "./search/passage-index.ts";

/**
 * What the faces (app, CLI, API) and the server say to each other, beside `ChatEvent`. The server's zod schemas parse
 * requests into these; `GET /openapi.json` is made from the same schemas.
 *
 * | route | request → answer |
 * |---|---|
 * | GET /healthz, /readyz | → `{ ok }` (readyz: 503 with `reason` until unlocked and the index is open) |
 * | GET /api/session | → Session |
 * | POST /api/setup | `{ token, password, timeZone, name? }` → Session (cookie set) |
 * | POST /api/session | `{ password }` → Session (cookie set; rate limited) |
 * | DELETE /api/session | → 204 |
 * | GET /auth/oidc?zone= | → the owner's issuer; GET /auth/callback → back here, signed in, or `/#sign-in=<why not>` |
 * | POST /api/unlock | `{ passphrase }` or `{ recoveryCode }` → Session |
 * | GET /api/status | → Status |
 * | GET, PATCH /api/settings | Settings (partial) → Settings |
 * | GET /api/models | → ModelChoice[] |
 * | POST /api/models/prove | `{ id, apiKey?, baseUrl?, model? }` → `{ ok, ms, message }` (a real completion) |
 * | PUT /api/models | `{ id, apiKey?, baseUrl?, model? }` → ModelChoice[] (keys are sealed, never given back) |
 * | GET /api/embedders | → EmbedderChoice[] |
 * | PUT /api/embedders | `{ id, apiKey?, baseUrl?, model? }` → EmbedderChoice[] (what is there is embedded again in the background) |
 * | POST /api/embedders/add | `{ id }` → SSE of EmbedderDownload |
 * | GET /api/conversations?q= | → Conversation[] newest first |
 * | GET /api/conversations/:id | → ConversationView |
 * | PATCH /api/conversations/:id | `{ title }` → Conversation |
 * | POST /api/chat | `{ conversation?, text }` or `{ conversation, retry: messageId }` → SSE of ChatEvent (`data: <json>`) |
 * | POST /api/chat/stop | `{ answer }` → 204; the turn's stream ends with `finish`, state `stopped` |
 * | GET /api/search?q=&limit=&offset=&order=&explain= | → Found |
 * | POST /api/search | `{ q, limit?, offset?, order?, explain? }`, a query of any length → Found |
 * | GET /api/items/:id | → ItemView |
 * | GET /api/items/:id/original | → the bytes, as attachment, never rendered |
 * | GET /api/sources | → Source[] |
 * | POST /api/sources | `{ path }` or `{ sample: true }` → Source |
 * | POST /api/uploads?name= | raw body, streamed → Source |
 * | POST /api/sources/:id/run, /pause | → Source |
 * | GET /api/progress | → SSE of Progress |
 * | GET /api/quarantine | → Quarantined[] ; POST /api/quarantine/:id/retry → Quarantined or 204; DELETE /api/quarantine/:id → 204 |
 * | GET /api/jobs | → JobRow[] ; POST /api/jobs/:id/rerun, DELETE /api/jobs/:id → 204 |
 * | POST /api/forget | ForgetRequest → Forgetting (hidden at once, undoable) |
 * | POST /api/forget/:id/undo | → 204 ; POST /api/forget/:id/confirm → Forgetting (state `shredding`, then `done`) ; GET /api/forget → Forgetting[] |
 * | GET, POST /api/memories | `{ text, category? }` → Memory[], Memory |
 * | GET /api/chat/:id | the events of a running turn from its beginning, SSE |
 * | GET, POST /api/tasks; PATCH, DELETE /api/tasks/:id | Task |
 * | GET, POST /api/tokens; DELETE /api/tokens/:id | Token (its secret is shown once) |
 * | POST /api/backup | `{ folder? }` → BackupReport ; POST /api/backup/verify `{ path }` → BackupReport |
 * | POST /api/password | `{ current?, next }` → 204, ends all other sessions |
 * | GET /api/export | → zip of open formats |
 * | POST /chat, /memory, /search, /documents | the API for programs, with keys: docs/api.md |
 *
 * Errors are RFC 9457 problem details: `{ type, title, status, detail, field? }`.
 * Every request that changes something carries the session's `x-steward-csrf` header.
 */
export interface Session {
  readonly state: "setup" | "locked" | "signed-out" | "signed-in";
  readonly csrf?: string;
  /** While locked: what opens the house. The recovery code alone when the key file is gone. */
  readonly unlockBy?: "passphrase" | "recovery-code";
  /** While signed out, where the owner named an issuer to sign in with: what it is called, and whether there is a password. */
  readonly signIn?: { readonly password: boolean; readonly issuer: string };
  readonly owner?: { readonly name?: string; readonly timeZone: string };
}

export interface Status {
  readonly version: string;
  readonly home: string;
  readonly items: number;
  readonly passages: number;
  readonly index: {
    readonly engine: "private" | "postgres";
    readonly segments: number;
    readonly bytes: number;
    readonly embedded: number;
  };
  readonly embedder?: string;
  readonly model: { readonly id: string; readonly label: string; readonly local: boolean };
  readonly spend: { readonly today: number; readonly cap: number };
  readonly sources: { readonly reading: number; readonly failed: number };
  readonly quarantined: number;
  readonly deadJobs: number;
  readonly lock: "key-file" | "passphrase";
  /** What the owner should know of the keys, in sentences; absent when there is nothing. */
  readonly warnings?: readonly string[];
  readonly memoryMb: number;
  readonly uptimeS: number;
}

export interface Settings {
  readonly name?: string;
  /** IANA. */
  readonly timeZone: string;
  readonly dailyCapUsd: number;
  /** Tokens a day for models without a price. */
  readonly dailyTokenCap: number;
  readonly theme: "light" | "dark" | "system";
  /** The owner's own addresses: mail from these is `owner`. */
  readonly addresses: readonly string[];
}

export interface ModelChoice {
  /** `extractive`, `anthropic`, `openai`, `bedrock`, `ollama`, `lmstudio`, `compatible`. */
  readonly id: string;
  readonly label: string;
  readonly description: string;
  readonly local: boolean;
  readonly state: "ready" | "needs-key" | "not-found";
  readonly models: readonly string[];
  readonly chosen?: string;
  readonly current: boolean;
  /** Where a key was found, in words, never the key. */
  readonly keyFrom?: string;
}

/** What makes vectors of texts, beside the words that are always searched. */
export interface EmbedderChoice {
  /** `none`, `built-in`, `minilm`, `folder`, `ollama`, `lmstudio`, `openai`, `bedrock`, `compatible`. */
  readonly id: string;
  readonly label: string;
  readonly description: string;
  readonly local: boolean;
  readonly state: "ready" | "needs-download" | "needs-key" | "not-found";
  readonly current: boolean;
  /** What a download would fetch, in bytes. */
  readonly bytes?: number;
  /** Models it offers, and the one that is on. */
  readonly models?: readonly string[];
  readonly chosen?: string;
  /** Why the current one answers nothing, and what to do. */
  readonly problem?: string;
}

/** Progress of a download: bytes so far and in all, then exactly one `done` or `error`. */
export type EmbedderDownload =
  | { readonly type: "progress"; readonly bytes: number; readonly totalBytes: number }
  | { readonly type: "done" }
  | { readonly type: "error"; readonly message: string };

/** One result of a search. */
export interface Hit {
  readonly id: string;
  readonly kind: ItemKind;
  readonly title: string;
  readonly date?: string;
  readonly people: readonly Person[];
  readonly source: { readonly id: string; readonly name: string };
  readonly path?: string;
  readonly messageId?: string;
  readonly trust: Trust;
  readonly attachments: number;
  readonly passage: HitPassage;
  /** How many more passages of the item matched. */
  readonly more: number;
  readonly score: number;
  readonly parts: ScoreParts;
  /** When asked to explain: what each word or phrase added, the most first. */
  readonly why?: readonly TermReason[];
}

export interface HitPassage {
  readonly text: string;
  /** UTF-16 units into the item's text. */
  readonly start: number;
  readonly end: number;
  readonly page?: number;
  /** A window of the passage round the best words, and the matched words in it as [start, end) within the snippet. */
  readonly snippet: string;
  readonly highlights: readonly (readonly [number, number])[];
}

export interface Found {
  readonly hits: readonly Hit[];
  readonly total: number;
  readonly ms: number;
  readonly facets: Facets;
  /** The query as understood, for filter chips: operator, value, and where it stands in the query text. */
  readonly understood: readonly {
    readonly operator: string;
    readonly value: string;
    readonly start: number;
    readonly end: number;
  }[];
  /** What was not understood, with a hint; never silently ignored. */
  readonly problems: readonly { readonly message: string; readonly start: number; readonly end: number }[];
  readonly corrected: readonly { readonly from: string; readonly to: readonly string[] }[];
  /** The label of the embedder whose vectors took part; absent when only words were searched. */
  readonly embedder?: string;
}

export interface ItemView {
  readonly id: string;
  readonly kind: ItemKind;
  readonly title: string;
  readonly date?: string;
  readonly ends?: string;
  readonly allDay?: boolean;
  readonly people: readonly Person[];
  readonly source: { readonly id: string; readonly name: string };
  readonly trust: Trust;
  readonly mediaType: string;
  readonly size: number;
  readonly path?: string;
  readonly filename?: string;
  readonly messageId?: string;
  readonly pages?: number;
  readonly text: string;
  readonly pageStarts: readonly number[];
  /** Stretches of the text that are quoted replies (folded in the view). */
  readonly quoted: readonly (readonly [number, number])[];
  readonly remoteReferences: number;
  readonly warnings: readonly string[];
  readonly attachments: readonly AttachmentRef[];
  readonly parent?: { readonly id: string; readonly title: string };
  readonly thread: readonly {
    readonly id: string;
    readonly from: string;
    readonly title: string;
    readonly excerpt: string;
    readonly date?: string;
  }[];
}

export interface ConversationView extends Conversation {
  readonly messages: readonly Message[];
}

/** Live progress of all sources and of the vectors; sent when something changed, at most four times a second. */
export interface Progress {
  readonly sources: readonly Source[];
  /** Items per second over the last seconds, by source id. */
  readonly rates: Readonly<Record<string, number>>;
  readonly embedding?: { readonly done: number; readonly total: number; readonly embedder: string };
  /** The search index is being made anew; `done` and `total` count items. */
  readonly indexing?: { readonly done: number; readonly total: number };
  /** Nothing moves, and the stream ends with this: ask again after so many milliseconds. Only where an open stream costs. */
  readonly again?: number;
}

export type ForgetRequest =
  | { readonly item: string }
  | { readonly conversation: string }
  | { readonly source: string }
  | { readonly memory: string };

/** A forgetting: hidden at once, undoable until confirmed, then shredded, then a receipt. */
export interface Forgetting {
  readonly id: string;
  readonly what: ForgetRequest;
  readonly label: string;
  readonly state: "hidden" | "shredding" | "done" | "undone";
  readonly askedAt: number;
  readonly counts: {
    readonly items: number;
    readonly passages: number;
    readonly messages: number;
    readonly memories: number;
  };
  readonly receipt?: Receipt;
}

export interface Receipt {
  readonly id: string;
  readonly at: number;
  readonly keysDestroyed: number;
  readonly segmentsRewritten: number;
  /** Older backups can still be opened by an older kit until this rotation of the domain keys. */
  readonly backupsOpenUntil: string;
  /** HMAC over the above, so that a receipt can be shown to be ours. */
  readonly mark: string;
}

export interface Token {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly string[];
  readonly createdAt: number;
  readonly lastUsedAt?: number;
  readonly expiresAt?: number;
  /** Only in the answer that made it. */
  readonly secret?: string;
}

export interface BackupReport {
  readonly path: string;
  readonly kit: string;
  readonly files: number;
  readonly bytes: number;
  readonly items: number;
  readonly ok: boolean;
  readonly problems: readonly string[];
}

export type { Conversation, Facets, JobRow, Memory, Message, Quarantined, Source, Task };
