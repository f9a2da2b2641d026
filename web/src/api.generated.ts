/**
 * What the server's routes take and answer: generated from the OpenAPI document by `npm run generate:client`. Not to be
 * edited; a test compares it with the document.
 */
export type BackupReport = {
  readonly path: string;
  readonly kit: string;
  readonly ok: boolean;
  readonly problems: readonly (string)[];
};

export type ChatReply = {
  readonly reply: string;
  readonly sessionId: string;
  readonly expiresAt: string;
  readonly knowledge: boolean;
  readonly citations: readonly ({
    readonly n: number;
    readonly item: string;
    readonly memory?: true;
    readonly kind: string;
    readonly title: string;
    readonly date?: string;
    readonly from?: string;
    readonly page?: number;
    readonly quote: string;
    readonly start?: number;
    readonly end?: number;
  })[];
  readonly unsupported: readonly (string)[];
  readonly state: "done" | "stopped";
  readonly model: string;
  readonly usage: {
    readonly inputTokens: number;
    readonly outputTokens: number;
  };
  readonly cost: number | null;
};

export type ChatRequest = {
  readonly message: string;
  readonly sessionId?: string;
  readonly knowledge?: boolean;
  readonly stream?: boolean;
};

export type Conversation = {
  readonly id: string;
  readonly title: string;
  readonly createdAt: number;
  readonly updatedAt: number;
};

export type ConversationView = {
  readonly id: string;
  readonly title: string;
  readonly messages: readonly ({
    readonly id: string;
  })[];
};

export type DocumentRequest = {
  readonly name: string;
  readonly size?: number;
  readonly mediaType?: string;
};

export type DocumentState = {
  readonly id: string;
  readonly name: string;
  readonly state: "waiting" | "expired" | "reading" | "done" | "failed";
  readonly expiresAt: string;
  readonly added?: number;
  readonly known?: number;
  readonly setAside?: number;
  readonly error?: string;
};

export type EmbedderChoice = {
  readonly id: string;
  readonly label: string;
  readonly description: string;
  readonly local: boolean;
  readonly state: "ready" | "needs-download" | "needs-key" | "not-found";
  readonly current: boolean;
};

export type Forgetting = {
  readonly id: string;
  readonly label: string;
  readonly state: "hidden" | "shredding" | "done" | "undone";
};

export type Found = {
  readonly hits: readonly (Hit)[];
  readonly total: number;
  readonly ms: number;
  readonly facets: {
    readonly kind: { readonly [key: string]: number };
    readonly year: { readonly [key: string]: number };
    readonly source: { readonly [key: string]: number };
    readonly people: readonly ({
      readonly person: string;
      readonly count: number;
    })[];
  };
  readonly understood: readonly ({
    readonly operator: string;
    readonly value: string;
    readonly start: number;
    readonly end: number;
  })[];
  readonly problems: readonly ({
    readonly message: string;
    readonly start: number;
    readonly end: number;
  })[];
  readonly corrected: readonly ({
    readonly from: string;
    readonly to: readonly (string)[];
  })[];
};

export type Hit = {
  readonly id: string;
  readonly kind: "mail" | "note" | "file" | "event" | "contact" | "text" | "photo";
  readonly title: string;
  readonly date?: string;
  readonly people: readonly (Person)[];
  readonly source: {
    readonly id: string;
    readonly name: string;
  };
  readonly path?: string;
  readonly messageId?: string;
  readonly trust: "owner" | "contact" | "stranger";
  readonly attachments: number;
  readonly passage: {
    readonly text: string;
    readonly start: number;
    readonly end: number;
    readonly page?: number;
    readonly snippet: string;
    readonly highlights: readonly (readonly (number)[])[];
  };
  readonly more: number;
  readonly score: number;
  readonly parts: {
    readonly words: number;
    readonly vectors: number;
    readonly recency: number;
  };
};

export type ItemView = {
  readonly id: string;
  readonly kind: "mail" | "note" | "file" | "event" | "contact" | "text" | "photo";
  readonly title: string;
  readonly date?: string;
  readonly people: readonly (Person)[];
  readonly source: {
    readonly id: string;
    readonly name: string;
  };
  readonly trust: "owner" | "contact" | "stranger";
  readonly mediaType: string;
  readonly size: number;
  readonly text: string;
};

export type JobRow = {
  readonly id: string;
  readonly state: string;
};

export type Memory = {
  readonly id: string;
  readonly text: string;
};

export type MemoryAnswer = {
  readonly id: string;
  readonly storedAt: string;
  readonly embedded: boolean;
  readonly embedder?: string;
} | {
  readonly memories: readonly (MemoryEntry)[];
  readonly ranking?: "vectors" | "words";
  readonly waiting?: number;
  readonly cursor?: string;
} | {
  readonly id: string;
  readonly forgetting: string;
  readonly state: "shredding" | "done";
  readonly receipt?: {
    readonly id: string;
    readonly at: number;
    readonly keysDestroyed: number;
    readonly segmentsRewritten: number;
    readonly backupsOpenUntil: string;
    readonly mark: string;
  };
};

export type MemoryEntry = {
  readonly id: string;
  readonly content: string;
  readonly category: string;
  readonly metadata?: { readonly [key: string]: string | number | boolean | null };
  readonly storedAt: string;
  readonly trust: "owner" | "contact" | "stranger";
  readonly score?: number;
};

export type MemoryRequest = {
  readonly action: "store";
  readonly content: string;
  readonly category?: string;
  readonly metadata?: { readonly [key: string]: string | number | boolean | null };
} | {
  readonly action: "retrieve";
  readonly id: string;
} | {
  readonly action: "retrieve";
  readonly query: string;
  readonly topK?: number;
  readonly category?: string;
  readonly minScore?: number;
} | {
  readonly action: "list";
  readonly category?: string;
  readonly since?: string;
  readonly before?: string;
  readonly limit?: number;
  readonly cursor?: string;
} | {
  readonly action: "forget";
  readonly id: string;
};

export type ModelChoice = {
  readonly id: string;
  readonly label: string;
  readonly state: "ready" | "needs-key" | "not-found";
};

export type Person = {
  readonly role: string;
  readonly name?: string;
  readonly address?: string;
};

export type Problem = {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly field?: string;
};

export type Quarantined = {
  readonly id: string;
  readonly path: string;
  readonly reason: string;
  readonly code: string;
};

export type SearchRequest = {
  readonly query: string;
  readonly topK?: number;
  readonly category?: string;
  readonly minScore?: number;
};

export type SearchResult = {
  readonly type: "memory" | "passage";
  readonly id: string;
  readonly score: number;
  readonly text: string;
  readonly category?: string;
  readonly metadata?: { readonly [key: string]: string | number | boolean | null };
  readonly storedAt?: string;
  readonly item?: {
    readonly kind: string;
    readonly title: string;
    readonly date?: string;
    readonly trust: string;
    readonly start: number;
    readonly end: number;
  };
};

export type SearchResults = {
  readonly results: readonly (SearchResult)[];
  readonly embedder: string;
  readonly scored: number;
  readonly waiting: number;
  readonly ms: number;
};

export type Session = {
  readonly state: "setup" | "locked" | "signed-out" | "signed-in";
  readonly csrf?: string;
  readonly unlockBy?: "passphrase" | "recovery-code";
  readonly signIn?: {
    readonly password: boolean;
    readonly issuer: string;
  };
  readonly owner?: {
    readonly name?: string;
    readonly timeZone: string;
  };
};

export type Settings = {
  readonly name?: string;
  readonly timeZone: string;
  readonly dailyCapUsd: number;
  readonly dailyTokenCap: number;
  readonly theme: "light" | "dark" | "system";
  readonly addresses: readonly (string)[];
};

export type Source = {
  readonly id: string;
  readonly kind: "path" | "upload" | "sample";
  readonly name: string;
  readonly state: "waiting" | "reading" | "done" | "paused" | "failed";
  readonly progress: {
    readonly added: number;
    readonly known: number;
    readonly quarantined: number;
    readonly bytes: number;
  };
  readonly error?: string;
};

export type Status = {
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
  readonly model: {
    readonly id: string;
    readonly label: string;
    readonly local: boolean;
  };
  readonly spend: {
    readonly today: number;
    readonly cap: number;
  };
  readonly sources: {
    readonly reading: number;
    readonly failed: number;
  };
  readonly quarantined: number;
  readonly deadJobs: number;
  readonly lock: "key-file" | "passphrase";
  readonly warnings?: readonly (string)[];
  readonly memoryMb: number;
  readonly uptimeS: number;
};

export type Task = {
  readonly id: string;
  readonly title: string;
  readonly done: boolean;
};

export type Token = {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly (string)[];
  readonly secret?: string;
};

export type UploadTicket = {
  readonly id: string;
  readonly url: string;
  readonly method: "PUT";
  readonly headers: { readonly [key: string]: string };
  readonly expiresAt: string;
};

export interface Operations {
  readonly "GET /healthz": {
    readonly answer: {
      readonly ok: boolean;
      readonly reason?: string;
    };
  };
  readonly "GET /readyz": {
    readonly answer: {
      readonly ok: boolean;
      readonly reason?: string;
    };
  };
  readonly "GET /api/status": {
    readonly answer: Status;
  };
  readonly "GET /api/settings": {
    readonly answer: Settings;
  };
  readonly "PATCH /api/settings": {
    readonly body: {
      readonly name?: string;
      readonly timeZone?: string;
      readonly dailyCapUsd?: number;
      readonly dailyTokenCap?: number;
      readonly theme?: "light" | "dark" | "system";
      readonly addresses?: readonly (string)[];
    };
    readonly answer: Settings;
  };
  readonly "GET /api/models": {
    readonly answer: readonly (ModelChoice)[];
  };
  readonly "PUT /api/models": {
    readonly body: {
      readonly id: string;
      readonly model?: string;
      readonly apiKey?: string;
      readonly baseUrl?: string;
    };
    readonly answer: readonly (ModelChoice)[];
  };
  readonly "POST /api/models/prove": {
    readonly body: {
      readonly id: string;
      readonly model?: string;
      readonly apiKey?: string;
      readonly baseUrl?: string;
    };
    readonly answer: {
      readonly ok: boolean;
      readonly ms: number;
      readonly message: string;
    };
  };
  readonly "GET /api/embedders": {
    readonly answer: readonly (EmbedderChoice)[];
  };
  readonly "PUT /api/embedders": {
    readonly body: {
      readonly id: string;
      readonly model?: string;
      readonly apiKey?: string;
      readonly baseUrl?: string;
    };
    readonly answer: readonly (EmbedderChoice)[];
  };
  readonly "POST /api/embedders/add": {
    readonly body: {
      readonly id: string;
    };
    readonly answer: "text/event-stream";
  };
  readonly "GET /api/session": {
    readonly answer: Session;
  };
  readonly "POST /api/session": {
    readonly body: {
      readonly password: string;
    };
    readonly answer: Session;
  };
  readonly "DELETE /api/session": {
    readonly answer: undefined;
  };
  readonly "POST /api/setup": {
    readonly body: {
      readonly token: string;
      readonly password: string;
      readonly timeZone: string;
      readonly name?: string;
    };
    readonly answer: {
      readonly state: "setup" | "locked" | "signed-out" | "signed-in";
      readonly csrf?: string;
      readonly unlockBy?: "passphrase" | "recovery-code";
      readonly signIn?: {
        readonly password: boolean;
        readonly issuer: string;
      };
      readonly owner?: {
        readonly name?: string;
        readonly timeZone: string;
      };
      readonly recoveryCode?: string;
    };
  };
  readonly "POST /api/setup/link": {
    readonly answer: {
      readonly token?: string;
      readonly address: string;
    };
  };
  readonly "POST /api/unlock": {
    readonly body: {
      readonly passphrase: string;
    } | {
      readonly recoveryCode: string;
    };
    readonly answer: Session;
  };
  readonly "POST /api/password": {
    readonly body: {
      readonly current?: string;
      readonly next: string;
    };
    readonly answer: undefined;
  };
  readonly "POST /api/lock": {
    readonly body: {
      readonly passphrase: string;
    } | {
      readonly off: true;
    };
    readonly answer: {
      readonly lock: "key-file" | "passphrase";
      readonly recoveryCode?: string;
    };
  };
  readonly "GET /auth/oidc": {
    readonly query: {
      readonly zone?: string;
    };
    readonly answer: undefined;
  };
  readonly "GET /auth/callback": {
    readonly answer: undefined;
  };
  readonly "POST /api/chat": {
    readonly body: {
      readonly conversation: string;
      readonly retry: string;
    } | {
      readonly conversation?: string;
      readonly text: string;
    };
    readonly answer: "text/event-stream";
  };
  readonly "POST /api/chat/stop": {
    readonly body: {
      readonly answer: string;
    };
    readonly answer: undefined;
  };
  readonly "GET /api/chat/{id}": {
    readonly id: string;
    readonly answer: "text/event-stream";
  };
  readonly "GET /api/conversations": {
    readonly query: {
      readonly q?: string;
    };
    readonly answer: readonly (Conversation)[];
  };
  readonly "GET /api/conversations/{id}": {
    readonly id: string;
    readonly answer: ConversationView;
  };
  readonly "PATCH /api/conversations/{id}": {
    readonly id: string;
    readonly body: {
      readonly title: string;
    };
    readonly answer: Conversation;
  };
  readonly "GET /api/search": {
    readonly query: {
      readonly q?: string;
      readonly limit?: number;
      readonly offset?: number;
      readonly order?: "best" | "newest" | "oldest";
      readonly explain?: string;
    };
    readonly answer: Found;
  };
  readonly "POST /api/search": {
    readonly body: {
      readonly q: string;
      readonly limit?: number;
      readonly offset?: number;
      readonly order?: "best" | "newest" | "oldest";
      readonly explain?: boolean;
    };
    readonly answer: Found;
  };
  readonly "GET /api/items/{id}": {
    readonly id: string;
    readonly answer: ItemView;
  };
  readonly "GET /api/items/{id}/original": {
    readonly id: string;
    readonly answer: "application/octet-stream";
  };
  readonly "GET /api/sources": {
    readonly answer: readonly (Source)[];
  };
  readonly "POST /api/sources": {
    readonly body: {
      readonly path: string;
    } | {
      readonly sample: true;
    };
    readonly answer: Source;
  };
  readonly "GET /api/sources/{id}": {
    readonly id: string;
    readonly answer: Source;
  };
  readonly "POST /api/uploads": {
    readonly query: {
      readonly name: string;
    };
    readonly answer: Source;
  };
  readonly "POST /api/sources/{id}/run": {
    readonly id: string;
    readonly answer: Source;
  };
  readonly "POST /api/sources/{id}/pause": {
    readonly id: string;
    readonly answer: Source;
  };
  readonly "GET /api/progress": {
    readonly answer: "text/event-stream";
  };
  readonly "GET /api/quarantine": {
    readonly answer: readonly (Quarantined)[];
  };
  readonly "POST /api/quarantine/{id}/retry": {
    readonly id: string;
    readonly answer: Quarantined;
  };
  readonly "DELETE /api/quarantine/{id}": {
    readonly id: string;
    readonly answer: undefined;
  };
  readonly "GET /api/jobs": {
    readonly answer: readonly (JobRow)[];
  };
  readonly "POST /api/index/rebuild": {
    readonly answer: undefined;
  };
  readonly "POST /api/jobs/{id}/rerun": {
    readonly id: string;
    readonly answer: undefined;
  };
  readonly "DELETE /api/jobs/{id}": {
    readonly id: string;
    readonly answer: undefined;
  };
  readonly "GET /api/memories": {
    readonly answer: readonly (Memory)[];
  };
  readonly "POST /api/memories": {
    readonly body: {
      readonly text: string;
      readonly category?: string;
    };
    readonly answer: Memory;
  };
  readonly "DELETE /api/memories/{id}": {
    readonly id: string;
    readonly answer: Forgetting;
  };
  readonly "GET /api/tasks": {
    readonly answer: readonly (Task)[];
  };
  readonly "POST /api/tasks": {
    readonly body: {
      readonly title: string;
      readonly note?: string;
      readonly due?: string;
      readonly zone?: string;
    };
    readonly answer: Task;
  };
  readonly "PATCH /api/tasks/{id}": {
    readonly id: string;
    readonly body: {
      readonly title?: string;
      readonly note?: string;
      readonly due?: string | "";
      readonly done?: boolean;
    };
    readonly answer: Task;
  };
  readonly "DELETE /api/tasks/{id}": {
    readonly id: string;
    readonly answer: undefined;
  };
  readonly "GET /api/tokens": {
    readonly answer: readonly (Token)[];
  };
  readonly "POST /api/tokens": {
    readonly body: {
      readonly name: string;
      readonly scopes: readonly ("chat" | "memory:read" | "memory:write" | "search" | "read" | "ask" | "ingest" | "tasks")[];
      readonly days?: number;
    };
    readonly answer: Token;
  };
  readonly "DELETE /api/tokens/{id}": {
    readonly id: string;
    readonly answer: undefined;
  };
  readonly "GET /api/forget": {
    readonly answer: readonly (Forgetting)[];
  };
  readonly "POST /api/forget": {
    readonly body: {
      readonly item: string;
    } | {
      readonly conversation: string;
    } | {
      readonly source: string;
    } | {
      readonly memory: string;
    };
    readonly answer: Forgetting;
  };
  readonly "GET /api/forget/{id}": {
    readonly id: string;
    readonly answer: Forgetting;
  };
  readonly "POST /api/forget/{id}/undo": {
    readonly id: string;
    readonly answer: undefined;
  };
  readonly "POST /api/forget/{id}/confirm": {
    readonly id: string;
    readonly answer: Forgetting;
  };
  readonly "POST /api/backup": {
    readonly body: {
      readonly folder?: string;
    };
    readonly answer: BackupReport;
  };
  readonly "POST /api/backup/verify": {
    readonly body: {
      readonly path: string;
    };
    readonly answer: BackupReport;
  };
  readonly "GET /api/export": {
    readonly answer: "application/zip";
  };
  readonly "POST /chat": {
    readonly body: ChatRequest;
    readonly answer: ChatReply;
  };
  readonly "POST /memory": {
    readonly body: MemoryRequest;
    readonly answer: MemoryAnswer;
  };
  readonly "POST /search": {
    readonly body: SearchRequest;
    readonly answer: SearchResults;
  };
  readonly "POST /documents": {
    readonly body: DocumentRequest;
    readonly answer: UploadTicket;
  };
  readonly "GET /documents/{id}": {
    readonly id: string;
    readonly answer: DocumentState;
  };
  readonly "PUT /documents/{id}/content": {
    readonly id: string;
    readonly answer: DocumentState;
  };
}
