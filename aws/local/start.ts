import { randomBytes } from "node:crypto";
import { fileURLToPath } from "node:url";
import { ownerPassword } from "@steward/server/owner-password.ts";
import { openLocalCloud } from "./cloud.ts";

/**
 * `npm run aws:local [-- --port 4190]`: the cloud home on this machine, without an account. The functions are bundled and run
 * as Lambda would run them; nothing is kept when it stops.
 */
const { values } = (await import("node:util")).parseArgs({ options: { port: { type: "string", default: "4190" } } });
const TICK_MS = 15 * 60_000;

process.stdout.write("Bundling the functions and starting a stand-in for AWS…\n");
const cloud = await openLocalCloud({
  port: Number(values.port),
  web: fileURLToPath(new URL("../../web/dist", import.meta.url)),
  log: (line) => void process.stderr.write(`${line}\n`),
});
if (typeof cloud === "string") {
  process.stderr.write(`This needs more than is here: ${cloud}.\n`);
  process.exit(1);
}
const password = randomBytes(9).toString("base64url");
const { house } = await cloud.house();
await ownerPassword(() => house.sealed).set(password);
cloud.poller.run();
const ticking = setInterval(() => void cloud.worker.call({ tick: true }).catch(() => {}), TICK_MS);

process.stdout.write(
  `\nSteward, as it runs on AWS, is at ${cloud.gateway.url}\nPassword: ${password}\n\nCtrl-C stops it; nothing is kept.\n`,
);
const stop = async () => {
  clearInterval(ticking);
  await cloud[Symbol.asyncDispose]();
  process.exit(0);
};
process.once("SIGINT", () => void stop());
process.once("SIGTERM", () => void stop());
