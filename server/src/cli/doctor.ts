import type { ModelChoice, Status } from "@steward/core/wire.ts";
import { examine, type Finding } from "../doctor.ts";
import type { Cli, JsonOption, Register } from "./cli.ts";
import { running } from "./connect.ts";
import { EXIT } from "./exit.ts";

const MARKS = { well: "ok  ", note: "note", fault: "FAULT" } as const;

export const registerDoctor: Register = (program, cli) => {
  program
    .command("doctor")
    .description("look for faults and say what to do; exit 1 when there are any")
    .option("--fix", "mend what can be mended without asking")
    .option("--json", "JSON")
    .action(async (options: JsonOption & { fix?: boolean }) => {
      let findings = await lookAt(cli);
      if (options.fix) {
        for (const finding of findings) finding.fix?.();
        findings = await lookAt(cli);
      }
      const faults = findings.filter((finding) => finding.state === "fault").length;
      if (faults > 0) cli.setExit(EXIT.failed);
      const shown = findings.map(({ fix, ...finding }) => ({ ...finding, fixable: fix !== undefined }));
      cli.say(options, { ok: faults === 0, findings: shown }, () => findings.map(findingText).join("\n"));
    });
};

async function lookAt(cli: Cli): Promise<Finding[]> {
  const findings = await examine(cli.io.env);
  if (findings.some((finding) => finding.check === "settings" && finding.state === "fault")) return findings;
  const server = await running(cli.config());
  if (!server) {
    const advice = "Start it with npm start; the model and the work in the background are looked at then.";
    return [...findings, { check: "server", state: "note", found: "The server does not run.", advice }];
  }
  try {
    const status = await server.get<Status>("/api/status");
    const choices = await server.get<ModelChoice[]>("/api/models");
    return [...findings, ...modelFindings(choices), ...workFindings(status)];
  } catch (error) {
    const found = `The server does not tell its status: ${error instanceof Error ? error.message : error}`;
    return [...findings, { check: "server", state: "note", found }];
  }
}

export function modelFindings(choices: readonly ModelChoice[]): Finding[] {
  const current = choices.find((choice) => choice.current);
  if (!current) {
    const advice = "Choose one: steward models --use extractive.";
    return [{ check: "model", state: "fault", found: "No model is chosen.", advice }];
  }
  if (current.state !== "ready") {
    const found = `${current.label} is chosen but ${current.state === "needs-key" ? "has no key" : "was not found"}.`;
    return [
      {
        check: "model",
        state: "fault",
        found,
        advice: "Give its key in Settings, start it, or choose another: steward models.",
      },
    ];
  }
  return [{ check: "model", state: "well", found: `${current.label} thinks.` }];
}

function workFindings(status: Status): Finding[] {
  const findings: Finding[] = (status.warnings ?? []).map((found) => ({ check: "status", state: "note", found }));
  if (status.deadJobs > 0) {
    const advice = "See them in the app (Settings) and run them again.";
    findings.push({ check: "jobs", state: "fault", found: `${status.deadJobs} background jobs gave up.`, advice });
  }
  if (status.sources.failed > 0) {
    const advice = "steward sources tells why; steward sources run <id> tries again.";
    findings.push({ check: "sources", state: "fault", found: `${status.sources.failed} sources failed.`, advice });
  }
  return findings;
}

function findingText({ check, state, found, advice }: Finding): string {
  return `${MARKS[state]}  ${check}: ${found}${advice ? `\n      ${advice}` : ""}`;
}
