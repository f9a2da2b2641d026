import type { Settings } from "@steward/core/wire.ts";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, Problem } from "../../client.ts";
import { likelyOwn } from "../evidence/owner.ts";
import { Field } from "../parts/Field.tsx";
import { Form } from "../parts/Form.tsx";
import { Failure, Skeleton } from "../parts/states.tsx";
import { toast } from "../parts/toast.tsx";
import { ZoneField } from "../setup/ZoneField.tsx";

/** Name, zone, own addresses, and the cap for models without a price. */
export function You() {
  const settings = useQuery({ queryKey: ["settings"], queryFn: api.settings });
  if (settings.isError) return <Failure error={settings.error} onRetry={() => settings.refetch()} />;
  if (!settings.data) return <Skeleton rows={2} />;
  // Another form once the addresses are others: the suggestion below was taken.
  return <YouForm settings={settings.data} />;
}

/** While no address is known as the owner's: the one that most mail was sent to. */
function Suggestion({ onTake, disabled }: { onTake: (address: string) => void; disabled: boolean }) {
  const mails = useQuery({
    queryKey: ["search", "kind:mail", "own-address"],
    queryFn: ({ signal }) => api.search("kind:mail", { limit: 100, order: "newest" }, signal),
  });
  const address = mails.data && likelyOwn(mails.data.hits);
  if (!address) return null;
  return (
    <p className="flex flex-wrap items-center gap-x-3 gap-y-1 text-sm text-ink-2">
      <span>
        Most of your mail was sent to <strong className="text-ink">{address}</strong>.
      </span>
      <button
        type="button"
        className="button button-small button-quiet"
        disabled={disabled}
        onClick={() => onTake(address)}
      >
        That is mine
      </button>
    </p>
  );
}

function YouForm({ settings }: { settings: Settings }) {
  const queries = useQueryClient();
  const [name, setName] = useState(settings.name ?? "");
  const [timeZone, setTimeZone] = useState(settings.timeZone);
  const [addresses, setAddresses] = useState(settings.addresses.join(", "));
  const [tokens, setTokens] = useState(String(settings.dailyTokenCap));
  const save = useMutation({
    mutationFn: (own: string) =>
      api.changeSettings({
        timeZone,
        addresses: own.split(/[\s,;]+/).filter(Boolean),
        dailyTokenCap: Math.round(Number(tokens)),
        ...(name.trim() ? { name: name.trim() } : {}),
      }),
    onSuccess: (changed) => {
      queries.setQueryData(["settings"], changed);
      void queries.invalidateQueries({ queryKey: ["session"] });
      toast({ text: "Saved" });
    },
  });
  const { error } = save;
  const refused = (field: string): string | undefined =>
    error instanceof Problem && error.field?.startsWith(field) ? error.message : undefined;
  const placed = ["name", "timeZone", "addresses", "dailyTokenCap"].some((field) => refused(field));
  return (
    <Form className="flex flex-col gap-4" onSubmit={() => save.mutate(addresses)}>
      {error && !placed && <Failure error={error} />}
      <div className="grid gap-4 phone:grid-cols-2">
        <Field label="Name" autoComplete="name" value={name} onText={setName} refusal={refused("name")} />
        <ZoneField value={timeZone} onChange={setTimeZone} />
      </div>
      <Field
        label="Your own addresses"
        hint="Mail from these counts as yours. Separate several by commas."
        spellCheck={false}
        value={addresses}
        onText={setAddresses}
        refusal={refused("addresses")}
      >
        {settings.addresses.length === 0 && addresses === "" && (
          <Suggestion onTake={(address) => save.mutate(address)} disabled={save.isPending} />
        )}
      </Field>
      <Field
        label="Tokens a day, for models without a price"
        inputMode="numeric"
        value={tokens}
        onText={setTokens}
        refusal={refused("dailyTokenCap") ?? (/^\d+$/.test(tokens) ? undefined : "A whole number.")}
      />
      <div>
        <button type="submit" className="button" disabled={save.isPending || !/^\d+$/.test(tokens)}>
          Save
        </button>
      </div>
    </Form>
  );
}
