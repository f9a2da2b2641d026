import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { App, Validations } from "aws-cdk-lib";
import { AwsSolutionsChecks } from "cdk-nag";
import { noBootstrap } from "./app.ts";
import { argued } from "./nag.ts";
import { EACH, type Options } from "./options.ts";
import { ServerlessStack } from "./stack.ts";

interface Report {
  readonly pluginReports: readonly {
    readonly pluginName: string;
    readonly violations: readonly { readonly ruleName: string }[];
  }[];
}

/** What cdk-nag finds, before anything is acknowledged. */
function findings(options: Options): { found: Set<string>; argued: Set<string> } {
  const outdir = mkdtempSync(join(tmpdir(), "steward-nag-"));
  try {
    const app = new App({ analyticsReporting: false, outdir });
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
    const stack = new ServerlessStack(app, "steward", options, {
      synthesizer: noBootstrap(),
    });
    assert.throws(() => app.synth(), /Validation failed/, "there is something to find");
    const report: Report = JSON.parse(readFileSync(join(outdir, "validation-report.json"), "utf8"));
    const found = report.pluginReports.flatMap(({ pluginName, violations }) =>
      violations.map(({ ruleName }) => `${pluginName.replace(/ /g, "-")}::${ruleName}`),
    );
    return { found: new Set(found), argued: new Set(argued(stack, options).map(({ id }) => id)) };
  } finally {
    rmSync(outdir, { recursive: true });
  }
}

test("cdk-nag finds nothing unexplained, and nothing is explained that it does not find, whatever was chosen", () => {
  for (const [chosen, options] of EACH) {
    const { found, argued: explained } = findings(options);
    assert.deepEqual([...found].sort(), [...explained].sort(), chosen);
  }
});
