import type { ItemId, Trust } from "./item.ts";

/** One fact in the ledger. */
export interface Memory {
  readonly id: string;
  readonly text: string;
  readonly category: string;
  /** What it came from: the owner's own words in a conversation, or an item. */
  readonly source:
    | { readonly conversation: string; readonly message: string }
    | { readonly item: ItemId }
    | { readonly typed: true };
  readonly trust: Trust;
  /** 0 to 1. */
  readonly confidence: number;
  /** Milliseconds since the epoch. */
  readonly learnedAt: number;
  /** Valid from and until, ISO dates, where the fact says so. */
  readonly validFrom?: string;
  readonly validUntil?: string;
  /** The memory that took this one's place. */
  readonly supersededBy?: string;
}
