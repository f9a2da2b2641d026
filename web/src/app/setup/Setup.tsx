import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { api } from "../../client.ts";
import { Front } from "../parts/Front.tsx";
import { CodeStep } from "./CodeStep.tsx";
import { PasswordStep } from "./PasswordStep.tsx";
import { SourceStep } from "./SourceStep.tsx";
import { ThinkStep } from "./ThinkStep.tsx";

type Step = "password" | "code" | "think" | "source";
const STEPS: readonly Step[] = ["password", "think", "source"];
const STEPS_WITH_CODE: readonly Step[] = ["password", "code", "think", "source"];
const TITLES: Readonly<Record<Step, string>> = {
  password: "Choose a password",
  code: "Keep this code",
  think: "Who should think?",
  source: "What should it know?",
};

/**
 * The first run. The link's token stands in the fragment (`/#setup=<token>`), which no server log sees; it is taken out
 * of the address at once. Opened again after the password was set, it goes on where nothing is lost.
 */
export function Setup() {
  const navigate = useNavigate();
  const session = useQuery({ queryKey: ["session"], queryFn: api.session, staleTime: Number.POSITIVE_INFINITY });
  const [token] = useState(takeToken);
  const [step, setStep] = useState<Step>(session.data?.state === "setup" ? "password" : "think");
  const [code, setCode] = useState<string>();
  // A new home gives its code after the password; nothing else is known before.
  const steps = step === "password" || code !== undefined ? STEPS_WITH_CODE : STEPS;
  const at = steps.indexOf(step);
  const next = (): void => {
    const following = steps[at + 1];
    if (following) setStep(following);
    else void navigate({ to: "/chat", replace: true });
  };
  return (
    <Front title={TITLES[step]} steps={steps.map((_, i) => (i < at ? 1 : i === at ? 0.45 : 0))}>
      {step === "password" && (
        <PasswordStep
          token={token}
          onDone={(recoveryCode) => {
            setCode(recoveryCode);
            setStep(recoveryCode ? "code" : "think");
          }}
        />
      )}
      {step === "code" && code && <CodeStep code={code} onDone={next} />}
      {step === "think" && <ThinkStep onDone={next} />}
      {step === "source" && <SourceStep onBack={() => setStep("think")} onDone={next} />}
    </Front>
  );
}

/** Once per page: React may run an initializer twice, and the second time the address is already clean. */
let taken: string | undefined;
function takeToken(): string {
  if (location.hash.length > 1) {
    taken = decodeURIComponent(location.hash.slice(1)).replace(/^setup=/, "");
    history.replaceState(history.state, "", location.pathname);
  }
  return taken ?? "";
}
