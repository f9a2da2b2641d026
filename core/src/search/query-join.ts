import type { Clause, Filter } from "./passage-index.ts";

/** What one thing in a query comes to: it narrows the items, or asks for words. */
export type Part = { readonly filter: Filter } | { readonly clause: Clause };

/** `a OR b`: two clauses that rank, or two filters (by De Morgan: not neither). Undefined where it cannot be had. */
export function either(a: Part, b: Part): Part | undefined {
  if ("clause" in a && "clause" in b) {
    if (a.clause.type === "not" || b.clause.type === "not") return undefined;
    const type = a.clause.type === "phrase" && b.clause.type === "phrase" ? "phrase" : "word";
    return { clause: { type, text: a.clause.text, alternatives: [...(a.clause.alternatives ?? []), b.clause.text] } };
  }
  if ("filter" in a && "filter" in b) {
    // Three in a row: `a OR b` is already a "not neither", and takes the third in.
    const neither = a.filter.not?.[0]?.not;
    const joined = neither && Object.keys(a.filter).length === 1 ? [...neither, b.filter] : [a.filter, b.filter];
    return { filter: { not: [{ not: joined }] } };
  }
  return undefined;
}

/** All of them must hold; several kinds or several sources mean any of these. */
export function joinFilters(filters: readonly Filter[]): Filter {
  const joined: Filter = {
    ...texts(filters, "from"),
    ...texts(filters, "to"),
    ...texts(filters, "people"),
    ...texts(filters, "subject"),
    ...texts(filters, "filename"),
    ...texts(filters, "has"),
  };
  const kinds = filters.flatMap((filter) => filter.kinds ?? []);
  const sources = filters.flatMap((filter) => filter.sources ?? []);
  const afters = filters.flatMap(({ after }) => after ?? []);
  const befores = filters.flatMap(({ before }) => before ?? []);
  const not = filters.flatMap((filter) => filter.not ?? []);
  return {
    ...joined,
    ...(kinds.length > 0 ? { kinds } : {}),
    // A source that is none is asked for all the same: nothing comes from it.
    ...(filters.some((filter) => filter.sources) ? { sources } : {}),
    ...(afters.length > 0 ? { after: Math.max(...afters) } : {}),
    ...(befores.length > 0 ? { before: Math.min(...befores) } : {}),
    ...(not.length > 0 ? { not } : {}),
  };
}

type TextField = "from" | "to" | "people" | "subject" | "filename" | "has";

function texts(filters: readonly Filter[], field: TextField): Filter {
  const all = filters.flatMap((filter) => filter[field] ?? []);
  return all.length > 0 ? { [field]: all } : {};
}
