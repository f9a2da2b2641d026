import { useMutation } from "@tanstack/react-query";
import { Copy } from "lucide-react";
import { useId, useState } from "react";
import { api, type Scope } from "../../client.ts";
import { copyText } from "../parts/copy.ts";
import { Field } from "../parts/Field.tsx";
import { Form } from "../parts/Form.tsx";
import { Failure } from "../parts/states.tsx";
import { API_SCOPES, APP_SCOPES, SCOPE_WORDS } from "./scopes.ts";

const ENDINGS: readonly (readonly [string, number | undefined])[] = [
  ["30 days", 30],
  ["90 days", 90],
  ["a year", 365],
  ["never, until it is revoked", undefined],
];

export function NewToken({ onMade }: { onMade: () => void }) {
  const id = useId();
  const [name, setName] = useState("");
  const [scopes, setScopes] = useState<ReadonlySet<Scope>>(() => new Set<Scope>(["chat", "search"]));
  const [ending, setEnding] = useState(1);
  const days = ENDINGS[ending]?.[1];
  const make = useMutation({
    mutationFn: () => api.addToken({ name: name.trim(), scopes: [...scopes], ...(days === undefined ? {} : { days }) }),
    onSuccess: () => {
      setName("");
      onMade();
    },
  });
  const toggle = (scope: Scope, on: boolean) => {
    const next = new Set(scopes);
    if (on) next.add(scope);
    else next.delete(scope);
    setScopes(next);
  };
  const boxes = (offered: readonly Scope[]) =>
    offered.map((scope) => <Box key={scope} scope={scope} on={scopes.has(scope)} onToggle={toggle} />);
  return (
    <Form className="flex flex-col gap-4" onSubmit={() => name.trim() && scopes.size > 0 && make.mutate()}>
      <Field label="Name of a new key" placeholder="What will use it" maxLength={100} value={name} onText={setName} />
      <fieldset>
        <legend className="mb-2 text-sm font-semibold">What it may do</legend>
        <div className="grid gap-x-6 gap-y-3 sm:grid-cols-2">{boxes(API_SCOPES)}</div>
      </fieldset>
      <fieldset>
        <legend className="mb-2 text-sm font-semibold">As the app does</legend>
        <div className="grid gap-x-6 gap-y-3 sm:grid-cols-2">{boxes(APP_SCOPES)}</div>
      </fieldset>
      <div className="flex flex-wrap items-end gap-3">
        <div className="flex min-w-44 flex-col gap-1.5">
          <label htmlFor={id} className="text-sm font-semibold">
            It ends after
          </label>
          <select id={id} className="field" value={ending} onChange={(event) => setEnding(Number(event.target.value))}>
            {ENDINGS.map(([words], i) => (
              <option key={words} value={i}>
                {words}
              </option>
            ))}
          </select>
        </div>
        <button
          type="submit"
          className="button button-go"
          disabled={make.isPending || name.trim() === "" || scopes.size === 0}
        >
          Make a key
        </button>
      </div>
      {make.error && <Failure error={make.error} />}
      {make.data?.secret && <Secret name={make.data.name} secret={make.data.secret} />}
    </Form>
  );
}

function Box(props: { scope: Scope; on: boolean; onToggle: (scope: Scope, on: boolean) => void }) {
  const { scope } = props;
  const { name, about } = SCOPE_WORDS[scope];
  const id = useId();
  return (
    <div className="flex items-start gap-2.5">
      <input
        id={id}
        type="checkbox"
        className="mt-1 size-4 shrink-0 accent-accent"
        aria-describedby={`${id}-about`}
        checked={props.on}
        onChange={(event) => props.onToggle(scope, event.target.checked)}
      />
      <span className="min-w-0">
        <label htmlFor={id} className="block">
          {name} <code className="ml-1 font-mono text-xs text-ink-3">{scope}</code>
        </label>
        <span id={`${id}-about`} className="block text-sm text-ink-3">
          {about}
        </span>
      </span>
    </div>
  );
}

function Secret({ name, secret }: { name: string; secret: string }) {
  return (
    <div
      role="status"
      className="flex items-center gap-2 rounded-(--radius-m) border border-line bg-surface px-3 py-2.5"
    >
      <span className="min-w-0 flex-1">
        <span className="block text-sm">The key of {name}, shown only now. Keep it where its program finds it.</span>
        <code className="font-mono text-sm break-all select-all">{secret}</code>
      </span>
      <button
        type="button"
        className="button-icon"
        aria-label="Copy the key"
        title="Copy"
        onClick={() => copyText(secret, "Key copied")}
      >
        <Copy size={17} strokeWidth={1.75} />
      </button>
    </div>
  );
}
