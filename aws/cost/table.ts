import type { Bill } from "./bill.ts";
import { PRICES_OF } from "./prices.ts";

/** The bill as people read it, in a terminal or in Markdown. */
export function billText(bill: Bill, requests: number): string {
  const rows = bill.lines.map(({ price, quantity, list, withFree, meter }) => [
    price.what,
    `${amount(quantity)} ${price.unit}`,
    `$${price.usd} / ${price.per === 1 ? "" : `${amount(price.per)} `}${price.unit}${price.seen === "document" ? "" : " *"}`,
    meter === "dashboards" ? "(3.00)" : dollars(list),
    dollars(withFree),
    price.note ?? "",
  ]);
  const head = ["", "a month", "price", "at list", "with always-free", ""];
  const total = ["Total", `${amount(requests)} requests`, "", dollars(bill.list), dollars(bill.withFree), ""];
  return [
    ...columns([head, ...rows, total]),
    "",
    `US dollars a month, us-east-1, prices of ${PRICES_OF}; * as widely known, not read in a document that day.`,
    "Without the model's tokens, which are the provider's bill and the largest part where one is paid for.",
    ...(bill.dashboards > 0
      ? [
          `At list without the dashboard: an account's first three are free; a fourth is $${dollars(bill.dashboards)} more.`,
        ]
      : []),
  ].join("\n");
}

export function billMarkdown(bill: Bill): string {
  const rows = bill.lines.map(
    ({ meter, price, quantity, list, withFree }) =>
      `| ${price.what} | ${amount(quantity)} ${price.unit} | ${meter === "dashboards" ? `(${dollars(list)})` : dollars(list)} | ${dollars(withFree)} |`,
  );
  return [
    "| | a month | at list, $ | with always-free tiers, $ |",
    "|---|---|---|---|",
    ...rows,
    `| **Total** | | **${dollars(bill.list)}** | **${dollars(bill.withFree)}** |`,
  ].join("\n");
}

function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) =>
        column === 3 || column === 4 ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
      )
      .join("  ")
      .trimEnd(),
  );
}

export function dollars(value: number): string {
  return value.toFixed(2);
}

function amount(value: number): string {
  return value.toLocaleString("en-US", { maximumFractionDigits: 2 });
}
