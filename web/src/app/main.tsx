import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Problem, whenSignedOut } from "../client.ts";
import "./app.css";
import { Toasts } from "./parts/toast.tsx";
import { router } from "./router.tsx";

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      // The server is on this machine: asked once more when it could not be reached, never when it refused.
      retry: (failures, error) => error instanceof Problem && error.status === 0 && failures < 1,
      refetchOnWindowFocus: false,
    },
    mutations: { retry: false },
  },
});
whenSignedOut(() => void queries.invalidateQueries({ queryKey: ["session"] }));

const root = document.getElementById("root");
if (root === null) throw new Error("index.html lacks #root: build the app again");
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <RouterProvider router={router} />
      <Toasts />
    </QueryClientProvider>
  </StrictMode>,
);
