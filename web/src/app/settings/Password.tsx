import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { api, Problem } from "../../client.ts";
import { Field } from "../parts/Field.tsx";
import { Form } from "../parts/Form.tsx";
import { wordsOf } from "../parts/states.tsx";
import { toast } from "../parts/toast.tsx";
import { StrengthLine } from "../setup/StrengthLine.tsx";
import { strengthOf } from "../setup/strength.ts";

export function Password() {
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const strength = strengthOf(next);
  const change = useMutation({
    mutationFn: () => api.changePassword(current, next),
    onSuccess: () => {
      setCurrent("");
      setNext("");
      toast({ text: "The password was changed, and other browsers were signed out." });
    },
  });
  const aboutCurrent = change.error instanceof Problem && change.error.field === "current";
  return (
    <Form className="flex flex-col gap-4" onSubmit={() => change.mutate()}>
      <div className="grid items-start gap-4 phone:grid-cols-2">
        <Field
          label="Current password"
          type="password"
          autoComplete="current-password"
          value={current}
          onText={setCurrent}
          refusal={aboutCurrent ? wordsOf(change.error) : undefined}
        />
        <Field
          label="New password"
          type="password"
          autoComplete="new-password"
          value={next}
          onText={setNext}
          refusal={change.error && !aboutCurrent ? wordsOf(change.error) : undefined}
        >
          {next !== "" && <StrengthLine strength={strength} />}
        </Field>
      </div>
      <div>
        <button type="submit" className="button" disabled={change.isPending || current === "" || strength.level === 0}>
          Change the password
        </button>
      </div>
    </Form>
  );
}
