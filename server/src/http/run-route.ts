import type { Context } from "hono";
import type { Env } from "./binding.ts";
import { admit, callerOf } from "./caller.ts";
import type { Door } from "./door.ts";
import { notFound, Problem } from "./problems.ts";
import type { Desk, Route } from "./route.ts";

/** An id in a path: opaque words of ours, nothing that could mean something elsewhere. */
const ID = /^[A-Za-z0-9_.:-]{1,100}$/;

/** Who asks, whether the house is open, whether they may; then the route itself. */
export async function runRoute(route: Route, desk: Desk, context: Context<Env>): Promise<Response> {
  const house = desk.door.house();
  const caller = await callerOf(context, house, desk);
  if (!route.atTheDoor) {
    if (!house) throw locked(desk.door);
    const canSignIn = desk.oidc.signIn !== undefined || (await desk.door.password.isSet());
    if (caller.kind === "nobody" && !canSignIn) throw setupNeeded();
  }
  admit(caller, route.access, { method: context.req.method, csrf: context.req.header("x-steward-csrf") });
  const id = context.req.param("id") ?? "";
  if (route.path.includes(":id") && !ID.test(id)) throw notFound("What was asked for");
  return route.run({ ...desk, context, caller, id, query: undefined, body: undefined }, house);
}

export function locked(door: Pick<Door, "unlockBy">): Problem {
  return new Problem(
    "locked",
    door.unlockBy() === "passphrase"
      ? "The house is locked. Open it with the passphrase or the recovery code."
      : "The key file of this home is gone. Open it with the recovery code, or put the file back and start again.",
  );
}

export function setupNeeded(): Problem {
  return new Problem("setup-needed", "No password is set yet. Open the one-time link that `npm start` printed.");
}
