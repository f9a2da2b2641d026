import { createReadStream, existsSync, statSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { extname, join } from "node:path";
import type { AnswerMessage, ChatEvent, Message } from "@steward/core/conversation.ts";
import type { Forgetting, Memory, ModelChoice, Session, Settings, Task, Token } from "@steward/core/wire.ts";
import { search } from "./fake-search.ts";
import { ITEMS, LISBON, MESSAGES, MODELS, SETTINGS, SOURCES } from "./fake-world.ts";

/**
 * A stand-in for the server that speaks `wire.ts` over a fixed world, for drawing the app and for its browser test:
 * `node web/dev/fake-api.ts [port] [state]`, state one of setup, locked, signed-out, signed-in. It also serves the
 * built app under the server's own policy, so that what the policy forbids shows at once.
 */
export const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' blob:; connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
const DIST = join(import.meta.dirname, "..", "dist");
const TYPES: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
  ".webmanifest": "application/manifest+json",
};
const NOW = Date.UTC(2026, 10, 21, 3, 10);

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

class Refusal extends Error {
  readonly status: number;
  readonly field: string | undefined;
  constructor(status: number, message: string, field?: string) {
    super(message);
    this.status = status;
    this.field = field;
  }
}

/** Starts it; `pace` scales the delays of the stream (0 for tests). */
export async function startFakeApi(
  options: { port?: number; state?: Session["state"]; pace?: number; empty?: boolean } = {},
) {
  const { pace = 1 } = options;
  let state = options.state ?? "signed-in";
  let empty = options.empty ?? state === "setup";
  let settings: Settings = SETTINGS;
  let models: ModelChoice[] = [...MODELS];
  let tasks: Task[] = [
    {
      id: "t1",
      title: "Check in for TAP 933",
      due: "2025-03-13T07:40",
      zone: "Europe/Zurich",
      done: false,
      createdAt: NOW,
    },
    {
      id: "t2",
      title: "Send the meter reading to the landlord",
      note: "It is in the cellar.",
      done: false,
      createdAt: NOW,
    },
    { id: "t3", title: "Renew the library card", done: true, doneAt: NOW, createdAt: NOW },
  ];
  let memories: Memory[] = [
    {
      id: "m1",
      text: "You take the window seat.",
      category: "preference",
      source: { conversation: "c1", message: "q2" },
      trust: "owner",
      confidence: 1,
      learnedAt: NOW,
    },
    {
      id: "m2",
      text: "Ana is allergic to walnuts.",
      category: "people",
      source: { typed: true },
      trust: "owner",
      confidence: 1,
      learnedAt: NOW - 9e8,
    },
  ];
  let quarantine = [
    {
      id: "x1",
      source: "s-mail",
      path: "Mail.mbox!message 9,114",
      reason: "The mail ends in the middle of a MIME part; the part before it was kept.",
      code: "damaged" as const,
      size: 48_212,
      at: NOW,
    },
    {
      id: "x2",
      source: "s-files",
      path: "Documents/tax 2019.pdf",
      reason: "The PDF asks for a password. Save a copy without one and take that in.",
      code: "encrypted" as const,
      size: 912_000,
      at: NOW,
    },
  ];
  let jobs = [
    {
      id: "j1",
      job: { kind: "embed" as const },
      state: "dead" as const,
      tries: 5,
      addedAt: NOW,
      dueAt: NOW,
      error: "The embedder at port 11434 did not answer.",
    },
  ];
  let tokens: Token[] = [
    { id: "k1", name: "Shortcut on my phone", scopes: ["ask"], createdAt: NOW - 4e8, lastUsedAt: NOW },
  ];
  let forgettings: Forgetting[] = [];
  let conversations = [
    { id: "c1", title: "Lisbon in March", titledBy: "first-question" as const, createdAt: NOW, updatedAt: NOW },
    {
      id: "c2",
      title: "Which insurance covers the bike?",
      titledBy: "first-question" as const,
      createdAt: NOW - 9e7,
      updatedAt: NOW - 9e7,
    },
    {
      id: "c3",
      title: "Rent increases since 2021",
      titledBy: "owner" as const,
      createdAt: NOW - 4e8,
      updatedAt: NOW - 4e8,
    },
  ];
  const messages = new Map<string, Message[]>([
    ["c1", [...MESSAGES]],
    ["c2", MESSAGES.slice(0, 2)],
    ["c3", MESSAGES.slice(0, 2)],
  ]);
  let sources = [...SOURCES];
  let serial = 0;
  const stopped = new Set<string>();
  const session = (): Session => ({
    state,
    ...(state === "signed-in" ? { csrf: "fake-csrf", owner: { name: "Nora", timeZone: "Europe/Zurich" } } : {}),
  });
  const hidden = () => new Set(forgettings.filter((f) => f.state !== "undone").map((f) => Object.values(f.what)[0]));

  async function chat(
    body: { conversation?: string; text?: string; retry?: string },
    res: ServerResponse,
  ): Promise<void> {
    const n = ++serial;
    const conversation = body.conversation ?? `c-new-${n}`;
    const log = messages.get(conversation) ?? [];
    const asked = body.retry
      ? log.find(
          (m) =>
            m.id ===
              (log.find((x) => x.id === body.retry && x.role === "steward") as AnswerMessage | undefined)?.answers ||
            m.id === body.retry,
        )
      : undefined;
    const text = asked?.role === "owner" ? asked.text : (body.text ?? "");
    const question = asked?.id ?? `q-${n}`;
    const answer = `a-${n}`;
    if (!asked) log.push({ id: question, role: "owner", text, at: NOW });
    messages.set(conversation, log);
    if (!conversations.some((c) => c.id === conversation))
      conversations = [
        { id: conversation, title: text.slice(0, 48), titledBy: "first-question", createdAt: NOW, updatedAt: NOW },
        ...conversations,
      ];
    const model = models.find((m) => m.current)?.label ?? "Built-in";
    const say = (event: ChatEvent) => res.write(`data: ${JSON.stringify(event)}\n\n`);
    res.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
    say({ type: "turn", conversation, question, answer, model });
    await sleep(150 * pace);
    const base = { id: answer, answers: question, at: NOW, model, cards: [] };
    const end = (message: AnswerMessage) => {
      log.push(message);
      return message;
    };
    if (/fail/.test(text) && !body.retry) {
      const error = {
        code: "rate-limit",
        message:
          "The provider says it is busy and asks to wait 20 seconds. Your question is kept; nothing was charged.",
        retryable: true,
        retryAfter: 20,
      } as const;
      say({ type: "retrying", attempt: 1, inMs: 800 * pace, reason: "The provider is busy (429)." });
      await sleep(800 * pace);
      say({
        type: "error",
        error,
        message: end({
          ...LISBON,
          ...base,
          text: "",
          citations: [],
          unsupported: [],
          steps: [],
          state: "failed",
          error,
        }),
      });
      res.end();
      return;
    }
    for (const step of LISBON.steps) {
      say({ type: "step", step });
      await sleep(60 * pace);
    }
    let written = "";
    for (const word of LISBON.text.split(/(?<=\s)/)) {
      if (stopped.has(answer) || res.destroyed) {
        say({
          type: "finish",
          message: end({
            ...LISBON,
            ...base,
            text: written,
            citations: LISBON.citations.filter((c) => written.includes(`[^${c.n}]`)),
            unsupported: [],
            state: "stopped",
          }),
        });
        res.end();
        return;
      }
      written += word;
      say({ type: "text", delta: word });
      const mark = /\[\^(\d)\]/.exec(word);
      const citation = mark ? LISBON.citations[Number(mark[1]) - 1] : undefined;
      if (citation) say({ type: "citation", citation });
      await sleep(35 * pace);
    }
    say({ type: "title", title: "Lisbon in March" });
    say({ type: "finish", message: end({ ...LISBON, ...base, state: "done" }) });
    res.end();
  }

  function progress(res: ServerResponse): void {
    res.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
    const send = () => {
      sources = sources.map((s) => (s.state === "reading" && pace > 0 ? grown(s) : s));
      if (sources.some((s) => s.kind === "sample" && s.state === "done")) empty = false;
      res.write(
        `data: ${JSON.stringify({ sources: empty ? sources.filter((s) => s.kind === "sample") : sources, rates: { "s-mail": 1240, "s-sample": 610 } })}\n\n`,
      );
    };
    send();
    const timer = setInterval(send, 400);
    res.on("close", () => clearInterval(timer));
  }
  const grown = (s: (typeof sources)[number]): (typeof sources)[number] => {
    const step = s.kind === "sample" ? 90_000 : 0;
    const read = Math.min(s.progress.totalBytes ?? 0, s.progress.bytes + step);
    return {
      ...s,
      state: read >= (s.progress.totalBytes ?? 0) ? "done" : "reading",
      progress: { ...s.progress, bytes: read, added: s.kind === "sample" ? Math.round(read / 1100) : s.progress.added },
    };
  };

  // biome-ignore lint/suspicious/noExplicitAny: a fake reads what the app sends as it comes.
  async function route(method: string, path: string, query: URLSearchParams, body: any): Promise<unknown> {
    const [, , resource, id, act] = path.split("/");
    switch (
      `${method} ${resource}${id && act ? "/:id/" + act : id && !["prove", "verify", "stop"].includes(id) ? "/:id" : id ? `/${id}` : ""}`
    ) {
      case "GET session":
        return session();
      case "POST session":
        if (body.password !== "correct horse battery")
          throw new Refusal(401, "That is not the password. Four tries are left this minute.", "password");
        state = "signed-in";
        return session();
      case "DELETE session":
        state = "signed-out";
        return undefined;
      case "POST unlock":
        if (body.passphrase !== "open sesame" && !body.recoveryCode)
          throw new Refusal(401, "That passphrase does not open this home.", "passphrase");
        state = "signed-in";
        return session();
      case "POST setup":
        if (!body.token)
          throw new Refusal(403, "This link was used or is older than 15 minutes. Start Steward again for a new one.");
        state = "signed-in";
        return { ...session(), recoveryCode: "K7QM-2X9F-PD4T-WB8R-3HJN-6YCV-AE" };
      case "GET status":
        return {
          version: "0.1.0",
          home: "/home/nora/.steward",
          items: empty ? 0 : 18_418,
          passages: empty ? 0 : 61_220,
          index: { segments: 4, bytes: 34e6, embedded: 0 },
          model: {
            id: models.find((m) => m.current)?.id ?? "",
            label: models.find((m) => m.current)?.label ?? "",
            local: true,
          },
          spend: { today: 0.12, cap: settings.dailyCapUsd },
          sources: { reading: 1, failed: 0 },
          quarantined: quarantine.length,
          deadJobs: jobs.length,
          lock: "key-file",
          memoryMb: 118,
          uptimeS: 5120,
        };
      case "GET settings":
        return settings;
      case "PATCH settings":
        settings = { ...settings, ...body };
        return settings;
      case "GET models":
        return models;
      case "POST models/prove":
        await sleep(500 * pace);
        return body.apiKey === "bad"
          ? { ok: false, ms: 300, message: "The provider refused the key (401)." }
          : { ok: true, ms: 812, message: "Answered." };
      case "PUT models":
        models = models.map((m) => ({
          ...m,
          current: m.id === body.id,
          ...(m.id === body.id && body.model ? { chosen: body.model } : {}),
        }));
        return models;
      case "GET conversations":
        return empty
          ? []
          : conversations.filter(
              (c) => !hidden().has(c.id) && c.title.toLowerCase().includes((query.get("q") ?? "").toLowerCase()),
            );
      case "GET conversations/:id": {
        const c = conversations.find((x) => x.id === id);
        if (!c) throw new Refusal(404, "There is no such conversation. It may have been forgotten.");
        return { ...c, messages: messages.get(c.id) ?? [] };
      }
      case "PATCH conversations/:id":
        conversations = conversations.map((c) => (c.id === id ? { ...c, title: body.title } : c));
        return conversations.find((c) => c.id === id);
      case "POST chat/stop":
        stopped.add(body.answer);
        return undefined;
      case "GET search":
        return search(empty ? [] : ITEMS.filter((i) => !hidden().has(i.id)), query);
      case "GET items/:id": {
        const found = ITEMS.find((x) => x.id === id);
        if (!found) throw new Refusal(404, "There is no such item. It may have been forgotten.");
        return found;
      }
      case "GET sources":
        return sources;
      case "POST sources": {
        if (body.path === "/nowhere")
          throw new Refusal(
            422,
            "There is nothing at /nowhere. Check the path; it is read on the machine Steward runs on.",
            "path",
          );
        const made = {
          id: body.sample ? "s-sample" : `s-${++serial}`,
          kind: body.sample ? ("sample" as const) : ("path" as const),
          name: body.sample ? "Nora's archive" : body.path,
          trust: "owner" as const,
          state: "reading" as const,
          addedAt: NOW,
          progress: { added: 0, known: 0, quarantined: 0, bytes: 0, totalBytes: 450_000 },
        };
        sources = [...sources, made];
        return made;
      }
      case "POST uploads":
        sources = [
          ...sources,
          { ...SOURCES[1]!, id: `s-${++serial}`, kind: "upload", name: query.get("name") ?? "upload" },
        ];
        return sources.at(-1);
      case "POST sources/:id/run":
      case "POST sources/:id/pause":
        sources = sources.map((s) => (s.id === id ? { ...s, state: act === "run" ? "reading" : "paused" } : s));
        return sources.find((s) => s.id === id);
      case "GET quarantine":
        return quarantine;
      case "POST quarantine/:id/retry":
        return undefined;
      case "DELETE quarantine/:id":
        quarantine = quarantine.filter((q) => q.id !== id);
        return undefined;
      case "GET jobs":
        return jobs;
      case "POST jobs/:id/rerun":
      case "DELETE jobs/:id":
        jobs = jobs.filter((j) => j.id !== id);
        return undefined;
      case "POST forget": {
        const which = Object.values(body)[0] as string;
        const made: Forgetting = {
          id: `f-${++serial}`,
          what: body,
          label: ITEMS.find((i) => i.id === which)?.title ?? conversations.find((c) => c.id === which)?.title ?? which,
          state: "hidden",
          askedAt: NOW,
          counts: { items: 1, passages: 3, messages: 0, memories: 0 },
        };
        forgettings = [made, ...forgettings];
        if (body.source) sources = sources.filter((s) => s.id !== body.source);
        if (body.memory) memories = memories.filter((m) => m.id !== body.memory);
        return made;
      }
      case "POST forget/:id/undo":
        forgettings = forgettings.map((f) => (f.id === id ? { ...f, state: "undone" } : f));
        return undefined;
      case "POST forget/:id/confirm":
        forgettings = forgettings.map((f) =>
          f.id === id
            ? {
                ...f,
                state: "done",
                receipt: {
                  id: "R-2026-0041",
                  at: NOW,
                  keysDestroyed: 1,
                  segmentsRewritten: 2,
                  backupsOpenUntil: "2026-12-01",
                  mark: "9f2c 71ab 04de 5532",
                },
              }
            : f,
        );
        return { ...forgettings.find((f) => f.id === id), state: "shredding", receipt: undefined };
      case "GET forget":
        return forgettings;
      case "GET memories":
        return memories;
      case "POST memories":
        memories = [
          {
            id: `m-${++serial}`,
            text: body.text,
            category: "note",
            source: { typed: true },
            trust: "owner",
            confidence: 1,
            learnedAt: NOW,
          },
          ...memories,
        ];
        return memories[0];
      case "DELETE memories/:id":
        memories = memories.filter((m) => m.id !== id);
        return undefined;
      case "GET tasks":
        return tasks;
      case "POST tasks":
        tasks = [...tasks, { id: `t-${++serial}`, done: false, createdAt: NOW, ...body }];
        return tasks.at(-1);
      case "PATCH tasks/:id":
        tasks = tasks.map((t) => (t.id === id ? { ...t, ...body } : t));
        return tasks.find((t) => t.id === id);
      case "DELETE tasks/:id":
        tasks = tasks.filter((t) => t.id !== id);
        return undefined;
      case "GET tokens":
        return tokens;
      case "POST tokens": {
        const made = { id: `k-${++serial}`, createdAt: NOW, ...body };
        tokens = [...tokens, made];
        return { ...made, secret: "stw_4fK9w2Qm8ZtR1xLbN7cVd5" };
      }
      case "DELETE tokens/:id":
        tokens = tokens.filter((t) => t.id !== id);
        return undefined;
      case "POST backup":
        await sleep(300 * pace);
        return {
          path: "/home/nora/backups/steward-2026-11-21.backup",
          kit: "/home/nora/backups/steward-2026-11-21.kit",
          files: 212,
          bytes: 84e6,
          items: 18_418,
          ok: true,
          problems: [],
        };
      case "POST password":
        if (body.current === "wrong") throw new Refusal(401, "That is not the current password.", "current");
        return undefined;
      default:
        throw new Refusal(404, `The fake has no ${method} ${path}.`);
    }
  }

  async function handle(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const url = new URL(req.url ?? "/", "http://localhost");
    if (!url.pathname.startsWith("/api/")) return serveApp(url.pathname, res);
    const pieces: Buffer[] = [];
    for await (const piece of req) pieces.push(piece);
    try {
      const method = req.method ?? "GET";
      if (url.pathname === "/api/progress") return progress(res);
      const raw = Buffer.concat(pieces).toString();
      const body = raw && req.headers["content-type"] === "application/json" ? JSON.parse(raw) : undefined;
      if (url.pathname === "/api/chat") return await chat(body, res);
      if (/\/original$/.test(url.pathname)) {
        res.writeHead(200, { "content-disposition": "attachment" }).end("original");
        return;
      }
      const answer = await route(method, url.pathname, url.searchParams, body);
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

function serveApp(path: string, res: ServerResponse): void {
  const file = join(DIST, path);
  const found = file.startsWith(DIST) && existsSync(file) && statSync(file).isFile() ? file : join(DIST, "index.html");
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
