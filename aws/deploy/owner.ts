import { AdminCreateUserCommand, AdminGetUserCommand } from "@aws-sdk/client-cognito-identity-provider";
import { type Account, DeployError } from "./account.ts";

/**
 * The owner's account in the pool, by e-mail; made when it is not there, and AWS then mails a password for the first sign-in.
 * Resolves to its subject: what stands in the owner's tokens.
 */
export async function ensureOwner({ cognito }: Account, pool: string, email: string): Promise<string> {
  const user = { UserPoolId: pool, Username: email };
  const found = await cognito.send(new AdminGetUserCommand(user)).catch((error: unknown) => {
    if (error instanceof Error && error.name === "UserNotFoundException") return undefined;
    throw error;
  });
  const made = found
    ? found.UserAttributes
    : (
        await cognito.send(
          new AdminCreateUserCommand({
            ...user,
            DesiredDeliveryMediums: ["EMAIL"],
            UserAttributes: [
              { Name: "email", Value: email },
              { Name: "email_verified", Value: "true" },
            ],
          }),
        )
      ).User?.Attributes;
  const subject = made?.find(({ Name }) => Name === "sub")?.Value;
  if (!subject) throw new DeployError(`Cognito made an account for ${email} but did not say who it is.`);
  return subject;
}
