import { useQuery } from "@tanstack/react-query";
import { Outlet, useNavigate, useRouter } from "@tanstack/react-router";
import { WifiOff } from "lucide-react";
import { lazy, Suspense, useEffect, useState } from "react";
import { api } from "../../client.ts";
import { openForgetting, useOpenedForgetting } from "../forget/opened.ts";
import { BottomBar } from "./BottomBar.tsx";
import { useLive, useProgressStream } from "./progress.ts";
import { Rail } from "./Rail.tsx";
import { adoptTheme, followSystem } from "./theme.ts";

const Palette = lazy(() => import("./Palette.tsx"));
const Shortcuts = lazy(() => import("./Shortcuts.tsx"));

/** The frame: rail, screen, and on a phone the bar below; and the keys that work everywhere. */
export function Shell() {
  const [open, setOpen] = useState<"palette" | "shortcuts">();
  const navigate = useNavigate();
  const router = useRouter();
  const { up } = useLive();
  const { id: forgetting, Dialog: ForgetDialog } = useOpenedForgetting();
  useProgressStream();
  useEffect(followSystem, []);
  const settings = useQuery({ queryKey: ["settings"], queryFn: api.settings, staleTime: 600_000 });
  const ofSettings = settings.data?.theme;
  useEffect(() => {
    if (ofSettings) adoptTheme(ofSettings);
  }, [ofSettings]);
  useEffect(() => router.subscribe("onRendered", ({ pathChanged }) => pathChanged && focusHeading()), [router]);
  useEffect(() => {
    let after = "";
    const press = (event: KeyboardEvent): void => {
      if ((event.metaKey || event.ctrlKey) && event.key.toLowerCase() === "k") {
        event.preventDefault();
        setOpen((now) => (now === "palette" ? undefined : "palette"));
        return;
      }
      const typing =
        event.target instanceof HTMLElement &&
        event.target.closest("input, textarea, select, [role=dialog], [role=menu]");
      if (typing || event.metaKey || event.ctrlKey || event.altKey) return;
      const places: Record<string, string> = { c: "/chat", l: "/library", m: "/memory", a: "/agenda", s: "/settings" };
      if (after === "g" && places[event.key]) {
        event.preventDefault();
        void navigate({ to: places[event.key] ?? "/" });
      } else if (event.key === "?") setOpen("shortcuts");
      else if (event.key === "n") {
        event.preventDefault();
        void navigate({ to: "/chat" });
      } else if (event.key === "/") {
        event.preventDefault();
        // Where there is nothing to write into, one searches everything.
        if (!focusMainInput()) setOpen("palette");
      }
      after = event.key;
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, [navigate]);

  return (
    <div className="flex h-full flex-col phone:flex-row">
      <a href="#screen" className="button button-go sr-only absolute top-2 left-2 z-50 focus:not-sr-only">
        Skip to the screen
      </a>
      <Rail onFind={() => setOpen("palette")} />
      <div id="screen" tabIndex={-1} className="relative flex min-h-0 min-w-0 flex-1 flex-col outline-none">
        {!up && (
          <p role="status" className="flex items-center gap-2 bg-doubt-soft px-4 py-2 text-sm text-doubt">
            <WifiOff size={16} strokeWidth={1.75} aria-hidden="true" />
            Steward does not answer. What you see stays; it goes on by itself once Steward is back.
          </p>
        )}
        <Suspense>
          <Outlet />
        </Suspense>
      </div>
      <BottomBar />
      {forgetting && ForgetDialog && <ForgetDialog id={forgetting} onClose={() => openForgetting(undefined)} />}
      <Suspense>
        {open === "palette" && <Palette onClose={() => setOpen(undefined)} onShortcuts={() => setOpen("shortcuts")} />}
        {open === "shortcuts" && <Shortcuts onClose={() => setOpen(undefined)} />}
      </Suspense>
    </div>
  );
}

function focusMainInput(): boolean {
  const input = document.querySelector<HTMLElement>("[data-main-input]");
  input?.focus();
  return input !== null;
}

/** On a new screen one begins at its name, unless the screen has put the cursor somewhere already. */
function focusHeading(): void {
  const screen = document.getElementById("screen");
  const heading = screen?.querySelector<HTMLElement>("h1");
  if (!screen || !heading || screen.contains(document.activeElement)) return;
  heading.tabIndex = -1;
  heading.focus({ preventScroll: true });
}
