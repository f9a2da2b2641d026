/**
 * MailOut: the port by which mail leaves the house. Whoever calls it has the owner's leave already; the port sends what
 * it is given, as it is.
 *
 * Promises: it resolves once the provider has taken the mail on, which does not mean that it was delivered. A mail is
 * handed over once: where the answer was lost nobody knows whether it was taken, and it is not sent again
 * (`MailUnsure`). With `MailRefused` it was not taken.
 */
export interface MailOut {
  send(mail: OutgoingMail): Promise<{ readonly id: string }>;
}

export interface OutgoingMail {
  /** Bare addresses of the envelope (RFC 5321), at least one in `to`. */
  readonly from: string;
  readonly to: readonly string[];
  /** The whole message (RFC 5322), at most `MAX_MAIL` bytes. */
  readonly raw: Uint8Array;
}

/** 25 MB: what the largest mail providers take. */
export const MAX_MAIL = 25_000_000;

export type MailRefusal =
  /** The sender's address or domain is not one the owner has proven to be theirs. */
  | "sender"
  /** The account may send to proven addresses only. */
  | "sandbox"
  /** Sent too much or too fast, or nobody answers: later it may work. */
  | "later"
  /** The account may not send at all just now. */
  | "paused"
  | "too-large"
  | "denied"
  | "rejected";

/** The mail was not taken. The message says why, and what to do. */
export class MailRefused extends Error {
  readonly code: MailRefusal;
  constructor(code: MailRefusal, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "MailRefused";
    this.code = code;
  }
}

/** The answer was lost: the mail may have been sent, or not. Sending it again may send it twice. */
export class MailUnsure extends Error {
  constructor(options?: ErrorOptions) {
    super(
      "It is not known whether the mail was sent: the answer was lost. Ask the recipient before sending it again.",
      options,
    );
    this.name = "MailUnsure";
  }
}
