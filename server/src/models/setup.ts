import type { ModelSetup } from "../house.ts";
import type { KeptModels } from "./kept.ts";
import { knownModels } from "./prices.ts";
import { type Access, type Provider, ProviderAnswer, type ProviderEnv } from "./provider.ts";

/** A choice that cannot be made; the message tells the person what to do instead. */
export class ModelRefused extends Error {
  constructor(message: string) {
    super(message);
    this.name = "ModelRefused";
  }
}

/**
 * Where a provider is reached and with what: what was just given, else what is kept, else the environment. A key is used
 * with the address it was given for and no other; the environment's key only with the address the environment means.
 * Undefined when nobody said where it is. Throws `ModelRefused` for an address that is none.
 */
export function accessOf(
  provider: Provider,
  kept: KeptModels,
  setup: Pick<ModelSetup, "apiKey" | "baseUrl">,
  env: ProviderEnv,
): Access | undefined {
  const own = kept.providers[provider.id];
  const standard = provider.address(env);
  const given = setup.baseUrl === undefined ? undefined : addressOf(setup.baseUrl);
  const baseUrl = given ?? own?.baseUrl ?? standard?.replace(/\/+$/, "");
  if (baseUrl === undefined) return undefined;
  const keptKey = own?.key?.for === baseUrl ? own.key.value : undefined;
  const envKey = baseUrl === standard?.replace(/\/+$/, "") ? provider.envKey?.(env) : undefined;
  const apiKey = setup.apiKey?.trim() || keptKey || envKey;
  return { baseUrl, env, ...(apiKey === undefined ? {} : { apiKey }) };
}

/** Where the key that would be used comes from. */
export function keyOrigin(
  provider: Provider,
  kept: KeptModels,
  access: Access,
  env: ProviderEnv,
): "kept" | "environment" | undefined {
  if (access.apiKey === undefined) return undefined;
  const own = kept.providers[provider.id]?.key;
  if (own?.for === access.baseUrl && own.value === access.apiKey) return "kept";
  return provider.envKey?.(env) === access.apiKey ? "environment" : undefined;
}

export interface Settled {
  readonly provider: Provider;
  readonly access: Access;
  readonly model: string;
}

/** Fills in what a setup leaves open and checks it all. Throws `ModelRefused` with what is missing or wrong. */
export async function settle(
  provider: Provider,
  kept: KeptModels,
  setup: ModelSetup,
  env: ProviderEnv,
  lookMs: number,
): Promise<Settled> {
  const access = accessOf(provider, kept, setup, env);
  if (!access) throw new ModelRefused("Say where the server is: an address such as http://127.0.0.1:8080/v1.");
  if (provider.needsKey && access.apiKey === undefined) throw new ModelRefused(keyMissing(provider));
  if (access.apiKey !== undefined && !/^[\x21-\x7e]+$/.test(access.apiKey)) {
    throw new ModelRefused("The key holds blanks or characters that no key has. Copy it again, whole and alone.");
  }
  const wanted = setup.model?.trim() || kept.providers[provider.id]?.model;
  return { provider, access, model: await modelIn(provider, access, wanted, lookMs) };
}

/** The model's name as the provider writes it. What stands in the price table is taken for known. */
async function modelIn(
  provider: Provider,
  access: Access,
  wanted: string | undefined,
  lookMs: number,
): Promise<string> {
  const known = knownModels(provider.id);
  const first = wanted ?? known[0];
  if (first !== undefined && (known.includes(first) || !provider.list)) {
    if (/^[\w.:/@-]+$/.test(first)) return first;
    throw new ModelRefused(`"${first}" is not the name of a model. Write it as ${provider.label} does.`);
  }
  const listed = await namesAt(provider, access, lookMs);
  if (listed === undefined) {
    if (wanted !== undefined) return wanted;
    throw new ModelRefused("Say which model: this server does not list what it has.");
  }
  const found =
    wanted === undefined
      ? listed[0]
      : listed.find((name) => name === wanted || `${name}:latest` === wanted || name.startsWith(`${wanted}-20`));
  if (found !== undefined) return wanted !== undefined && found.startsWith(`${wanted}-20`) ? wanted : found;
  throw new ModelRefused(noSuchModel(provider, wanted, listed));
}

/** Undefined when the server keeps no list. Throws `ModelRefused` when it cannot be reached or refuses the key. */
async function namesAt(provider: Provider, access: Access, lookMs: number): Promise<string[] | undefined> {
  const { host } = new URL(access.baseUrl);
  try {
    // A cloud provider is far: it gets more time than a server on this machine.
    const ms = provider.needsKey ? Math.max(lookMs, 10_000) : Math.max(lookMs, 3000);
    const listed = await provider.list?.(access, AbortSignal.timeout(ms));
    return listed?.map(({ name }) => name);
  } catch (error) {
    if (error instanceof ProviderAnswer) {
      if (error.statusCode === 401 || error.statusCode === 403) {
        throw new ModelRefused(`${provider.label} refused the key. Copy it again from your account there.`);
      }
      if (error.statusCode === 404 || error.statusCode === 405 || error.statusCode === 501) return undefined;
      throw new ModelRefused(
        `${provider.label} has a fault of its own just now (${error.statusCode}). Try again later.`,
      );
    }
    if (error instanceof SyntaxError) {
      throw new ModelRefused(`What answers at ${host} is not ${provider.label}. Check the address.`);
    }
    throw new ModelRefused(`Nothing answers at ${host}. ${wayOut(provider)}`);
  }
}

function wayOut(provider: Provider): string {
  if (provider.needsKey) return "Check the connection to the internet.";
  return provider.id === "compatible"
    ? "Start that server, or correct its address."
    : `Start ${provider.label}, or correct its address.`;
}

function noSuchModel(provider: Provider, wanted: string | undefined, listed: readonly string[]): string {
  const fetchIt = provider.id === "ollama" ? ` Fetch one with: ollama pull ${wanted ?? "qwen3"}` : "";
  if (wanted === undefined) return `${provider.label} has no model yet.${fetchIt || " Load one there."}`;
  const some = listed.slice(0, 8).join(", ");
  const has = some === "" ? "It has none yet." : `It has: ${some}${listed.length > 8 ? ", and more" : ""}.`;
  return `${provider.label} has no model "${wanted}". ${has}${fetchIt}`;
}

function keyMissing(provider: Provider): string {
  if (provider.id === "bedrock") {
    return "There are no AWS credentials. Start Steward with AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION set, or give a Bedrock API key.";
  }
  const variable = `${provider.id.toUpperCase()}_API_KEY`;
  return `${provider.label} needs a key. Make one in your account there and put it in, in the app's Settings; or start Steward with ${variable} set.`;
}

/** http and https only; no name or password within; without what follows the path. */
function addressOf(text: string): string {
  const url = URL.canParse(text.trim()) ? new URL(text.trim()) : undefined;
  if (!url || (url.protocol !== "http:" && url.protocol !== "https:")) {
    throw new ModelRefused("The address must begin with http:// or https://.");
  }
  if (url.username || url.password) throw new ModelRefused("Give the key by itself, not within the address.");
  return `${url.origin}${url.pathname}`.replace(/\/+$/, "");
}
