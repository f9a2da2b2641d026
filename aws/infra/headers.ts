import { SECURITY_HEADERS } from "@steward/server/http/guard.ts";
import { Duration } from "aws-cdk-lib";
import * as cloudfront from "aws-cdk-lib/aws-cloudfront";
import type { Construct } from "constructs";

/**
 * The headers of the app's files are the server's own, taken from the same table. Two things differ because the place does:
 * the page may send uploads to its bucket, and the browser is told to come by TLS only.
 */
export function responseHeaders(
  scope: Construct,
  env: string,
  uploadsOrigin: string,
): { web: cloudfront.ResponseHeadersPolicy; api: cloudfront.ResponseHeadersPolicy } {
  const strictTransportSecurity = { accessControlMaxAge: Duration.days(365), includeSubdomains: false, override: true };
  const given = new Map(SECURITY_HEADERS);
  const policy = given.get("content-security-policy") ?? "";
  const known = new Set(["content-security-policy", "referrer-policy", "x-content-type-options", "x-frame-options"]);
  const web = new cloudfront.ResponseHeadersPolicy(scope, "PageHeaders", {
    responseHeadersPolicyName: `steward-${env}-pages`,
    securityHeadersBehavior: {
      strictTransportSecurity,
      contentSecurityPolicy: {
        contentSecurityPolicy: policy.replace("connect-src 'self'", `connect-src 'self' ${uploadsOrigin}`),
        override: true,
      },
      contentTypeOptions: { override: true },
      frameOptions: { frameOption: cloudfront.HeadersFrameOption.DENY, override: true },
      referrerPolicy: { referrerPolicy: cloudfront.HeadersReferrerPolicy.NO_REFERRER, override: true },
    },
    customHeadersBehavior: {
      customHeaders: SECURITY_HEADERS.filter(([name]) => !known.has(name)).map(([header, value]) => ({
        header,
        value,
        override: true,
      })),
    },
  });
  // The API's answers carry their own headers already.
  const api = new cloudfront.ResponseHeadersPolicy(scope, "ApiHeaders", {
    responseHeadersPolicyName: `steward-${env}-api`,
    securityHeadersBehavior: { strictTransportSecurity },
  });
  return { web, api };
}
