import { createRequire } from "node:module";

interface GoOn {
  environmentOf(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv;
  readonly FLAGS: readonly string[];
}

const { environmentOf, FLAGS }: GoOn = createRequire(import.meta.url)("../scripts/go-on.cjs");

/** How `npm start` starts the house; what is measured in a process of its own is started so too. */
export const asStarted = { env: environmentOf(process.env), execArgv: [...FLAGS] };
