import type { ModelChoice } from "@steward/core/wire.ts";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Cloud, Cpu, Laptop, type LucideIcon, Server } from "lucide-react";
import { useState } from "react";
import { api, type ModelSetup } from "../../client.ts";
import { milliseconds } from "../format.ts";
import { Failure, Skeleton } from "../parts/states.tsx";
import { ModelForm } from "./ModelForm.tsx";

/** Who thinks: each choice proves itself with a real completion before it is chosen. */
export function ModelPicker() {
  const queries = useQueryClient();
  const models = useQuery({ queryKey: ["models"], queryFn: api.models });
  const [open, setOpen] = useState<string>();
  const [proofs, setProofs] = useState<Readonly<Record<string, string>>>({});
  const choose = useMutation({
    mutationFn: async (setup: ModelSetup) => {
      if (setup.id !== "extractive") {
        const proof = await api.proveModel(setup);
        if (!proof.ok) throw new Error(proof.message);
        setProofs((before) => ({ ...before, [setup.id]: `answered in ${milliseconds(proof.ms)}` }));
      }
      return api.chooseModel(setup);
    },
    onSuccess: (choices) => {
      queries.setQueryData(["models"], choices);
      void queries.invalidateQueries({ queryKey: ["status"] });
      setOpen(undefined);
    },
  });
  if (models.isError) return <Failure error={models.error} onRetry={() => models.refetch()} />;
  if (!models.data) return <Skeleton rows={4} />;
  const pick = (choice: ModelChoice): void => {
    choose.reset();
    if (choice.id === "extractive") choose.mutate({ id: choice.id });
    else setOpen(open === choice.id ? undefined : choice.id);
  };
  return (
    <ul aria-label="Models" className="flex flex-col gap-3">
      {models.data.map((choice) => {
        const Icon = iconOf(choice);
        const here = open === choice.id;
        return (
          <li
            key={choice.id}
            className={`rounded-(--radius-m) border bg-surface ${choice.current ? "border-accent shadow-[0_0_0_3px_var(--accent-soft)]" : "border-line"} ${choice.state === "not-found" ? "opacity-70" : ""}`}
          >
            <button
              type="button"
              aria-pressed={choice.current}
              aria-expanded={choice.id === "extractive" ? undefined : here}
              onClick={() => pick(choice)}
              className="flex w-full items-center gap-3.5 rounded-(--radius-m) px-4 py-3 text-left"
            >
              <Icon
                size={18}
                strokeWidth={1.75}
                aria-hidden="true"
                className={`shrink-0 ${choice.current ? "text-accent" : "text-ink-2"}`}
              />
              <span className="min-w-0 flex-1">
                <span className="block font-semibold">{choice.label}</span>
                <span className="block text-sm text-ink-2">
                  {choice.keyFrom && `${choice.keyFrom} `}
                  {choice.description}
                </span>
              </span>
              <span className={`shrink-0 text-xs ${proofs[choice.id] ? "text-accent" : "text-ink-3"}`}>
                {proofs[choice.id] ?? stateOf(choice)}
              </span>
            </button>
            {here && (
              <ModelForm
                choice={choice}
                busy={choose.isPending}
                refusal={choose.error ? choose.error.message : undefined}
                onChoose={(setup) => choose.mutate(setup)}
              />
            )}
          </li>
        );
      })}
    </ul>
  );
}

function iconOf(choice: ModelChoice): LucideIcon {
  if (choice.id === "extractive") return Cpu;
  if (choice.id === "compatible") return Server;
  return choice.local ? Laptop : Cloud;
}

function stateOf(choice: ModelChoice): string {
  if (choice.current) return choice.chosen ?? "chosen";
  if (choice.id === "extractive") return "ready";
  return choice.state === "ready" ? "prove it" : choice.state === "needs-key" ? "needs a key" : "not found";
}
