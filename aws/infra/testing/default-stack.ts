import assert from "node:assert/strict";
import { Template } from "aws-cdk-lib/assertions";
import { type CloudFormationTemplate, type Resource, serverless } from "../app.ts";
import { DEFAULTS } from "../options.ts";

/** The stack as it is by default, and ways to look into its template. */
export const template = Template.fromStack(serverless(DEFAULTS));
export const whole = template.toJSON() as CloudFormationTemplate; // what CDK writes has this shape

/** How the resources name the home's key. */
export const KEY = { "Fn::GetAtt": ["Key961B73FD", "Arn"] };

export function ofType(type: string): [string, Resource][] {
  return Object.entries(whole.Resources).filter(([, resource]) => resource.Type === type);
}

export function propertiesOf(type: string): Record<string, unknown>[] {
  return ofType(type).map(([, one]) => ({ ...one.Properties }));
}

export function one(type: string): Record<string, unknown> {
  const [first, ...more] = propertiesOf(type);
  assert.ok(first && more.length === 0, `there is one ${type}`);
  return first;
}
