import type { Hit } from "@steward/core/wire.ts";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useMemo, useRef } from "react";
import { monthOf } from "../format.ts";
import { HitRow } from "./HitRow.tsx";

type Row =
  | { readonly type: "month"; readonly month: string }
  | { readonly type: "hit"; readonly hit: Hit; readonly at: number }
  | { readonly type: "foot" };

/** The results, of any number: only those in view are drawn. Arrow keys go through them. */
export function Results(props: {
  hits: readonly Hit[];
  byMonth: boolean;
  chosen: string | undefined;
  onChoose: (id: string) => void;
  onEnd: () => void;
  foot: string;
}) {
  const { hits, byMonth, chosen, onChoose, onEnd, foot } = props;
  const box = useRef<HTMLDivElement>(null);
  const rows = useMemo(() => rowsOf(hits, byMonth), [hits, byMonth]);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: (i) => (rows[i]?.type === "hit" ? 104 : 40),
    getItemKey: (i) => keyOf(rows[i]),
    overscan: 8,
  });
  const drawn = virtual.getVirtualItems();
  const lastDrawn = drawn.at(-1)?.index ?? 0;
  // biome-ignore lint/correctness/useExhaustiveDependencies: only when the end comes near
  useEffect(() => {
    if (lastDrawn >= rows.length - 10) onEnd();
  }, [lastDrawn, rows.length]);
  const at = hits.findIndex((hit) => hit.id === chosen);
  const choose = (next: number): void => {
    const hit = hits[Math.max(0, Math.min(hits.length - 1, next))];
    if (!hit) return;
    onChoose(hit.id);
    virtual.scrollToIndex(
      rows.findIndex((row) => row.type === "hit" && row.hit.id === hit.id),
      { align: "auto" },
    );
  };
  return (
    <div
      ref={box}
      data-results
      role="listbox"
      tabIndex={0}
      aria-label="Results"
      aria-activedescendant={drawn.some((v) => keyOf(rows[v.index]) === chosen) ? `hit-${chosen}` : undefined}
      className="min-h-0 flex-1 overflow-y-auto px-1.5 py-3 outline-offset-[-2px] phone:px-3"
      onKeyDown={(event) => {
        const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[event.key];
        if (step !== undefined) choose(at < 0 ? 0 : at + step);
        else if (event.key === "Home") choose(0);
        else if (event.key === "End") choose(hits.length - 1);
        else if (event.key === "Enter" && at < 0) choose(0);
        else return;
        event.preventDefault();
      }}
    >
      <div role="presentation" className="relative" style={{ height: virtual.getTotalSize() }}>
        {drawn.map((place) => {
          const row = rows[place.index];
          if (!row) return null;
          return (
            <div
              key={place.key}
              role="presentation"
              ref={virtual.measureElement}
              data-index={place.index}
              className="absolute inset-x-0 top-0"
              style={{ transform: `translateY(${place.start}px)` }}
            >
              {row.type === "month" ? (
                <div role="presentation" className="eyebrow px-3.5 pt-3 pb-2">
                  {row.month}
                </div>
              ) : row.type === "hit" ? (
                <HitRow hit={row.hit} at={row.at} of={hits.length} chosen={row.hit.id === chosen} onChoose={onChoose} />
              ) : (
                <div role="presentation" className="px-3.5 pt-4 pb-6 text-xs text-ink-3 tabular-nums">
                  {foot}
                </div>
              )}
            </div>
          );
        })}
      </div>
    </div>
  );
}

function keyOf(row: Row | undefined): string {
  return row?.type === "hit" ? row.hit.id : row?.type === "month" ? `month ${row.month}` : "foot";
}

function rowsOf(hits: readonly Hit[], byMonth: boolean): Row[] {
  const rows: Row[] = [];
  let month: string | undefined;
  for (const [at, hit] of hits.entries()) {
    const own = byMonth ? monthOf(hit.date ?? "") : undefined;
    if (own !== undefined && own !== month && !rows.some((row) => row.type === "month" && row.month === own))
      rows.push({ type: "month", month: own });
    month = own;
    rows.push({ type: "hit", hit, at });
  }
  rows.push({ type: "foot" });
  return rows;
}
