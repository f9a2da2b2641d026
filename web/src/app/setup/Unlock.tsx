import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../client.ts";
import { Field } from "../parts/Field.tsx";
import { Form } from "../parts/Form.tsx";
import { Front } from "../parts/Front.tsx";
import { wordsOf } from "../parts/states.tsx";

/** The home is sealed under a passphrase; without it (or the recovery code) nothing in it can be read. */
export default function Unlock() {
  const queries = useQueryClient();
  const session = useQuery({ queryKey: ["session"], queryFn: api.session, staleTime: Number.POSITIVE_INFINITY });
  const codeAlone = session.data?.unlockBy === "recovery-code";
  const [chosen, setByCode] = useState(false);
  const byCode = codeAlone || chosen;
  const [text, setText] = useState("");
  const unlock = useMutation({
    mutationFn: () => api.unlock(byCode ? { recoveryCode: text.trim() } : { passphrase: text }),
    onSuccess: (session) => queries.setQueryData(["session"], session),
  });
  return (
    <Front title="This home is locked">
      <Form className="flex flex-col gap-5" onSubmit={() => unlock.mutate()}>
        <p className="text-ink-2">
          {codeAlone
            ? "The key file is gone or damaged. The recovery code that was shown at the first start opens the home, and the key file is written anew."
            : "Everything in it is sealed under your passphrase. Opening takes a moment: that is what makes guessing slow."}
        </p>
        <Field
          key={String(byCode)}
          label={byCode ? "Recovery code" : "Passphrase"}
          type={byCode ? "text" : "password"}
          className={byCode ? "field font-mono" : "field"}
          autoComplete={byCode ? "off" : "current-password"}
          spellCheck={false}
          autoFocus
          value={text}
          onText={setText}
          refusal={unlock.error ? wordsOf(unlock.error) : undefined}
        />
        <div className="flex items-center justify-between gap-3">
          {codeAlone ? (
            <span />
          ) : (
            <button
              type="button"
              className="button button-quiet -ml-2"
              onClick={() => {
                setByCode(!byCode);
                setText("");
                unlock.reset();
              }}
            >
              {byCode ? "Use the passphrase" : "Use the recovery code"}
            </button>
          )}
          <button type="submit" className="button button-go" disabled={unlock.isPending || text === ""}>
            {unlock.isPending ? "Opening" : "Open"}
          </button>
        </div>
      </Form>
    </Front>
  );
}
