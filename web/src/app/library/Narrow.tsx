import type { Facets } from "@steward/core/wire.ts";
import { ChevronDown } from "lucide-react";
import { count } from "../format.ts";
import { Menu } from "../parts/Menu.tsx";

/** What is shown of each: the search counts a dozen people and every year. */
const MOST = 12;

/** Who, when and from where among what was found, each with its count; a choice adds its filter to the query. */
export function Narrow({ facets, onAdd }: { facets: Facets; onAdd: (operator: string, value: string) => void }) {
  const years = Object.entries(facets.year).sort(([a], [b]) => Number(b) - Number(a));
  const sources = Object.entries(facets.source).sort((a, b) => b[1] - a[1]);
  const people = facets.people.map(({ person, count }) => [person, count] as const);
  const menus = [
    { words: "People", operator: "people", choices: people },
    { words: "Year", operator: "during", choices: years },
    { words: "Source", operator: "in", choices: sources },
  ];
  return menus.map(({ words, operator, choices }) =>
    // One choice would narrow nothing.
    choices.length < 2 ? null : (
      <Menu
        key={operator}
        trigger={
          <button type="button" className="button button-small button-quiet shrink-0 font-normal text-ink-2">
            {words}
            <ChevronDown size={15} strokeWidth={1.75} aria-hidden="true" />
          </button>
        }
        entries={choices.slice(0, MOST).map(([value, n]) => ({
          label: value,
          aside: count(n),
          run: () => onAdd(operator, value),
        }))}
      />
    ),
  );
}
