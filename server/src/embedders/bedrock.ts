import type { AmazonBedrockProvider } from "@ai-sdk/amazon-bedrock";
import { retryAfterOf } from "./http-remote.ts";
import { type Remote, WireError } from "./remote.ts";

export interface BedrockSetup {
  /** `amazon.titan-embed-text-v2:0`, `cohere.embed-multilingual-v3`, `cohere.embed-v4:0`, … or a profile of one. */
  readonly model: string;
  /** `AWS_REGION`, `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`, `AWS_BEARER_TOKEN_BEDROCK`. */
  readonly env: Readonly<Record<string, string>>;
  readonly apiKey?: string;
  /** Another endpoint, such as one of a private network. */
  readonly baseUrl?: string;
}

/** The names of Bedrock's text embedding models that are offered; any other may be typed. */
export const BEDROCK_MODELS = ["amazon.titan-embed-text-v2:0", "cohere.embed-multilingual-v3", "cohere.embed-v4:0"];

/** As good as 1,024 to a hundredth by their makers' tables, and half the index. */
const DIMENSIONS = 512;

/** The provider's client is loaded at the first call. Throws `WireError` without keys or region. */
export function bedrockRemote(setup: BedrockSetup): Remote {
  const cohere = setup.model.includes("cohere.embed");
  const region = setup.env.AWS_REGION ?? setup.env.AWS_DEFAULT_REGION;
  let provider: AmazonBedrockProvider | undefined;
  return {
    id: `bedrock:${setup.model}`,
    name: `${setup.model} on Bedrock${region === undefined ? "" : ` in ${region}`}`,
    limits: cohere
      ? { texts: 96, units: 150_000, unitsPerText: 2_048, parallel: 1 }
      : { texts: 1, units: 8_000, unitsPerText: 8_000, parallel: 4 },
    async call(texts, purpose, abortSignal) {
      provider ??= await openProvider(setup, region);
      try {
        const { embeddings } = await provider.embeddingModel(setup.model).doEmbed({
          values: [...texts],
          abortSignal,
          providerOptions: { amazonBedrock: optionsOf(setup.model, cohere, purpose) },
        });
        return embeddings;
      } catch (error) {
        const { APICallError } = await import("ai");
        // Without a status there was no answer.
        if (!APICallError.isInstance(error) || error.statusCode === undefined) throw error;
        const status = error.statusCode < 300 ? 422 : error.statusCode;
        throw new WireError(status, error.message, retryAfterOf(error.responseHeaders?.["retry-after"]));
      }
    },
  };
}

async function openProvider({ env, apiKey, baseUrl }: BedrockSetup, region: string | undefined) {
  const token = apiKey ?? env.AWS_BEARER_TOKEN_BEDROCK;
  const {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
  } = env;
  if (region === undefined) throw new WireError(403, "AWS_REGION is not set in the environment of Steward");
  if (token === undefined && (accessKeyId === undefined || secretAccessKey === undefined)) {
    throw new WireError(403, "there are no AWS keys in the environment of Steward");
  }
  const { createAmazonBedrock } = await import("@ai-sdk/amazon-bedrock");
  return createAmazonBedrock({
    region,
    ...(token === undefined ? {} : { apiKey: token }),
    ...(accessKeyId === undefined || secretAccessKey === undefined ? {} : { accessKeyId, secretAccessKey }),
    ...(sessionToken === undefined ? {} : { sessionToken }),
    ...(baseUrl === undefined ? {} : { baseURL: baseUrl }),
  });
}

function optionsOf(model: string, cohere: boolean, purpose: "passage" | "query"): Record<string, string | number> {
  if (cohere) {
    const inputType = purpose === "query" ? "search_query" : "search_document";
    return { inputType, truncate: "END", ...(model.includes("embed-v4") ? { outputDimension: DIMENSIONS } : {}) };
  }
  return model.includes("titan-embed-text-v2") ? { dimensions: DIMENSIONS } : {};
}
