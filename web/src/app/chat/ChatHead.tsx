import type { ConversationView } from "@steward/core/wire.ts";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { Copy, Ellipsis, History, Pencil, SquarePen, Trash2 } from "lucide-react";
import { useRef, useState } from "react";
import { api } from "../../client.ts";
import { useForget } from "../forget/use-forget.ts";
import { when } from "../format.ts";
import { throughLinks } from "../parts/arrows.ts";
import { copyText } from "../parts/copy.ts";
import { Dialog } from "../parts/Dialog.tsx";
import { Form } from "../parts/Form.tsx";
import { Menu } from "../parts/Menu.tsx";
import { wordsOf } from "../parts/states.tsx";
import { toast } from "../parts/toast.tsx";
import { useSheet } from "../shell/sheet.ts";
import { plainAnswer } from "./cite.ts";
import { exchanges } from "./turn.ts";

/** The conversation's name and what can be done with it; below a desk's width also the way to the others. */
export function ChatHead({
  conversation,
  title,
}: {
  conversation: ConversationView | undefined;
  title: string | undefined;
}) {
  const [renaming, setRenaming] = useState(false);
  const { sheet, open: openSheet, close: closeSheet } = useSheet();
  const navigate = useNavigate();
  const forget = useForget();
  const copyAll = async (): Promise<void> => {
    const text = exchanges(conversation?.messages ?? [])
      .map(
        ({ question, answer }) => `> ${question.text}\n\n${answer ? plainAnswer(answer.text, answer.citations) : ""}`,
      )
      .join("\n\n");
    await copyText(text, "Conversation copied");
  };
  return (
    <header className="mx-auto flex w-full max-w-[calc(var(--measure)+2rem)] min-h-15 items-center gap-2 px-4 pt-3 pb-2 phone:pt-4">
      {renaming && conversation ? (
        <Rename conversation={conversation} onClose={() => setRenaming(false)} />
      ) : (
        <h1 className="flex min-w-0 flex-1 items-baseline text-lg font-semibold">
          <span className="truncate">{title ?? "New conversation"}</span>
          {conversation && (
            <span className="ml-2.5 hidden shrink-0 text-sm font-normal text-ink-3 phone:inline">
              {when(conversation.updatedAt)}
            </span>
          )}
        </h1>
      )}
      <button
        type="button"
        className="button-icon desk:hidden"
        aria-label="Conversations"
        onClick={() => openSheet({ type: "conversations" })}
      >
        <History size={18} strokeWidth={1.75} />
      </button>
      <Link to="/chat" className="button-icon desk:hidden" aria-label="New conversation" title="New conversation (n)">
        <SquarePen size={18} strokeWidth={1.75} />
      </Link>
      {conversation && (
        <Menu
          trigger={
            <button type="button" className="button-icon" aria-label="This conversation">
              <Ellipsis size={18} strokeWidth={1.75} />
            </button>
          }
          entries={[
            { label: "Rename", icon: Pencil, run: () => setRenaming(true) },
            { label: "Copy as text", icon: Copy, run: () => void copyAll() },
            {
              label: "Forget",
              icon: Trash2,
              run: () => forget({ conversation: conversation.id }, { onHidden: () => void navigate({ to: "/chat" }) }),
            },
          ]}
        />
      )}
      <Dialog open={sheet?.type === "conversations"} onClose={closeSheet} title="Conversations" side>
        <ConversationList />
      </Dialog>
    </header>
  );
}

function Rename({ conversation, onClose }: { conversation: ConversationView; onClose: () => void }) {
  const queries = useQueryClient();
  const [title, setTitle] = useState(conversation.title);
  const rename = useMutation({
    mutationFn: () => api.rename(conversation.id, title.trim()),
    onSuccess: async () => {
      onClose();
      await Promise.all([
        queries.invalidateQueries({ queryKey: ["conversations"] }),
        queries.invalidateQueries({ queryKey: ["conversation", conversation.id] }),
      ]);
    },
    onError: (error) => toast({ text: wordsOf(error) }),
  });
  return (
    <Form className="flex min-w-0 flex-1 gap-2" onSubmit={() => title.trim() && rename.mutate()}>
      <input
        aria-label="Name of the conversation"
        className="field min-h-9 font-semibold"
        // biome-ignore lint/a11y/noAutofocus: the person just chose to rename
        autoFocus
        value={title}
        onChange={(event) => setTitle(event.target.value)}
        onKeyDown={(event) => event.key === "Escape" && onClose()}
      />
      <button type="submit" className="button button-small button-go min-h-9" disabled={rename.isPending}>
        Save
      </button>
    </Form>
  );
}

function ConversationList() {
  const links = useRef<HTMLUListElement>(null);
  const [text, setText] = useState("");
  const list = useQuery({
    queryKey: ["conversations", text],
    queryFn: () => api.conversations(text),
    placeholderData: (before) => before,
  });
  return (
    <div className="flex flex-col gap-3">
      <input
        type="search"
        aria-label="Find a conversation"
        placeholder="Find a conversation"
        className="field"
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== "ArrowDown") return;
          event.preventDefault();
          links.current?.querySelector<HTMLElement>("a[href]")?.focus();
        }}
      />
      <ul ref={links} onKeyDown={throughLinks}>
        {list.data?.map((conversation) => (
          <li key={conversation.id}>
            <Link
              to="/chat/$conversation"
              params={{ conversation: conversation.id }}
              // The conversation takes the sheet's place in the history: Back leads to where one was before.
              replace
              className="flex items-baseline gap-3 rounded-(--radius-s) px-2 py-2.5 hover:bg-sunken aria-[current=page]:font-semibold"
            >
              <span className="min-w-0 flex-1 truncate">{conversation.title}</span>
              <span className="shrink-0 text-xs text-ink-3">{when(conversation.updatedAt)}</span>
            </Link>
          </li>
        ))}
      </ul>
      {list.data?.length === 0 && (
        <p className="py-6 text-center text-ink-2">{text ? "None by these words." : "Nothing asked yet."}</p>
      )}
    </div>
  );
}
