import { AT_ONCE, breath } from "../breath.ts";
import { newId } from "../ids.ts";
import type { AttachmentRef, Item, Quarantined, Source } from "../item.ts";
import { type Draft, draftOf } from "./draft.ts";
import type { IngestDeps } from "./ingest.ts";
import type { QuarantineDraft } from "./quarantine.ts";
import type { ReadDocument, Reader, ReaderInput, ReadPart } from "./reader.ts";

/**
 * Grow: everything one entry becomes. A document is the root of a *tree*: itself and all that hangs on it (the
 * attachments of a mail, and theirs); a container (zip, calendar) has no document of its own and brings many trees.
 */
export interface Tree {
  readonly drafts: readonly Leaf[];
}

export interface Leaf extends Draft {
  readonly original: Uint8Array;
  /** Sort keys of the `seen` rows it is recognised by; the root's only. */
  readonly seen: readonly string[];
}

export interface Grown {
  readonly trees: readonly Tree[];
  readonly known: number;
  readonly quarantined: readonly QuarantineDraft[];
}

type GrowDeps = Pick<IngestDeps, "clock" | "sealed" | "reader" | "ownAddresses">;
type Outcome = Awaited<ReturnType<Reader["read"]>>;

interface Place {
  readonly name: string;
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly modifiedAt?: number;
  readonly mark: string;
}

/** Containers within containers, and how many things one entry may bring. */
const MAX_DEPTH = 6;
const MAX_PARTS = 20_000;

/** Everything an entry becomes: its own document, its attachments, the members of a container, depth first. */
export async function grow(deps: GrowDeps, source: Source, entry: Place, first: Outcome): Promise<Grown> {
  const trees: Tree[] = [];
  const quarantined: QuarantineDraft[] = [];
  let known = 0;
  let count = 0;

  const refuse = (path: string, code: Quarantined["code"], reason: string, bytes: Uint8Array, mark: string) =>
    quarantined.push({ path, code, reason, size: bytes.length, bytes, mark });

  async function members(parts: readonly ReadPart[], path: string, depth: number): Promise<void> {
    const outcomes = await deps.reader.readMany(parts.map(inputOfPart));
    const marks = parts.map((part) => contentMark(deps, part.filename, part.bytes));
    const seen = await seenAlready(deps, marks);
    for (const [i, part] of parts.entries()) {
      if (i % AT_ONCE === AT_ONCE - 1) await breath();
      const outcome = outcomes[i];
      if (seen[i]) known++;
      else if (outcome) {
        const inner = {
          name: part.filename,
          path: `${path}!${part.filename}`,
          bytes: part.bytes,
          mark: marks[i] ?? "",
        };
        await visit(
          { ...inner, ...(part.modifiedAt === undefined ? {} : { modifiedAt: part.modifiedAt }) },
          outcome,
          depth,
        );
      }
    }
  }

  async function visit(at: Place, outcome: Outcome, depth: number): Promise<void> {
    if (++count > MAX_PARTS || depth > MAX_DEPTH) {
      refuse(
        at.path,
        "too-deep",
        "It holds too many things, or they lie too deep within each other.",
        at.bytes,
        at.mark,
      );
    } else if (!outcome.ok) {
      refuse(at.path, outcome.code, outcome.reason, at.bytes, at.mark);
    } else if ("parts" in outcome) {
      await members(outcome.parts, at.path, depth + 1);
    } else {
      const tree = await treeOf(deps, source, at, outcome.document, refuse);
      if (tree) trees.push(tree);
      else known++;
    }
  }

  await visit(entry, first, 0);
  return { trees, known, quarantined };
}

type Refuse = (path: string, code: Quarantined["code"], reason: string, bytes: Uint8Array, mark: string) => unknown;

/** A document with all that hangs on it; undefined when the same mail was taken in before in other bytes. */
async function treeOf(
  deps: GrowDeps,
  source: Source,
  at: Place,
  document: ReadDocument,
  refuse: Refuse,
): Promise<Tree | undefined> {
  const mail = document.kind === "mail" ? await recogniseMail(deps, document) : undefined;
  if (mail?.known) return undefined;
  const root = draft(deps, source, at, document, undefined, mail?.thread);
  const drafts: Leaf[] = [];
  const item = await hang(deps, source, root.item, document.parts, at.path, drafts, refuse, 1);
  const seen = [at.mark, ...(mail ? [mail.mark] : [])];
  drafts.unshift({ ...root, item, original: at.bytes, seen });
  return { drafts };
}

/** Reads the attachments and gives them ids; returns the item with its attachments named. */
async function hang(
  deps: GrowDeps,
  source: Source,
  item: Item,
  parts: readonly ReadPart[],
  path: string,
  drafts: Leaf[],
  refuse: Refuse,
  depth: number,
): Promise<Item> {
  if (parts.length === 0) return item;
  const outcomes = await deps.reader.readMany(parts.map(inputOfPart));
  const attachments: AttachmentRef[] = [];
  for (const [i, part] of parts.entries()) {
    const outcome = outcomes[i];
    const { bytes, ...ref } = part;
    const inner = `${path}!${part.filename}`;
    if (!outcome?.ok || depth > MAX_DEPTH || drafts.length > MAX_PARTS) {
      const code = outcome && !outcome.ok ? outcome.code : "too-deep";
      const reason = outcome && !outcome.ok ? outcome.reason : "It lies too deep within other things.";
      refuse(inner, code, reason, bytes, contentMark(deps, inner, bytes));
      attachments.push(ref);
      continue;
    }
    // A zip in a mail hangs its members on the mail itself, behind an empty document that stands for the zip.
    const document = "parts" in outcome ? containerDocument(part, outcome.parts, outcome.warnings) : outcome.document;
    const child = draft(deps, source, { name: part.filename, path: inner, bytes }, document, item, item.thread);
    const at = drafts.length;
    drafts.push({ ...child, original: bytes, seen: [] });
    const withParts = await hang(deps, source, child.item, document.parts, inner, drafts, refuse, depth + 1);
    drafts[at] = { ...child, item: withParts, original: bytes, seen: [] };
    attachments.push({ ...ref, item: child.item.id });
  }
  return { ...item, attachments };
}

function containerDocument(part: ReadPart, parts: readonly ReadPart[], warnings: readonly string[]): ReadDocument {
  const text = parts.map((inner) => inner.filename).join("\n");
  const { filename: title, mediaType } = part;
  return { kind: "file", title, people: [], mediaType, text, marks: [], parts, warnings };
}

function draft(
  deps: GrowDeps,
  source: Source,
  at: Omit<Place, "mark">,
  document: ReadDocument,
  parent: Item | undefined,
  thread: string | undefined,
): Draft {
  const now = deps.clock.now();
  return draftOf({
    id: newId(now),
    document,
    source,
    path: at.path,
    name: at.name,
    size: at.bytes.length,
    takenInAt: now,
    ownAddresses: deps.ownAddresses,
    ...(at.modifiedAt === undefined ? {} : { modifiedAt: at.modifiedAt }),
    ...(thread === undefined ? {} : { thread }),
    ...(parent === undefined ? {} : { parent }),
  });
}

/**
 * The same mail from an mbox and as an .eml differs in its bytes, so it is also known by its Message-ID *with* its
 * sender, subject and text (a forged Message-ID alone must not hide another mail). Its thread is that of the mail it
 * answers, or begins with the oldest Message-ID it names.
 */
async function recogniseMail(
  deps: GrowDeps,
  document: ReadDocument,
): Promise<{ mark: string; known: boolean; thread: string }> {
  const { vault } = deps.sealed;
  const from = document.people.find((person) => person.role === "from")?.address ?? "";
  const text = document.text.replace(/\s+/g, " ").trim();
  const mark = vault.hmac(
    "private",
    "seen-mail",
    document.messageId ?? "",
    from,
    document.title,
    document.date ?? "",
    text,
  );
  const root = document.references?.[0] ?? document.inReplyTo ?? document.messageId ?? mark;
  const [known] = await seenAlready(deps, [mark]);
  return { mark, known: known === true, thread: vault.hmac("private", "thread", root) };
}

export function contentMark(deps: Pick<GrowDeps, "sealed">, name: string, bytes: Uint8Array): string {
  const base = name.slice(Math.max(name.lastIndexOf("/"), name.lastIndexOf("\\")) + 1);
  return deps.sealed.vault.hmac("private", "seen-bytes", base, bytes);
}

export async function seenAlready(
  deps: Pick<GrowDeps, "sealed">,
  marks: readonly (string | undefined)[],
): Promise<boolean[]> {
  const asked = marks.filter((mark) => mark !== undefined);
  const rows = await deps.sealed.records.getMany(asked.map((sort) => ({ partition: "seen", sort })));
  let next = 0;
  return marks.map((mark) => mark !== undefined && rows[next++] !== undefined);
}

function inputOfPart(part: ReadPart): ReaderInput {
  const { bytes, filename: name, mediaType, modifiedAt } = part;
  return { bytes, name, mediaType, ...(modifiedAt === undefined ? {} : { modifiedAt }) };
}
