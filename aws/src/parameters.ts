import { GetParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import type { Clock } from "@steward/core/clock.ts";
import { sdkSettings } from "./clients.ts";
import type { CloudConfig } from "./config.ts";
import { asCloudError, CloudMissing } from "./errors.ts";
import { ssmKit } from "./kit.ts";
import { managedSecrets, ssmSecrets } from "./secrets.ts";

/** What Parameter Store keeps for a home, over one client. Loaded when a process opens the house, and asked once. */
export function openParameters({ access, parameters: prefix, kmsKey: keyArn, secret }: CloudConfig, clock: Clock) {
  const client = new SSMClient(sdkSettings(access));
  return {
    kit: ssmKit({ client, prefix, keyArn, clock }),
    secrets: secret ? managedSecrets({ client, secretId: secret }) : ssmSecrets({ client, prefix, keyArn }),

    /** The address at which people find this home: the stack writes it once CloudFront has its name. */
    async publicUrl(): Promise<string> {
      const Name = `${prefix}/public-url`;
      const { Parameter } = await client.send(new GetParameterCommand({ Name })).catch((error: unknown) => {
        throw asCloudError(error, `The parameter ${Name}`);
      });
      const url = URL.parse(Parameter?.Value ?? "");
      if (url?.protocol !== "https:" && url?.hostname !== "localhost") throw new CloudMissing(`The address in ${Name}`);
      return url.origin;
    },
  };
}
