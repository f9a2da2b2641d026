import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from "@tanstack/react-router";
import type { Order } from "../client.ts";
import { Gate } from "./Gate.tsx";
import { NotFound, ScreenFailed } from "./parts/states.tsx";
import { Shell } from "./shell/Shell.tsx";

/** The screens and their addresses. Each screen is fetched when it is first opened. */
const root = createRootRoute({
  component: () => (
    <Gate>
      <Outlet />
    </Gate>
  ),
  notFoundComponent: NotFound,
  errorComponent: ScreenFailed,
});

const setup = createRoute({
  getParentRoute: () => root,
  path: "/setup",
  component: lazyRouteComponent(() => import("./setup/Setup.tsx"), "Setup"),
});

const shell = createRoute({ getParentRoute: () => root, id: "shell", component: Shell });

const home = createRoute({
  getParentRoute: () => shell,
  path: "/",
  beforeLoad: ({ location }) => {
    // The link that `npm start` prints carries its token here: `/#setup=<token>`.
    if (location.hash.startsWith("setup=")) throw redirect({ to: "/setup", hash: location.hash, replace: true });
    // The sign-in page tells what stands here: `/#sign-in=<why not>`.
    throw redirect({ to: "/chat", hash: location.hash, replace: true });
  },
});

const chatScreen = lazyRouteComponent(() => import("./chat/ChatScreen.tsx"), "ChatScreen");
/** `ask` puts a question into the composer without asking it. */
const newChat = createRoute({
  getParentRoute: () => shell,
  path: "/chat",
  component: chatScreen,
  validateSearch: (search: Record<string, unknown>): { ask?: string } =>
    typeof search.ask === "string" ? { ask: search.ask } : {},
});
const chat = createRoute({ getParentRoute: () => shell, path: "/chat/$conversation", component: chatScreen });

export interface LibrarySearch {
  readonly q?: string;
  readonly kind?: string;
  readonly order?: Order;
  readonly item?: string;
}
const library = createRoute({
  getParentRoute: () => shell,
  path: "/library",
  component: lazyRouteComponent(() => import("./library/LibraryScreen.tsx"), "LibraryScreen"),
  validateSearch: (search: Record<string, unknown>): LibrarySearch => ({
    ...(typeof search.q === "string" && search.q ? { q: search.q } : {}),
    ...(typeof search.kind === "string" && search.kind ? { kind: search.kind } : {}),
    ...(search.order === "best" || search.order === "newest" || search.order === "oldest"
      ? { order: search.order }
      : {}),
    ...(typeof search.item === "string" && search.item ? { item: search.item } : {}),
  }),
});
const sources = createRoute({
  getParentRoute: () => shell,
  path: "/library/sources",
  component: lazyRouteComponent(() => import("./library/SourcesScreen.tsx"), "SourcesScreen"),
});
const memory = createRoute({
  getParentRoute: () => shell,
  path: "/memory",
  component: lazyRouteComponent(() => import("./memory/MemoryScreen.tsx"), "MemoryScreen"),
});
const agenda = createRoute({
  getParentRoute: () => shell,
  path: "/agenda",
  component: lazyRouteComponent(() => import("./agenda/AgendaScreen.tsx"), "AgendaScreen"),
});
const settings = createRoute({
  getParentRoute: () => shell,
  path: "/settings",
  component: lazyRouteComponent(() => import("./settings/SettingsScreen.tsx"), "SettingsScreen"),
});

export const router = createRouter({
  routeTree: root.addChildren([
    setup,
    shell.addChildren([home, newChat, chat, library, sources, memory, agenda, settings]),
  ]),
  defaultPreload: "intent",
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
