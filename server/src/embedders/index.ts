import type { Embedder } from "@steward/core/search/embedder.ts";
import type { SealedRecords } from "@steward/core/vault/sealed-records.ts";
import type { Config } from "../config.ts";
import type { EmbedderChoice } from "./choices.ts";
import type { RemoteFile } from "./download.ts";
import { EmbedderError } from "./embedder-error.ts";
import { type EmbedderSetup, type OpenedEmbedder, openEmbedder, prepare } from "./open.ts";
import { readSetting, writeSetting } from "./setting.ts";

export { type EmbedderChoice, EmbedderError, type EmbedderSetup };

export interface EmbeddersDeps {
  /** Absolute path; models are fetched to `<home>/models`, what runs them to `<home>/runtime`. */
  readonly home: string;
  readonly sealed: SealedRecords;
  readonly config: Pick<Config, "ollamaUrl" | "lmstudioUrl" | "providerEnv"> & {
    /** `STEWARD_MODELS`: a folder with sentence-transformers models of the owner's. */
    readonly modelsFolder?: string;
    /** Where models are fetched from; the model hub unless told. */
    readonly modelHub?: string;
    /** npm's registry for what runs them; npm's own setting unless told. */
    readonly registry?: string;
    /** The files of MiniLM to fetch; those of the pinned revision unless told. */
    readonly modelFiles?: readonly RemoteFile[];
  };
}

export interface AddProgress {
  /** First what runs a model, of which npm tells nothing until it is there; then the model, in bytes. */
  readonly phase: "runtime" | "model";
  readonly done: number;
  readonly total: number;
}

export interface Embedders {
  /**
   * The one that is chosen; the built-in vectors when none is. Undefined when the owner wants words alone, or when the
   * chosen one cannot be opened: words answer then, the choices say what is wrong, and the next call tries again.
   */
  current(): Promise<Embedder | undefined>;
  choices(): Promise<EmbedderChoice[]>;
  /** Proves it with a real text, seals the setting and its key, and makes it the current one. Throws `EmbedderError`. */
  choose(setup: EmbedderSetup): Promise<EmbedderChoice[]>;
  /** Fetches what `id` needs (`minilm`). Throws `EmbedderError` or `DownloadError`; asked twice at once, it is done once. */
  add(id: string, onProgress?: (progress: AddProgress) => void, signal?: AbortSignal): Promise<void>;
  /** Takes over what another process chose meanwhile. */
  follow(): Promise<void>;
  close(): Promise<void>;
}

export function openEmbedders(deps: EmbeddersDeps): Embedders {
  const { home, sealed, config } = deps;
  const places = { home, ...(config.modelsFolder === undefined ? {} : { modelsFolder: config.modelsFolder }) };
  const opening = { ...places, providerEnv: config.providerEnv };
  let opened: Promise<OpenedEmbedder | undefined> | undefined;
  let problem: string | undefined;
  let adding: Promise<void> | undefined;
  let closed = false;
  let inForce: string | undefined;

  const openNow = async () => {
    const setting = await readSetting(sealed);
    inForce = JSON.stringify(setting);
    try {
      const now = await openEmbedder(opening, setting);
      problem = undefined;
      return now;
    } catch (error) {
      problem = error instanceof Error ? error.message : String(error);
      return undefined;
    }
  };
  const choices = async () => {
    const [setting, { listChoices }] = await Promise.all([readSetting(sealed), import("./choices.ts")]);
    return listChoices({ ...config, ...places }, setting, problem);
  };

  return {
    choices,
    async current() {
      if (closed) return undefined;
      opened ??= openNow();
      const asked = opened;
      const now = await asked;
      if (problem !== undefined && opened === asked) opened = undefined;
      return now?.embedder;
    },
    async choose(setup) {
      const before = await readSetting(sealed);
      const setting = await prepare(opening, setup, { ...config, before });
      const next = await openEmbedder(opening, setting);
      try {
        await next?.embedder.embed(["Which of my mails are about travel?"], "query");
        await writeSetting(sealed, setting);
      } catch (error) {
        await next?.close();
        throw error;
      }
      const last = opened;
      opened = Promise.resolve(next);
      inForce = JSON.stringify(setting);
      problem = undefined;
      await (await last)?.close();
      return choices();
    },
    async add(id, onProgress, signal) {
      if (id !== "minilm")
        throw new EmbedderError(`There is nothing to fetch for "${id}". What can be fetched: minilm.`);
      adding ??= (async () => {
        const [{ fetchMinilm }, { findRuntime, installRuntime }] = await Promise.all([
          import("./places.ts"),
          import("./runtime.ts"),
        ]);
        if (!findRuntime(home)) {
          onProgress?.({ phase: "runtime", done: 0, total: 1 });
          const { registry } = config;
          await installRuntime({ home, ...(registry ? { registry } : {}), ...(signal ? { signal } : {}) });
        }
        onProgress?.({ phase: "runtime", done: 1, total: 1 });
        await fetchMinilm(places, {
          ...(config.modelHub ? { hub: config.modelHub } : {}),
          ...(config.modelFiles ? { files: config.modelFiles } : {}),
          ...(signal ? { signal } : {}),
          onProgress: (done, total) => onProgress?.({ phase: "model", done, total }),
        });
      })().finally(() => {
        adding = undefined;
      });
      await adding;
    },
    async follow() {
      if (inForce === undefined || JSON.stringify(await readSetting(sealed)) === inForce) return;
      const last = opened;
      opened = undefined;
      await (await last)?.close();
    },
    async close() {
      closed = true;
      await (await opened)?.close();
    },
  };
}
