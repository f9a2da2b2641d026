import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { realpathSync } from "node:fs";
import { tmpdir } from "node:os";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const GO_ON = fileURLToPath(new URL("go-on.cjs", import.meta.url));

/** Says where it stands, then stops cleanly when it is told to. */
const SERVER = `
  const alive = setInterval(() => {}, 1_000);
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => {
    console.log("stopped by " + signal);
    clearInterval(alive);
  });
  console.log("at " + process.cwd());
`;
const program = (script: string) =>
  `require(${JSON.stringify(GO_ON)}).goOn(process.execPath, ["-e", ${JSON.stringify(script)}], process.env.AT)`;

const at = realpathSync(tmpdir());

function listen(child: ChildProcess) {
  let out = "";
  const waiting = new Set<() => void>();
  child.stdout?.on("data", (chunk) => {
    out += chunk;
    for (const look of waiting) look();
  });
  const says = (text: string) =>
    new Promise<void>((resolve) => {
      const look = () => void (out.includes(text) && resolve());
      waiting.add(look);
      look();
    });
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  return { says, ended };
}

test("a signal reaches the program, which ends in its own way", async () => {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    const child = spawn(process.execPath, ["-e", program(SERVER)], { env: { AT: at } });
    const { says, ended } = listen(child);
    await says(`at ${at}`);
    child.kill(signal);
    await says(`stopped by ${signal}`);
    assert.equal(await ended, 0);
  }
});

test("it ends with the program's code", async () => {
  const child = spawn(process.execPath, ["-e", program("process.exit(7)")], { env: { AT: at } });
  assert.equal(await listen(child).ended, 7);
});

test("the program's memory is asked for in large pages, unless the person says otherwise", {
  skip: process.platform !== "linux",
}, async () => {
  const told = async (env: Record<string, string>) => {
    const child = spawn(process.execPath, ["-e", program("console.log('<' + process.env.GLIBC_TUNABLES + '>')")], {
      env: { AT: at, ...env },
    });
    const { says, ended } = listen(child);
    await says(env.GLIBC_TUNABLES === undefined ? "<glibc.malloc.hugetlb=1:" : `<${env.GLIBC_TUNABLES}>`);
    assert.equal(await ended, 0);
  };
  await told({});
  await told({ GLIBC_TUNABLES: "" });
});

test("when the shell that npm ran it in is gone, the program is stopped", {
  skip: process.platform === "win32",
}, async () => {
  const shell = spawn("/bin/sh", ["-c", '"$NODE" -e "$PROGRAM"; :'], {
    env: { AT: at, NODE: process.execPath, PROGRAM: program(SERVER), npm_lifecycle_event: "start" },
  });
  const { says } = listen(shell);
  await says(`at ${at}`);
  shell.kill("SIGKILL");
  await says("stopped by SIGTERM");
});
