import type { ModelChoice } from "@steward/core/wire.ts";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Cloud, Cpu, Laptop, type LucideIcon, Server } from "lucide-react";
import { useState } from "react";
import { api, type ModelSetup } from "../../client.ts";
import { milliseconds } from "../format.ts";
import { Choice, Choices } from "../parts/choices.tsx";
import { ProviderForm } from "../parts/ProviderForm.tsx";
import { Failure, Skeleton } from "../parts/states.tsx";

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
  const cardOf = (choice: ModelChoice) => {
    const proof = proofs[choice.id];
    return (
      <Choice
        key={choice.id}
        icon={iconOf(choice)}
        name={choice.label}
        about={choice.keyFrom ? `${choice.keyFrom} ${choice.description}` : choice.description}
        state={proof ? <span className="text-accent">{proof}</span> : stateOf(choice)}
        current={choice.current}
        asks={choice.id !== "extractive"}
        open={open === choice.id}
        onPick={() => pick(choice)}
      >
        <ProviderForm
          choice={choice}
          models={choice.models}
          model={choice.chosen ?? choice.models[0]}
          hasKey={choice.keyFrom !== undefined}
          verb="Prove and choose"
          busy={choose.isPending}
          refusal={choose.error?.message}
          onChoose={choose.mutate}
        />
      </Choice>
    );
  };
  const near = models.data.filter((choice) => choice.current || choice.state === "ready");
  const far = models.data.filter((choice) => !near.includes(choice));
  return <Choices name="Models" near={near} far={far} card={cardOf} />;
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
