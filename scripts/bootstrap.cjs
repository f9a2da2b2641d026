"use strict";
// Runs before the pinned Node exists, on whatever Node >= 20 the machine has: installs when the lock file says so, builds
// the web app when its sources changed, and goes on under the pinned Node. Plain JavaScript, nothing but Node's own modules.

const { spawnSync } = require("node:child_process");
const crypto = require("node:crypto");
const fs = require("node:fs");
const path = require("node:path");
const { FLAGS, goOn } = require("./go-on.cjs");

const root = path.resolve(__dirname, "..");
const windows = process.platform === "win32";
const npm = windows ? "npm.cmd" : "npm";

function say(text) {
  process.stderr.write(`${text}\n`);
}

function fail(text) {
  say(text);
  process.exit(1);
}

/** How long npm's registry may take to say that it is there, ms. Without a network npm itself tries for minutes. */
const PATIENCE_MS = 5_000;

/**
 * Whether npm's registry is "there" (one that knows no ping answers too) or "unreachable". One that is slow, on a machine that
 * is busy, is only "silent": that it cannot be reached is not sure.
 */
function registry() {
  const args = ["ping", "--loglevel=error", "--fetch-retries=0", `--fetch-timeout=${PATIENCE_MS}`];
  const { status, stderr } = spawnSync(npm, args, {
    cwd: root,
    stdio: ["ignore", "ignore", "pipe"],
    encoding: "utf8",
    shell: windows,
    timeout: 2 * PATIENCE_MS,
  });
  if (status === 0 || /\bcode E\d{3}\b/.test(stderr)) return "there";
  return /\bcode (?:ENOTFOUND|ECONNREFUSED|ENETUNREACH|EHOSTUNREACH)\b/.test(stderr) ? "unreachable" : "silent";
}

/** Whether npm did what it was asked. */
function runNpm(args, output) {
  const { error, status } = spawnSync(npm, args, { cwd: root, stdio: ["ignore", output, output], shell: windows });
  if (error) fail(`npm could not be started (${error.message}). It comes with Node; install both.`);
  return status === 0;
}

/** What is installed: `run` is enough to start, `all` has the development tools too. `needs` is told where they cannot be fetched. */
function ensureInstalled(want, needs = "Steward runs on packages of npm's.") {
  const lock = crypto
    .createHash("sha256")
    .update(fs.readFileSync(path.join(root, "package-lock.json")))
    .digest("hex");
  const stampFile = path.join(root, "node_modules", ".steward-installed");
  let stamp = { lock: "", what: "" };
  try {
    stamp = JSON.parse(fs.readFileSync(stampFile, "utf8"));
  } catch {
    // Not installed yet, or by hand: npm finds out what is missing.
  }
  if (stamp.lock === lock && (stamp.what === "all" || stamp.what === want)) return;
  const first = !fs.existsSync(path.join(root, "node_modules", ".package-lock.json"));
  // A server may be running from this checkout: what is there already is added to, never taken away under it.
  const args = [first ? "ci" : "install", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  args.push(want === "all" ? "--include=dev" : "--omit=dev");
  const found = registry();
  // What is here already, or was fetched once and is in npm's cache, needs no network.
  const isHere = found !== "there" && runNpm([...args, "--offline"], "ignore");
  if (!isHere) {
    const lacking = `${needs} Not all of them are installed here, and npm's registry does not answer (\`npm ping\` says why).`;
    if (found === "unreachable") {
      fail(`${lacking}\nConnect this machine to the network and run the same command again: they are fetched once.`);
    }
    if (found === "silent") say(`${lacking}\nnpm goes on trying, for minutes if there is no network; Ctrl-C stops it.`);
    else say(first ? "Installing what Steward needs (once, about half a minute)…" : "Installing what is missing…");
    if (!runNpm(args, 2)) {
      fail("The installation did not finish; npm said why above. Once that is mended, run the same command again.");
    }
  }
  fs.writeFileSync(stampFile, JSON.stringify({ lock, what: want }));
}

/** The pinned Node, as npm linked it; a platform we have no package for may bring its own Node 26. */
function pinnedNode() {
  const linked = path.join(root, "node_modules", ".bin", windows ? "node.exe" : "node");
  if (fs.existsSync(linked)) return linked;
  for (const name of fs.existsSync(path.join(root, "node_modules"))
    ? fs.readdirSync(path.join(root, "node_modules"))
    : []) {
    const file = path.join(root, "node_modules", name, "bin", windows ? "node.exe" : "node");
    if (name.startsWith("node-") && fs.existsSync(file)) return file;
  }
  if (Number(process.versions.node.split(".")[0]) >= 26) return process.execPath;
  return fail(
    `There is no packaged Node 26 for ${process.platform} ${process.arch}. Install Node 26 yourself and run this again with it.`,
  );
}

function filesBelow(folder) {
  return fs
    .readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const file = path.join(folder, entry.name);
      return entry.isDirectory() ? filesBelow(file) : [file];
    });
}

function ensureBuilt(node) {
  const web = path.join(root, "web");
  const hash = crypto.createHash("sha256");
  const sources = ["src", "public"].map((name) => path.join(web, name)).filter((folder) => fs.existsSync(folder));
  for (const file of [...sources.flatMap(filesBelow), path.join(web, "index.html"), path.join(web, "vite.config.ts")]) {
    hash.update(path.relative(web, file)).update(fs.readFileSync(file));
  }
  const want = hash.update(fs.readFileSync(path.join(root, "package-lock.json"))).digest("hex");
  const stampFile = path.join(web, "dist", ".built-from");
  if (fs.existsSync(stampFile) && fs.readFileSync(stampFile, "utf8") === want) return;
  say("Building the app…");
  const vite = path.join(root, "node_modules", "vite", "bin", "vite.js");
  const done = spawnSync(node, [vite, "build", "--logLevel", "warn"], { cwd: web, stdio: ["ignore", 2, 2] });
  if (done.status !== 0) fail("The app did not build; what is wrong stands above.");
  fs.writeFileSync(stampFile, want);
}

/** What the browser tests need; installed where that may and can be done, otherwise the tests say what they skipped. */
function ensureBrowser() {
  const found = ["/usr/bin/chromium", "/usr/bin/google-chrome"].some((file) => fs.existsSync(file));
  const mayInstall = process.platform === "linux" && typeof process.getuid === "function" && process.getuid() === 0;
  if (found || !mayInstall || spawnSync("apt-get", ["--version"], { stdio: "ignore" }).status !== 0) return;
  say("Installing Debian's Chromium for the browser test…");
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  spawnSync("apt-get", ["update", "-qq"], { stdio: "ignore", env });
  spawnSync("apt-get", ["install", "-y", "-qq", "--no-install-recommends", "chromium"], { stdio: "ignore", env });
}

/** The Node that Lambda runs, beside the pinned one: the bundle is tested and measured under it. Without it those tests say so. */
function ensureLambdaNode() {
  const folder = path.join(root, "aws", "lambda-node");
  const lock = fs.readFileSync(path.join(folder, "package-lock.json"), "utf8");
  const stampFile = path.join(folder, "node_modules", ".installed-from");
  if (fs.existsSync(stampFile) && fs.readFileSync(stampFile, "utf8") === lock) return;
  const args = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  const done = spawnSync(npm, args, { cwd: folder, stdio: ["ignore", 2, 2], shell: windows });
  if (done.status === 0 && fs.existsSync(path.dirname(stampFile))) fs.writeFileSync(stampFile, lock);
}

function testFiles() {
  const own = fs.readdirSync(root).filter((name) => name.endsWith(".test.ts"));
  const below = ["core/src", "server/src", "web", "aws", "scripts", "bench"]
    .map((name) => path.join(root, name))
    .filter((folder) => fs.existsSync(folder))
    .flatMap(filesBelow)
    .filter((file) => file.endsWith(".test.ts") && !file.includes(`${path.sep}node_modules${path.sep}`));
  return [...own.map((name) => path.join(root, name)), ...below];
}

const [command = "start", ...rest] = process.argv.slice(2);
const cli = path.join(root, "server", "src", "cli.ts");

if (command === "start") {
  ensureInstalled("run");
  const node = pinnedNode();
  ensureBuilt(node);
  // npm runs its scripts in the project's folder; relative paths are meant from where the person stands.
  goOn(node, [...FLAGS, cli, "start", ...rest], process.env.INIT_CWD || process.cwd());
} else if (command === "test") {
  ensureInstalled("all");
  ensureBrowser();
  ensureLambdaNode();
  const node = pinnedNode();
  ensureBuilt(node);
  const files = rest.length > 0 ? rest : testFiles();
  goOn(node, ["--test", "--test-concurrency=2", "--test-timeout=300000", ...files], root);
} else if (command === "check") {
  ensureInstalled("all");
  const node = pinnedNode();
  const run = (what, program, args) => {
    say(what);
    const done = spawnSync(program, args, { cwd: root, stdio: "inherit", shell: windows });
    if (done.status !== 0) process.exit(done.status || 1);
  };
  const bin = (name) => path.join(root, "node_modules", ".bin", windows ? `${name}.cmd` : name);
  run("Lint", bin("biome"), ["check", "--error-on-warnings", "."]);
  run("Types", bin("tsc"), ["-p", "tsconfig.json"]);
  run("Types of the app", bin("tsc"), ["-p", path.join("web", "tsconfig.json")]);
  run("Tests", node, [__filename, "test"]);
} else if (command === "cloud") {
  // `steward deploy`, `steward destroy`: the cloud's tools are development packages.
  ensureInstalled("all", "Deploying needs AWS's clients and CDK, which a home on this machine does without.");
  goOn(pinnedNode(), [path.join(root, "aws", "deploy", "main.ts"), ...rest], process.cwd());
} else if (command === "cli") {
  ensureInstalled("run");
  goOn(pinnedNode(), [...FLAGS, cli, ...rest], process.cwd());
} else {
  fail(`I know start, test, check, cloud and cli, not "${command}".`);
}
