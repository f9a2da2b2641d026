import { createRequire } from "node:module";

/** The environment that `npm start` gives the house; what is measured in a process of its own runs in it too. */
export const asStarted: (env: NodeJS.ProcessEnv) => NodeJS.ProcessEnv = createRequire(import.meta.url)(
  "../scripts/go-on.cjs",
).environmentOf;
