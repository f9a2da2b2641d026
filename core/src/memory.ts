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
    | { readonly typed: true }
    /** A program of the owner's, by its API key. */
    | { readonly key: string };
  readonly trust: Trust;
  /** What the program that stored it wants to find beside it. */
  readonly metadata?: Metadata;
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

/** Flat and small: at most `MAX_METADATA` bytes as JSON. */
export type Metadata = Readonly<Record<string, string | number | boolean | null>>;
export const MAX_METADATA = 16_000;
