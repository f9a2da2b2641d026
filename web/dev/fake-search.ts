import type { Found, Hit, ItemView } from "@steward/core/wire.ts";

/** As much of a search as the app needs to be drawn: words, `from:`, `kind:`, `during:`, facets and one kind of problem. */
export function search(embedder: string | undefined, items: readonly ItemView[], query: URLSearchParams): Found {
  const q = query.get("q") ?? "";
  const offset = Number(query.get("offset") ?? 0);
  const limit = Number(query.get("limit") ?? 30);
  const order = query.get("order") ?? "best";
  const understood = [...q.matchAll(/(from|kind|during|subject|before|after):(\S+)/g)].map((m) => ({
    operator: m[1]!,
    value: m[1] === "during" ? "March 2025" : m[1] === "from" ? m[2]!.replace(/^./, (c) => c.toUpperCase()) : m[2]!,
    start: m.index,
    end: m.index + m[0].length,
  }));
  const problems = [...q.matchAll(/\b(form|sized):\S*/g)].map((m) => ({
    message: `“${m[1]}:” is no filter here. Did you mean from: ?`,
    start: m.index,
    end: m.index + m[0].length,
  }));
  const words = q
    .replace(/\S+:\S*/g, "")
    .toLowerCase()
    .split(/\s+/)
    .filter(Boolean);
  const passes = (i: ItemView): boolean =>
    understood.every((u) => {
      if (u.operator === "from") return i.people.some((p) => p.name?.toLowerCase().includes(u.value.toLowerCase()));
      if (u.operator === "kind") return i.kind === u.value;
      return u.operator !== "during" || i.date?.startsWith("2025-03") === true;
    }) &&
    (words.length === 0 || words.some((w) => `${i.title} ${i.text}`.toLowerCase().includes(w)));
  const matched = items.filter(passes);
  if (order !== "best")
    matched.sort((a, b) => (order === "newest" ? -1 : 1) * (a.date ?? "").localeCompare(b.date ?? ""));
  const kind: Record<string, number> = {};
  for (const i of matched) kind[i.kind] = (kind[i.kind] ?? 0) + 1;
  const year: Record<string, number> = {};
  const source: Record<string, number> = {};
  const people: Record<string, number> = {};
  for (const i of matched) {
    if (i.date) year[i.date.slice(0, 4)] = (year[i.date.slice(0, 4)] ?? 0) + 1;
    source[i.source.name] = (source[i.source.name] ?? 0) + 1;
    for (const name of new Set(i.people.flatMap((p) => p.name ?? []))) people[name] = (people[name] ?? 0) + 1;
  }
  return {
    hits: matched.slice(offset, offset + limit).map((i) => hitOf(i, words)),
    total: matched.length,
    ms: 0.6,
    facets: {
      ...{ kind, year, source },
      people: Object.entries(people)
        .map(([person, count]) => ({ person, count }))
        .sort((a, b) => b.count - a.count),
    },
    understood,
    problems,
    ...(embedder ? { embedder } : {}),
    corrected: words.includes("lisbom") ? [{ from: "lisbom", to: ["lisbon"] }] : [],
  };
}

function hitOf(i: ItemView, words: readonly string[]): Hit {
  const lower = i.text.toLowerCase();
  const first = Math.max(0, Math.min(...words.map((w) => lower.indexOf(w)).filter((at) => at >= 0), lower.length) - 60);
  const start = words.length > 0 && Number.isFinite(first) && first < lower.length ? first : 0;
  const snippet = i.text.slice(start, start + 150).replace(/\s/g, " ");
  const highlights = words.flatMap((w) =>
    [...snippet.toLowerCase().matchAll(new RegExp(w.replace(/\W/g, "\\$&"), "g"))].map(
      (m) => [m.index, m.index + w.length] as const,
    ),
  );
  return {
    id: i.id,
    kind: i.kind,
    title: i.title,
    people: i.people,
    source: i.source,
    trust: i.trust,
    attachments: i.attachments.length,
    ...(i.date ? { date: i.date } : {}),
    ...(i.path ? { path: i.path } : {}),
    passage: {
      text: i.text,
      start: 0,
      end: i.text.length,
      snippet,
      highlights: [...highlights].sort((a, b) => a[0] - b[0]),
      ...(i.pages ? { page: i.pages } : {}),
    },
    more: 0,
    score: 1,
    parts: { words: 1, vectors: 0, recency: 0 },
  };
}
