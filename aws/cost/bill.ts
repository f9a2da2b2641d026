import type { CloudFormationTemplate } from "../infra/app.ts";
import { meterReadings } from "./meters.ts";
import { type Meter, PRICES, type Price } from "./prices.ts";
import type { Usage } from "./usage.ts";

/**
 * The bill of a template at a usage: every resource is asked what it meters (`meters.ts`), each meter is priced twice: at list,
 * and with what AWS gives every account every month.
 */
export interface BillLine {
  readonly meter: Meter;
  readonly price: Price;
  readonly quantity: number;
  readonly list: number;
  readonly withFree: number;
}

export interface Bill {
  readonly lines: readonly BillLine[];
  /** Dollars a month when every unit is paid for, but for the first three dashboards of an account: see `dashboards`. */
  readonly list: number;
  readonly withFree: number;
  /** Dollars a month more where the account has three dashboards already. */
  readonly dashboards: number;
}

/** Throws `Unpriced` for a resource nobody has priced, or one that costs while nothing is asked of it. */
export function billOf(template: CloudFormationTemplate, usage: Usage): Bill {
  const readings = meterReadings(template, usage);
  const lines = [...readings].map(([meter, quantity]) => lineOf(meter, quantity, freeOf(meter, readings)));
  const dashboards = lines.find(({ meter }) => meter === "dashboards")?.list ?? 0;
  return {
    lines,
    list: sum(lines.map((line) => line.list)) - dashboards,
    withFree: sum(lines.map((line) => line.withFree)),
    dashboards,
  };
}

function lineOf(meter: Meter, quantity: number, free: number): BillLine {
  const price: Price = PRICES[meter];
  const cost = (units: number) => (Math.max(0, units) / price.per) * price.usd;
  return { meter, price, quantity, list: cost(quantity), withFree: cost(quantity - free) };
}

/** Both classes of logs share one allowance; the dearer has it first. */
function freeOf(meter: Meter, readings: ReadonlyMap<Meter, number>): number {
  const { free = 0 }: Price = PRICES[meter];
  return meter === "logGbSeldom" ? Math.max(0, free - (readings.get("logGb") ?? 0)) : free;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
