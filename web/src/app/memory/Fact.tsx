import type { Memory } from "@steward/core/memory.ts";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { api } from "../../client.ts";
import { useForget } from "../forget/use-forget.ts";
import { when } from "../format.ts";
import { EditableRow, EditForm } from "../parts/editing.tsx";
import { wordsOf } from "../parts/states.tsx";
import { toast } from "../parts/toast.tsx";

/** One fact with where it came from. A fact is never rewritten: changing it remembers another in its place. */
export function Fact({ memory }: { memory: Memory }) {
  const forget = useForget();
  return (
    <EditableRow
      name={memory.text}
      removal={{ word: "Forget", run: () => forget({ memory: memory.id }) }}
      editor={(onClose) => <Editor memory={memory} onClose={onClose} />}
    >
      <div className="min-w-0 flex-1">
        <p className="line-clamp-12 break-words">{memory.text}</p>
        <p className="truncate text-xs text-ink-3">
          <Origin source={memory.source} />
          {" · "}
          {when(memory.learnedAt)}
          {memory.trust === "stranger" && <span className="text-doubt"> · said by a stranger</span>}
          {memory.validUntil && ` · until ${memory.validUntil}`}
        </p>
      </div>
    </EditableRow>
  );
}

function Origin({ source }: { source: Memory["source"] }) {
  if ("conversation" in source) return <FromConversation id={source.conversation} />;
  if ("item" in source) return <FromItem id={source.item} />;
  if ("key" in source) return <FromProgram id={source.key} />;
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

/** What a program stored is its claim, not the owner's word. */
function FromProgram({ id }: { id: string }) {
  const tokens = useQuery({ queryKey: ["tokens"], queryFn: api.tokens });
  const name = tokens.data?.find((token) => token.id === id)?.name;
  return name ? `stored by a program with the key “${name}”` : "stored by a program";
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
    <EditForm
      label="Change this fact"
      verb="Replace"
      ready={!same && text.trim() !== ""}
      saving={replace}
      hint="The old wording is forgotten; the new one counts as written by you."
      onSave={replace.mutate}
      onClose={onClose}
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
    </EditForm>
  );
}
