import type { ModelChoice } from "@steward/core/wire.ts";
import { useId, useState } from "react";
import type { ModelSetup } from "../../client.ts";
import { Field } from "../parts/Field.tsx";

/** What a model needs to be asked: which one, a key, an address. Keys go to the server once and never come back. */
export function ModelForm(props: {
  choice: ModelChoice;
  busy: boolean;
  refusal: string | undefined;
  onChoose: (setup: ModelSetup) => void;
}) {
  const { choice, busy, refusal, onChoose } = props;
  const [model, setModel] = useState(choice.chosen ?? choice.models[0] ?? "");
  const [apiKey, setApiKey] = useState("");
  const [baseUrl, setBaseUrl] = useState("");
  const list = useId();
  const needsAddress = choice.id === "compatible" || (choice.local && choice.state === "not-found");
  const takesKey = !choice.local;
  return (
    <form
      className="flex flex-col gap-3 border-t border-line px-4 py-4"
      onSubmit={(event) => {
        event.preventDefault();
        onChoose({
          id: choice.id,
          ...(model ? { model } : {}),
          ...(apiKey ? { apiKey } : {}),
          ...(baseUrl ? { baseUrl } : {}),
        });
      }}
    >
      {needsAddress && (
        <Field
          label="Address"
          type="url"
          placeholder="http://127.0.0.1:8080/v1"
          value={baseUrl}
          onChange={(event) => setBaseUrl(event.target.value)}
          required={choice.id === "compatible"}
        />
      )}
      <Field label="Model" list={list} value={model} onChange={(event) => setModel(event.target.value)}>
        <datalist id={list}>
          {choice.models.map((name) => (
            <option key={name} value={name} />
          ))}
        </datalist>
      </Field>
      {takesKey && (
        <Field
          label="Key"
          type="password"
          autoComplete="off"
          placeholder={choice.keyFrom ? "The one found is used when this stays empty" : ""}
          hint="Sealed when stored, and never shown again."
          value={apiKey}
          onChange={(event) => setApiKey(event.target.value)}
        />
      )}
      <div className="flex items-center gap-3">
        <p className="min-w-0 flex-1 text-sm text-doubt" role="alert">
          {refusal}
        </p>
        <button type="submit" className="button button-small button-go" disabled={busy}>
          {busy ? "Asking it" : "Prove and choose"}
        </button>
      </div>
    </form>
  );
}
