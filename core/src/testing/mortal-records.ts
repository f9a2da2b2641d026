import type { Change } from "../records.ts";
import { MemoryRecords } from "./memory-records.ts";

/** Records that break off at the nth write from now, as a kill would; what was written stays. */
export class MortalRecords extends MemoryRecords {
  dieAt = Number.POSITIVE_INFINITY;

  override async write(changes: readonly Change[]): Promise<void> {
    if (this.dieAt-- <= 0) throw new Killed();
    await super.write(changes);
  }
}

export class Killed extends Error {
  constructor() {
    super("killed");
    this.name = "Killed";
  }
}
