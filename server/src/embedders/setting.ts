import { RecordsConflict } from "@steward/core/records.ts";
import type { SealedRecords } from "@steward/core/vault/sealed-records.ts";
import { z } from "zod";

/** Which embedder is on, with its key: one sealed row. */
const PLACE = { partition: "setting", sort: "embedder", scope: "house:settings" } as const;
const ATTEMPTS = 5;

const Stored = z.discriminatedUnion("id", [
  z.object({ id: z.literal("none") }),
  z.object({ id: z.literal("built-in") }),
  z.object({ id: z.literal("minilm") }),
  z.object({ id: z.literal("folder"), model: z.string() }),
  z.object({
    id: z.enum(["openai", "compatible", "ollama", "lmstudio"]),
    model: z.string(),
    baseUrl: z.string(),
    apiKey: z.string().optional(),
    dimensions: z.int().positive(),
  }),
  z.object({
    id: z.literal("bedrock"),
    model: z.string(),
    apiKey: z.string().optional(),
    dimensions: z.int().positive(),
  }),
]);
export type EmbedderSetting = z.infer<typeof Stored>;

export const STANDARD: EmbedderSetting = { id: "built-in" };

export async function readSetting(sealed: SealedRecords): Promise<EmbedderSetting> {
  const stored = await sealed.get<unknown>(PLACE);
  return stored ? Stored.parse(stored.value) : STANDARD;
}

/** The last of two choices made at once stays. */
export async function writeSetting(sealed: SealedRecords, setting: EmbedderSetting): Promise<void> {
  const key = await sealed.vault.standing("private", PLACE.scope);
  for (let attempt = 1; ; attempt += 1) {
    const stored = await sealed.get<unknown>(PLACE);
    const condition = stored ? { version: stored.version } : ("absent" as const);
    try {
      await sealed.write([sealed.put(key, PLACE, setting, { if: condition })]);
      return;
    } catch (error) {
      if (!(error instanceof RecordsConflict) || attempt === ATTEMPTS) throw error;
    }
  }
}
