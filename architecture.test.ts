import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { test } from "node:test";
import { parseSync } from "oxc-parser";

/**
 * The import table of ARCHITECTURE.md, as a test: who may import what. A room is a folder (or a few files) of the
 * house; an import that the table does not name is a defect of the import or of the table, to be mended in one of them.
 */
const TABLE: Readonly<Record<string, { readonly rooms: readonly string[]; readonly node?: readonly string[] }>> = {
  nouns: { rooms: [], node: ["node:crypto"] },
  vault: { rooms: ["nouns"], node: ["node:crypto", "node:buffer"] },
  search: { rooms: ["nouns", "vault"] },
  intake: { rooms: ["nouns", "vault", "search", "library"] },
  memory: { rooms: ["nouns", "vault", "search", "library"] },
  agenda: { rooms: ["nouns", "vault", "search", "library"] },
  library: { rooms: ["nouns", "vault", "search", "intake"] },
  chat: { rooms: ["nouns", "vault", "search", "library", "intake", "memory", "agenda"] },
  jobs: { rooms: ["nouns", "vault", "search", "library", "intake", "memory", "agenda", "chat"] },
  server: { rooms: ["nouns", "vault", "search", "library", "intake", "memory", "agenda", "chat", "jobs"], node: ["*"] },
  aws: {
    rooms: ["nouns", "vault", "search", "library", "intake", "memory", "agenda", "chat", "jobs", "server"],
    node: ["*"],
  },
  web: { rooms: [] },
};

/** Files of core/src itself that are not nouns or ports. */
const LIBRARY = new Set(["library.ts", "item-view.ts", "forget.ts"]);
const JOBS = new Set(["handle-job.ts", "derived.ts", "job-rows.ts", "job-states.ts", "job-worker.ts"]);
/** Whole rooms of core by folder name. */
const FOLDERS = new Set(["vault", "search", "intake", "memory", "agenda", "chat", "persona", "outbox"]);

const root = import.meta.dirname;

function roomOf(file: string): string | undefined {
  const [workspace, src, first = ""] = relative(root, file).split(sep);
  if (workspace === "core" && src === "src") {
    if (FOLDERS.has(first)) return first;
    if (LIBRARY.has(first)) return "library";
    return JOBS.has(first) ? "jobs" : "nouns";
  }
  return workspace === "server" || workspace === "aws" || workspace === "web" ? workspace : undefined;
}

interface Import {
  readonly from: string;
  readonly room: string;
  readonly specifier: string;
  readonly typeOnly: boolean;
}

function sourceFiles(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const file = join(folder, entry.name);
    if (entry.isDirectory())
      return ["testing", "node_modules", "dist", "dev"].includes(entry.name) ? [] : sourceFiles(file);
    return /\.tsx?$/.test(entry.name) && !entry.name.includes(".test.") ? [file] : [];
  });
}

function importsOf(file: string): Import[] {
  const room = roomOf(file);
  if (room === undefined) return [];
  const { module, errors } = parseSync(file, readFileSync(file, "utf8"));
  assert.deepEqual(errors, [], `${relative(root, file)} does not parse`);
  const named = module.staticImports.map((one) => ({
    specifier: one.moduleRequest.value,
    typeOnly: one.entries.length > 0 && one.entries.every((entry) => entry.isType),
  }));
  const reexported = module.staticExports.flatMap((one) =>
    one.entries.flatMap((entry) =>
      entry.moduleRequest ? [{ specifier: entry.moduleRequest.value, typeOnly: entry.isType }] : [],
    ),
  );
  const text = readFileSync(file, "utf8");
  const loaded = module.dynamicImports.flatMap((one) => {
    const literal = /^["'](.*)["']$/.exec(text.slice(one.moduleRequest.start, one.moduleRequest.end));
    return literal?.[1] === undefined ? [] : [{ specifier: literal[1], typeOnly: false }];
  });
  return [...named, ...reexported, ...loaded].map((one) => ({ ...one, from: relative(root, file), room }));
}

function targetOf(from: string, specifier: string): string | undefined {
  if (specifier.startsWith(".")) return roomOf(resolve(root, dirname(from), specifier));
  const own = /^@steward\/(core|server)\/(.+)$/.exec(specifier);
  return own ? roomOf(join(root, own[1] ?? "", "src", own[2] ?? "")) : undefined;
}

const files = ["core/src", "server/src", "aws/src", "web/src"].flatMap((folder) => sourceFiles(join(root, folder)));
const imports = files.flatMap(importsOf);

test("there is something to check", () => {
  assert.ok(files.length > 40 && imports.length > 100, `${files.length} files, ${imports.length} imports`);
});

test("every import between rooms is in the table", () => {
  const wrong = imports.flatMap((one) => {
    const target = targetOf(one.from, one.specifier);
    const allowed = TABLE[one.room]?.rooms ?? [];
    if (target === undefined || target === one.room || allowed.includes(target)) return [];
    // The app speaks core's types and nothing else of it; a type between core's rooms is no dependency at run time
    // only where the nouns describe what the faces are told.
    if (one.room === "web" && one.typeOnly) return [];
    if (one.from === join("core", "src", "wire.ts") && one.typeOnly) return [];
    return [`${one.from} (${one.room}) imports ${one.specifier} (${target})`];
  });
  assert.deepEqual(wrong, []);
});

test("what ships imports nothing that lies outside its sources: no scripts, no benches", () => {
  const wrong = imports.filter(
    ({ from, specifier }) =>
      specifier.startsWith(".") && !/^(?:core|server|aws|web)[/\\]src[/\\]/.test(join(dirname(from), specifier)),
  );
  assert.deepEqual(wrong, []);
});

test("the core does no I/O: no module of Node's but the cryptography of the vault and of ids", () => {
  const wrong = imports.filter((one) => {
    const allowed = TABLE[one.room]?.node ?? [];
    return one.specifier.startsWith("node:") && !allowed.includes("*") && !allowed.includes(one.specifier);
  });
  assert.deepEqual(wrong, []);
});

test("no cloud SDK outside the cloud home, no provider outside the folders of models and embedders", () => {
  const sdk = imports.filter((one) => one.specifier.startsWith("@aws-sdk/") && one.room !== "aws");
  const rooms = ["models", "embedders"].map((room) => join("server", "src", room));
  const provider = imports.filter(
    (one) => one.specifier.startsWith("@ai-sdk/") && !one.typeOnly && !rooms.some((room) => one.from.startsWith(room)),
  );
  assert.deepEqual([...sdk, ...provider], []);
});

test("only the configuration reads the environment", () => {
  const readers = files.filter((file) => {
    const isServer = roomOf(file) !== "web";
    return isServer && /\bprocess\.env\b/.test(readFileSync(file, "utf8").replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, ""));
  });
  assert.deepEqual(
    readers.map((file) => relative(root, file)),
    [join("server", "src", "config.ts"), join("aws", "src", "config.ts")],
  );
});

test("stores are opened where the house is wired and nowhere else", () => {
  const wirers = [
    join("server", "src", "compose.ts"),
    join("server", "src", "door.ts"),
    join("server", "src", "doctor.ts"),
  ];
  const wrong = imports.filter(
    (one) =>
      !one.typeOnly &&
      one.specifier.includes("stores/sqlite-records") &&
      !one.from.startsWith(join("server", "src", "stores")) &&
      !wirers.includes(one.from),
  );
  assert.deepEqual(wrong, []);
});
