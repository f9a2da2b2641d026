import type { Clock } from "@steward/core/clock.ts";
import { newId } from "@steward/core/ids.ts";
import type { Forgetting } from "@steward/core/wire.ts";
import type { House } from "../house.ts";
import { FAKE_ITEMS } from "./fake-items.ts";

/** What a fake house has that can be forgotten, by id. */
export interface Forgettable {
  readonly clock: Clock;
  readonly sources: ReadonlyMap<string, unknown>;
  readonly conversations: ReadonlyMap<string, unknown>;
  readonly memories: Map<string, unknown>;
  /** Ids of what is asked to be forgotten. */
  readonly hidden: Set<string>;
}

/** Forgetting by its steps (hidden, undone or confirmed, with a receipt), without the shredding. */
export function fakeForgetting({ clock, sources, conversations, memories, hidden }: Forgettable): House["forgetting"] {
  const forgettings = new Map<string, Forgetting>();
  const put = (forgetting: Forgetting) => {
    forgettings.set(forgetting.id, forgetting);
    return forgetting;
  };
  return {
    async ask(what) {
      const id = Object.values(what)[0] ?? "";
      const there = [
        FAKE_ITEMS.some((item) => item.id === id),
        sources.has(id),
        conversations.has(id),
        memories.has(id),
      ];
      if (!there.includes(true)) return undefined;
      hidden.add(id);
      const counts = { items: 1, passages: 1, messages: 0, memories: 0 };
      return put({
        id: newId(clock.now()),
        what,
        label: id,
        state: "hidden",
        askedAt: clock.now(),
        counts,
      });
    },
    async undo(id) {
      const forgetting = forgettings.get(id);
      if (forgetting?.state !== "hidden") return false;
      hidden.delete(Object.values(forgetting.what)[0] ?? "");
      put({ ...forgetting, state: "undone" });
      return true;
    },
    async confirm(id) {
      const forgetting = forgettings.get(id);
      if (forgetting?.state !== "hidden") return undefined;
      memories.delete(forgetting.label);
      const receipt = {
        id,
        at: clock.now(),
        keysDestroyed: 1,
        segmentsRewritten: 1,
        backupsOpenUntil: "r2",
        mark: "m",
      };
      put({ ...forgetting, state: "done", receipt });
      return { ...forgetting, state: "shredding" };
    },
    get: async (id) => forgettings.get(id),
    list: async () => [...forgettings.values()],
  };
}
