#!/usr/bin/env node
"use strict";
// `npx steward …` in a checkout: the same bootstrap as `npm start`, then the CLI under the pinned Node.
process.argv.splice(2, 0, "cli");
require("../scripts/bootstrap.cjs");
