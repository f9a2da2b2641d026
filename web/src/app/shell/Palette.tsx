import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type LucideIcon, MessageSquare, Moon, Plus, Search, Upload } from "lucide-react";
import { useDeferredValue, useId, useState } from "react";
import { api } from "../../client.ts";
import { shortDate } from "../format.ts";
import { Dialog } from "../parts/Dialog.tsx";
import { KINDS } from "../parts/kinds.ts";
import { PLACES } from "./places.ts";
import { applyTheme, isDark } from "./theme.ts";

interface Entry {
  readonly id: string;
  readonly group: "Papers" | "Conversations" | "Commands";
  readonly icon: LucideIcon;
  readonly words: string;
  readonly aside?: string | undefined;
  readonly run: () => void;
}

/** ⌘K: papers, conversations and commands from one box. */
export default function Palette({ onClose, onShortcuts }: { onClose: () => void; onShortcuts: () => void }) {
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const list = useId();
  const entries = useEntries(text, onShortcuts);
  const active = Math.min(at, entries.length - 1);
  const run = (entry: Entry | undefined): void => {
    if (!entry) return;
    onClose();
    entry.run();
  };
  return (
    <Dialog open onClose={onClose} title="Find anything" bare wide>
      <div className="sticky top-0 flex items-center gap-3 border-b border-line bg-surface px-4">
        <Search size={18} strokeWidth={1.75} className="text-ink-3" aria-hidden="true" />
        <input
          role="combobox"
          aria-label="Find anything"
          aria-expanded={entries.length > 0}
          aria-controls={list}
          aria-activedescendant={entries[active] ? `${list}-${active}` : undefined}
          className="h-13 min-w-0 flex-1 bg-transparent text-lg outline-none"
          placeholder="Papers, conversations, commands"
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            setAt(0);
          }}
          onKeyDown={(event) => {
            if (event.key === "ArrowDown") setAt((active + 1) % Math.max(1, entries.length));
            else if (event.key === "ArrowUp") setAt((active - 1 + entries.length) % Math.max(1, entries.length));
            else if (event.key === "Enter") run(entries[active]);
            else return;
            event.preventDefault();
          }}
        />
        <kbd className="keys">Esc</kbd>
      </div>
      <div role="listbox" id={list} aria-label="Found" className="p-2">
        {entries.map((entry, i) => (
          <div key={entry.id} role="presentation">
            {entries[i - 1]?.group !== entry.group && <div className="eyebrow px-3 pt-2 pb-1">{entry.group}</div>}
            {/* biome-ignore lint/a11y/useKeyWithClickEvents: the keys are the combobox's, which keeps the focus */}
            {/* biome-ignore lint/a11y/useFocusableInteractive: an option of a combobox is active without focus */}
            <div
              role="option"
              id={`${list}-${i}`}
              aria-selected={i === active}
              onClick={() => run(entry)}
              onMouseMove={() => setAt(i)}
              className={`flex cursor-pointer items-center gap-3 rounded-(--radius-s) px-3 py-2 ${i === active ? "bg-sunken" : ""}`}
            >
              <entry.icon
                size={18}
                strokeWidth={1.75}
                className={i === active ? "text-accent" : "text-ink-2"}
                aria-hidden="true"
              />
              <span className="min-w-0 flex-1 truncate">{entry.words}</span>
              {entry.aside && <span className="max-w-2/5 shrink-0 truncate text-xs text-ink-3">{entry.aside}</span>}
            </div>
          </div>
        ))}
        {entries.length === 0 && <p className="px-3 py-6 text-center text-ink-2">Nothing found for these words.</p>}
      </div>
    </Dialog>
  );
}

function useEntries(text: string, onShortcuts: () => void): Entry[] {
  const navigate = useNavigate();
  const words = useDeferredValue(text.trim());
  const papers = useQuery({
    queryKey: ["search", words, "palette"],
    queryFn: ({ signal }) => api.search(words, { limit: 6 }, signal),
    enabled: words !== "",
    placeholderData: (before) => before,
  });
  const conversations = useQuery({ queryKey: ["conversations"], queryFn: () => api.conversations() });
  const has = (name: string): boolean => name.toLowerCase().includes(words.toLowerCase());
  const commands: Entry[] = [
    {
      id: "ask",
      group: "Commands",
      icon: MessageSquare,
      words: words ? `Ask “${words}”` : "Ask a question",
      run: () => void navigate({ to: "/chat", search: words ? { ask: words } : {} }),
    },
    ...(words
      ? [
          {
            id: "search",
            group: "Commands" as const,
            icon: Search,
            words: `Search the Library for “${words}”`,
            run: () => void navigate({ to: "/library", search: { q: words } }),
          },
        ]
      : []),
    ...[
      { id: "new", icon: Plus, words: "New conversation", run: () => void navigate({ to: "/chat" }) },
      { id: "add", icon: Upload, words: "Add a source", run: () => void navigate({ to: "/library/sources" }) },
      ...PLACES.map((place) => ({
        id: place.to,
        icon: place.icon,
        words: `Go to ${place.name}`,
        aside: `g ${place.key}`,
        run: () => void navigate({ to: place.to }),
      })),
      {
        id: "theme",
        icon: Moon,
        words: isDark() ? "Light theme" : "Dark theme",
        run: () => applyTheme(isDark() ? "light" : "dark"),
      },
      { id: "keys", icon: Search, words: "Keyboard shortcuts", aside: "?", run: onShortcuts },
    ]
      .filter((entry) => has(entry.words))
      .map((entry) => ({ ...entry, group: "Commands" as const })),
  ];
  return [
    ...(words ? (papers.data?.hits ?? []) : []).map(
      (hit): Entry => ({
        id: hit.id,
        group: "Papers",
        icon: KINDS[hit.kind].icon,
        words: hit.title,
        aside: [hit.people.find((p) => p.role === "from")?.name, hit.date && shortDate(hit.date)]
          .filter(Boolean)
          .join(" · "),
        run: () => void navigate({ to: "/library", search: { q: words, item: hit.id } }),
      }),
    ),
    ...(conversations.data ?? [])
      .filter((conversation) => has(conversation.title))
      .slice(0, 5)
      .map(
        (conversation): Entry => ({
          id: conversation.id,
          group: "Conversations",
          icon: MessageSquare,
          words: conversation.title,
          run: () => void navigate({ to: "/chat/$conversation", params: { conversation: conversation.id } }),
        }),
      ),
    ...commands,
  ];
}
