import type { Token } from "@steward/core/wire.ts";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Trash2 } from "lucide-react";
import { useState } from "react";
import { api } from "../../client.ts";
import { moment, when } from "../format.ts";
import { Failure, wordsOf } from "../parts/states.tsx";
import { toast } from "../parts/toast.tsx";
import { NewToken } from "./NewToken.tsx";
import { scopeName } from "./scopes.ts";

export function Tokens() {
  const queries = useQueryClient();
  const list = useQuery({ queryKey: ["tokens"], queryFn: api.tokens });
  const refresh = () => queries.invalidateQueries({ queryKey: ["tokens"] });
  return (
    <div className="flex flex-col gap-5">
      {list.isError && <Failure error={list.error} onRetry={() => list.refetch()} />}
      {list.data && list.data.length > 0 && (
        <ul aria-label="API keys">
          {list.data.map((token) => (
            <Row key={token.id} token={token} onRevoked={refresh} />
          ))}
        </ul>
      )}
      <NewToken onMade={refresh} />
    </div>
  );
}

function Row({ token, onRevoked }: { token: Token; onRevoked: () => void }) {
  const [asking, setAsking] = useState(false);
  const revoke = useMutation({
    mutationFn: () => api.removeToken(token.id),
    onSuccess: onRevoked,
    onError: (error) => toast({ text: wordsOf(error) }),
  });
  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-2 border-t border-line py-2.5 last:border-b">
      <div className="min-w-0 flex-1 basis-56">
        <p className="truncate">{token.name}</p>
        <p className="text-sm text-ink-2">{token.scopes.map(scopeName).join(", ")}</p>
        <p className="text-xs text-ink-3">
          Made {when(token.createdAt)} · {token.lastUsedAt ? `last used ${when(token.lastUsedAt)}` : "never used"} ·{" "}
          <Ending at={token.expiresAt} />
        </p>
      </div>
      {asking ? (
        <span className="flex gap-2">
          <button type="button" className="button button-small" onClick={() => setAsking(false)}>
            Keep it
          </button>
          <button
            type="button"
            className="button button-small text-doubt"
            disabled={revoke.isPending}
            onClick={() => revoke.mutate()}
          >
            Revoke for good
          </button>
        </span>
      ) : (
        <button
          type="button"
          className="button-icon"
          aria-label={`Revoke ${token.name}`}
          title="Revoke"
          onClick={() => setAsking(true)}
        >
          <Trash2 size={17} strokeWidth={1.75} />
        </button>
      )}
    </li>
  );
}

function Ending({ at }: { at: number | undefined }) {
  if (at === undefined) return "works until revoked";
  const ended = at <= Date.now();
  return (
    <time
      dateTime={new Date(at).toISOString()}
      title={moment(at)}
      className={ended ? "font-semibold text-doubt" : undefined}
    >
      {ended ? `ended ${when(at)}` : `works until ${when(at)}`}
    </time>
  );
}
