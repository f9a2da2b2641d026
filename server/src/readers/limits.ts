/** The sizes within which documents are read. What passes them is set aside with a reason, never read in part unseen. */
const MB = 1024 * 1024;

/** One document handed to a reader. */
export const MAX_INPUT = 256 * MB;
/** What one container may give out in all: the parts of a mail, the members of a zip. */
export const MAX_PARTS_BYTES = 256 * MB;
/** Members of a zip, mails of an mbox held in a container, events of a calendar, cards of an address book. */
export const MAX_MEMBERS = 10_000;
/** A zip that unpacks to more than this many times its size is not unpacked further (42.zip is past 100,000). */
export const MAX_EXPANSION = 200;
/** What a zip or an mbox may lie in to be opened: 4 containers. */
export const MAX_DEPTH = 4;
/** Mails forwarded within mails are commoner, and harmless: each is smaller than the one it lies in. */
export const MAX_MAIL_DEPTH = 20;
/** UTF-16 units of text kept of one document; the rest is cut off with a warning. */
export const MAX_TEXT = 16_000_000;

/** A limit was passed: told to the person as the reason the thing was set aside. */
export class Refused extends Error {
  override readonly name = "Refused";
  readonly code: "too-large" | "too-deep" | "unsupported" | "encrypted" | "damaged" | "unreadable";

  constructor(code: Refused["code"], reason: string) {
    super(reason);
    this.code = code;
  }
}
