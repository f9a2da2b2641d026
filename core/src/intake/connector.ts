import type { Source } from "../item.ts";

/**
 * Connector: the port that pulls what is new from a source, in an order it can resume. It reads bytes and knows
 * nothing of their meaning; an mbox is cut into mails here because it is too large to be read whole.
 */
export interface Connector {
  readonly kind: Source["kind"];
  /**
   * Yields what the source holds after `cursor`. Each entry carries the cursor that stands *after* it: storing that
   * together with the entry's rows makes a restart resume exactly there. Pulling again from the start is allowed and
   * adds nothing (entries are recognised by content). An entry that cannot be read is yielded as `trouble`.
   */
  pull(source: Source, cursor: string | undefined, signal: AbortSignal): AsyncIterable<Pulled>;
  /** Bytes in all, when that can be told quickly; for the progress bar. */
  measure(source: Source): Promise<number | undefined>;
}

export type Pulled =
  | {
      readonly type: "entry";
      readonly name: string;
      /** For the person: the path, with `!` before what lies inside a container (`mail.mbox!1284`). */
      readonly path: string;
      readonly bytes: Uint8Array;
      readonly modifiedAt?: number;
      readonly mediaType?: string;
      /** Bytes of the source consumed up to and with this entry. */
      readonly position: number;
      readonly cursor: string;
    }
  | {
      readonly type: "trouble";
      readonly path: string;
      readonly reason: string;
      readonly size: number;
      readonly position: number;
      readonly cursor: string;
    };
