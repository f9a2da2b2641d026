import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

interface GoOn {
  environmentOf(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv;
  readonly FLAGS: readonly string[];
}

const { environmentOf, FLAGS }: GoOn = createRequire(import.meta.url)("../scripts/go-on.cjs");

const compiled = fileURLToPath(new URL("../node_modules/.cache/steward", import.meta.url));

/**
 * How `npm start` starts the house; what is measured in a process of its own is started so too. What Node makes of the
 * sources is kept (cli.ts): the compiler that strips their types is not in memory the second time.
 */
export const asStarted = {
  env: environmentOf({ NODE_COMPILE_CACHE: compiled, ...process.env }),
  execArgv: [...FLAGS],
};
