import type { Settings } from "@steward/core/wire.ts";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, Problem } from "../../client.ts";
import { Field } from "../parts/Field.tsx";
import { Failure, Skeleton } from "../parts/states.tsx";
import { toast } from "../parts/toast.tsx";
import { ZoneField } from "../setup/ZoneField.tsx";

/** Name, zone, own addresses, and the cap for models without a price. */
export function You() {
  const settings = useQuery({ queryKey: ["settings"], queryFn: api.settings });
  if (settings.isError) return <Failure error={settings.error} onRetry={() => settings.refetch()} />;
  if (!settings.data) return <Skeleton rows={2} />;
  return <Form settings={settings.data} />;
}

function Form({ settings }: { settings: Settings }) {
  const queries = useQueryClient();
  const [name, setName] = useState(settings.name ?? "");
  const [timeZone, setTimeZone] = useState(settings.timeZone);
  const [addresses, setAddresses] = useState(settings.addresses.join(", "));
  const [tokens, setTokens] = useState(String(settings.dailyTokenCap));
  const save = useMutation({
    mutationFn: () =>
      api.changeSettings({
        timeZone,
        addresses: addresses.split(/[\s,;]+/).filter(Boolean),
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
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      {error && !placed && <Failure error={error} />}
      <div className="grid gap-4 phone:grid-cols-2">
        <Field
          label="Name"
          autoComplete="name"
          value={name}
          onChange={(event) => setName(event.target.value)}
          refusal={refused("name")}
        />
        <ZoneField value={timeZone} onChange={setTimeZone} />
      </div>
      <Field
        label="Your own addresses"
        hint="Mail from these counts as yours. Separate several by commas."
        spellCheck={false}
        value={addresses}
        onChange={(event) => setAddresses(event.target.value)}
        refusal={refused("addresses")}
      />
      <Field
        label="Tokens a day, for models without a price"
        inputMode="numeric"
        value={tokens}
        onChange={(event) => setTokens(event.target.value)}
        refusal={refused("dailyTokenCap") ?? (/^\d+$/.test(tokens) ? undefined : "A whole number.")}
      />
      <div>
        <button type="submit" className="button" disabled={save.isPending || !/^\d+$/.test(tokens)}>
          Save
        </button>
      </div>
    </form>
  );
}
