import { mkdir, readdir, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { download, type RemoteFile } from "./download.ts";
import { MINILM, MINILM_SETTINGS, MODEL_HUB, minilmFiles } from "./minilm.ts";
import { readSentenceModel, type SentenceModel, thisMachine } from "./sentence-model.ts";

/** Where sentence models are: in the home, where they are fetched to, and in a folder of the owner's. */
export interface Places {
  readonly home: string;
  /** `STEWARD_MODELS`: a folder of models, or one model's own folder. */
  readonly modelsFolder?: string;
}

/** The model of this name; undefined when it is nowhere. Throws `EmbedderError` when it is there and cannot be run. */
export async function modelNamed(places: Places, name: string): Promise<SentenceModel | undefined> {
  const folders = (await modelFolders(places)).filter((folder) => folder.endsWith(join("/", name)));
  let trouble: unknown;
  for (const folder of folders) {
    try {
      return await readSentenceModel(folder);
    } catch (error) {
      trouble ??= error;
    }
  }
  if (trouble !== undefined && folders.length > 0 && !(await isFetching(folders))) throw trouble;
  return undefined;
}

/** The names of the models that are there, MiniLM's too, whether or not they can be run. */
export async function modelNames(places: Places): Promise<string[]> {
  const names = (await modelFolders(places)).map((folder) => folder.slice(dirname(folder).length + 1));
  return [...new Set(names)].sort();
}

async function modelFolders({ home, modelsFolder }: Places): Promise<string[]> {
  const parents = [join(home, "models"), ...(modelsFolder === undefined ? [] : [modelsFolder])];
  const found = await Promise.all(
    parents.map(async (parent) => {
      const entries = await readdir(parent, { withFileTypes: true }).catch(() => []);
      if (entries.some(({ name }) => name === "tokenizer.json")) return [parent];
      return entries
        .filter((entry) => entry.isDirectory() || entry.isSymbolicLink())
        .map(({ name }) => join(parent, name));
    }),
  );
  return found.flat();
}

/** A model that a download has not finished yet is not there. */
async function isFetching(folders: readonly string[]): Promise<boolean> {
  const names = await Promise.all(
    folders.flatMap((folder) => [folder, join(folder, "onnx")]).map((folder) => readdir(folder).catch(() => [])),
  );
  return names.flat().some((name) => name.endsWith(".part"));
}

export interface FetchOptions {
  readonly hub?: string;
  /** The files of another edition than the pinned one. */
  readonly files?: readonly RemoteFile[];
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

/** Bytes of the model as this processor takes it. */
export function minilmBytes(): number {
  return minilmFiles(thisMachine).reduce((sum, file) => sum + file.size, 0);
}

/** Fetches MiniLM into the home. Throws `DownloadError`, and goes on where it was cut another time. */
export async function fetchMinilm({ home }: Places, options: FetchOptions): Promise<void> {
  const folder = join(home, "models", MINILM.name);
  for (const [name, content] of Object.entries(MINILM_SETTINGS)) {
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await writeFile(`${path}.new`, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
    await rename(`${path}.new`, path);
  }
  const { hub = MODEL_HUB, files = minilmFiles(thisMachine), onProgress, signal } = options;
  await download({
    from: `${hub.replace(/\/+$/, "")}/${MINILM.repository}/resolve/${MINILM.revision}`,
    ...{ folder, files },
    ...(onProgress ? { onProgress } : {}),
    ...(signal ? { signal } : {}),
  });
  await readSentenceModel(folder);
}
