import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, issuerUrl } from "../../client.ts";
import { Field } from "../parts/Field.tsx";
import { Form } from "../parts/Form.tsx";
import { Front } from "../parts/Front.tsx";
import { Failure, wordsOf } from "../parts/states.tsx";

/** With the password, with the issuer that the owner named, or with either. */
export default function SignIn() {
  const session = useQuery({ queryKey: ["session"], queryFn: api.session, staleTime: Number.POSITIVE_INFINITY });
  const { password = true, issuer } = session.data?.signIn ?? {};
  return (
    <Front title={password ? "Welcome back" : "Welcome"}>
      <div className="flex flex-col gap-5">
        {issuer !== undefined && <WithIssuer name={issuer} />}
        {issuer !== undefined && password && (
          <p className="flex items-center gap-3 text-sm text-ink-3 before:h-px before:flex-1 before:bg-line after:h-px after:flex-1 after:bg-line">
            or with the password
          </p>
        )}
        {password && <WithPassword isFirst={issuer === undefined} />}
      </div>
    </Front>
  );
}

function WithIssuer({ name }: { name: string }) {
  const [failure] = useState(takeFailure);
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  return (
    <>
      {failure !== undefined && <Failure error={sentenceOf(failure, name)} />}
      <p className="text-ink-2">Steward asks {name} who you are. It sees that you sign in here, and nothing else.</p>
      <a href={issuerUrl(timeZone)} className="button button-go justify-center">
        Continue with {name}
      </a>
    </>
  );
}

function WithPassword({ isFirst }: { isFirst: boolean }) {
  const queries = useQueryClient();
  const [password, setPassword] = useState("");
  const signIn = useMutation({
    mutationFn: () => api.signIn(password),
    onSuccess: (session) => queries.setQueryData(["session"], session),
  });
  return (
    <Form className="flex flex-col gap-5" onSubmit={() => signIn.mutate()}>
      <Field
        label="Password"
        type="password"
        autoComplete="current-password"
        autoFocus={isFirst}
        value={password}
        onText={setPassword}
        refusal={signIn.error ? wordsOf(signIn.error) : undefined}
        hint="Forgotten? In the terminal, “npx steward password” sets a new one."
      />
      <button
        type="submit"
        className={isFirst ? "button button-go" : "button"}
        disabled={signIn.isPending || password === ""}
      >
        {signIn.isPending ? "Checking" : "Sign in"}
      </button>
    </Form>
  );
}

/** Why the issuer's sign-in failed, as the server's redirect says it in the fragment; taken out of the address at once. */
let taken: string | undefined;
function takeFailure(): string | undefined {
  const said = /^#sign-in=([a-z-]+)$/.exec(location.hash)?.[1];
  if (said !== undefined) {
    taken = said;
    history.replaceState(history.state, "", location.pathname + location.search);
  }
  return taken;
}

function sentenceOf(failure: string, name: string): string {
  switch (failure) {
    case "denied":
      return `${name} did not sign you in. Nothing was changed; try again when you like.`;
    case "expired":
      return "That took longer than ten minutes, or began in another browser. Begin again here.";
    case "not-owner":
      return `${name} knows you, but not as the owner of this house. Sign out there and choose the owner's account.`;
    case "unreachable":
      return `${name} does not answer. Try again in a moment.`;
    default:
      return `What ${name} answered could not be trusted. Begin again; if it stays so, look at the server's log.`;
  }
}
