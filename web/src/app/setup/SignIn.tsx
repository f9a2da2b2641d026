import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../client.ts";
import { Field } from "../parts/Field.tsx";
import { Front } from "../parts/Front.tsx";
import { wordsOf } from "../parts/states.tsx";

export default function SignIn() {
  const queries = useQueryClient();
  const [password, setPassword] = useState("");
  const signIn = useMutation({
    mutationFn: () => api.signIn(password),
    onSuccess: (session) => queries.setQueryData(["session"], session),
  });
  return (
    <Front title="Welcome back">
      <form
        className="flex flex-col gap-5"
        onSubmit={(event) => {
          event.preventDefault();
          signIn.mutate();
        }}
      >
        <Field
          label="Password"
          type="password"
          autoComplete="current-password"
          autoFocus
          value={password}
          onChange={(event) => setPassword(event.target.value)}
          refusal={signIn.error ? wordsOf(signIn.error) : undefined}
          hint="Forgotten? In the terminal, “npx steward password” sets a new one."
        />
        <button type="submit" className="button button-go" disabled={signIn.isPending || password === ""}>
          {signIn.isPending ? "Checking" : "Sign in"}
        </button>
      </form>
    </Front>
  );
}
