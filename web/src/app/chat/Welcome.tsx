import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ArrowRight } from "lucide-react";
import { useEffect } from "react";
import { api } from "../../client.ts";
import { useLive } from "../shell/progress.ts";
import { prepareAnswers } from "./Answer.tsx";

const OF_ANYONE = [
  "What did I get in the last week?",
  "Which bills came last month, and how much were they?",
  "What is on my calendar next week?",
  "Remind me to call mum tomorrow at nine",
];
const OF_NORA = [
  "How much was the rental deposit for the flat?",
  "Where does Ana's wedding take place?",
  "When is my mother's knee operation?",
  "Remind me to call Mamma tomorrow at nine",
];

/** An empty conversation: a few questions that can be asked right now, or the way to something to ask about. */
export function Welcome({ onAsk }: { onAsk: (question: string) => void }) {
  const session = useQuery({ queryKey: ["session"], queryFn: api.session, staleTime: Number.POSITIVE_INFINITY });
  const status = useQuery({ queryKey: ["status"], queryFn: api.status });
  useEffect(prepareAnswers, []);
  const { progress } = useLive();
  const sample = progress?.sources.some((source) => source.kind === "sample") ?? false;
  const reading = progress?.sources.some((source) => source.state === "reading" || source.state === "waiting") ?? false;
  const name = session.data?.owner?.name;
  const empty = status.data?.items === 0 && !reading;
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <div className="mx-auto flex min-h-full max-w-[calc(var(--measure)+2rem)] flex-col justify-end px-4 pb-6">
        <h2 className="text-2xl font-bold tracking-tight text-balance">{greeting(name)}</h2>
        <p className="mt-2 mb-5 text-ink-2">
          {empty
            ? "There is nothing to answer from yet. Add a mailbox or a folder, and ask about it."
            : "Ask about your mail and files. Every answer shows the words it stands on."}
        </p>
        {empty ? (
          <div>
            <Link to="/library/sources" className="button button-go">
              Add a source
            </Link>
          </div>
        ) : (
          <ul aria-label="Questions to begin with" className="flex flex-col">
            {(sample ? OF_NORA : OF_ANYONE).map((question) => (
              <li key={question} className="border-t border-line last:border-b">
                <button
                  type="button"
                  onClick={() => onAsk(question)}
                  className="group flex w-full items-center gap-3 py-3 text-left text-ink-2 hover:text-ink"
                >
                  <span className="flex-1">{question}</span>
                  <ArrowRight
                    size={16}
                    strokeWidth={1.75}
                    className="text-ink-3 group-hover:text-accent"
                    aria-hidden="true"
                  />
                </button>
              </li>
            ))}
          </ul>
        )}
      </div>
    </div>
  );
}

function greeting(name: string | undefined): string {
  const hour = new Date().getHours();
  const part = hour < 5 ? "Good evening" : hour < 12 ? "Good morning" : hour < 18 ? "Good afternoon" : "Good evening";
  return name ? `${part}, ${name}` : part;
}
