import { useMutation, useQueryClient } from "@tanstack/react-query";
import { RadioGroup } from "radix-ui";
import { useState } from "react";
import { api } from "../../client.ts";
import { wordsOf } from "../parts/states.tsx";
import { toast } from "../parts/toast.tsx";
import { applyTheme, type Theme, theme } from "../shell/theme.ts";

const THEMES: readonly (readonly [Theme, string])[] = [
  ["light", "Light"],
  ["dark", "Dark"],
  ["system", "As the system"],
];

export function Look() {
  const queries = useQueryClient();
  const [chosen, setChosen] = useState(theme);
  const keep = useMutation({
    mutationFn: (next: Theme) => api.changeSettings({ theme: next }),
    onSuccess: (changed) => queries.setQueryData(["settings"], changed),
    onError: (error) => toast({ text: wordsOf(error) }),
  });
  return (
    <RadioGroup.Root
      aria-label="Theme"
      value={chosen}
      onValueChange={(next) => {
        const found = THEMES.find(([name]) => name === next)?.[0];
        if (!found) return;
        applyTheme(found);
        setChosen(found);
        keep.mutate(found);
      }}
      className="inline-flex rounded-(--radius-m) border border-line-strong bg-surface p-1"
    >
      {THEMES.map(([name, words]) => (
        <RadioGroup.Item
          key={name}
          value={name}
          className="h-8 rounded-(--radius-s) px-3.5 text-sm text-ink-2 data-[state=checked]:bg-ink data-[state=checked]:font-semibold data-[state=checked]:text-paper"
        >
          {words}
        </RadioGroup.Item>
      ))}
    </RadioGroup.Root>
  );
}
