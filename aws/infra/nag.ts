import { type CfnResource, type Stack, Validations } from "aws-cdk-lib";
import type { IConstruct } from "constructs";
import type { Options } from "./options.ts";

/**
 * Where we depart from cdk-nag's AWS Solutions rules, and from CDK's own check of the template, each with its reason. A test
 * holds this list to what the rules find: nothing unexplained, and no explanation of what is not there.
 */
export interface Argued {
  readonly id: string;
  readonly reason: string;
}

export function argued(stack: Stack, options: Options): Argued[] {
  const nag = (rule: string, reason: string) => ({ id: `AwsSolutions::AwsSolutions-${rule}`, reason });
  const attribute = (id: string, rest: string) => `<${logicalIdOf(stack, id)}.Arn>${rest}`;
  const wildcard = (resource: string, reason: string) => nag(`IAM5[Resource::${resource}]`, reason);
  return [
    nag(
      "S1",
      "A server access log would keep who asked for which object from which address. Only the functions' roles and CloudFront can read these buckets; an owner who must have a trail turns on CloudTrail's data events.",
    ),
    nag("CFR1", "The owner may travel; a home is not closed to countries."),
    nag(
      "CFR2",
      "A web ACL costs six dollars a month, three times the rest. The stage is throttled and every request must show a key, a token or a cookie. CloudFront's free flat plan brings one: docs/aws.md.",
    ),
    nag(
      "CFR3",
      "CloudFront's log would keep addresses, query strings and user agents. What reaches the API is logged there without them; the rest are the app's public files.",
    ),
    nag(
      "CFR4",
      "cloudfront.net names have AWS's own TLS policy, which nobody can set and which takes TLS 1.0 and 1.1 from viewers. With a domain of one's own TLS 1.2 is the least, and the origins are asked by TLS 1.2 in any case.",
    ),
    nag(
      "COG2",
      "Passkeys with user verification are two factors in one; a second factor by an app can be added by the owner. Requiring it would shut out who signs in by passkey.",
    ),
    nag(
      "COG8",
      "Threat protection is in the Plus plan, at a price for each active user; the pool has one, and nobody signs up.",
    ),
    wildcard(attribute("Data", "/blobs/*"), "The names of blobs are opaque ids made while running."),
    wildcard(attribute("Uploads", "/documents/*"), "The names of uploads are opaque ids made while running."),
    wildcard(
      attribute("Uploads", "/*"),
      "Whatever the owner copies there is taken in by the worker, by the name it has.",
    ),
    wildcard(
      "arn:aws:ssm:<AWS::Region>:<AWS::AccountId>:parameter/steward/<Env>/*",
      "The kit and the settings of this home and of no other lie below this name.",
    ),
    wildcard(
      "arn:aws:scheduler:<AWS::Region>:<AWS::AccountId>:schedule/steward-<Env>/*",
      "A schedule is named for its job; the group is this home's alone.",
    ),
    ...(options.edge === "rest" ? restArgued(nag) : []),
    ...(options.edge === "http-api" ? [nag("APIG4", UNAUTHORIZED)] : []),
    ...(options.edge === "function-url"
      ? [{ id: "CloudFormation-Validate::W2001", reason: "A function URL has no throttling to set." }]
      : []),
    ...(options.storage === "intelligent-tiering"
      ? [
          {
            id: "CloudFormation-Validate::W9003",
            reason: "CDK writes the least size as a number; it is taken as text.",
          },
        ]
      : []),
    ...(options.secrets === "secrets-manager"
      ? [nag("SMG4", "Keys of model providers are made and revoked at the provider; AWS cannot rotate them.")]
      : []),
    {
      id: "CloudFormation-Validate::F3014",
      reason: "One of two certificates is chosen by a condition, which the check does not follow.",
    },
    {
      id: "CloudFormation-Validate::E3013",
      reason: "The domain may be empty, and then stands in the branch that is not taken.",
    },
  ];
}

const UNAUTHORIZED =
  "The app authorizes: its routes take keys with scopes, tokens of an issuer, or the owner's session, and some of them none (health, the sign-in itself). An authorizer in front would know less and cost a call.";

function restArgued(nag: (rule: string, reason: string) => Argued): Argued[] {
  return [
    nag("APIG2", "Requests are parsed by the app's own schemas, which name the field that is wrong."),
    nag("APIG3", "As for CloudFront: the stage is throttled, and a web ACL costs more than all the rest."),
    nag("APIG4", UNAUTHORIZED),
    nag(
      "APIG6",
      "API Gateway's execution log would hold headers and bodies; the access log says what each request was without them.",
    ),
    nag("COG4", UNAUTHORIZED),
    nag(
      "IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs]",
      "A setting of the account and region, which AWS asks to be given exactly this policy.",
    ),
  ];
}

export function acknowledge(stack: Stack, options: Options): void {
  Validations.of(stack).acknowledge(...argued(stack, options));
}

function logicalIdOf(stack: Stack, id: string): string {
  const child: IConstruct | undefined = stack.node.findChild(id).node.defaultChild;
  return stack.resolve((child as CfnResource).logicalId); // the default child of a bucket is its resource
}
