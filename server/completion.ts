/** Shell completion, made from the commands and options themselves, so that it cannot miss one. */
import type { Command, Option } from 'commander';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

interface Word {
  readonly name: string;
  readonly about: string;
}

interface Completed extends Word {
  readonly options: readonly (Word & {
    /** What may follow; undefined where nothing does, empty where it is a file or anything. */
    readonly values: readonly string[] | undefined;
    readonly isPath: boolean;
  })[];
  /** What may stand as an argument beside files. */
  readonly words: readonly string[];
  readonly takesPaths: boolean;
}

const PATHS = /<(?:file|dir|path)>/;

export function completion(shell: Shell, program: Command): string {
  const commands = program.commands.map(completed);
  return { bash, zsh, fish }[shell](commands);
}

function completed(command: Command): Completed {
  const [argument] = command.registeredArguments;
  const words = [...command.commands.map((it) => it.name()), ...(command.name() === 'completion' ? SHELLS : [])];
  return {
    name: command.name(),
    about: command.description(),
    options: command.options.map((it: Option) => ({
      name: it.long ?? it.flags,
      about: it.description,
      values: it.required || it.optional ? (it.argChoices ?? []) : undefined,
      isPath: PATHS.test(it.flags),
    })),
    words,
    takesPaths: argument !== undefined && words.length === 0 && argument.name() !== 'RULE',
  };
}

function bash(commands: readonly Completed[]): string {
  const cases = commands.map((it) => {
    const options = [...it.options.map((option) => option.name), '--help'].join(' ');
    return `    ${it.name}) options='${options}' words='${it.words.join(' ')}' paths=${it.takesPaths ? 1 : 0} ;;`;
  });
  const values = commands.flatMap((it) =>
    it.options.flatMap((option) => {
      if (option.values === undefined) return [];
      const reply = option.values.length > 0 ? `COMPREPLY=($(compgen -W '${option.values.join(' ')}' -- "$word"))` : option.isPath ? files('$word') : ':';
      return [`    ${it.name}:${option.name}) ${reply}; return ;;`];
    }),
  );
  return `# bash completion of attest: source <(attest completion bash)
_attest() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} command=\${COMP_WORDS[1]} options= words= paths=0
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W '${commands.map((it) => it.name).join(' ')} --help --version' -- "$word"))
    return
  fi
  case "$command:$before" in
${values.join('\n')}
  esac
  case "$command" in
${cases.join('\n')}
  esac
  case "$word" in
    -*) COMPREPLY=($(compgen -W "$options" -- "$word")) ;;
    *) if [ "$paths" = 1 ]; then ${files('$word')}; else COMPREPLY=($(compgen -W "$words" -- "$word")); fi ;;
  esac
}
complete -o filenames -F _attest attest attest-review
`;
}

function files(word: string): string {
  return `COMPREPLY=($(compgen -f -- "${word}"))`;
}

function zsh(commands: readonly Completed[]): string {
  const escaped = (text: string) => text.replace(/['[\]:\\]/g, (it) => (it === "'" ? "'\\''" : `\\${it}`));
  const branches = commands.map((it) => {
    const specs = it.options.map(({ name, about, values, isPath }) => {
      const action = values === undefined ? '' : values.length > 0 ? `:value:(${values.join(' ')})` : isPath ? ':path:_files' : ':value:';
      return `'${name}[${escaped(about)}]${action}'`;
    });
    const rest = it.words.length > 0 ? [`'1:word:(${it.words.join(' ')})'`] : it.takesPaths ? ["'*:path:_files'"] : [];
    return `    ${it.name}) _arguments ${[...specs, ...rest].join(' \\\n      ')} ;;`;
  });
  return `#compdef attest attest-review
# zsh completion of attest: attest completion zsh > "\${fpath[1]}/_attest"
_attest() {
  local -a commands
  commands=(
${commands.map((it) => `    '${it.name}:${escaped(it.about)}'`).join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe 'command' commands
    return
  fi
  local command=$words[2]
  shift words
  (( CURRENT-- ))
  case $command in
${branches.join('\n')}
  esac
}
if [ "$funcstack[1]" = "_attest" ]; then _attest "$@"; else compdef _attest attest attest-review; fi
`;
}

function fish(commands: readonly Completed[]): string {
  const quoted = (text: string) => `'${text.replace(/[\\']/g, '\\$&')}'`;
  const lines = commands.flatMap((it) => [
    `complete -c attest -n __fish_use_subcommand -f -a ${it.name} -d ${quoted(it.about)}`,
    ...it.options.map(({ name, about, values, isPath }) => {
      const value = values === undefined ? '' : values.length > 0 ? ` -x -a ${quoted(values.join(' '))}` : isPath ? ' -r -F' : ' -x';
      return `complete -c attest -n '__fish_seen_subcommand_from ${it.name}' -l ${name.replace(/^--/, '')}${value} -d ${quoted(about)}`;
    }),
    ...(it.takesPaths
      ? []
      : [`complete -c attest -n '__fish_seen_subcommand_from ${it.name}' -f${it.words.length > 0 ? ` -a ${quoted(it.words.join(' '))}` : ''}`]),
  ]);
  return `# fish completion of attest: attest completion fish > ~/.config/fish/completions/attest.fish\n${lines.join('\n')}\ncomplete -c attest-review -w attest\n`;
}
