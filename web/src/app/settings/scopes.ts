import type { Scope } from "../../client.ts";

/** What an API key may do, in words: of every scope that the server knows. */
export const SCOPE_WORDS: Readonly<Record<Scope, { readonly name: string; readonly about: string }>> = {
  chat: { name: "Ask", about: "Ask the assistant, in sessions of its own that end after a day." },
  search: { name: "Search", about: "Find your papers and memories by meaning; chats then answer from your papers." },
  "memory:read": { name: "Read memories", about: "Read what Steward remembers; chats then know it too." },
  "memory:write": { name: "Keep memories", about: "Store memories, and forget those that keys have stored." },
  ingest: { name: "Bring documents", about: "Send files to be read, and read sources again." },
  tasks: { name: "Agenda", about: "See and change your tasks, and make them in chats." },
  read: { name: "Open papers", about: "Search the library as the app does, and open what it finds." },
  ask: { name: "Your conversations", about: "Read your conversations, and ask in them." },
};

/** Of programs that use the API (docs/api.md), and of those that act as the app does. */
export const API_SCOPES: readonly Scope[] = ["chat", "search", "memory:read", "memory:write", "ingest", "tasks"];
export const APP_SCOPES: readonly Scope[] = ["read", "ask"];

/** A key of a later version may have a scope that this page does not know. */
export function scopeName(scope: string): string {
  return Object.entries(SCOPE_WORDS).find(([known]) => known === scope)?.[1].name ?? scope;
}
