import type { Memory } from "@steward/core/memory.ts";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Pencil, Trash2 } from "lucide-react";
import { useRef, useState } from "react";
import { api } from "../../client.ts";
import { useForget } from "../forget/use-forget.ts";
import { when } from "../format.ts";
import { wordsOf } from "../parts/states.tsx";
import { toast } from "../parts/toast.tsx";

/** One fact with where it came from. A fact is never rewritten: changing it remembers another in its place. */
export function Fact({ memory }: { memory: Memory }) {
  const forget = useForget();
  const [editing, setEditing] = useState(false);
  const pencil = useRef<HTMLButtonElement>(null);
  if (editing) {
    return (
      <li className="border-t border-line py-3 last:border-b">
        <Editor
          memory={memory}
          onClose={() => {
            setEditing(false);
            requestAnimationFrame(() => pencil.current?.focus());
          }}
        />
      </li>
    );
  }
  return (
    <li className="flex items-start gap-3 border-t border-line py-3 last:border-b">
      <div className="min-w-0 flex-1">
        <p className="break-words">{memory.text}</p>
        <p className="truncate text-xs text-ink-3">
          <Origin source={memory.source} />
          {" · "}
          {when(memory.learnedAt)}
          {memory.trust === "stranger" && <span className="text-doubt"> · said by a stranger</span>}
          {memory.validUntil && ` · until ${memory.validUntil}`}
        </p>
      </div>
      <div className="-mr-2 flex shrink-0">
        <button
          ref={pencil}
          type="button"
          className="button-icon"
          aria-label={`Change: ${memory.text}`}
          title="Change"
          onClick={() => setEditing(true)}
        >
          <Pencil size={16} strokeWidth={1.75} />
        </button>
        <button
          type="button"
          className="button-icon"
          aria-label={`Forget: ${memory.text}`}
          title="Forget"
          onClick={() => forget({ memory: memory.id })}
        >
          <Trash2 size={17} strokeWidth={1.75} />
        </button>
      </div>
    </li>
  );
}

function Origin({ source }: { source: Memory["source"] }) {
  if ("conversation" in source) return <FromConversation id={source.conversation} />;
  if ("item" in source) return <FromItem id={source.item} />;
  return "written by you";
}

const LINK = "text-accent underline underline-offset-2";

function FromConversation({ id }: { id: string }) {
  const list = useQuery({ queryKey: ["conversations"], queryFn: () => api.conversations() });
  const title = list.data?.find((conversation) => conversation.id === id)?.title;
  // Once the list is there and does not hold it, the conversation is gone: no link that leads nowhere.
  if (list.data && title === undefined) return "from a conversation that is gone";
  return (
    <>
      from{" "}
      <Link to="/chat/$conversation" params={{ conversation: id }} className={LINK}>
        {title ? `“${title}”` : "a conversation"}
      </Link>
    </>
  );
}

function FromItem({ id }: { id: string }) {
  const item = useQuery({ queryKey: ["item", id], queryFn: () => api.item(id), staleTime: 600_000 });
  if (item.isError) return "from a paper that is gone";
  return (
    <>
      from{" "}
      <Link to="/library" search={{ item: id }} className={LINK}>
        {item.data?.title ? `“${item.data.title}”` : "a paper"}
      </Link>
    </>
  );
}

function Editor({ memory, onClose }: { memory: Memory; onClose: () => void }) {
  const queries = useQueryClient();
  const [text, setText] = useState(memory.text);
  const refresh = () => queries.invalidateQueries({ queryKey: ["memories"] });
  const put = async (next: string, instead: string): Promise<Memory> => {
    const made = await api.remember(next, memory.category);
    if (made.id !== instead) await api.removeMemory(instead);
    await refresh();
    return made;
  };
  const replace = useMutation({
    mutationFn: () => put(text.trim(), memory.id),
    onSuccess: (made) => {
      onClose();
      const back = () => put(memory.text, made.id).catch((error) => toast({ text: wordsOf(error) }));
      toast({ text: "Changed", actions: [{ label: "Undo", run: () => void back() }] });
    },
  });
  const same = text.trim() === memory.text;
  return (
    <form
      aria-label="Change this fact"
      className="flex flex-col gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        if (text.trim() && !same) replace.mutate();
      }}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.preventDefault();
        onClose();
      }}
    >
      <textarea
        aria-label="The fact"
        rows={2}
        className="field resize-y"
        // biome-ignore lint/a11y/noAutofocus: the person just chose to change it
        autoFocus
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <div className="flex items-center justify-end gap-2">
        <p className="min-w-0 flex-1 text-sm text-ink-3" role={replace.error ? "alert" : undefined}>
          {replace.error
            ? wordsOf(replace.error)
            : "The old wording is forgotten; the new one counts as written by you."}
        </p>
        <button type="button" className="button button-small" onClick={onClose}>
          Cancel
        </button>
        <button
          type="submit"
          className="button button-small button-go"
          disabled={replace.isPending || same || text.trim() === ""}
        >
          Replace
        </button>
      </div>
    </form>
  );
}
