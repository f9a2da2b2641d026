import type { Citation } from "@steward/core/conversation.ts";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { api } from "../../client.ts";
import { EvidencePanel } from "../evidence/EvidencePanel.tsx";
import { useTitle } from "../parts/Front.tsx";
import { Failure, Skeleton } from "../parts/states.tsx";
import { useDesk } from "../shell/media.ts";
import { useSheet } from "../shell/sheet.ts";
import { ChatHead } from "./ChatHead.tsx";
import { Composer } from "./Composer.tsx";
import { askTurn, dropTurn, NEW, resumeTurn, stopTurn, useLiveTurn } from "./live-turns.ts";
import { Thread } from "./Thread.tsx";
import { type Exchange, exchanges, isOver } from "./turn.ts";
import { Welcome } from "./Welcome.tsx";

/** Which quote is shown beside the conversation, or over it. */
interface Shown {
  readonly answer: string;
  readonly n: number;
}

/** What was typed and not asked yet, by conversation: it survives going elsewhere and failures. */
const drafts = new Map<string, string>();
/** Once the person closed the evidence, it opens only when asked for. */
let keepClosed = false;

export function ChatScreen() {
  const id = useParams({ strict: false }).conversation ?? NEW;
  const asked = useSearch({ strict: false }).ask;
  const navigate = useNavigate();
  const queries = useQueryClient();
  const desk = useDesk();
  const live = useLiveTurn(id);
  const view = useQuery({ queryKey: ["conversation", id], queryFn: () => api.conversation(id), enabled: id !== NEW });
  const [text, setText] = useState(asked ?? drafts.get(id) ?? "");
  const [beside, setBeside] = useState<Shown>();
  const { sheet, open: openSheet, close: closeSheet } = useSheet();
  const over = sheet?.type === "evidence" ? sheet : undefined;
  const shown = desk ? beside : over;
  const read = exchanges(view.data?.messages ?? [], live);
  const busy = live !== undefined && !isOver(live);
  const known = live?.title ?? view.data?.title ?? (view.isError ? "Not here" : "");
  const title = id === NEW ? undefined : known;
  useTitle(title || "Chat");

  // Another conversation: its own draft, nothing shown of the one before.
  const [at, setAt] = useState(id);
  if (at !== id) {
    setAt(id);
    setBeside(undefined);
    setText(asked ?? drafts.get(id) ?? "");
  }

  const last = read.at(-1)?.answer;
  const lastId = last && last.state !== "streaming" && last.citations.length > 0 ? last.id : undefined;
  const seen = useRef<string>(undefined);
  useEffect(() => {
    // The evidence lies beside the answer: the newest answer's first quote is laid out when there is room.
    if (!desk || keepClosed || !lastId || seen.current === lastId) return;
    seen.current = lastId;
    setBeside({ answer: lastId, n: 1 });
  }, [desk, lastId]);

  const unfinished = live ? undefined : read.at(-1);
  const writing = unfinished?.answer?.state === "streaming" ? unfinished.answer.id : undefined;
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each answer found unfinished
  useEffect(() => {
    if (writing && unfinished) void resumeTurn({ queries, onNamed: () => {} }, id, unfinished.question, writing);
  }, [writing, id]);

  const type = (next: string): void => {
    drafts.set(id, next);
    setText(next);
  };
  const asking = {
    queries,
    onNamed: (named: string) =>
      void navigate({ to: "/chat/$conversation", params: { conversation: named }, replace: true }),
  };
  const ask = (question: string): void => {
    if (question.trim() === "" || busy) return;
    drafts.delete(id);
    setText("");
    dropTurn(id);
    void askTurn(asking, id === NEW ? { text: question } : { conversation: id, text: question }, question);
  };
  const retry = (exchange: Exchange): void => {
    if (busy) return;
    dropTurn(id);
    if (exchange.question.id === "asking" || id === NEW) {
      void askTurn(
        asking,
        id === NEW ? { text: exchange.question.text } : { conversation: id, text: exchange.question.text },
        exchange.question.text,
      );
    } else {
      void askTurn(asking, { conversation: id, retry: exchange.question.id }, exchange.question);
    }
  };

  const quoting = read.find((exchange) => exchange.answer?.id === shown?.answer)?.answer;
  const citation = quoting?.citations.find((c) => c.n === shown?.n) ?? quoting?.citations[0];
  const cite = (answer: string) => (chosen: Citation) => {
    const next = { answer, n: chosen.n };
    if (!desk) return openSheet({ type: "evidence", ...next });
    keepClosed = false;
    setBeside(next);
  };
  return (
    <div className="flex min-h-0 flex-1">
      <main aria-label="Conversation" className="flex min-h-0 min-w-0 flex-1 flex-col">
        <ChatHead conversation={view.data} title={title} />
        {view.isError && (
          <div className="mx-auto w-full max-w-(--measure) p-4">
            <Failure error={view.error} onRetry={() => view.refetch()} />
          </div>
        )}
        {view.isPending && id !== NEW && !live ? (
          <Skeleton className="mx-auto w-full max-w-(--measure) flex-1 px-4 pt-10" />
        ) : read.length === 0 && !view.isError ? (
          <Welcome onAsk={ask} />
        ) : (
          <Thread key={id} read={read} shown={shown} onCite={cite} onRetry={busy ? undefined : retry} />
        )}
        <div className="mx-auto w-full max-w-[calc(var(--measure)+2rem)] px-3 pb-3 phone:px-4 phone:pb-5">
          <Composer
            text={text}
            onText={type}
            onAsk={() => ask(text)}
            onStop={busy ? () => void stopTurn(id) : undefined}
            stopping={live?.stopping ?? false}
            fresh={id === NEW}
          />
        </div>
      </main>
      {quoting && citation && (
        <EvidencePanel
          citation={citation}
          all={quoting.citations}
          onCite={cite(quoting.id)}
          onClose={() => {
            if (!desk) return closeSheet();
            keepClosed = true;
            document.querySelector<HTMLElement>('article button[aria-pressed="true"]')?.focus();
            setBeside(undefined);
          }}
        />
      )}
    </div>
  );
}
