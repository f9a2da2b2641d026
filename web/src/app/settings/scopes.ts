/** What an API key may do, in words; the server's list is SCOPES of `tokens.ts`, and a test holds both together. */
export interface ScopeWords {
  readonly scope: string;
  readonly name: string;
  readonly about: string;
}

/** For programs that use the API (docs/api.md). */
export const API_SCOPES: readonly ScopeWords[] = [
  { scope: "chat", name: "Ask", about: "Ask the assistant, in sessions of its own that end after a day." },
  { scope: "search", name: "Search", about: "Find your papers and memories by meaning; chats then answer from them." },
  { scope: "memory:read", name: "Read memories", about: "Read what Steward remembers; chats then know it too." },
  { scope: "memory:write", name: "Keep memories", about: "Store memories, and forget those that keys have stored." },
  { scope: "ingest", name: "Bring documents", about: "Send files to be read, and read sources again." },
  { scope: "tasks", name: "Agenda", about: "See and change your tasks, and make them in chats." },
];

/** For programs that act as the app does. */
export const APP_SCOPES: readonly ScopeWords[] = [
  { scope: "read", name: "Open papers", about: "Search the library as the app does, and open what it finds." },
  { scope: "ask", name: "Your conversations", about: "Read your conversations, and ask in them." },
];

export function scopeName(scope: string): string {
  return [...API_SCOPES, ...APP_SCOPES].find((one) => one.scope === scope)?.name ?? scope;
}
