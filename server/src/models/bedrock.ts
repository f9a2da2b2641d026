import { lazyModel, type Provider, type ProviderEnv, straightFetch, thinkLittle } from "./provider.ts";

/**
 * Amazon Bedrock's Converse API in the owner's own AWS account, signed with the credentials of the environment, or with a
 * Bedrock API key. Profiles and roles of the AWS SDK are not looked for: they would bring the SDK with them.
 */
export const bedrock: Provider = {
  id: "bedrock",
  label: "Amazon Bedrock",
  needsKey: true,
  address: (env) =>
    env.AWS_ENDPOINT_URL_BEDROCK_RUNTIME ??
    `https://bedrock-runtime.${regionOf(env)}.amazonaws.com${regionOf(env).startsWith("cn-") ? ".cn" : ""}`,
  envKey: (env) =>
    env.AWS_BEARER_TOKEN_BEDROCK ?? (env.AWS_SECRET_ACCESS_KEY === undefined ? undefined : env.AWS_ACCESS_KEY_ID),
  model: ({ baseUrl, apiKey, env }, model, tuning) =>
    lazyModel(
      "bedrock",
      model,
      async () => {
        const { createAmazonBedrock } = await import("@ai-sdk/amazon-bedrock");
        const { AWS_ACCESS_KEY_ID: id = "", AWS_SECRET_ACCESS_KEY: secret = "", AWS_SESSION_TOKEN: session } = env;
        const signed = apiKey === id && env.AWS_BEARER_TOKEN_BEDROCK === undefined;
        return createAmazonBedrock({
          region: regionIn(baseUrl) ?? regionOf(env),
          baseURL: baseUrl,
          fetch: straightFetch,
          // An empty key keeps the package from looking for one itself.
          apiKey: signed ? "" : (apiKey ?? ""),
          ...(signed ? { accessKeyId: id, secretAccessKey: secret } : {}),
          ...(signed && session !== undefined ? { sessionToken: session } : {}),
        })(model);
      },
      thinkLittle(tuning),
    ),
};

/** The region a call goes to when nobody named one: the one where every model appears first. */
export function regionOf(env: ProviderEnv): string {
  return env.AWS_REGION ?? env.AWS_DEFAULT_REGION ?? "us-east-1";
}

function regionIn(baseUrl: string): string | undefined {
  return /^bedrock-runtime(?:-fips)?\.([a-z0-9-]+)\./.exec(new URL(baseUrl).hostname)?.[1];
}
