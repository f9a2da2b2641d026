import { type Bill, billOf } from "../cost/bill.ts";
import { billText } from "../cost/table.ts";
import { usageOf } from "../cost/usage.ts";
import { type CloudFormationTemplate, synthesize } from "../infra/app.ts";
import type { Options } from "../infra/options.ts";

/** What a deployment would make, cost and allow: told before anything is done, and without an account. */
export interface Plan {
  readonly env: string;
  readonly options: Options;
  readonly resources: readonly { readonly type: string; readonly count: number }[];
  readonly bill: Bill;
  readonly rights: readonly Rights[];
  /** Outlives the stack. */
  readonly kept: readonly string[];
  readonly next: string;
  readonly template: CloudFormationTemplate;
}

export interface Rights {
  readonly role: string;
  readonly actions: readonly string[];
}

const SEED_REQUESTS = 100_000;

export function planOf(env: string, options: Options, next: string): Plan {
  const template = synthesize(options);
  const counts = new Map<string, number>();
  for (const { Type } of Object.values(template.Resources)) counts.set(Type, (counts.get(Type) ?? 0) + 1);
  return {
    ...{ env, options, template, next },
    resources: [...counts].map(([type, count]) => ({ type, count })).sort((a, b) => (a.type < b.type ? -1 : 1)),
    bill: billOf(template, usageOf(SEED_REQUESTS)),
    rights: rightsIn(template),
    kept: Object.values(template.Resources)
      .filter(({ DeletionPolicy }) => DeletionPolicy?.startsWith("Retain"))
      .map(({ Type }) => Type),
  };
}

export function planText({ env, options, resources, bill, rights, kept, next }: Plan): string {
  const chosen = Object.entries(options).map(([name, value]) => `${name} ${value}`);
  return [
    `Steward "${env}": ${chosen.join(", ")}`,
    "",
    "It makes",
    ...resources.map(
      ({ type, count }) => `  ${String(count).padStart(3)}  ${type.replace("AWS::", "").replace("::", " ")}`,
    ),
    "",
    "It costs",
    indented(billText(bill, SEED_REQUESTS)),
    "",
    "It may",
    ...rights.map(({ role, actions }) => `  ${role}: ${byService(actions)}`),
    "",
    `These stay when the stack goes, until you say otherwise: ${kept.map((type) => type.replace("AWS::", "")).join(", ")}.`,
    "",
    next,
  ].join("\n");
}

/** The policies we wrote, as lists of actions. */
function rightsIn({ Resources }: CloudFormationTemplate): Rights[] {
  return Object.entries(Resources).flatMap(([name, { Type, Properties }]) => {
    if (Type !== "AWS::IAM::Policy") return [];
    const text = JSON.stringify(Properties?.PolicyDocument);
    const actions = [...text.matchAll(/"([a-z0-9]+:[A-Z][A-Za-z]+)"/g)].map(([, action = ""]) => action);
    const granted = actions.filter(
      (action) => !/^(?:kms:Enc.*Context|ses:FromAddress|iam:PassedToService)/.test(action),
    );
    return [{ role: name.replace(/Rights$/, ""), actions: [...new Set(granted)] }];
  });
}

function byService(actions: readonly string[]): string {
  const names = new Map<string, string[]>();
  for (const action of actions) {
    const [service = "", name = ""] = action.split(":");
    names.set(service, [...(names.get(service) ?? []), name]);
  }
  return [...names].map(([service, all]) => `${service} (${all.join(", ")})`).join("; ");
}

function indented(text: string): string {
  return text.replace(/^(?=.)/gm, "  ");
}
