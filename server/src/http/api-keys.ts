import type { TurnTerms } from "@steward/core/conversation.ts";
import type { Scope } from "../tokens.ts";
import type { Caller } from "./caller.ts";
import { Problem } from "./problems.ts";

/** What an API key may do, in the words of a turn and of a refusal. The owner's own callers may do all of it. */
const SESSION_MS = 24 * 3_600_000;

/** Whose sessions, limits and idempotency keys these are. */
export function nameOf(caller: Caller): string {
  return caller.kind === "token" ? caller.id : "owner";
}

export function may(caller: Caller, scope: Scope): boolean {
  return caller.kind === "token" ? caller.scopes.includes(scope) : caller.kind !== "nobody";
}

export function demand(caller: Caller, scope: Scope, field?: string): void {
  if (may(caller, scope)) return;
  const detail = `This needs the scope \`${scope}\`, which the key does not have. Make a key that has it.`;
  throw new Problem("forbidden", detail, field === undefined ? {} : { field });
}

/** Who shows a key is a program, which may have read anything: its words are not the owner's. */
export function programOf(caller: Caller): Pick<TurnTerms, "program"> {
  return caller.kind === "token" ? { program: caller.id } : {};
}

/**
 * A key's turn searches only with `search`, is told of memories only with `memory:read`, and is offered the tools that its
 * scopes reach: without `memory:write` nothing is remembered, without `tasks` no task is made.
 */
export function termsOf(caller: Caller, wanted: boolean | undefined): TurnTerms & { readonly knowledge: boolean } {
  if (wanted === true) demand(caller, "search", "knowledge");
  const knowledge = wanted !== false && may(caller, "search");
  return {
    knowledge,
    recall: may(caller, "memory:read"),
    tools: [
      ...(knowledge ? ["search", "open_item"] : []),
      ...(may(caller, "memory:write") ? ["remember"] : []),
      ...(may(caller, "tasks") ? ["create_task"] : []),
    ],
    ...programOf(caller),
    session: { by: nameOf(caller), ms: SESSION_MS },
  };
}
