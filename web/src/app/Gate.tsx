import { useQuery } from "@tanstack/react-query";
import { useRouterState } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { lazy, Suspense } from "react";
import { api } from "../client.ts";
import { Front } from "./parts/Front.tsx";
import { Failure } from "./parts/states.tsx";

const SignIn = lazy(() => import("./setup/SignIn.tsx"));
const Unlock = lazy(() => import("./setup/Unlock.tsx"));

/** A server that was started again is found by itself. */
const AGAIN_MS = 2_000;

/** Nothing of the person's is asked for before the session is known; the address stays while one signs in. */
export function Gate({ children }: { children: ReactNode }) {
  const session = useQuery({
    ...{ queryKey: ["session"], queryFn: api.session, staleTime: Number.POSITIVE_INFINITY },
    // Another tab may have signed out, or in, since this one was last looked at.
    refetchOnWindowFocus: "always",
    refetchInterval: ({ state }) => (state.status === "error" ? AGAIN_MS : false),
  });
  const path = useRouterState({ select: (state) => state.location.pathname });
  if (session.isError) {
    return (
      <Front title="Steward is not there">
        <Failure error={session.error} onRetry={() => session.refetch()} />
      </Front>
    );
  }
  if (!session.data) return null;
  switch (session.data.state) {
    case "setup":
      if (path === "/setup") return children;
      return (
        <Front title="Not set up yet">
          <p className="text-ink-2">
            Open the link that Steward printed in the terminal. It works once, for 15 minutes; “npx steward status
            --link” prints a new one.
          </p>
        </Front>
      );
    case "locked":
      return (
        <Suspense>
          <Unlock />
        </Suspense>
      );
    case "signed-out":
      return (
        <Suspense>
          <SignIn />
        </Suspense>
      );
    case "signed-in":
      return children;
    default:
      return session.data.state satisfies never;
  }
}
