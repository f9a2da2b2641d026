import { resolve } from "node:path";
import type { BackupReport } from "@steward/core/wire.ts";
import type { Cli, JsonOption, Register } from "./cli.ts";
import { EXIT } from "./exit.ts";
import { backupText } from "./keeping.ts";

export const registerBackup: Register = (program, cli) => {
  const backup = program.command("backup").description("backups: sealed, with the kit that opens them kept apart");
  backup
    .command("create [folder]")
    .description("write a backup and, beside it, the kit; keep the two apart")
    .option("--json", "JSON")
    .action((folder: string | undefined, options: JsonOption) =>
      cli.withHouse(async (client) => {
        const body = folder === undefined ? {} : { folder: resolve(folder) };
        report(
          cli,
          options,
          await client.send<BackupReport>("POST", "/api/backup", body),
          "Keep the kit apart from the backup.",
        );
      }),
    );
  backup
    .command("verify <backup>")
    .description("check that a backup is whole")
    .option("--json", "JSON")
    .action((path: string, options: JsonOption) =>
      cli.withHouse(async (client) =>
        report(cli, options, await client.send<BackupReport>("POST", "/api/backup/verify", { path: resolve(path) })),
      ),
    );
};

export function report(cli: Cli, options: JsonOption, result: BackupReport, advice?: string): void {
  if (!result.ok) cli.setExit(EXIT.failed);
  cli.say(options, result, () => [backupText(result), ...(advice ? [advice] : [])].join("\n"));
}
