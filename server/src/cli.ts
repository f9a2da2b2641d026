import { terminal } from "./cli/io.ts";
import { runCli } from "./cli/run.ts";
import { environment } from "./config.ts";

/** `steward`: the command line. The house is loaded only by commands that open it in this process. */
process.exitCode = await runCli(process.argv.slice(2), terminal(environment()), async (options) => {
  const { openDoor } = await import("./door.ts");
  return openDoor(options);
});
