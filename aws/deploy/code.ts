import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { ZipFile } from "yazl";
import { DeployError } from "./account.ts";

/** Building what is deployed: the functions' zips and the app's files. */
const ROOT = fileURLToPath(new URL("../..", import.meta.url));

export interface Zip {
  /** `api-<hash>.zip`: the same code has the same name, so that deploying it again changes nothing. */
  readonly key: string;
  readonly bytes: Uint8Array;
}

export async function buildCode(): Promise<{ api: Zip; worker: Zip }> {
  const { bundle } = await import("../bundle.ts");
  const folder = mkdtempSync(join(tmpdir(), "steward-code-"));
  try {
    const built = async (name: "api" | "worker") => {
      await bundle(name, join(folder, name));
      return zipOf(name, join(folder, name));
    };
    return { api: await built("api"), worker: await built("worker") };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Every file with the same time and order, so that the same code makes the same bytes. */
export async function zipOf(name: string, folder: string): Promise<Zip> {
  const zip = new ZipFile();
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  for (const file of files) {
    const options = { mtime: new Date("1980-01-01T12:00:00"), mode: 0o644, forceDosTimestamp: true };
    zip.addBuffer(
      readFileSync(file),
      file
        .slice(folder.length + 1)
        .split(sep)
        .join("/"),
      options,
    );
  }
  zip.end();
  const chunks: Buffer[] = [];
  for await (const chunk of zip.outputStream) chunks.push(Buffer.from(chunk));
  const bytes = Buffer.concat(chunks);
  return { key: `${name}-${createHash("sha256").update(bytes).digest("hex").slice(0, 16)}.zip`, bytes };
}

/** Builds the app and says where its files are. */
export function buildWeb(): string {
  const web = join(ROOT, "web");
  const vite = join(ROOT, "node_modules", "vite", "bin", "vite.js");
  const done = spawnSync(process.execPath, [vite, "build", "--logLevel", "warn"], {
    cwd: web,
    stdio: ["ignore", 2, 2],
  });
  if (done.status !== 0) throw new DeployError("The app did not build; what is wrong stands above.");
  return join(web, "dist");
}
