import { basename } from "node:path/posix";
import type { ReadDocument, ReaderInput } from "@steward/core/intake/reader.ts";
import { tidy } from "../encoding.ts";

/** Plain text: a note when it is prose by its name, else a file (source code, JSON, logs). Never empty-titled. */
export function readText(
  input: ReaderInput,
  { text, note, mediaType }: { readonly text: string; readonly note: boolean; readonly mediaType: string },
): ReadDocument {
  const tidied = tidy(text);
  return {
    kind: note ? "note" : "file",
    title: titleFromName(input.name),
    ...dateOfFile(input),
    people: [],
    mediaType,
    text: tidied,
    marks: [],
    parts: [],
    warnings: tidied.trim() === "" ? ["It is empty."] : [],
  };
}

/** What is kept and listed but not read: pictures, sound, film, signatures. */
export function listByName(
  input: ReaderInput,
  { kind, mediaType }: { readonly kind: "picture" | "sound" | "signature"; readonly mediaType: string },
): ReadDocument {
  return {
    kind: kind === "picture" ? "photo" : "file",
    title: titleFromName(input.name),
    ...dateOfFile(input),
    people: [],
    mediaType,
    text: "",
    marks: [],
    parts: [],
    warnings: [],
  };
}

/** The file's name, without the folders it lies in. */
export function titleFromName(name: string): string {
  return basename(name.slice(name.lastIndexOf("!") + 1).replaceAll("\\", "/")) || name || "untitled";
}

/** The file's own time, for formats that carry none. */
export function dateOfFile(input: ReaderInput): { date?: string } {
  const { modifiedAt } = input;
  if (modifiedAt === undefined || !Number.isFinite(modifiedAt) || Math.abs(modifiedAt) > 8.64e15) return {};
  return { date: new Date(modifiedAt).toISOString() };
}
