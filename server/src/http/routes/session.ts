import type { Session } from "@steward/core/wire.ts";
import { z } from "zod";
import type { House } from "../../house.ts";
import { beginSession, clearSessionCookie, keepersOf, sessionSecret } from "../caller.ts";
import { LINK_MINUTES } from "../one-time-link.ts";
import { Problem } from "../problems.ts";
import { type Call, doorRoute, route } from "../route.ts";
import { locked, setupNeeded } from "../run-route.ts";
import { SessionAnswer } from "../schemas.ts";

const MAX_PASSWORD = 1_000;
const password = z.string().max(MAX_PASSWORD);
const timeZone = z.string().refine(isTimeZone, "must be an IANA time zone such as Europe/Paris");

const Setup = z.object({
  token: z.string().max(200),
  password,
  timeZone,
  name: z.string().trim().min(1).max(200).optional(),
});

const Unlock = z.union([
  z.strictObject({ passphrase: z.string().min(1).max(MAX_PASSWORD) }),
  z.strictObject({ recoveryCode: z.string().min(1).max(200) }),
]);

export const sessionRoutes = [
  doorRoute({
    method: "get",
    path: "/api/session",
    summary: "Where this browser stands: set up, locked, signed out or signed in",
    access: "public",
    answer: SessionAnswer,
    handle: (call) => sessionOf(call),
  }),

  doorRoute({
    method: "post",
    path: "/api/setup",
    summary: "Sets the owner's password with the one-time link's token, and signs in",
    access: "public",
    body: Setup,
    answer: SessionAnswer.extend({ recoveryCode: z.string().optional().describe("Of a new home, this once") }),
    async handle(call) {
      await call.guesses.count(call.context.env);
      const house = openHouseOf(call);
      if (await call.door.password.isSet())
        throw new Problem("conflict", "Steward is set up already. Sign in instead.");
      const redeemed = call.link.redeem(call.body.token);
      if (!redeemed) {
        const minutes = `It works once, within ${LINK_MINUTES} minutes.`;
        throw new Problem(
          "link-expired",
          `${minutes} Run \`npx steward status --link\` in the terminal for a fresh link.`,
        );
      }
      try {
        await call.door.password.set(call.body.password);
        await house.settings.patch({
          timeZone: call.body.timeZone,
          ...(call.body.name === undefined ? {} : { name: call.body.name }),
        });
      } catch (error) {
        redeemed.giveBack();
        throw error;
      }
      await call.guesses.forgive(call.context.env);
      const { recoveryCode } = call.link;
      call.link.recoveryCode = undefined;
      return { ...(await signIn(call, house)), ...(recoveryCode === undefined ? {} : { recoveryCode }) };
    },
  }),

  doorRoute({
    method: "post",
    path: "/api/setup/link",
    summary: "A fresh one-time link, for the owner's terminal",
    access: "terminal",
    answer: z.object({ token: z.string().optional(), address: z.string() }),
    async handle(call) {
      openHouseOf(call);
      const address = call.link.address;
      return (await call.door.password.isSet()) ? { address } : { token: call.link.issue(), address };
    },
  }),

  doorRoute({
    method: "post",
    path: "/api/session",
    summary: "Signs in",
    access: "public",
    body: z.object({ password }),
    answer: SessionAnswer,
    async handle(call) {
      await call.guesses.count(call.context.env);
      const house = openHouseOf(call);
      if (!(await call.door.password.isSet())) throw setupNeeded();
      if (!(await call.door.password.verify(call.body.password))) {
        throw new Problem("wrong-password", "That is not the password. `npx steward password` sets a new one.", {
          field: "password",
        });
      }
      await call.guesses.forgive(call.context.env);
      return signIn(call, house);
    },
  }),

  doorRoute({
    method: "delete",
    path: "/api/session",
    summary: "Signs out",
    access: "owner",
    answer: "nothing",
    async handle({ context, config, door }) {
      const house = door.house();
      const secret = sessionSecret(context, config);
      if (house && secret) await keepersOf(house).sessions.end(secret);
      clearSessionCookie(context, config);
    },
  }),

  doorRoute({
    method: "post",
    path: "/api/unlock",
    summary: "Opens the house with the passphrase or the recovery code",
    access: "public",
    body: Unlock,
    answer: SessionAnswer,
    async handle(call) {
      await call.guesses.count(call.context.env);
      if (!call.door.house()) await call.door.unlock(call.body);
      await call.guesses.forgive(call.context.env);
      return sessionOf(call);
    },
  }),

  route({
    method: "post",
    path: "/api/password",
    summary: "Changes the password and ends all other sessions; the terminal needs no current one",
    access: "owner",
    body: z.object({ current: password.optional(), next: password }),
    answer: "nothing",
    async handle(call) {
      const { caller, door, body } = call;
      if (caller.kind !== "terminal" && (await door.password.isSet())) {
        await call.guesses.count(call.context.env);
        if (!(await door.password.verify(body.current ?? ""))) {
          throw new Problem("wrong-password", "That is not the current password.", { field: "current" });
        }
        await call.guesses.forgive(call.context.env);
      }
      await door.password.set(body.next);
      await keepersOf(call.house).sessions.endAll(caller.kind === "browser" ? caller.session.id : undefined);
    },
  }),

  route({
    method: "post",
    path: "/api/lock",
    summary: "Wraps the root key with a passphrase, or takes the passphrase away",
    access: "terminal",
    body: z.union([
      z.strictObject({ passphrase: z.string().min(8, "must have at least 8 characters").max(MAX_PASSWORD) }),
      z.strictObject({ off: z.literal(true) }),
    ]),
    answer: z.object({ lock: z.enum(["key-file", "passphrase"]), recoveryCode: z.string().optional() }),
    async handle({ door, body }) {
      const made = await door.protect("passphrase" in body ? body.passphrase : undefined);
      return { lock: door.protection(), ...made };
    },
  }),
];

async function signIn(call: Call<unknown, unknown>, house: House): Promise<Session> {
  const session = await beginSession(call.context, house, call.config);
  return { state: "signed-in", csrf: session.csrf, owner: await ownerOf(house) };
}

async function sessionOf(call: Call<unknown, unknown>): Promise<Session> {
  const house = call.door.house();
  if (!house) return { state: "locked", unlockBy: call.door.unlockBy() };
  if (call.caller.kind === "browser") {
    return { state: "signed-in", csrf: call.caller.session.csrf, owner: await ownerOf(house) };
  }
  if (call.caller.kind === "terminal") return { state: "signed-in", owner: await ownerOf(house) };
  const password = await call.door.password.isSet();
  const issuer = call.oidc.signIn?.issuer.name;
  if (issuer === undefined) return { state: password ? "signed-out" : "setup" };
  return { state: "signed-out", signIn: { password, issuer } };
}

async function ownerOf(house: House): Promise<{ name?: string; timeZone: string }> {
  const { name, timeZone } = await house.settings.get();
  return { timeZone, ...(name === undefined ? {} : { name }) };
}

export function openHouseOf(call: Call<unknown, unknown>): House {
  const house = call.door.house();
  if (!house) throw locked(call.door);
  return house;
}

export function isTimeZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}
