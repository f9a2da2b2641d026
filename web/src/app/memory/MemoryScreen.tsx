import type { Memory } from "@steward/core/memory.ts";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Trash2 } from "lucide-react";
import { useState } from "react";
import { api } from "../../client.ts";
import { useForget } from "../forget/use-forget.ts";
import { when } from "../format.ts";
import { Page } from "../parts/Page.tsx";
import { Empty, Failure, Skeleton, wordsOf } from "../parts/states.tsx";

export function MemoryScreen() {
  const list = useQuery({ queryKey: ["memories"], queryFn: api.memories });
  return (
    <Page title="Memory" about="What Steward keeps in mind. Each fact says where it comes from.">
      <section aria-label="Facts" className="flex flex-col gap-5">
        <AddMemory />
        {list.isError && <Failure error={list.error} onRetry={() => list.refetch()} />}
        {list.isPending && <Skeleton rows={4} />}
        {list.data?.length === 0 && (
          <Empty title="Nothing remembered yet">
            Write a fact above, or tell Steward in Chat: “remember that Ana is allergic to walnuts”.
          </Empty>
        )}
        <ul className="flex flex-col">
          {list.data
            ?.filter((memory) => !memory.supersededBy)
            .map((memory) => (
              <Fact key={memory.id} memory={memory} />
            ))}
        </ul>
      </section>
    </Page>
  );
}

function AddMemory() {
  const queries = useQueryClient();
  const [text, setText] = useState("");
  const add = useMutation({
    mutationFn: () => api.remember(text.trim()),
    onSuccess: () => {
      setText("");
      return queries.invalidateQueries({ queryKey: ["memories"] });
    },
  });
  return (
    <form
      className="flex flex-col gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        if (text.trim()) add.mutate();
      }}
    >
      <div className="flex gap-2">
        <input
          data-main-input
          aria-label="A fact to remember"
          placeholder="A fact to remember"
          className="field"
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        <button type="submit" className="button" disabled={add.isPending || text.trim() === ""}>
          Remember
        </button>
      </div>
      {add.error && (
        <p role="alert" className="text-sm text-doubt">
          {wordsOf(add.error)}
        </p>
      )}
    </form>
  );
}

function Fact({ memory }: { memory: Memory }) {
  const forget = useForget();
  const { source } = memory;
  return (
    <li className="flex items-start gap-3 border-t border-line py-3 last:border-b">
      <div className="min-w-0 flex-1">
        <p className="break-words">{memory.text}</p>
        <p className="text-xs text-ink-3">
          {"conversation" in source ? (
            <Link
              to="/chat/$conversation"
              params={{ conversation: source.conversation }}
              className="text-accent underline underline-offset-2"
            >
              from a conversation
            </Link>
          ) : "item" in source ? (
            <Link to="/library" search={{ item: source.item }} className="text-accent underline underline-offset-2">
              from a paper
            </Link>
          ) : (
            "written by you"
          )}
          {" · "}
          {when(memory.learnedAt)}
          {memory.trust === "stranger" && <span className="text-doubt"> · said by a stranger</span>}
          {memory.validUntil && ` · until ${memory.validUntil}`}
        </p>
      </div>
      <button
        type="button"
        className="button-icon -mr-2"
        aria-label={`Forget: ${memory.text}`}
        title="Forget"
        onClick={() => forget({ memory: memory.id })}
      >
        <Trash2 size={17} strokeWidth={1.75} />
      </button>
    </li>
  );
}
