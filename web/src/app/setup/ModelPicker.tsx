import type { ModelChoice } from "@steward/core/wire.ts";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Cloud, Cpu, Laptop, type LucideIcon, Plus, Server } from "lucide-react";
import { type ReactNode, useState } from "react";
import { api, type ModelSetup } from "../../client.ts";
import { milliseconds } from "../format.ts";
import { Failure, Skeleton } from "../parts/states.tsx";
import { ModelForm } from "./ModelForm.tsx";

/** Who thinks: each choice proves itself with a real completion before it is chosen. */
export function ModelPicker() {
  const queries = useQueryClient();
  const models = useQuery({ queryKey: ["models"], queryFn: api.models });
  const [open, setOpen] = useState<string>();
  const [others, setOthers] = useState(false);
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
  const choiceOf = (choice: ModelChoice) => (
    <Choice
      key={choice.id}
      choice={choice}
      open={open === choice.id}
      proof={proofs[choice.id]}
      onPick={() => pick(choice)}
    >
      <ModelForm
        choice={choice}
        busy={choose.isPending}
        refusal={choose.error ? choose.error.message : undefined}
        onChoose={(setup) => choose.mutate(setup)}
      />
    </Choice>
  );
  const near = models.data.filter((choice) => choice.current || choice.state === "ready");
  const far = models.data.filter((choice) => !near.includes(choice));
  return (
    <ul aria-label="Models" className="flex flex-col gap-3">
      {near.map(choiceOf)}
      {far.length > 0 && !others && (
        <li className="rounded-(--radius-m) border border-line bg-surface">
          <button
            type="button"
            onClick={() => setOthers(true)}
            className="flex w-full items-center gap-3.5 rounded-(--radius-m) px-4 py-3 text-left"
          >
            <Plus size={18} strokeWidth={1.75} aria-hidden="true" className="shrink-0 text-ink-2" />
            <span>
              <span className="block font-semibold">Another</span>
              <span className="block text-sm text-ink-2">{far.map((choice) => choice.label).join(", ")}.</span>
            </span>
          </button>
        </li>
      )}
      {others && far.map(choiceOf)}
    </ul>
  );
}

function Choice(props: {
  choice: ModelChoice;
  open: boolean;
  proof: string | undefined;
  onPick: () => void;
  children: ReactNode;
}) {
  const { choice, open, proof, onPick, children } = props;
  const Icon = iconOf(choice);
  return (
    <li
      className={`rounded-(--radius-m) border bg-surface ${choice.current ? "border-accent shadow-[0_0_0_3px_var(--accent-soft)]" : "border-line"}`}
    >
      <button
        type="button"
        aria-pressed={choice.current}
        aria-expanded={choice.id === "extractive" ? undefined : open}
        onClick={onPick}
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
        <span className={`shrink-0 text-xs ${proof ? "text-accent" : "text-ink-3"}`}>{proof ?? stateOf(choice)}</span>
      </button>
      {open && children}
    </li>
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
