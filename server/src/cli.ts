import { enableCompileCache } from "node:module";
import { fileURLToPath } from "node:url";

/**
 * `steward`: the command line. What Node makes of our sources is kept from one start to the next, beside the
 * dependencies; where that folder cannot be written, starting is only slower.
 */
enableCompileCache(fileURLToPath(new URL("../../node_modules/.cache/steward", import.meta.url)));
const { environment } = await import("./config.ts");
const { terminal } = await import("./cli/io.ts");
const { runCli } = await import("./cli/run.ts");

process.exitCode = await runCli(process.argv.slice(2), terminal(environment()), async (options) => {
  // The house is loaded only by commands that open it in this process.
  const { openDoor } = await import("./door.ts");
  return openDoor(options);
});
