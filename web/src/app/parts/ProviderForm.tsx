import type { EmbedderChoice, ModelChoice } from "@steward/core/wire.ts";
import { type ReactNode, useId, useState } from "react";
import type { ModelSetup } from "../../client.ts";
import { Field } from "./Field.tsx";
import { Form } from "./Form.tsx";

/** What a provider needs to be asked: which model, a key, an address. Keys go to the server once and never come back. */
export function ProviderForm(props: {
  choice: Pick<ModelChoice | EmbedderChoice, "id" | "local" | "state">;
  /** Names to pick from, the one that stands there first, and what is said when none does. */
  models?: readonly string[];
  model?: string | undefined;
  noModel?: string;
  /** A key is stored or in the environment: none need be given. */
  hasKey: boolean;
  verb: string;
  busy: boolean;
  refusal: string | undefined;
  onChoose: (setup: ModelSetup) => void;
  /** What should be known before. */
  children?: ReactNode;
}) {
  const { choice, models = [], noModel, hasKey, verb, busy, refusal, onChoose, children } = props;
  const [model, setModel] = useState(props.model ?? "");
  const [apiKey, setApiKey] = useState("");
  const [baseUrl, setBaseUrl] = useState("");
  const list = useId();
  const needsAddress = choice.id === "compatible" || (choice.local && choice.state === "not-found");
  const send = (): void =>
    onChoose({
      id: choice.id,
      ...(model.trim() ? { model: model.trim() } : {}),
      ...(apiKey ? { apiKey } : {}),
      ...(baseUrl.trim() ? { baseUrl: baseUrl.trim() } : {}),
    });
  return (
    <Form className="flex flex-col gap-3 border-t border-line px-4 py-4" onSubmit={send}>
      {children}
      {needsAddress && (
        <Field
          label="Address"
          type="url"
          placeholder="http://127.0.0.1:8080/v1"
          value={baseUrl}
          onText={setBaseUrl}
          required={choice.id === "compatible"}
        />
      )}
      <Field label="Model" placeholder={noModel} spellCheck={false} list={list} value={model} onText={setModel}>
        <datalist id={list}>
          {models.map((name) => (
            <option key={name} value={name} />
          ))}
        </datalist>
      </Field>
      {!choice.local && (
        <Field
          label="Key"
          type="password"
          autoComplete="off"
          placeholder={hasKey ? "The one found is used when this stays empty" : ""}
          hint="Sealed when stored, and never shown again."
          value={apiKey}
          onText={setApiKey}
        />
      )}
      <div className="flex items-center gap-3">
        <p className="min-w-0 flex-1 text-sm text-doubt" role="alert">
          {refusal}
        </p>
        <button type="submit" className="button button-small button-go" disabled={busy}>
          {busy ? "Asking it" : verb}
        </button>
      </div>
    </Form>
  );
}
