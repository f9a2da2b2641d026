import { App, DefaultStackSynthesizer, type IStackSynthesizer, type Stack, Tags } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { acknowledge } from "./nag.ts";
import { CHOICES, type Options, optionsOf } from "./options.ts";
import { ServerlessStack } from "./stack.ts";

/**
 * Makes the template: needs no account, no network and no docker. `npx aws-cdk synth -a "node aws/infra/app.ts"` works too, but
 * nothing here depends on the `cdk` program: the template carries no assets and no bootstrap.
 */
export function serverless(options: Options, app = new App({ analyticsReporting: false })): Stack {
  const stack = new ServerlessStack(app, "steward", options, {
    synthesizer: noBootstrap(),
    analyticsReporting: false,
  });
  // cfn-lint does not know tags of a dashboard yet.
  Tags.of(stack).add("steward", "home", { excludeResourceTypes: ["AWS::CloudWatch::Dashboard"] });
  acknowledge(stack, options);
  return stack;
}

/** CDK's own synthesizer is one; its declarations differ from themselves under exactOptionalPropertyTypes. */
export function noBootstrap(): IStackSynthesizer {
  return new DefaultStackSynthesizer({ generateBootstrapVersionRule: false }) as IStackSynthesizer;
}

/** The template as CloudFormation takes it. */
export function synthesize(options: Options): CloudFormationTemplate {
  return Template.fromStack(serverless(options)).toJSON() as CloudFormationTemplate; // what CDK writes has this shape
}

export interface Resource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly DeletionPolicy?: string;
  readonly Condition?: string;
}

export interface CloudFormationTemplate {
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly Parameters?: Readonly<Record<string, { readonly Default?: string | number; readonly Description?: string }>>;
  readonly Outputs?: Readonly<Record<string, unknown>>;
}

if (import.meta.main) {
  const app = new App({ analyticsReporting: false });
  const context = Object.keys(CHOICES).map((name) => [name, app.node.tryGetContext(name)]);
  serverless(optionsOf(Object.fromEntries(context)), app);
  app.synth();
}
