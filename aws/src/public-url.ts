import { GetParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { sdkSettings } from "./clients.ts";
import type { CloudConfig } from "./config.ts";
import { asCloudError, CloudMissing } from "./errors.ts";

/** The address at which people find this home: the stack writes it once CloudFront has its name. */
export async function publicUrl({ access, parameters }: Pick<CloudConfig, "access" | "parameters">): Promise<string> {
  const name = `${parameters}/public-url`;
  try {
    const { Parameter } = await new SSMClient(sdkSettings(access)).send(new GetParameterCommand({ Name: name }));
    const url = URL.parse(Parameter?.Value ?? "");
    if (url?.protocol !== "https:" && url?.hostname !== "localhost") throw new CloudMissing(`The address in ${name}`);
    return url.origin;
  } catch (error) {
    throw asCloudError(error, `The parameter ${name}`);
  }
}
