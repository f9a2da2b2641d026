import { z } from "zod";

/**
 * How far a folder or file was read: everything up to and with `file` in the order of the walk, or within it up to a
 * mail. Opaque to everybody else.
 */
const cursorShape = z.strictObject({
  /** When the reading from the start began, ms: files changed since are read again. */
  since: z.number(),
  /** Relative to the source's path; empty for a source that is one file. */
  file: z.string(),
  size: z.number(),
  modifiedAt: z.number(),
  /** Within an mbox; absent when the file was read whole. */
  mbox: z.exactOptional(z.strictObject({ offset: z.int(), count: z.int(), check: z.string() })),
});

export type PathCursor = z.infer<typeof cursorShape>;

export function writeCursor(cursor: PathCursor): string {
  return JSON.stringify(cursor);
}

/** Undefined, which means from the start, for a cursor nobody here wrote: reading again adds nothing. */
export function readCursor(text: string | undefined): PathCursor | undefined {
  if (text === undefined) return undefined;
  try {
    return cursorShape.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
