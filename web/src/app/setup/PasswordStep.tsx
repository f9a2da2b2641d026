import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, Problem } from "../../client.ts";
import { Field } from "../parts/Field.tsx";
import { Form } from "../parts/Form.tsx";
import { Failure } from "../parts/states.tsx";
import { StrengthLine } from "./StrengthLine.tsx";
import { strengthOf } from "./strength.ts";
import { ZoneField } from "./ZoneField.tsx";

export function PasswordStep({ token, onDone }: { token: string; onDone: (recoveryCode: string | undefined) => void }) {
  const queries = useQueryClient();
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [again, setAgain] = useState("");
  const [timeZone, setTimeZone] = useState(() => Intl.DateTimeFormat().resolvedOptions().timeZone);
  const [tried, setTried] = useState(false);
  const strength = strengthOf(password, name.split(/\s+/));
  const differs = again !== password;
  const isWeak = tried && strength.level === 0;
  const setUp = useMutation({
    mutationFn: () => api.setUp({ token, password, timeZone, ...(name.trim() ? { name: name.trim() } : {}) }),
    onSuccess: ({ recoveryCode, ...session }) => {
      // First the step, then the session: the gate must not take the page away from the code.
      onDone(recoveryCode);
      queries.setQueryData(["session"], session);
    },
  });
  const refusal = setUp.error instanceof Problem && setUp.error.field === "password" ? setUp.error.message : undefined;
  return (
    <Form
      className="flex flex-col gap-4"
      onSubmit={() => {
        setTried(true);
        if (strength.level > 0 && !differs) setUp.mutate();
      }}
    >
      <p className="text-ink-2">
        It opens this page. What is stored is sealed with keys of its own, so it can be changed at any time.
      </p>
      {token === "" && (
        <Failure
          error={
            new Problem(
              403,
              "This page needs the whole link that Steward printed in the terminal, with the part after the #.",
            )
          }
        />
      )}
      {setUp.error && !refusal && <Failure error={setUp.error} />}
      <Field
        label="Your name"
        autoComplete="name"
        placeholder="As Steward should call you; may stay empty"
        value={name}
        onText={setName}
      />
      <Field
        label="Password"
        type="password"
        autoComplete="new-password"
        value={password}
        onText={setPassword}
        refusal={refusal ?? (isWeak ? strength.words : undefined)}
      >
        {!isWeak && <StrengthLine strength={strength} />}
      </Field>
      <Field
        label="Password again"
        type="password"
        autoComplete="new-password"
        value={again}
        onText={setAgain}
        refusal={tried && differs ? "The two are not the same." : undefined}
      />
      <ZoneField value={timeZone} onChange={setTimeZone} />
      <div className="mt-2 flex justify-end">
        <button type="submit" className="button button-go" disabled={setUp.isPending || token === ""}>
          {setUp.isPending ? "Making the keys" : "Continue"}
        </button>
      </div>
    </Form>
  );
}
