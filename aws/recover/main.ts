import { openAccount } from "../deploy/account.ts";
import { OptionError } from "../infra/options.ts";
import { isUsage, parseWords } from "../infra/words.ts";
import { recover } from "./recover.ts";

/** `npm run recover -- --at 2026-11-21T06:00:00Z`: the table and the objects as they were then. docs/aws.md, "Recovery". */
const text = { type: "string" } as const;
const flag = { type: "boolean" } as const;
const OPTIONS = { env: text, profile: text, region: text, at: text, "accept-loss": flag, json: flag } as const;

try {
  const { values } = parseWords({ options: OPTIONS });
  const at = values.at === undefined ? undefined : new Date(values.at);
  if (at && Number.isNaN(at.getTime()))
    throw new OptionError(`"${values.at}" is no time. Write it as 2026-11-21T06:00:00Z.`);
  const account = await openAccount({
    ...(values.profile === undefined ? {} : { profile: values.profile }),
    ...(values.region === undefined ? {} : { region: values.region }),
  });
  const done = await recover({
    ...{ account, env: values.env ?? "home", acceptLoss: values["accept-loss"] === true },
    ...(at === undefined ? {} : { at }),
    say: (line) => process.stderr.write(`${line}\n`),
  });
  const { table, keys, objects, seconds } = done;
  const lost = keys.lost > 0 ? `, ${keys.lost} no longer open` : "";
  process.stdout.write(
    values.json
      ? `${JSON.stringify(done)}\n`
      : `The home runs on ${table}, as of ${done.at.toISOString()}: ${keys.opens} keys open${lost}, ${objects} objects back. ` +
          `${seconds.whole} s, ${seconds.restore} of them AWS's restore.\n`,
  );
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exitCode = isUsage(error) ? 2 : 1;
}
