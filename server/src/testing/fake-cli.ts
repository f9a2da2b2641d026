import { open } from "node:fs/promises";
import { terminal } from "../cli/io.ts";
import { runCli } from "../cli/run.ts";
import { environment } from "../config.ts";
import { fakeDoor } from "./fake-door.ts";
import { fakeHouse } from "./fake-house.ts";

/** The command line over a fake house, for tests that spawn it. `FAKE_*` say how the door stands. */
const env = environment();
process.exitCode = await runCli(process.argv.slice(2), terminal(env), async ({ config }) => {
  const { FAKE_LOCKED, FAKE_CODE, FAKE_PASSWORD, FAKE_BUSY, FAKE_WARNING, FAKE_GONE } = env;
  if (FAKE_BUSY) throw Object.assign(new Error("Steward already runs here."), { name: "HomeBusy" });
  const door = fakeDoor({
    house: fakeHouse(config.home),
    ...(FAKE_LOCKED ? { locked: FAKE_LOCKED } : {}),
    ...(FAKE_WARNING ? { warnings: [FAKE_WARNING] } : {}),
    ...(FAKE_GONE ? { unlockBy: "recovery-code", locked: "nothing opens it" } : {}),
    ...(FAKE_CODE ? { code: FAKE_CODE } : {}),
    ...(FAKE_PASSWORD ? { password: FAKE_PASSWORD } : {}),
  });
  // Reading a pipe into which nobody writes: neither the work nor the call of the system ends.
  return env.FAKE_STUCK === undefined ? door : { ...door, close: async () => void (await open(env.FAKE_STUCK ?? "")) };
});
