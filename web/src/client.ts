import type { ChatEvent, Conversation } from "@steward/core/conversation.ts";
import type {
  BackupReport,
  ConversationView,
  EmbedderChoice,
  EmbedderDownload,
  ForgetRequest,
  Forgetting,
  Found,
  ItemView,
  JobRow,
  Memory,
  ModelChoice,
  Progress,
  Quarantined,
  Session,
  Settings,
  Source,
  Status,
  Task,
  Token,
} from "@steward/core/wire.ts";
import type { Operations, UploadTicket } from "./api.generated.ts";
import { readEvents } from "./sse.ts";

/**
 * The app's only door to the server: one typed function a route. What a route takes is generated from its OpenAPI
 * description (`npm run generate:client`), what it answers is of `wire.ts`. Failures arrive as `Problem`, which carries the
 * server's own words (RFC 9457) or says plainly that it could not be reached.
 */
export class Problem extends Error {
  override readonly name = "Problem";
  /** HTTP status; 0 when the server could not be reached. */
  readonly status: number;
  /** The field of a form it is about. */
  readonly field: string | undefined;

  constructor(status: number, message: string, field?: string) {
    super(message);
    this.status = status;
    this.field = field;
  }
}

const UNREACHABLE = "Steward does not answer. Is it still running? What you typed is kept here.";

/** The session's token against forged requests: given by every answer that is a Session, sent with every change. */
let csrf: string | undefined;
let onSignedOut: () => void = () => {};

/** Called when the server says that the session has ended, so that the app can ask for the password. */
export function whenSignedOut(listener: () => void): void {
  onSignedOut = listener;
}

/** What a route takes beside what identifies it: `id`, `query` and `body`, where it has them. */
type Asked<O extends keyof Operations> = Omit<Operations[O], "answer">;
/** Nothing need be said to a route that takes nothing. */
type Asking<O extends keyof Operations> =
  Record<never, never> extends Asked<O>
    ? [asked?: Asked<O>, signal?: AbortSignal | undefined]
    : [asked: Asked<O>, signal?: AbortSignal | undefined];

async function send<O extends keyof Operations>(operation: O, ...[asked, signal]: Asking<O>): Promise<Response> {
  const { id: which, query, body }: { id?: string; query?: object; body?: unknown } = asked ?? {};
  const [method = "GET", route = ""] = operation.split(" ");
  const path = route.replace("{id}", id(which ?? ""));
  const headers: Record<string, string> = {};
  if (body !== undefined) headers["content-type"] = "application/json";
  if (method !== "GET" && csrf !== undefined) headers["x-steward-csrf"] = csrf;
  let answer: Response;
  try {
    answer = await fetch(
      query ? `${path}?${new URLSearchParams(Object.entries(query).map(([k, v]) => [k, String(v)]))}` : path,
      {
        method,
        headers,
        credentials: "same-origin",
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        ...(signal ? { signal } : {}),
      },
    );
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw new Problem(0, UNREACHABLE);
  }
  if (answer.ok) return answer;
  const problem = await problemOf(answer);
  if (problem.status === 401 && !["/api/session", "/api/password", "/api/unlock"].includes(path)) onSignedOut();
  throw problem;
}

async function problemOf(answer: Response): Promise<Problem> {
  try {
    const said: unknown = await answer.json();
    if (typeof said === "object" && said !== null) {
      const { title, detail, field } = said as { title?: unknown; detail?: unknown; field?: unknown };
      const words = typeof detail === "string" && detail ? detail : typeof title === "string" ? title : undefined;
      // The terminal's marks of a command are quotation marks on a page.
      const shown = words?.replace(/`([^`]+)`/g, "“$1”");
      if (shown) return new Problem(answer.status, shown, typeof field === "string" ? field : undefined);
    }
  } catch {
    // Not a problem document: said below in general words.
  }
  return new Problem(answer.status, `The server answered ${answer.status}. Its log says more: see the terminal.`);
}

/**
 * What routes answer, in the words of `wire.ts`, which say more than the description does. That each is what the
 * description promises, `Fitting` makes the compiler check.
 */
interface Answers
  extends Fitting<{
    "GET /api/session": Session;
    "POST /api/setup": SetUp;
    "POST /api/session": Session;
    "POST /api/unlock": Session;
    "GET /api/status": Status;
    "GET /api/settings": Settings;
    "PATCH /api/settings": Settings;
    "GET /api/models": ModelChoice[];
    "POST /api/models/prove": { readonly ok: boolean; readonly ms: number; readonly message: string };
    "PUT /api/models": ModelChoice[];
    "GET /api/embedders": EmbedderChoice[];
    "PUT /api/embedders": EmbedderChoice[];
    "GET /api/conversations": Conversation[];
    "GET /api/conversations/{id}": ConversationView;
    "PATCH /api/conversations/{id}": Conversation;
    "GET /api/search": Found;
    "POST /api/search": Found;
    "GET /api/items/{id}": ItemView;
    "GET /api/sources": Source[];
    "POST /api/sources": Source;
    "POST /api/sources/{id}/run": Source;
    "POST /api/sources/{id}/pause": Source;
    "GET /api/quarantine": Quarantined[];
    "POST /api/quarantine/{id}/retry": Quarantined;
    "GET /api/jobs": JobRow[];
    "GET /api/forget": Forgetting[];
    "POST /api/forget": Forgetting;
    "POST /api/forget/{id}/confirm": Forgetting;
    "GET /api/memories": Memory[];
    "POST /api/memories": Memory;
    "GET /api/tasks": Task[];
    "POST /api/tasks": Task;
    "PATCH /api/tasks/{id}": Task;
    "GET /api/tokens": Token[];
    "POST /api/tokens": Token;
    "POST /api/backup": BackupReport;
    "POST /api/backup/verify": BackupReport;
    "POST /documents": UploadTicket;
  }> {}
type Fitting<A extends { readonly [O in keyof A & keyof Operations]: Operations[O]["answer"] }> = A;

async function ask<O extends keyof Answers & keyof Operations>(
  operation: O,
  ...asking: Asking<O>
): Promise<Answers[O]> {
  const answer = await send(operation, ...asking);
  // What parses there is made by schemas that these types fit.
  return parsed<Answers[O]>(await answer.text());
}

/**
 * Marks that turn the text behind them round (U+202D, U+202E) make "fdp.exe" look like "exe.pdf", and stand in foreign names
 * and texts to deceive: shown as what they are, each one character as before, so that every offset stays.
 */
function parsed<T>(json: string): T {
  return JSON.parse(json.replace(/[\u202d\u202e]/g, "\ufffd")) as T; // as the server's own schemas say
}

async function tell<O extends keyof Operations>(operation: O, ...asking: Asking<O>): Promise<void> {
  await send(operation, ...asking);
}

async function session<S extends Session>(answer: Promise<S>): Promise<S> {
  const given = await answer;
  csrf = given.csrf;
  return given;
}

const id = encodeURIComponent;

export type ModelSetup = {
  readonly id: string;
  readonly model?: string;
  readonly apiKey?: string;
  readonly baseUrl?: string;
};
/** What an API key may do. */
export type Scope = Operations["POST /api/tokens"]["body"]["scopes"][number];
export type Order = "best" | "newest" | "oldest";
/** What setting up answers: the recovery code, when one was made, is shown this once. */
export type SetUp = Session & { readonly recoveryCode?: string };

export const api = {
  session: () => session(ask("GET /api/session")),
  setUp: (body: { token: string; password: string; timeZone: string; name?: string }) =>
    session(ask("POST /api/setup", { body })),
  signIn: (password: string) => session(ask("POST /api/session", { body: { password } })),
  signOut: () => tell("DELETE /api/session"),
  unlock: (body: { passphrase: string } | { recoveryCode: string }) => session(ask("POST /api/unlock", { body })),
  status: () => ask("GET /api/status"),
  settings: () => ask("GET /api/settings"),
  changeSettings: (body: Partial<Settings>) => ask("PATCH /api/settings", { body }),
  models: () => ask("GET /api/models"),
  proveModel: (body: ModelSetup) => ask("POST /api/models/prove", { body }),
  chooseModel: (body: ModelSetup) => ask("PUT /api/models", { body }),
  embedders: () => ask("GET /api/embedders"),
  chooseEmbedder: (body: ModelSetup) => ask("PUT /api/embedders", { body }),
  conversations: (q = "") => ask("GET /api/conversations", { query: q ? { q } : {} }),
  conversation: (which: string) => ask("GET /api/conversations/{id}", { id: which }),
  rename: (which: string, title: string) => ask("PATCH /api/conversations/{id}", { id: which, body: { title } }),
  stop: (answer: string) => tell("POST /api/chat/stop", { body: { answer } }),
  search: (q: string, options: { limit?: number; offset?: number; order?: Order } = {}, signal?: AbortSignal) =>
    // An address has room for a few thousand characters only.
    q.length > 1_000
      ? ask("POST /api/search", { body: { q, ...options } }, signal)
      : ask("GET /api/search", { query: { q, ...options } }, signal),
  item: (which: string) => ask("GET /api/items/{id}", { id: which }),
  sources: () => ask("GET /api/sources"),
  addSource: (body: { path: string } | { sample: true }) => ask("POST /api/sources", { body }),
  runSource: (which: string) => ask("POST /api/sources/{id}/run", { id: which }),
  pauseSource: (which: string) => ask("POST /api/sources/{id}/pause", { id: which }),
  quarantine: () => ask("GET /api/quarantine"),
  /** Undefined when it could be read now; else why it still could not. */
  retryQuarantined: async (which: string): Promise<Quarantined | undefined> => {
    const answer = await send("POST /api/quarantine/{id}/retry", { id: which });
    return answer.status === 204 ? undefined : parsed<Quarantined>(await answer.text());
  },
  dismissQuarantined: (which: string) => tell("DELETE /api/quarantine/{id}", { id: which }),
  rebuildIndex: () => tell("POST /api/index/rebuild"),
  jobs: () => ask("GET /api/jobs"),
  rerunJob: (which: string) => tell("POST /api/jobs/{id}/rerun", { id: which }),
  dismissJob: (which: string) => tell("DELETE /api/jobs/{id}", { id: which }),
  forget: (body: ForgetRequest) => ask("POST /api/forget", { body }),
  undoForget: (which: string) => tell("POST /api/forget/{id}/undo", { id: which }),
  confirmForget: (which: string) => ask("POST /api/forget/{id}/confirm", { id: which }),
  forgettings: () => ask("GET /api/forget"),
  memories: () => ask("GET /api/memories"),
  remember: (text: string, category?: string) =>
    ask("POST /api/memories", { body: { text, ...(category ? { category } : {}) } }),
  removeMemory: (which: string) => tell("DELETE /api/memories/{id}", { id: which }),
  tasks: () => ask("GET /api/tasks"),
  addTask: (body: { title: string; due?: string; zone?: string; note?: string }) => ask("POST /api/tasks", { body }),
  changeTask: (which: string, body: { title?: string; note?: string; due?: string; done?: boolean }) =>
    ask("PATCH /api/tasks/{id}", { id: which, body }),
  removeTask: (which: string) => tell("DELETE /api/tasks/{id}", { id: which }),
  tokens: () => ask("GET /api/tokens"),
  addToken: (body: { name: string; scopes: readonly Scope[]; days?: number }) => ask("POST /api/tokens", { body }),
  removeToken: (which: string) => tell("DELETE /api/tokens/{id}", { id: which }),
  verifyBackup: (path: string) => ask("POST /api/backup/verify", { body: { path } }),
  backUp: (folder?: string) => ask("POST /api/backup", { body: folder ? { folder } : {} }),
  changePassword: (current: string, next: string) => tell("POST /api/password", { body: { current, next } }),
};

/** Where the browser goes to sign in with the issuer that the owner named. */
export const issuerUrl = (timeZone: string): string => `/auth/oidc?zone=${id(timeZone)}`;

/** Where the browser fetches an item's original bytes; the server sends them as an attachment. */
export const originalUrl = (item: string): string => `/api/items/${id(item)}/original`;

export type Question =
  | { readonly conversation?: string; readonly text: string }
  | { readonly conversation: string; readonly retry: string };

/** One turn, as its events come. Ends after `finish` or `error`; throws `Problem` when the connection is cut before. */
export async function* chat(question: Question): AsyncGenerator<ChatEvent> {
  yield* turnEvents(await send("POST /api/chat", { body: question }));
}

/** A turn that runs already, from its first event (after a reload). 404 when it has ended. */
export async function* listen(answer: string): AsyncGenerator<ChatEvent> {
  yield* turnEvents(await send("GET /api/chat/{id}", { id: answer }));
}

async function* turnEvents(answer: Response): AsyncGenerator<ChatEvent> {
  let ended = false;
  try {
    for await (const data of readEvents(answer.body ?? emptyBody())) {
      // The server writes nothing but ChatEvents into this stream.
      const event = parsed<ChatEvent>(data);
      ended = event.type === "finish" || event.type === "error";
      yield event;
    }
  } catch {
    // The line broke; said below in words, if the turn had not ended.
  }
  if (!ended) throw new Problem(0, "The line to Steward was cut. What had arrived is kept; ask again to go on.");
}

/** Fetches an embedder's model onto the server's machine, telling its bytes. Ends after `done` or `error`. */
export async function* addEmbedder(which: string, signal: AbortSignal): AsyncGenerator<EmbedderDownload> {
  const answer = await send("POST /api/embedders/add", { body: { id: which } }, signal);
  for await (const data of readEvents(answer.body ?? emptyBody())) {
    // The server writes nothing but EmbedderDownloads into this stream.
    yield JSON.parse(data) as EmbedderDownload;
  }
}

async function* emptyBody(): AsyncGenerator<Uint8Array> {}

const RECONNECT_MS = 2000;

/** Live progress until the answer is called. A line that broke is opened again, refused or not, every two seconds. */
export function watchProgress(onProgress: (progress: Progress) => void, onLine: (up: boolean) => void): () => void {
  let events: EventSource;
  let again: ReturnType<typeof setTimeout> | undefined;
  const open = (): void => {
    events = new EventSource("/api/progress");
    events.onopen = () => onLine(true);
    events.onmessage = (event: MessageEvent<string>) => {
      const progress = parsed<Progress>(event.data);
      onProgress(progress);
      // The line is fine; it is only not held open while nothing moves.
      if (progress.again === undefined) return;
      events.close();
      again = setTimeout(open, progress.again);
    };
    events.onerror = () => {
      onLine(false);
      events.close();
      again = setTimeout(open, RECONNECT_MS);
    };
  };
  open();
  return () => {
    clearTimeout(again);
    events.close();
  };
}

/**
 * Sends one file, of any size: the server says where to, this house itself or a store beside it. XMLHttpRequest, since fetch
 * does not tell how many bytes have left.
 */
export async function upload(file: File, onSent: (bytes: number) => void, signal: AbortSignal): Promise<void> {
  if (file.size === 0) throw new Problem(400, `${file.name} is empty. Nothing was taken in.`);
  const mediaType = /^[\w.+-]+\/[\w.+-]+$/.test(file.type) ? { mediaType: file.type } : {};
  const ticket = await ask("POST /documents", { body: { name: file.name, size: file.size, ...mediaType } }, signal);
  await new Promise<void>((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(ticket.method, ticket.url);
    for (const [name, value] of Object.entries(ticket.headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = (event) => onSent(event.loaded);
    request.onerror = () => reject(new Problem(0, UNREACHABLE));
    request.onabort = () => reject(new DOMException("The upload was stopped.", "AbortError"));
    request.onload = () => {
      if (request.status < 300) resolve();
      else problemOf(new Response(request.responseText, { status: request.status })).then(reject, reject);
    };
    signal.addEventListener("abort", () => request.abort(), { once: true });
    request.send(file);
  });
}
