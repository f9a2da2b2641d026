import { useQuery } from "@tanstack/react-query";
import { Link, useMatchRoute } from "@tanstack/react-router";
import { CircleAlert, Lock, Moon, Plus, RefreshCw, Search, Sun } from "lucide-react";
import { useState } from "react";
import { api } from "../../client.ts";
import { count } from "../format.ts";
import { throughLinks } from "../parts/arrows.ts";
import { Seal } from "../parts/Seal.tsx";
import { PLACES } from "./places.ts";
import { fractionOf, useLive } from "./progress.ts";
import { applyTheme, isDark } from "./theme.ts";

/** 232 px on a desk, icons below 1180 px, gone on a phone (the bar below takes over). */
export function Rail({ onFind }: { onFind: () => void }) {
  return (
    <aside
      aria-label="Steward"
      className="hidden w-16 shrink-0 flex-col border-r border-line bg-sunken px-2.5 pt-5 pb-4 phone:flex desk:w-(--rail)"
    >
      <Link
        to="/chat"
        className="flex items-center justify-center gap-2.5 text-lg font-semibold desk:justify-start desk:px-2.5"
        aria-label="Steward, to Chat"
      >
        <Seal size={22} />
        <span className="hidden desk:inline">Steward</span>
      </Link>
      <button
        type="button"
        onClick={onFind}
        className="mt-4 flex h-9 items-center justify-center gap-2 rounded-(--radius-m) border border-line bg-surface px-2.5 text-sm text-ink-3 hover:text-ink desk:justify-start"
      >
        <Search size={16} strokeWidth={1.75} aria-hidden="true" />
        <span className="sr-only flex-1 text-left desk:not-sr-only">Find anything</span>
        <kbd className="keys hidden desk:inline">{/Mac/.test(navigator.userAgent) ? "⌘K" : "Ctrl K"}</kbd>
      </button>
      <nav aria-label="Rooms" className="mt-3 flex flex-col gap-px">
        {PLACES.map((place) => (
          <Place key={place.to} place={place} />
        ))}
      </nav>
      <Recent />
      <div className="mt-auto flex flex-col gap-1 pt-3">
        <Intake />
        <Warnings />
        <div className="flex flex-col items-center justify-between gap-1 desk:flex-row desk:pl-2.5">
          <p
            className="flex items-center gap-2 text-xs text-ink-3"
            title="Everything stored is encrypted on this machine"
          >
            <Lock size={14} strokeWidth={1.75} aria-hidden="true" />
            <span className="sr-only desk:not-sr-only">Sealed on this machine</span>
          </p>
          <ThemeButton />
        </div>
      </div>
    </aside>
  );
}

function Place({ place: { to, name, icon: Icon } }: { place: (typeof PLACES)[number] }) {
  const here = useMatchRoute()({ to, fuzzy: true }) !== false;
  return (
    <Link
      to={to}
      title={name}
      aria-current={here ? "page" : undefined}
      className={`flex h-[38px] items-center justify-center gap-3 rounded-(--radius-m) border px-2.5 desk:justify-start ${
        here
          ? "border-line bg-surface font-semibold text-ink"
          : "border-transparent text-ink-2 hover:bg-surface/60 hover:text-ink"
      }`}
    >
      <Icon size={18} strokeWidth={1.75} aria-hidden="true" className={here ? "text-accent" : ""} />
      <span className="sr-only desk:not-sr-only">{name}</span>
      {to === "/agenda" && <OpenTasks />}
    </Link>
  );
}

function OpenTasks() {
  const tasks = useQuery({ queryKey: ["tasks"], queryFn: api.tasks });
  const open = tasks.data?.filter((task) => !task.done).length ?? 0;
  if (open === 0) return null;
  return (
    <span className="ml-auto hidden min-w-5 rounded-full bg-line px-1.5 text-center text-xs font-semibold text-ink-2 desk:inline">
      {open}
      <span className="sr-only"> open tasks</span>
    </span>
  );
}

/** The conversations, newest first, where the rail has room. */
function Recent() {
  const list = useQuery({ queryKey: ["conversations"], queryFn: () => api.conversations() });
  if (!list.data || list.data.length === 0) return <div className="flex-1" />;
  return (
    <nav aria-label="Conversations" className="mt-5 hidden min-h-0 flex-1 flex-col desk:flex">
      <div className="flex items-center justify-between pl-2.5">
        <h2 className="eyebrow">Conversations</h2>
        <Link to="/chat" className="button-icon size-7" aria-label="New conversation" title="New conversation (n)">
          <Plus size={16} strokeWidth={1.75} />
        </Link>
      </div>
      <ul className="mt-1 min-h-0 overflow-y-auto" onKeyDown={throughLinks}>
        {list.data.slice(0, 60).map((conversation) => (
          <li key={conversation.id}>
            <Link
              to="/chat/$conversation"
              params={{ conversation: conversation.id }}
              className="block truncate rounded-(--radius-s) px-2.5 py-1.5 text-sm text-ink-2 hover:bg-surface/60 hover:text-ink aria-[current=page]:font-semibold aria-[current=page]:text-ink"
            >
              {conversation.title}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}

/** What is being read and what still waits for its meaning; silent when nothing does. */
function Intake() {
  const { progress } = useLive();
  const reading = progress?.sources.find((source) => source.state === "reading");
  const embedding = progress?.embedding;
  return (
    <>
      {reading && (
        <Under
          way="Reading"
          words={`${reading.name} · ${count(reading.progress.added + reading.progress.known)}`}
          fraction={fractionOf(reading)}
        />
      )}
      {embedding && embedding.done < embedding.total && (
        <Under
          words={`Meaning · ${count(embedding.done)} of ${count(embedding.total)}`}
          fraction={embedding.done / embedding.total}
          counted
        />
      )}
    </>
  );
}

/** `counted`: the words say how far it is, so that no percentage need. */
function Under(props: { way?: string; words: string; fraction: number | undefined; counted?: boolean }) {
  const { way, words, fraction, counted = false } = props;
  return (
    <Link
      to="/library/sources"
      title={words}
      className="mb-1.5 block rounded-(--radius-s) text-xs text-ink-3 hover:text-ink desk:px-2.5"
    >
      <span className="flex items-center justify-center gap-2 desk:justify-start">
        <RefreshCw size={14} strokeWidth={1.75} aria-hidden="true" className="shrink-0" />
        <span className="sr-only tabular-nums desk:not-sr-only desk:truncate">
          {way && <span className="sr-only">{way} </span>}
          {words}
        </span>
        <span className="ml-auto hidden shrink-0 pl-1 tabular-nums desk:inline">
          {fraction !== undefined && !counted && `${Math.floor(fraction * 100)} %`}
        </span>
      </span>
      <span className="mt-1.5 block h-[3px] overflow-hidden rounded-full bg-line">
        <span className="block h-full bg-accent" style={{ width: `${(fraction ?? 0) * 100}%` }} />
      </span>
    </Link>
  );
}

/** One quiet line, when there is something about the keys or the disk that the person should know. */
function Warnings() {
  const status = useQuery({ queryKey: ["status"], queryFn: api.status });
  const warnings = status.data?.warnings ?? [];
  if (warnings.length === 0) return null;
  return (
    <Link
      to="/settings"
      hash="about"
      title={warnings.join(" ")}
      className="mb-1 flex items-center justify-center gap-2 rounded-(--radius-s) text-xs text-doubt hover:text-ink desk:justify-start desk:px-2.5"
    >
      <CircleAlert size={14} strokeWidth={1.75} aria-hidden="true" className="shrink-0" />
      <span className="sr-only desk:not-sr-only desk:truncate">
        {warnings.length === 1 ? "You should know" : `You should know · ${warnings.length}`}
      </span>
    </Link>
  );
}

function ThemeButton() {
  const [dark, setDark] = useState(isDark);
  return (
    <button
      type="button"
      className="button-icon size-7 text-ink-3"
      aria-label={dark ? "Light theme" : "Dark theme"}
      title={dark ? "Light theme" : "Dark theme"}
      onClick={() => {
        applyTheme(dark ? "light" : "dark");
        setDark(!dark);
      }}
    >
      {dark ? <Sun size={15} strokeWidth={1.75} /> : <Moon size={15} strokeWidth={1.75} />}
    </button>
  );
}
