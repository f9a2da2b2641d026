import type { AttachmentRef, ItemKind, Person, Quarantined } from "../item.ts";

/**
 * Reader: the port that turns foreign bytes into text. The adapter at home runs a sandboxed process (no network, no
 * keys, no writes, no environment; memory and time capped): whatever the bytes do, the answer is a reading or a reason.
 */
export interface Reader {
  /**
   * Reads one thing by its content; the name's extension decides only among kinds of text. Never throws for bad
   * bytes: `unreadable` says why. Attachments and the members of a zip come back as parts, to be read in their turn.
   */
  read(input: ReaderInput): Promise<ReaderOutcome>;
  /** Many small ones at once, in the order given; one bad one does not spoil the others. */
  readMany(inputs: readonly ReaderInput[]): Promise<ReaderOutcome[]>;
  close(): Promise<void>;
}

export interface ReaderInput {
  readonly bytes: Uint8Array;
  /** File name, or the path inside a zip. */
  readonly name: string;
  /** As the sender declared it; a hint only. */
  readonly mediaType?: string;
  /** The file's own time, ms since the epoch, for formats that carry none. */
  readonly modifiedAt?: number;
  /** How many containers (mail, zip, mbox) it lies in; 0 when left out. Containers past 4 are refused as too deep. */
  readonly depth?: number;
}

export type ReaderOutcome =
  | { readonly ok: true; readonly document: ReadDocument }
  /** A container (zip, mbox inside a zip, an ics with many events): nothing of its own, only parts. */
  | { readonly ok: true; readonly parts: readonly ReadPart[]; readonly warnings: readonly string[] }
  | { readonly ok: false; readonly code: Quarantined["code"]; readonly reason: string };

/** What one thing says. The text is plain (RFC-like line breaks), meant for reading, quoting and splitting. */
export interface ReadDocument {
  readonly kind: ItemKind;
  readonly title: string;
  readonly date?: string;
  readonly ends?: string;
  readonly allDay?: boolean;
  readonly people: readonly Person[];
  readonly mediaType: string;
  readonly text: string;
  /** Where in `text` the parts with a role begin and end: pages, headings, quoted replies, signatures. In order. */
  readonly marks: readonly TextMark[];
  readonly messageId?: string;
  readonly inReplyTo?: string;
  readonly references?: readonly string[];
  /** Attachments, in the order of the mail. */
  readonly parts: readonly ReadPart[];
  /** How many remote images or other remote things the HTML would have fetched. */
  readonly remoteReferences?: number;
  readonly warnings: readonly string[];
}

export interface TextMark {
  readonly kind: "page" | "heading" | "quoted" | "signature" | "row";
  readonly start: number;
  readonly end: number;
  /** Heading level, page number. */
  readonly level?: number;
}

export interface ReadPart extends Omit<AttachmentRef, "item"> {
  readonly bytes: Uint8Array;
  readonly modifiedAt?: number;
}
