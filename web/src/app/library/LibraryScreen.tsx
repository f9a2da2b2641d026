import type { Found, Hit } from "@steward/core/wire.ts";
import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { ChevronDown, CircleHelp, FolderOpen } from "lucide-react";
import { useEffect, useMemo, useRef } from "react";
import { api, type Order } from "../../client.ts";
import { count, milliseconds, plural } from "../format.ts";
import { useTitle } from "../parts/Front.tsx";
import { isKind, KINDS } from "../parts/kinds.ts";
import { Menu } from "../parts/Menu.tsx";
import { Empty, Failure, Skeleton } from "../parts/states.tsx";
import type { LibrarySearch } from "../router.tsx";
import { useDesk } from "../shell/media.ts";
import { useGoBack } from "../shell/sheet.ts";
import { boxOf, withFilter } from "./chips.ts";
import { ItemPanel } from "./ItemPanel.tsx";
import { Narrow } from "./Narrow.tsx";
import { Results } from "./Results.tsx";
import { SearchBox } from "./SearchBox.tsx";

const PAGE = 40;
const ORDERS: Readonly<Record<Order, string>> = { best: "Best first", newest: "Newest first", oldest: "Oldest first" };

export function LibraryScreen() {
  const search: LibrarySearch = useSearch({ strict: false });
  const navigate = useNavigate();
  const { q = "", kind, item } = search;
  // Without words nothing is better than anything else: the newest come first.
  const order = search.order ?? (q ? "best" : "newest");
  useTitle(q ? `${q} · Library` : "Library");
  const go = (change: Partial<Record<keyof LibrarySearch, string | undefined>>, replace = true): void => {
    const next = Object.fromEntries(
      Object.entries({ ...search, ...change }).filter(([, value]) => value),
    ) as LibrarySearch;
    void navigate({ to: "/library", search: next, replace });
  };

  // Without a kind this is the list itself; with one it still counts the others for the tabs.
  const whole = useQuery({
    queryKey: ["search", q, "whole"],
    queryFn: ({ signal }) => api.search(q, { limit: 1 }, signal),
    placeholderData: keepPreviousData,
  });
  const found = useInfiniteQuery({
    queryKey: ["search", q, kind, order],
    queryFn: ({ pageParam, signal }) =>
      api.search(
        [q, kind && `kind:${kind}`].filter(Boolean).join(" "),
        { limit: PAGE, offset: pageParam, order },
        signal,
      ),
    initialPageParam: 0,
    getNextPageParam: (last, all) => {
      const have = all.reduce((sum, page) => sum + page.hits.length, 0);
      return last.hits.length > 0 && have < last.total ? have : undefined;
    },
    placeholderData: keepPreviousData,
  });
  const hits = useMemo(() => found.data?.pages.flatMap((page) => page.hits) ?? [], [found.data]);
  const first = found.data?.pages[0];
  const chosen = hits.find((hit) => hit.id === item);
  // A sheet is over the list: Back closes it, as it does everywhere on a phone. Beside the list it is part of the screen.
  const desk = useDesk();
  const pushed = useRef(false);
  const goBack = useGoBack(item !== undefined);
  useEffect(() => {
    if (!item) pushed.current = false;
  }, [item]);
  const choose = (id: string): void => {
    const covers = !desk && !item;
    pushed.current ||= covers;
    go({ item: id }, !covers);
  };
  useOpenFirst(found.isPlaceholderData ? [] : hits, item, q, (id) => go({ item: id }));

  return (
    <div className="flex min-h-0 flex-1">
      <main aria-label="Library" className="flex min-h-0 min-w-0 flex-1 flex-col">
        <h1 className="sr-only">Library</h1>
        <div className="border-b border-line px-3 pt-3 pb-2 phone:px-6 phone:pt-[18px]">
          <div className="flex gap-2">
            <SearchBox
              q={q}
              found={whole.isPlaceholderData ? undefined : whole.data}
              onQuery={(next) => go({ q: next, item: undefined })}
            />
            <Link
              to="/library/sources"
              className="button h-11 shrink-0 px-3 font-normal phone:h-auto"
              title="Where it comes from, and what could not be read"
            >
              <FolderOpen size={18} strokeWidth={1.75} aria-hidden="true" className="text-ink-2" />
              <span className="sr-only phone:not-sr-only">Sources</span>
            </Link>
          </div>
          {whole.data && <Problems found={whole.data} />}
          <Tabs
            whole={whole.data}
            kind={kind}
            order={order}
            ranked={q !== ""}
            onKind={(next) => go({ kind: next, item: undefined })}
            onOrder={(next) => go({ order: next })}
            onAdd={(operator, value) => go({ q: withFilter(q, operator, value), item: undefined })}
          />
        </div>
        {found.isError ? (
          <div className="p-6">
            <Failure error={found.error} onRetry={() => found.refetch()} />
          </div>
        ) : found.isPending ? (
          <Skeleton rows={6} className="px-8 pt-8" />
        ) : hits.length === 0 ? (
          <Nothing
            q={q}
            bare={whole.data ? boxOf(q, whole.data.understood).draft : q}
            kind={kind}
            onBare={(bare) => go({ q: bare, kind: undefined })}
          />
        ) : (
          <Results
            hits={hits}
            byMonth={order !== "best" || q === ""}
            chosen={item}
            onChoose={choose}
            onEnd={() => found.hasNextPage && !found.isFetchingNextPage && void found.fetchNextPage()}
            foot={
              first
                ? `${plural(first.total, "result")} in ${milliseconds(first.ms)}${q ? ` · ${foundBy(first)}` : ""}`
                : ""
            }
          />
        )}
      </main>
      {item && (
        <ItemPanel
          key={item}
          id={item}
          hit={chosen}
          onClose={() => {
            document.querySelector<HTMLElement>("[data-results]")?.focus({ preventScroll: true });
            if (pushed.current) goBack();
            else go({ item: undefined });
          }}
          onOpen={(id) => go({ item: id })}
        />
      )}
    </div>
  );
}

/** What found them. A label of ours stands inside a sentence here, so it begins small. */
function foundBy({ embedder }: Found): string {
  return embedder ? `words and meaning (${embedder.replace(/^Built-in\b/, "built-in")})` : "words";
}

/** With room beside the list, a search lays out its first result. */
function useOpenFirst(hits: readonly Hit[], item: string | undefined, q: string, open: (id: string) => void): void {
  const desk = useDesk();
  const first = hits[0]?.id;
  // biome-ignore lint/correctness/useExhaustiveDependencies: once a query, so that a closed panel stays closed
  useEffect(() => {
    if (desk && q && first && !item) open(first);
  }, [desk, q, first]);
}

function Tabs(props: {
  whole: Found | undefined;
  kind: string | undefined;
  order: Order;
  ranked: boolean;
  onKind: (kind: string | undefined) => void;
  onOrder: (order: Order) => void;
  onAdd: (operator: string, value: string) => void;
}) {
  const { whole, kind, order, ranked, onKind, onOrder, onAdd } = props;
  const kinds = Object.entries(whole?.facets.kind ?? {})
    .filter(([name, n]) => isKind(name) && (n > 0 || name === kind))
    .sort((a, b) => b[1] - a[1]);
  const tab = (name: string | undefined, words: string, n: number) => (
    <button
      key={words}
      type="button"
      aria-pressed={kind === name}
      onClick={() => onKind(name)}
      className={`h-[26px] shrink-0 rounded-full px-2.5 text-sm tabular-nums ${kind === name ? "bg-ink font-semibold text-paper" : "text-ink-2 hover:bg-sunken hover:text-ink"}`}
    >
      {words} {count(n)}
    </button>
  );
  return (
    <div className="mt-2 flex flex-wrap items-center gap-x-1 gap-y-1.5">
      <fieldset
        aria-label="Kinds"
        className="-m-1 flex min-w-0 flex-1 basis-full gap-1 overflow-x-auto p-1 desk:basis-auto"
      >
        {tab(undefined, "All", whole?.total ?? 0)}
        {kinds.map(([name, n]) => (isKind(name) ? tab(name, KINDS[name].many, n) : null))}
      </fieldset>
      <div className="flex flex-wrap gap-x-1">
        {whole && <Narrow facets={whole.facets} onAdd={onAdd} />}
        <Menu
          trigger={
            <button type="button" className="button button-small button-quiet shrink-0 font-normal text-ink-2">
              {ORDERS[order]}
              <ChevronDown size={15} strokeWidth={1.75} aria-hidden="true" />
            </button>
          }
          entries={(["best", "newest", "oldest"] as const)
            .filter((name) => name !== "best" || ranked)
            .map((name) => ({
              label: ORDERS[name],
              checked: name === order,
              run: () => onOrder(name),
            }))}
        />
      </div>
    </div>
  );
}

/** What was not understood, with its hint; what was corrected. Never silently ignored. */
function Problems({ found }: { found: Found }) {
  const lines = [
    ...found.problems.map((problem) => problem.message),
    ...found.corrected.map(
      ({ from, to }) => `“${from}” stands nowhere; searched for ${to.map((word) => `“${word}”`).join(", ")} instead.`,
    ),
  ];
  if (lines.length === 0) return null;
  return (
    <ul aria-label="About this search" className="mt-2 flex flex-col gap-1 text-sm text-doubt">
      {lines.map((line) => (
        <li key={line} className="flex items-center gap-2">
          <CircleHelp size={16} strokeWidth={1.75} className="shrink-0" aria-hidden="true" />
          {line}
        </li>
      ))}
    </ul>
  );
}

function Nothing(props: { q: string; bare: string; kind: string | undefined; onBare: (words: string) => void }) {
  const { q, bare, kind, onBare } = props;
  if (q === "" && !kind) {
    return (
      <Empty
        title="Nothing taken in yet"
        action={
          <Link to="/library/sources" className="button button-go">
            Add a source
          </Link>
        }
      >
        Your mail, files, notes and calendar stand here once a source is added, and are found in a moment.
      </Empty>
    );
  }
  return (
    <Empty
      title="Nothing found"
      action={
        (kind || bare !== q) && (
          <button type="button" className="button" onClick={() => onBare(bare)}>
            {bare ? `Search for “${bare}” without filters` : "Take the filters off"}
          </button>
        )
      }
    >
      No paper holds these words with these filters. Fewer words find more; a word in quotes must stand exactly so.
    </Empty>
  );
}
