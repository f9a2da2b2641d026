import { useIsFetching } from "@tanstack/react-query";
import { useRouterState } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useEffect } from "react";
import { Page } from "../parts/Page.tsx";
import { ModelPicker } from "../setup/ModelPicker.tsx";
import { CapLine } from "../setup/ThinkStep.tsx";
import { About } from "./About.tsx";
import { Backup } from "./Backup.tsx";
import { Forgotten } from "./Forgotten.tsx";
import { Jobs } from "./Jobs.tsx";
import { Look } from "./Look.tsx";
import { Meaning } from "./Meaning.tsx";
import { Password } from "./Password.tsx";
import { Tokens } from "./Tokens.tsx";
import { You } from "./You.tsx";

export function SettingsScreen() {
  const hash = useRouterState({ select: (state) => state.location.hash });
  const settled = useIsFetching() === 0;
  // Again once all is loaded: what stands above has then its height.
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  useEffect(() => {
    if (hash) document.getElementById(hash)?.scrollIntoView();
  }, [hash, settled]);
  return (
    <Page title="Settings">
      <Jobs />
      <Section id="you" title="You">
        <You />
      </Section>
      <Section id="model" title="Who should think?">
        <ModelPicker />
        <div className="mt-3">
          <CapLine />
        </div>
      </Section>
      <Section
        id="search"
        title="Search"
        about="Words are always searched, here. An embedder finds what is meant in other words too."
      >
        <Meaning />
      </Section>
      <Section id="look" title="Look">
        <Look />
      </Section>
      <Section id="password" title="Password" about="Changing it signs out every other browser.">
        <Password />
      </Section>
      <Section
        id="backup"
        title="Backup"
        about="The backup and its kit of keys are two files. Keep them apart: neither opens without the other."
      >
        <Backup />
      </Section>
      <Section
        id="forgotten"
        title="Forgotten"
        about="What is hidden can be brought back until it is forgotten for good. Then there is a receipt."
      >
        <Forgotten />
      </Section>
      <Section
        id="tokens"
        title="API keys"
        about="For scripts and programs of yours. Whatever it may do, no key approves anything, or reaches settings, other keys or backups."
      >
        <Tokens />
      </Section>
      <Section id="about" title="This house">
        <About />
      </Section>
    </Page>
  );
}

function Section({ id, title, about, children }: { id: string; title: string; about?: string; children: ReactNode }) {
  return (
    <section id={id} aria-labelledby={`${id}-title`} className="scroll-mt-4">
      <h2 id={`${id}-title`} className="text-lg font-semibold">
        {title}
      </h2>
      {about && <p className="text-sm text-ink-3">{about}</p>}
      <div className="mt-3">{children}</div>
    </section>
  );
}
