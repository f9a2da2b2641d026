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
import { readEvents } from "./sse.ts";

/**
 * The app's only door to the server: one typed function a route of `wire.ts`. Failures arrive as `Problem`, which
 * carries the server's own words (RFC 9457) or says plainly that it could not be reached.
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

async function send(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<Response> {
  const headers: Record<string, string> = {};
  if (body !== undefined) headers["content-type"] = "application/json";
  if (method !== "GET" && csrf !== undefined) headers["x-steward-csrf"] = csrf;
  let answer: Response;
  try {
    answer = await fetch(path, {
      method,
      headers,
      credentials: "same-origin",
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal ? { signal } : {}),
    });
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
      if (words) return new Problem(answer.status, words, typeof field === "string" ? field : undefined);
    }
  } catch {
    // Not a problem document: said below in general words.
  }
  return new Problem(answer.status, `The server answered ${answer.status}. Its log says more: see the terminal.`);
}

// The server's zod schemas are made from the same types, so what parses there is of the type named here.
async function ask<T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  const answer = await send(method, path, body, signal);
  return (await answer.json()) as T;
}

async function tell(method: string, path: string, body?: unknown): Promise<void> {
  await send(method, path, body);
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
export type Order = "best" | "newest" | "oldest";
/** What setting up answers: the recovery code, when one was made, is shown this once. */
export type SetUp = Session & { readonly recoveryCode?: string };

export const api = {
  session: () => session(ask<Session>("GET", "/api/session")),
  setUp: (how: { token: string; password: string; timeZone: string; name?: string }) =>
    session(ask<SetUp>("POST", "/api/setup", how)),
  signIn: (password: string) => session(ask<Session>("POST", "/api/session", { password })),
  signOut: () => tell("DELETE", "/api/session"),
  unlock: (with_: { passphrase: string } | { recoveryCode: string }) =>
    session(ask<Session>("POST", "/api/unlock", with_)),
  status: () => ask<Status>("GET", "/api/status"),
  settings: () => ask<Settings>("GET", "/api/settings"),
  changeSettings: (patch: Partial<Settings>) => ask<Settings>("PATCH", "/api/settings", patch),
  models: () => ask<ModelChoice[]>("GET", "/api/models"),
  proveModel: (setup: ModelSetup) =>
    ask<{ ok: boolean; ms: number; message: string }>("POST", "/api/models/prove", setup),
  chooseModel: (setup: ModelSetup) => ask<ModelChoice[]>("PUT", "/api/models", setup),
  embedders: () => ask<EmbedderChoice[]>("GET", "/api/embedders"),
  chooseEmbedder: (setup: ModelSetup) => ask<EmbedderChoice[]>("PUT", "/api/embedders", setup),
  conversations: (q = "") => ask<Conversation[]>("GET", `/api/conversations${q ? `?q=${id(q)}` : ""}`),
  conversation: (which: string) => ask<ConversationView>("GET", `/api/conversations/${id(which)}`),
  rename: (which: string, title: string) => ask<Conversation>("PATCH", `/api/conversations/${id(which)}`, { title }),
  stop: (answer: string) => tell("POST", "/api/chat/stop", { answer }),
  search: (q: string, options: { limit?: number; offset?: number; order?: Order } = {}, signal?: AbortSignal) => {
    const query = new URLSearchParams({ q });
    for (const [name, value] of Object.entries(options)) query.set(name, String(value));
    return ask<Found>("GET", `/api/search?${query}`, undefined, signal);
  },
  item: (which: string) => ask<ItemView>("GET", `/api/items/${id(which)}`),
  sources: () => ask<Source[]>("GET", "/api/sources"),
  addSource: (what: { path: string } | { sample: true }) => ask<Source>("POST", "/api/sources", what),
  runSource: (which: string) => ask<Source>("POST", `/api/sources/${id(which)}/run`),
  pauseSource: (which: string) => ask<Source>("POST", `/api/sources/${id(which)}/pause`),
  quarantine: () => ask<Quarantined[]>("GET", "/api/quarantine"),
  /** Undefined when it could be read now; else why it still could not. */
  retryQuarantined: async (which: string): Promise<Quarantined | undefined> => {
    const answer = await send("POST", `/api/quarantine/${id(which)}/retry`);
    return answer.status === 204 ? undefined : ((await answer.json()) as Quarantined);
  },
  dismissQuarantined: (which: string) => tell("DELETE", `/api/quarantine/${id(which)}`),
  rebuildIndex: () => tell("POST", "/api/index/rebuild"),
  jobs: () => ask<JobRow[]>("GET", "/api/jobs"),
  rerunJob: (which: string) => tell("POST", `/api/jobs/${id(which)}/rerun`),
  dismissJob: (which: string) => tell("DELETE", `/api/jobs/${id(which)}`),
  forget: (what: ForgetRequest) => ask<Forgetting>("POST", "/api/forget", what),
  undoForget: (which: string) => tell("POST", `/api/forget/${id(which)}/undo`),
  confirmForget: (which: string) => ask<Forgetting>("POST", `/api/forget/${id(which)}/confirm`),
  forgettings: () => ask<Forgetting[]>("GET", "/api/forget"),
  memories: () => ask<Memory[]>("GET", "/api/memories"),
  remember: (text: string, category?: string) =>
    ask<Memory>("POST", "/api/memories", { text, ...(category ? { category } : {}) }),
  removeMemory: (which: string) => tell("DELETE", `/api/memories/${id(which)}`),
  tasks: () => ask<Task[]>("GET", "/api/tasks"),
  addTask: (task: { title: string; due?: string; zone?: string; note?: string }) =>
    ask<Task>("POST", "/api/tasks", task),
  changeTask: (which: string, patch: { title?: string; note?: string; due?: string; done?: boolean }) =>
    ask<Task>("PATCH", `/api/tasks/${id(which)}`, patch),
  removeTask: (which: string) => tell("DELETE", `/api/tasks/${id(which)}`),
  tokens: () => ask<Token[]>("GET", "/api/tokens"),
  addToken: (token: { name: string; scopes: readonly string[]; days?: number }) =>
    ask<Token>("POST", "/api/tokens", token),
  removeToken: (which: string) => tell("DELETE", `/api/tokens/${id(which)}`),
  verifyBackup: (path: string) => ask<BackupReport>("POST", "/api/backup/verify", { path }),
  backUp: (folder?: string) => ask<BackupReport>("POST", "/api/backup", folder ? { folder } : {}),
  changePassword: (current: string, next: string) => tell("POST", "/api/password", { current, next }),
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
  yield* turnEvents(await send("POST", "/api/chat", question));
}

/** A turn that runs already, from its first event (after a reload). 404 when it has ended. */
export async function* listen(answer: string): AsyncGenerator<ChatEvent> {
  yield* turnEvents(await send("GET", `/api/chat/${id(answer)}`));
}

async function* turnEvents(answer: Response): AsyncGenerator<ChatEvent> {
  let ended = false;
  try {
    for await (const data of readEvents(answer.body ?? emptyBody())) {
      // The server writes nothing but ChatEvents into this stream.
      const event = JSON.parse(data) as ChatEvent;
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
  const answer = await send("POST", "/api/embedders/add", { id: which }, signal);
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
    events.onmessage = (event: MessageEvent<string>) => onProgress(JSON.parse(event.data) as Progress);
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

/** Streams one file up, telling how many bytes have left. XMLHttpRequest, as fetch does not tell. */
export function upload(file: File, onSent: (bytes: number) => void, signal: AbortSignal): Promise<Source> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", `/api/uploads?name=${id(file.name)}`);
    request.setRequestHeader("content-type", "application/octet-stream");
    if (csrf !== undefined) request.setRequestHeader("x-steward-csrf", csrf);
    request.upload.onprogress = (event) => onSent(event.loaded);
    request.onerror = () => reject(new Problem(0, UNREACHABLE));
    request.onabort = () => reject(new DOMException("The upload was stopped.", "AbortError"));
    request.onload = () => {
      if (request.status < 300) resolve(JSON.parse(request.responseText) as Source);
      else problemOf(new Response(request.responseText, { status: request.status })).then(reject, reject);
    };
    signal.addEventListener("abort", () => request.abort(), { once: true });
    request.send(file);
  });
}
