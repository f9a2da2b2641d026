import type { EmbedderChoice } from "@steward/core/wire.ts";
import { CloudUpload } from "lucide-react";
import { useState } from "react";
import type { ModelSetup } from "../../client.ts";
import { Field } from "../parts/Field.tsx";

/** What a distant embedder needs, and above it what would leave the machine for it. */
export function EmbedderForm(props: {
  choice: EmbedderChoice;
  busy: boolean;
  refusal: string | undefined;
  onChoose: (setup: ModelSetup) => void;
}) {
  const { choice, busy, refusal, onChoose } = props;
  const [model, setModel] = useState("");
  const [apiKey, setApiKey] = useState("");
  const [baseUrl, setBaseUrl] = useState("");
  const needsAddress = choice.id === "compatible" || (choice.local && choice.state === "not-found");
  return (
    <form
      className="flex flex-col gap-3 border-t border-line px-4 py-4"
      onSubmit={(event) => {
        event.preventDefault();
        onChoose({
          id: choice.id,
          ...(model.trim() ? { model: model.trim() } : {}),
          ...(apiKey ? { apiKey } : {}),
          ...(baseUrl.trim() ? { baseUrl: baseUrl.trim() } : {}),
        });
      }}
    >
      {!choice.local && (
        <p className="flex items-start gap-2.5 rounded-(--radius-s) bg-wax-soft px-3 py-2 text-sm text-wax">
          <CloudUpload size={17} strokeWidth={1.75} className="mt-px shrink-0" aria-hidden="true" />
          The text of every passage goes there once, of new papers as they come, and the words of every search. They see
          what they embed.
        </p>
      )}
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
      <Field
        label="Model"
        placeholder="The usual one when empty"
        spellCheck={false}
        value={model}
        onChange={(event) => setModel(event.target.value)}
      />
      {!choice.local && (
        <Field
          label="Key"
          type="password"
          autoComplete="off"
          placeholder={choice.state === "ready" ? "The one found is used when this stays empty" : ""}
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
          {busy ? "Asking it" : "Choose it"}
        </button>
      </div>
    </form>
  );
}
