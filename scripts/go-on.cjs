"use strict";
// From the bootstrap to the pinned Node: same terminal, same end. Plain JavaScript for any Node >= 20.

const { spawn } = require("node:child_process");

const POLL_MS = 200;

/** Runs the program in the folder `cwd` and ends as it ends; Ctrl-C, SIGTERM and the end of npm reach it. */
function goOn(program, args, cwd) {
  const child = spawn(program, args, { cwd, stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  if (process.env.npm_lifecycle_event && process.platform !== "win32") stopWithParent(child);
  child.on("error", (error) => {
    process.stderr.write(`The pinned Node could not be started: ${error.message}\n`);
    process.exit(1);
  });
  child.on("exit", (code, signal) => process.exit(code === null ? (signal === "SIGINT" ? 130 : 143) : code));
}

/** npm passes a SIGTERM to the shell it runs us in, and that dies without telling us: its end is our signal. */
function stopWithParent(child) {
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    child.kill("SIGTERM");
  }, POLL_MS);
}

module.exports = { goOn };
