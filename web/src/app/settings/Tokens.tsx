import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Copy, Trash2 } from "lucide-react";
import { useState } from "react";
import { api } from "../../client.ts";
import { when } from "../format.ts";
import { Field } from "../parts/Field.tsx";
import { Failure, wordsOf } from "../parts/states.tsx";
import { toast } from "../parts/toast.tsx";

const SCOPES: readonly (readonly [string, string])[] = [
  ["read", "search and open papers"],
  ["ask", "ask questions"],
  ["ingest", "add sources"],
  ["tasks", "the agenda"],
];

export function Tokens() {
  const queries = useQueryClient();
  const list = useQuery({ queryKey: ["tokens"], queryFn: api.tokens });
  const refresh = () => queries.invalidateQueries({ queryKey: ["tokens"] });
  const revoke = useMutation({
    mutationFn: api.removeToken,
    onSuccess: refresh,
    onError: (error) => toast({ text: wordsOf(error) }),
  });
  return (
    <div className="flex flex-col gap-4">
      {list.isError && <Failure error={list.error} onRetry={() => list.refetch()} />}
      {list.data && list.data.length > 0 && (
        <ul>
          {list.data.map((token) => (
            <li key={token.id} className="flex items-center gap-3 border-t border-line py-2.5 last:border-b">
              <div className="min-w-0 flex-1">
                <p className="truncate">{token.name}</p>
                <p className="text-xs text-ink-3">
                  {token.scopes.join(", ")} · {token.lastUsedAt ? `last used ${when(token.lastUsedAt)}` : "never used"}
                  {token.expiresAt && ` · until ${when(token.expiresAt)}`}
                </p>
              </div>
              <button
                type="button"
                className="button-icon"
                aria-label={`Revoke ${token.name}`}
                title="Revoke"
                onClick={() => revoke.mutate(token.id)}
              >
                <Trash2 size={17} strokeWidth={1.75} />
              </button>
            </li>
          ))}
        </ul>
      )}
      <NewToken onMade={refresh} />
    </div>
  );
}

function NewToken({ onMade }: { onMade: () => void }) {
  const [name, setName] = useState("");
  const [scopes, setScopes] = useState<readonly string[]>(["read", "ask"]);
  const make = useMutation({
    mutationFn: () => api.addToken({ name: name.trim(), scopes }),
    onSuccess: () => {
      setName("");
      onMade();
    },
  });
  const secret = make.data?.secret;
  return (
    <form
      className="flex flex-col gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        if (name.trim() && scopes.length > 0) make.mutate();
      }}
    >
      <Field
        label="Name of a new token"
        placeholder="What will use it"
        value={name}
        onChange={(event) => setName(event.target.value)}
      />
      <fieldset className="flex flex-wrap gap-x-5 gap-y-2 text-sm">
        <legend className="sr-only">What it may do</legend>
        {SCOPES.map(([scope, words]) => (
          <label key={scope} className="flex items-center gap-2">
            <input
              type="checkbox"
              className="size-4 accent-accent"
              checked={scopes.includes(scope)}
              onChange={(event) =>
                setScopes(event.target.checked ? [...scopes, scope] : scopes.filter((s) => s !== scope))
              }
            />
            {words}
          </label>
        ))}
      </fieldset>
      {make.error && <Failure error={make.error} />}
      {secret && (
        <div
          role="status"
          className="flex items-center gap-2 rounded-(--radius-m) border border-line bg-surface px-3 py-2"
        >
          <span className="min-w-0 flex-1">
            <span className="block text-xs text-ink-3">Shown only now</span>
            <code className="font-mono text-sm break-all select-all">{secret}</code>
          </span>
          <button
            type="button"
            className="button-icon"
            aria-label="Copy the token"
            onClick={() =>
              void navigator.clipboard.writeText(secret).then(
                () => toast({ text: "Token copied" }),
                () => toast({ text: "The browser did not allow copying. Select the text instead." }),
              )
            }
          >
            <Copy size={17} strokeWidth={1.75} />
          </button>
        </div>
      )}
      <div>
        <button type="submit" className="button" disabled={make.isPending || name.trim() === "" || scopes.length === 0}>
          Make a token
        </button>
      </div>
    </form>
  );
}
