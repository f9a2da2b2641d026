import type { Clock } from "../clock.ts";
import { RecordsConflict } from "../records.ts";
import type { SealedRecords } from "../vault/sealed-records.ts";
import type { ChatModel } from "./model.ts";

/**
 * What was spent today, and the gate before every call. The worst case of a call is added to the day's row before the
 * call and corrected after it: two turns at once cannot pass the cap together, and a crash errs on the safe side. A day
 * is a day in the owner's zone.
 */
export interface Spent {
  readonly usd: number;
  /** Tokens of models that have no price and are not local. */
  readonly tokens: number;
}

export interface Caps {
  readonly timeZone: string;
  readonly dailyCapUsd: number;
  readonly dailyTokenCap: number;
}

export interface Reservation {
  readonly day: string;
  readonly held: Spent;
}

const PARTITION = "spend";
const SCOPE = "house:spend";
const NOTHING: Spent = { usd: 0, tokens: 0 };

export class Spend {
  readonly #clock: Clock;
  readonly #sealed: SealedRecords;

  constructor(deps: { readonly clock: Clock; readonly sealed: SealedRecords }) {
    this.#clock = deps.clock;
    this.#sealed = deps.sealed;
  }

  async today(timeZone: string): Promise<Spent> {
    return (await this.#read(dayIn(timeZone, this.#clock.now()))).value;
  }

  /** Holds the worst case of a call, or says what the cap has left when it would be passed. */
  async reserve(model: ChatModel, inputTokens: number, outputTokens: number, caps: Caps) {
    const day = dayIn(caps.timeZone, this.#clock.now());
    const held = priceOf(model, inputTokens, outputTokens);
    const refused = await this.#change(day, (spent) => {
      if (held.usd > 0 && spent.usd + held.usd > caps.dailyCapUsd) return undefined;
      if (held.tokens > 0 && spent.tokens + held.tokens > caps.dailyTokenCap) return undefined;
      return add(spent, held, 1);
    });
    return refused ? { ok: false as const, spent: refused } : { ok: true as const, reservation: { day, held } };
  }

  /** Replaces what was held by what the call cost. */
  async settle(reservation: Reservation, model: ChatModel, inputTokens: number, outputTokens: number): Promise<void> {
    const cost = priceOf(model, inputTokens, outputTokens);
    await this.#change(reservation.day, (spent) => add(add(spent, reservation.held, -1), cost, 1));
  }

  /** Undefined when written; the day's spending when `to` refused by returning undefined. */
  async #change(day: string, to: (spent: Spent) => Spent | undefined): Promise<Spent | undefined> {
    for (let attempt = 0; ; attempt++) {
      const { value, version } = await this.#read(day);
      const next = to(value);
      if (!next) return value;
      if (next.usd === value.usd && next.tokens === value.tokens) return undefined;
      const key = await this.#sealed.vault.standing("private", SCOPE);
      const place = { partition: PARTITION, sort: day, scope: SCOPE };
      try {
        await this.#sealed.write([
          this.#sealed.put(key, place, next, { if: version === undefined ? "absent" : { version } }),
        ]);
        return undefined;
      } catch (error) {
        if (!(error instanceof RecordsConflict) || attempt >= 50) throw error;
      }
    }
  }

  async #read(day: string): Promise<{ value: Spent; version: number | undefined }> {
    const stored = await this.#sealed.get<Spent>({ partition: PARTITION, sort: day, scope: SCOPE });
    return { value: stored?.value ?? NOTHING, version: stored?.version };
  }
}

/** What tokens cost with a model: dollars where it has a price, nothing where it runs here, else tokens. */
export function priceOf(model: ChatModel, inputTokens: number, outputTokens: number): Spent {
  if (model.price) {
    return { usd: (inputTokens * model.price.inputPerM + outputTokens * model.price.outputPerM) / 1e6, tokens: 0 };
  }
  return model.local ? NOTHING : { usd: 0, tokens: inputTokens + outputTokens };
}

/** `YYYY-MM-DD` in the zone. */
export function dayIn(timeZone: string, at: number): string {
  return new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short" }).format(at);
}

function add(a: Spent, b: Spent, sign: 1 | -1): Spent {
  return { usd: Math.max(0, a.usd + sign * b.usd), tokens: Math.max(0, a.tokens + sign * b.tokens) };
}
