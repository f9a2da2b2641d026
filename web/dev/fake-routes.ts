import type { Forgetting } from "@steward/core/wire.ts";
import { type FakeHouse, hiddenIn, NOW, sessionOf } from "./fake-house.ts";
import { ITEMS } from "./fake-items.ts";
import { search } from "./fake-search.ts";
import { sleep } from "./fake-streams.ts";
import { SOURCES } from "./fake-world.ts";

/** What the fake refuses, as the server would: in words, with the field it is about. */
export class Refusal extends Error {
  readonly status: number;
  readonly field: string | undefined;
  constructor(status: number, message: string, field?: string) {
    super(message);
    this.status = status;
    this.field = field;
  }
}

/** Whatever the app may send, as it comes: the fake trusts it, as the app's own types do. */
export type Sent = Readonly<
  Record<
    | "password"
    | "passphrase"
    | "recoveryCode"
    | "token"
    | "apiKey"
    | "id"
    | "model"
    | "title"
    | "answer"
    | "path"
    | "item"
    | "conversation"
    | "source"
    | "memory"
    | "text"
    | "name"
    | "current",
    string
  >
> & { readonly sample: boolean; readonly scopes: readonly string[] };

/** The routes of `wire.ts` that answer at once; undefined is 204. */
export async function fakeRoute(
  house: FakeHouse,
  method: string,
  path: string,
  query: URLSearchParams,
  body: Sent,
): Promise<unknown> {
  const [, , resource, id, act] = path.split("/");
  switch (
    `${method} ${resource}${id && act ? `/:id/${act}` : id && !["prove", "verify", "stop"].includes(id) ? "/:id" : id ? `/${id}` : ""}`
  ) {
    case "GET session":
      return sessionOf(house);
    case "POST session":
      if (body.password !== "correct horse battery")
        throw new Refusal(401, "That is not the password. Four tries are left this minute.", "password");
      house.state = "signed-in";
      return sessionOf(house);
    case "DELETE session":
      house.state = "signed-out";
      return undefined;
    case "POST unlock":
      if (body.passphrase !== "open sesame" && !body.recoveryCode)
        throw new Refusal(401, "That passphrase does not open this home.", "passphrase");
      house.state = "signed-in";
      return sessionOf(house);
    case "POST setup":
      if (!body.token)
        throw new Refusal(403, "This link was used or is older than 15 minutes. Start Steward again for a new one.");
      house.state = "signed-in";
      return { ...sessionOf(house), recoveryCode: "K7QM-2X9F-PD4T-WB8R-3HJN-6YCV-AE" };
    case "GET status":
      return {
        version: "0.1.0",
        home: "/home/nora/.steward",
        items: house.empty ? 0 : 18_418,
        passages: house.empty ? 0 : 61_220,
        index: { segments: 4, bytes: 34e6, embedded: house.embedded },
        embedder: house.embedders.find((e) => e.current && e.id !== "none")?.label,
        model: {
          id: house.models.find((m) => m.current)?.id ?? "",
          label: house.models.find((m) => m.current)?.label ?? "",
          local: true,
        },
        spend: { today: 0.12, cap: house.settings.dailyCapUsd },
        sources: { reading: 1, failed: 0 },
        quarantined: house.quarantine.length,
        deadJobs: house.jobs.length,
        lock: "key-file",
        warnings: house.warnings,
        memoryMb: 118,
        uptimeS: 5120,
      };
    case "GET settings":
      return house.settings;
    case "PATCH settings":
      house.settings = { ...house.settings, ...body };
      return house.settings;
    case "GET models":
      return house.models;
    case "POST models/prove":
      await sleep(500 * house.pace);
      return body.apiKey === "bad"
        ? { ok: false, ms: 300, message: "The provider refused the key (401)." }
        : { ok: true, ms: 812, message: "Answered." };
    case "PUT models":
      house.models = house.models.map((m) => ({
        ...m,
        current: m.id === body.id,
        ...(m.id === body.id && body.model ? { chosen: body.model } : {}),
      }));
      return house.models;
    case "GET embedders":
      return house.embedders;
    case "PUT embedders":
      if (body.apiKey === "bad") throw new Refusal(422, "The provider refused the key (401).", "apiKey");
      house.embedders = house.embedders.map((e) => ({ ...e, current: e.id === body.id }));
      house.embedded = 0;
      return house.embedders;
    case "GET conversations":
      return house.empty
        ? []
        : house.conversations.filter(
            (c) => !hiddenIn(house).has(c.id) && c.title.toLowerCase().includes((query.get("q") ?? "").toLowerCase()),
          );
    case "GET conversations/:id": {
      const c = house.conversations.find((x) => x.id === id);
      if (!c) throw new Refusal(404, "There is no such conversation. It may have been forgotten.");
      return { ...c, messages: house.messages.get(c.id) ?? [] };
    }
    case "PATCH conversations/:id":
      house.conversations = house.conversations.map((c) => (c.id === id ? { ...c, title: body.title } : c));
      return house.conversations.find((c) => c.id === id);
    case "POST chat/stop":
      house.stopped.add(body.answer);
      return undefined;
    case "GET search":
      return search(
        house.embedders.find((e) => e.current && e.id !== "none")?.label,
        house.empty ? [] : ITEMS.filter((i) => !hiddenIn(house).has(i.id)),
        query,
      );
    case "GET items/:id": {
      const found = ITEMS.find((x) => x.id === id);
      if (!found) throw new Refusal(404, "There is no such item. It may have been forgotten.");
      return found;
    }
    case "GET sources":
      return house.sources;
    case "POST sources": {
      if (body.path === "/nowhere")
        throw new Refusal(
          422,
          "There is nothing at /nowhere. Check the path; it is read on the machine Steward runs on.",
          "path",
        );
      const made = {
        id: body.sample ? "s-sample" : `s-${++house.serial}`,
        kind: body.sample ? ("sample" as const) : ("path" as const),
        name: body.sample ? "Nora's archive" : body.path,
        trust: "owner" as const,
        state: "reading" as const,
        addedAt: NOW,
        progress: { added: 0, known: 0, quarantined: 0, bytes: 0, totalBytes: 450_000 },
      };
      house.sources = [...house.sources, made];
      return made;
    }
    case "POST uploads":
      house.sources = [
        ...house.sources,
        { ...SOURCES[1]!, id: `s-${++house.serial}`, kind: "upload", name: query.get("name") ?? "upload" },
      ];
      return house.sources.at(-1);
    case "POST sources/:id/run":
    case "POST sources/:id/pause":
      house.sources = house.sources.map((s) =>
        s.id === id ? { ...s, state: act === "run" ? "reading" : "paused" } : s,
      );
      return house.sources.find((s) => s.id === id);
    case "GET quarantine":
      return house.quarantine;
    case "POST quarantine/:id/retry":
      return house.quarantine.find((q) => q.id === id);
    case "DELETE quarantine/:id":
      house.quarantine = house.quarantine.filter((q) => q.id !== id);
      return undefined;
    case "GET jobs":
      return house.jobs;
    case "POST jobs/:id/rerun":
    case "DELETE jobs/:id":
      house.jobs = house.jobs.filter((j) => j.id !== id);
      return undefined;
    case "POST forget": {
      const which = Object.values(body).map(String)[0] ?? "";
      const made: Forgetting = {
        id: `f-${++house.serial}`,
        what: body,
        label:
          ITEMS.find((i) => i.id === which)?.title ??
          house.sources.find((s) => s.id === which)?.name ??
          house.conversations.find((c) => c.id === which)?.title ??
          which,
        state: "hidden",
        askedAt: NOW,
        counts: body.source
          ? { items: 18_216, passages: 60_900, messages: 4, memories: 1 }
          : { items: 1, passages: 3, messages: 0, memories: 0 },
      };
      house.forgettings = [made, ...house.forgettings];
      if (body.source) house.sources = house.sources.filter((s) => s.id !== body.source);
      if (body.memory) house.memories = house.memories.filter((m) => m.id !== body.memory);
      return made;
    }
    case "POST forget/:id/undo":
      house.forgettings = house.forgettings.map((f) => (f.id === id ? { ...f, state: "undone" } : f));
      return undefined;
    case "POST forget/:id/confirm":
      house.forgettings = house.forgettings.map((f) =>
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
      return { ...house.forgettings.find((f) => f.id === id), state: "shredding", receipt: undefined };
    case "GET forget":
      return house.forgettings;
    case "GET memories":
      return house.memories;
    case "POST memories":
      house.memories = [
        {
          id: `m-${++house.serial}`,
          text: body.text,
          category: "note",
          source: { typed: true },
          trust: "owner",
          confidence: 1,
          learnedAt: NOW,
        },
        ...house.memories,
      ];
      return house.memories[0];
    case "DELETE memories/:id":
      house.memories = house.memories.filter((m) => m.id !== id);
      return undefined;
    case "GET tasks":
      return house.tasks;
    case "POST tasks":
      house.tasks = [...house.tasks, { ...body, id: `t-${++house.serial}`, done: false, createdAt: NOW }];
      return house.tasks.at(-1);
    case "PATCH tasks/:id":
      house.tasks = house.tasks.map((t) => (t.id === id ? { ...t, ...body } : t));
      return house.tasks.find((t) => t.id === id);
    case "DELETE tasks/:id":
      house.tasks = house.tasks.filter((t) => t.id !== id);
      return undefined;
    case "GET tokens":
      return house.tokens;
    case "POST tokens": {
      const made = { ...body, id: `k-${++house.serial}`, createdAt: NOW };
      house.tokens = [...house.tokens, made];
      return { ...made, secret: "stw_4fK9w2Qm8ZtR1xLbN7cVd5" };
    }
    case "DELETE tokens/:id":
      house.tokens = house.tokens.filter((t) => t.id !== id);
      return undefined;
    case "POST backup":
      await sleep(300 * house.pace);
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
