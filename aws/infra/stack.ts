import { CfnOutput, CfnRule, Fn, Stack, type StackProps } from "aws-cdk-lib";
import * as ssm from "aws-cdk-lib/aws-ssm";
import type { Construct } from "constructs";
import { type Edge, makeEdge, makeUrlEdge } from "./edge.ts";
import { type Functions, makeFunctions } from "./functions.ts";
import type { Options } from "./options.ts";
import { makeParameters } from "./parameters.ts";
import { makeSignIn } from "./sign-in.ts";
import { allowUploadsFrom, makeStorage } from "./storage.ts";
import { makeWatch } from "./watch.ts";

/**
 * The `serverless` size of the cloud home: CloudFront, an API that streams, two functions, one table, three buckets, a queue,
 * one key, and the owner's sign-in. Read it from here; each part has its file.
 */
export class ServerlessStack extends Stack {
  constructor(scope: Construct, id: string, options: Options, props: StackProps) {
    super(scope, id, { ...props, description: "Steward: a private personal assistant in your own account." });
    const parameters = makeParameters(this);
    const storage = makeStorage(this, parameters, options);
    const shared = { parameters, options, storage };
    const { edge, functions } = options.edge === "function-url" ? this.#urlFirst(shared) : this.#edgeFirst(shared);
    allowUploadsFrom(storage.uploads, edge.publicUrl);
    new ssm.CfnParameter(this, "PublicUrl", {
      name: `/steward/${parameters.env}/public-url`,
      type: "String",
      value: edge.publicUrl,
      description: "The address people open. The functions cannot be told it: CloudFront has it only after them.",
    });
    makeWatch(this, { ...shared, functions, edge });
    this.#say("Address", edge.publicUrl, "Open this.");
    this.#say("TableName", storage.table.tableName, "The table of the home.");
    this.#say("DataBucket", storage.data.bucketName, "Sealed originals and the index's segments.");
    this.#say("UploadsBucket", storage.uploads.bucketName, "Documents on their way in.");
    this.#say("WebBucket", storage.web.bucketName, "The app's files.");
    this.#say("JobsUrl", storage.queue.queueUrl, "Where the work in the background waits.");
    this.#say("JobsArn", storage.queue.queueArn, "The same, by its ARN.");
    this.#say("KeyArn", storage.key.keyArn, "The key everything is under.");
  }

  #edgeFirst(shared: Parameters<typeof makeEdge>[1]): { edge: Edge; functions: Functions } {
    const edge = makeEdge(this, shared);
    const signIn = makeSignIn(this, shared.parameters, edge.publicUrl);
    const functions = makeFunctions(this, { ...shared, signIn });
    edge.connect(functions);
    return { edge, functions };
  }

  /** A function's URL exists after it, so the home's address must be known before: a domain of one's own is needed. */
  #urlFirst(shared: Parameters<typeof makeEdge>[1]): { edge: Edge; functions: Functions } {
    const { domain } = shared.parameters;
    new CfnRule(this, "NeedsDomain", {
      assertions: [
        {
          assert: Fn.conditionNot(Fn.conditionEquals(domain, "")),
          assertDescription: "With function URLs a DomainName (and its CertificateArn) is needed.",
        },
      ],
    });
    // A function URL has no throttling to set.
    this.templateOptions.metadata = { "cfn-lint": { config: { ignore_checks: ["W2001"] } } };
    const publicUrl = `https://${domain}`;
    const signIn = makeSignIn(this, shared.parameters, publicUrl);
    const functions = makeFunctions(this, { ...shared, signIn });
    const edge = makeUrlEdge(this, shared, functions);
    return { edge: { ...edge, publicUrl }, functions };
  }

  #say(id: string, value: string, description: string): void {
    new CfnOutput(this, id, { value, description });
  }
}
