import { CfnOutput, Duration, RemovalPolicy, Stack } from "aws-cdk-lib";
import * as cognito from "aws-cdk-lib/aws-cognito";
import type { Construct } from "constructs";
import type { SignInNames } from "./functions.ts";
import type { Parameters } from "./parameters.ts";

/**
 * The owner's sign-in: a pool for one person. Nobody signs up; `steward deploy` makes the owner's account by e-mail. Password
 * or passkey, a second factor by an app (never by text message), authorization code with PKCE and nothing else.
 */
export const SCOPES = ["chat", "memory:read", "memory:write", "search"] as const;

/** Of scopes in tokens: `steward/chat`. */
export const RESOURCE_SERVER = "steward";

export function makeSignIn(scope: Construct, { env }: Parameters, publicUrl: string): SignInNames {
  const { account, region } = Stack.of(scope);
  const pool = new cognito.UserPool(scope, "Owner", {
    userPoolName: `steward-${env}`,
    featurePlan: cognito.FeaturePlan.ESSENTIALS,
    selfSignUpEnabled: false,
    signInAliases: { email: true },
    signInCaseSensitive: false,
    autoVerify: { email: true },
    accountRecovery: cognito.AccountRecovery.EMAIL_ONLY,
    mfa: cognito.Mfa.OPTIONAL,
    mfaSecondFactor: { otp: true, sms: false },
    signInPolicy: { allowedFirstAuthFactors: { password: true, passkey: true } },
    passkeyUserVerification: cognito.PasskeyUserVerification.REQUIRED,
    passwordPolicy: {
      minLength: 14,
      requireLowercase: true,
      requireUppercase: true,
      requireDigits: true,
      requireSymbols: true,
      tempPasswordValidity: Duration.days(3),
    },
    deletionProtection: false,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  const scopes = SCOPES.map((scopeName) => new cognito.ResourceServerScope({ scopeName, scopeDescription: scopeName }));
  const server = pool.addResourceServer("Api", { identifier: RESOURCE_SERVER, scopes });
  const client = pool.addClient("App", {
    userPoolClientName: "app",
    generateSecret: false,
    authFlows: { user: true },
    preventUserExistenceErrors: true,
    enableTokenRevocation: true,
    accessTokenValidity: Duration.hours(1),
    idTokenValidity: Duration.hours(1),
    refreshTokenValidity: Duration.days(30),
    supportedIdentityProviders: [cognito.UserPoolClientIdentityProvider.COGNITO],
    oAuth: {
      flows: { authorizationCodeGrant: true, implicitCodeGrant: false },
      scopes: [
        cognito.OAuthScope.OPENID,
        cognito.OAuthScope.EMAIL,
        ...scopes.map((one) => cognito.OAuthScope.resourceServer(server, one)),
      ],
      callbackUrls: [`${publicUrl}${CALLBACK_PATH}`],
      logoutUrls: [publicUrl],
    },
  });
  const domain = pool.addDomain("Page", {
    cognitoDomain: { domainPrefix: `steward-${env}-${account}` },
    managedLoginVersion: cognito.ManagedLoginVersion.NEWER_MANAGED_LOGIN,
  });
  new cognito.CfnManagedLoginBranding(scope, "PageLook", {
    userPoolId: pool.userPoolId,
    clientId: client.userPoolClientId,
    useCognitoProvidedValues: true,
  }).node.addDependency(domain);
  new CfnOutput(scope, "UserPoolId", { value: pool.userPoolId });
  new CfnOutput(scope, "SignInAddress", { value: domain.baseUrl() });
  return {
    issuer: `https://cognito-idp.${region}.amazonaws.com/${pool.userPoolId}`,
    audience: client.userPoolClientId,
  };
}

/** Where the sign-in page sends the owner back to: `server/src/http/routes/oidc.ts`. */
export const CALLBACK_PATH = "/auth/callback";
