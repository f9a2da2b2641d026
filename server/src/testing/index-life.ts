/**
 * The private index over a home's own stores, and a life of random work on it. As a process (`node index-life.ts <home>
 * <seed>`) it says `opened` and works until it is killed; what it asked for and what was answered it notes in a file,
 * a line each, which a kill does not undo.
 */
import { appendFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { systemClock } from "@steward/core/clock.ts";
import { newId } from "@steward/core/ids.ts";
import { openPrivateIndex } from "@steward/core/search/index/private-index.ts";
import type { IndexedItem } from "@steward/core/search/passage-index.ts";
import { indexedItem } from "@steward/core/testing/passage-index-contract.ts";
import { randomFrom } from "@steward/core/testing/random.ts";
import { openVault } from "@steward/core/vault/keys.ts";
import { SealedRecords } from "@steward/core/vault/sealed-records.ts";
import { openFolderBlobs } from "../stores/folder-blobs.ts";
import { createRoot, kitFile, openRoot, rootState } from "../stores/key-file.ts";
import { openSqliteRecords } from "../stores/sqlite-records.ts";

/** A form of an item: what it says. */
export interface Form {
  readonly item: string;
  readonly form: number;
}

export const EMBEDDER = "life";
const ITEMS = "test-items";

export const phraseOf = ({ item, form }: Form) => `form${form} x${item.replaceAll("-", "")}`;

export function vectorOf({ item, form }: Form): Float32Array {
  const vector = Float32Array.from({ length: 24 }, (_, i) => item.charCodeAt(35 - i) - 70);
  vector[form % 24] = 90;
  const length = Math.hypot(...vector);
  return vector.map((value) => value / length);
}

export async function openLife(home: string) {
  const records = openSqliteRecords(join(home, "steward.db"), systemClock);
  const blobs = await openFolderBlobs(join(home, "blobs"));
  const root = (await rootState(home)) === "none" ? (await createRoot(home)).root : await openRoot(home);
  const vault = await openVault({ records, ring: root.ring, kit: kitFile(home), clock: systemClock });
  const sealed = new SealedRecords(records, vault);
  /** The library: the items that are durable. */
  const library = async (after?: string) => {
    const rows = await Array.fromAsync(records.query(ITEMS, after === undefined ? {} : { after }));
    return rows.map((row): Form => ({ item: row.sort, form: row.body[0] ?? 0 }));
  };
  const indexed = (one: Form): IndexedItem =>
    indexedItem("", { item: one.item, passages: [{ text: phraseOf(one), context: "" }] });
  const replay = async function* (after: string | undefined) {
    for (const one of await library(after)) yield indexed(one);
  };
  const index = await openPrivateIndex({ sealed, blobs, clock: systemClock, replay });
  const file = join(home, "notes.txt");
  const note = (text: string) => appendFileSync(file, `${text}\n`);

  /** As intake does: the row first. */
  const put = async (...forms: readonly Form[]) => {
    note(`putting ${forms.map(({ item }) => item).join(" ")}`);
    for (const { item, form } of forms) {
      await records.write([{ put: { partition: ITEMS, sort: item, body: Uint8Array.of(form) } }]);
    }
    await index.put(forms.map(indexed));
    note("done");
  };
  const remove = async (item: string, forGood: boolean) => {
    note(`removing ${item}`);
    await (forGood ? index.rewriteWithout([item]) : index.remove([item]));
    await records.write([{ delete: { partition: ITEMS, sort: item } }]);
    note("done");
  };
  /** Vectors of all these are in a segment once it has resolved. */
  const seal = async (forms: readonly Form[], work: () => Promise<void>) => {
    await index.setVectors(EMBEDDER, new Map(forms.map((one) => [one.item, [vectorOf(one)]])));
    await work();
    note(`sealed ${forms.map(({ item, form }) => `${item}/${form}`).join(" ")}`);
  };
  return { records, blobs, sealed, index, library, put, remove, seal, rebuilt: () => index.rebuild(replay(undefined)) };
}

/** What the notes say of a life that was cut off. */
export function readNotes(home: string) {
  const sealed = new Map<string, number>();
  let pending: string[] = [];
  let doing = "";
  let text = "";
  try {
    text = readFileSync(join(home, "notes.txt"), "utf8");
  } catch {
    // Killed before it had noted anything.
  }
  for (const line of text.split("\n")) {
    const [what = "", ...items] = line.split(" ");
    if (what === "putting" || what === "removing") [doing, pending] = [what, items];
    for (const item of what === "putting" || what === "removing" ? items : []) sealed.delete(item);
    if (what === "done") [doing, pending] = ["", []];
    for (const one of what === "sealed" ? items : []) {
      const [item = "", form] = one.split("/");
      if (item) sealed.set(item, Number(form));
    }
  }
  return { doing, pending, sealed };
}

if (import.meta.main) {
  const [home = "", seed = "1"] = process.argv.slice(2);
  const random = randomFrom(Number(seed));
  const before = readNotes(home);
  const life = await openLife(home);
  console.log("opened");
  // Who asked and got no answer asks once more.
  const again = (await life.library()).filter(({ item }) => before.pending.includes(item));
  if (before.doing === "putting") await life.put(...again);
  else for (const { item } of again) await life.remove(item, true);
  for (;;) {
    const chance = random();
    const known = await life.library();
    const some = known.filter(() => random() < 0.2);
    const [one] = some;
    if (chance < 0.45 || !one) {
      await life.put(
        ...Array.from({ length: 1 + Math.floor(random() * 4) }, () => ({ item: newId(Date.now()), form: 1 })),
      );
    } else if (chance < 0.55) await life.put({ item: one.item, form: one.form + 1 });
    else if (chance < 0.8) await life.seal(some, () => life.index.flush());
    else if (chance < 0.9) await life.remove(one.item, random() < 0.5);
    else if (chance < 0.96) await life.seal(some, () => life.index.tidy());
    else await life.rebuilt();
  }
}
