"use strict";
// From the bootstrap to the pinned Node: same terminal, same end. Plain JavaScript for any Node >= 20.

const { spawn } = require("node:child_process");

const POLL_MS = 200;

/**
 * What glibc is asked for (it reads this only when a program starts; other systems pass over it): large pages for large
 * arrays, with which a sealed index opens a quarter sooner; that every array of a megabyte or more goes back to the
 * system when it is done with, which saves tens of megabytes at a million passages; and one heap for all threads, since what
 * each of the compiler's and the collector's has kept for itself comes to 20 MB. What the person set stays.
 */
const MEMORY = "glibc.malloc.hugetlb=1:glibc.malloc.mmap_threshold=1048576:glibc.malloc.arena_max=1";

/**
 * How much is made before what is no longer used is cleared away: V8's own choice, twice this, makes nothing faster here and
 * costs a house that is searched all day 20 to 50 MB.
 */
const FLAGS = ["--max-semi-space-size=8"];

function environmentOf(env) {
  return process.platform === "linux" ? { GLIBC_TUNABLES: MEMORY, ...env } : env;
}

/** Runs the program in the folder `cwd` and ends as it ends; Ctrl-C, SIGTERM and the end of npm reach it. */
function goOn(program, args, cwd) {
  const child = spawn(program, args, { cwd, stdio: "inherit", env: environmentOf(process.env) });
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

module.exports = { environmentOf, FLAGS, goOn };
