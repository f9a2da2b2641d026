import { useQueries, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ArrowRight } from "lucide-react";
import { useEffect } from "react";
import { api } from "../../client.ts";
import { useLive } from "../shell/progress.ts";
import { prepareAnswers } from "./Answer.tsx";
import { questionsOf } from "./questions.ts";

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
  const questions = useQuestions();
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
            {questions.map((question) => (
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

/** Questions that the papers at hand can answer: of Nora's archive, or of what came last of each kind. */
function useQuestions(): readonly string[] {
  const sources = useQuery({ queryKey: ["sources"], queryFn: api.sources });
  const [mails, events, files] = useQueries({
    queries: ["mail", "event", "file"].map((kind) => ({
      queryKey: ["search", `kind:${kind}`, "welcome"],
      queryFn: () => api.search(`kind:${kind}`, { limit: 10, order: "newest" }),
    })),
  });
  if (sources.data?.length && sources.data.every((source) => source.kind === "sample")) return OF_NORA;
  return questionsOf({
    mails: mails?.data?.hits ?? [],
    events: events?.data?.hits ?? [],
    files: files?.data?.hits ?? [],
  });
}

function greeting(name: string | undefined): string {
  const hour = new Date().getHours();
  const part = hour < 5 ? "Good evening" : hour < 12 ? "Good morning" : hour < 18 ? "Good afternoon" : "Good evening";
  return name ? `${part}, ${name}` : part;
}
