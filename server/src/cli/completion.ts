import type { Command } from "commander";
import type { Register } from "./cli.ts";
import { CliError, EXIT } from "./exit.ts";

export const registerCompletion: Register = (program, cli) => {
  program
    .command("completion <shell>")
    .description("a completion script for bash, zsh or fish")
    .action((shell: string) => {
      const write = SHELLS[shell];
      if (!write) throw new CliError(EXIT.usage, "Name the shell: bash, zsh or fish.");
      cli.io.out(write(wordsByCommand(program)));
    });
};

type Words = ReadonlyMap<string, readonly string[]>;

/** Subcommands and options by command; the empty name is `steward` itself. */
function wordsByCommand(program: Command): Words {
  const words = new Map([["", program.commands.map((command) => command.name())]]);
  for (const command of program.commands) {
    const options = command.options.flatMap((option) => (option.long ? [option.long] : []));
    words.set(command.name(), [...command.commands.map((sub) => sub.name()), ...options, "--help"]);
  }
  return words;
}

const SHELLS: Readonly<Record<string, (words: Words) => string>> = {
  bash: (words) => `_steward() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" words="${words.get("")?.join(" ")}"
  if [ "$COMP_CWORD" -gt 1 ]; then case "\${COMP_WORDS[1]}" in
${cases(words)}
    *) words="" ;;
  esac; fi
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -o default -F _steward steward
`,
  zsh: (words) => `#compdef steward
autoload -U +X bashcompinit && bashcompinit
${SHELLS.bash?.(words) ?? ""}`,
  fish: (words) =>
    [...words]
      .flatMap(([command, list]) =>
        list.map((word) => {
          const when = command ? `__fish_seen_subcommand_from ${command}` : "__fish_use_subcommand";
          const what = word.startsWith("--") ? `-l ${word.slice(2)}` : `-a ${word}`;
          return `complete -c steward -n "${when}" ${what}\n`;
        }),
      )
      .join(""),
};

function cases(words: Words): string {
  return [...words]
    .filter(([command]) => command !== "")
    .map(([command, list]) => `    ${command}) words="${list.join(" ")}" ;;`)
    .join("\n");
}
