import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ShieldCheck } from "lucide-react";
import { useState } from "react";
import { api } from "../../client.ts";
import { Form } from "../parts/Form.tsx";
import { Failure, wordsOf } from "../parts/states.tsx";
import { toast } from "../parts/toast.tsx";
import { ModelPicker } from "./ModelPicker.tsx";

export function ThinkStep({ onDone }: { onDone: () => void }) {
  return (
    <div className="flex flex-col gap-4">
      <p className="text-ink-2">
        Steward searches and remembers by itself. For longer writing and reasoning it can ask a model. You can change
        this any time.
      </p>
      <ModelPicker />
      <CapLine />
      <div className="mt-2 flex justify-end">
        <button type="button" className="button button-go" onClick={onDone}>
          Continue
        </button>
      </div>
    </div>
  );
}

/** "At most $2.00 a day, checked before every question." */
export function CapLine() {
  const queries = useQueryClient();
  const settings = useQuery({ queryKey: ["settings"], queryFn: api.settings });
  const [text, setText] = useState<string>();
  const change = useMutation({
    mutationFn: (dailyCapUsd: number) => api.changeSettings({ dailyCapUsd }),
    onSuccess: (changed) => {
      queries.setQueryData(["settings"], changed);
      void queries.invalidateQueries({ queryKey: ["status"] });
      setText(undefined);
    },
    onError: (error) => toast({ text: wordsOf(error) }),
  });
  if (settings.isError) return <Failure error={settings.error} onRetry={() => settings.refetch()} />;
  if (!settings.data) return <div className="skeleton h-6 w-2/3" />;
  const amount = Number(text);
  return (
    <Form
      className="flex min-h-8 items-center gap-3 px-1 text-sm text-ink-2"
      onSubmit={() => text !== undefined && Number.isFinite(amount) && amount >= 0 && change.mutate(amount)}
    >
      <ShieldCheck size={18} strokeWidth={1.75} className="shrink-0 text-accent" aria-hidden="true" />
      {text === undefined ? (
        <>
          <span className="flex-1">
            At most <strong className="text-ink">${settings.data.dailyCapUsd.toFixed(2)}</strong> a day, checked before
            every question.
          </span>
          <button
            type="button"
            className="button button-small button-quiet"
            onClick={() => setText(String(settings.data.dailyCapUsd))}
          >
            Change
          </button>
        </>
      ) : (
        <>
          <label className="flex flex-1 items-center gap-2">
            At most $
            <input
              className="field min-h-8 w-20 py-1"
              inputMode="decimal"
              aria-label="Dollars a day"
              // biome-ignore lint/a11y/noAutofocus: the person just chose to change it
              autoFocus
              value={text}
              onChange={(event) => setText(event.target.value)}
            />
            a day
          </label>
          <button type="submit" className="button button-small" disabled={change.isPending || !(amount >= 0)}>
            Save
          </button>
        </>
      )}
    </Form>
  );
}
