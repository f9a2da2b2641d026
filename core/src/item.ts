/** The nouns of what was taken in. See DESIGN §3: item, passage, source, trust. */

export type ItemId = string;
export type SourceId = string;

/** Who stands behind a value: the join of everything it came from. Lower in the list wins a join. */
export type Trust = "owner" | "contact" | "stranger";

const TRUST_ORDER: readonly Trust[] = ["owner", "contact", "stranger"];

/** The least trusted of the labels; `owner` when there are none. */
export function joinTrust(...labels: readonly Trust[]): Trust {
  return labels.reduce<Trust>((a, b) => (TRUST_ORDER.indexOf(b) > TRUST_ORDER.indexOf(a) ? b : a), "owner");
}

/** What `kind:` filters by. */
export type ItemKind = "mail" | "note" | "file" | "event" | "contact" | "text" | "photo";
export const ITEM_KINDS: readonly ItemKind[] = ["mail", "note", "file", "event", "contact", "text", "photo"];

export type PersonRole = "from" | "to" | "cc" | "bcc" | "reply-to" | "organizer" | "attendee" | "author" | "self";

export interface Person {
  readonly role: PersonRole;
  readonly name?: string;
  /** As written, lower-cased: an e-mail address, or a telephone number. */
  readonly address?: string;
}

/** One thing taken in: a mail, a file, a note, an event. Its bytes and its text lie apart (original, reading). */
export interface Item {
  readonly id: ItemId;
  readonly kind: ItemKind;
  readonly title: string;
  /** When it happened, ISO 8601 with offset (a mail's Date, an event's start, a file's own date or mtime). */
  readonly date?: string;
  /** Only for events: the end, and whether it is whole days (then dates are plain `YYYY-MM-DD`). */
  readonly ends?: string;
  readonly allDay?: boolean;
  readonly people: readonly Person[];
  readonly source: SourceId;
  readonly trust: Trust;
  /** IANA media type of the original, as found by content. */
  readonly mediaType: string;
  /** Bytes of the original. */
  readonly size: number;
  /** Where it came from: the path as given (a zip's or mbox's inner path after `!`), never used to read again. */
  readonly path?: string;
  readonly filename?: string;
  /** RFC 5322 Message-ID without angle brackets. */
  readonly messageId?: string;
  readonly inReplyTo?: string;
  readonly references?: readonly string[];
  /** Same for all mails of a conversation: HMAC of the thread's root Message-ID, or of its subject and people. */
  readonly thread?: string;
  /** For an attachment: the item it hangs on. For a mail: what hangs on it. */
  readonly parent?: ItemId;
  readonly attachments?: readonly AttachmentRef[];
  /** How many remote images and the like its HTML would have fetched; they never are. */
  readonly remoteReferences?: number;
  /** Number of pages where the format has them. */
  readonly pages?: number;
  /** Milliseconds since the epoch. */
  readonly takenInAt: number;
  /** What the reader could not do, in a sentence for the person (a broken part, a page without text). */
  readonly warnings?: readonly string[];
}

export interface AttachmentRef {
  readonly item?: ItemId;
  readonly filename: string;
  readonly mediaType: string;
  readonly size: number;
  readonly inline: boolean;
}

/**
 * What a reader made of an item: its text and the passages in it. Immutable; the index is rebuilt from readings
 * without parsing or embedding again. Offsets are UTF-16 units into `text`.
 */
export interface Reading {
  readonly text: string;
  readonly passages: readonly Passage[];
  /** Starts of the pages within `text`, for formats that have pages; page 1 first. */
  readonly pageStarts?: readonly number[];
  /** Detected language, ISO 639-1, or undefined when too short to tell. */
  readonly language?: string;
  /** Version of the reader and splitter that made it. */
  readonly madeBy: string;
}

export interface Passage {
  readonly start: number;
  readonly end: number;
  /**
   * What is indexed beside the passage's own words: sender, subject, date in words, neighbours of a short message.
   * Never quoted.
   */
  readonly context: string;
  /** Quoted reply or signature: indexed at a lower weight, never preferred as a citation. */
  readonly quoted?: boolean;
}

export type SourceState = "waiting" | "reading" | "done" | "paused" | "failed";

/** Somewhere things come from. */
export interface Source {
  readonly id: SourceId;
  readonly kind: "path" | "upload" | "sample";
  /** What the person sees: the file's or folder's name. */
  readonly name: string;
  /** For `path`: the absolute path read at each run. */
  readonly path?: string;
  /** For `upload`: the sealed blob holding the bytes until they are taken in. */
  readonly blob?: string;
  readonly trust: Trust;
  readonly state: SourceState;
  readonly progress: SourceProgress;
  /** How far the connector got: opaque to all but the connector. */
  readonly cursor?: string;
  readonly addedAt: number;
  readonly error?: string;
}

export interface SourceProgress {
  /** Items new in the store, seen before, and set aside as unreadable. */
  readonly added: number;
  readonly known: number;
  readonly quarantined: number;
  /** Bytes read and in all, where known. */
  readonly bytes: number;
  readonly totalBytes?: number;
  readonly startedAt?: number;
  readonly endedAt?: number;
}

/** What could not be read, kept with its reason; the original bytes are kept too where they were had. */
export interface Quarantined {
  readonly id: string;
  readonly source: SourceId;
  readonly path: string;
  readonly reason: string;
  readonly code:
    | "unreadable"
    | "too-large"
    | "too-slow"
    | "too-deep"
    | "unsupported"
    | "encrypted"
    | "crashed"
    | "damaged";
  readonly size: number;
  readonly at: number;
  /** The item under which the original's bytes are kept, when they could be. */
  readonly item?: ItemId;
}
