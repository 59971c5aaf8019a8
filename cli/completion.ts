// biome-ignore-all lint/suspicious/noTemplateCurlyInString: that is how shells write variables.
import type { Command, Option } from 'commander';

export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

/** A completion script of verbs and their options. Files are completed where no option fits. */
export function writeCompletion(program: Command, shell: Shell): string {
  const verbs = program.commands.map((command) => ({
    name: command.name(),
    description: command.description(),
    options: command.options.filter(({ hidden }) => !hidden),
  }));
  return { bash: writeBash, zsh: writeZsh, fish: writeFish }[shell](verbs);
}

type Verb = { name: string; description: string; options: readonly Option[] };

const longNames = ({ options }: Verb): string[] => [...options.flatMap(({ long }) => (long ? [long] : [])), '--help'];

const writeBash = (verbs: readonly Verb[]): string =>
  [
    '# armature completion bash >> ~/.bashrc',
    '_armature() {',
    '  local word=${COMP_WORDS[COMP_CWORD]} words=',
    '  if [ "$COMP_CWORD" -eq 1 ]; then',
    `    words="${verbs.map(({ name }) => name).join(' ')}"`,
    '  else',
    '    case ${COMP_WORDS[1]} in',
    ...verbs.map((verb) => `      ${verb.name}) words="${longNames(verb).join(' ')}" ;;`),
    '    esac',
    '  fi',
    '  COMPREPLY=($(compgen -W "$words" -- "$word"))',
    '}',
    'complete -o default -F _armature armature',
    '',
  ].join('\n');

const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
const plain = (text: string): string => text.replace(/[[\]:`\\]/g, ' ');

const writeZsh = (verbs: readonly Verb[]): string =>
  [
    '#compdef armature',
    '# armature completion zsh > "${fpath[1]}/_armature"',
    '_armature() {',
    '  local -a verbs',
    `  verbs=(${verbs.map(({ name, description }) => quote(`${name}:${plain(description)}`)).join(' ')})`,
    '  if (( CURRENT == 2 )); then _describe verb verbs; return; fi',
    '  case $words[2] in',
    ...verbs.map(
      (verb) =>
        `    ${verb.name}) _arguments ${verb.options
          .flatMap(({ long, description, required, optional }) =>
            long ? [quote(`*${long}[${plain(description)}]${required || optional ? ':value:_files' : ''}`)] : [],
          )
          .join(' ')} '*:file:_files' ;;`,
    ),
    '  esac',
    '}',
    'compdef _armature armature',
    '',
  ].join('\n');

const writeFish = (verbs: readonly Verb[]): string =>
  [
    '# armature completion fish > ~/.config/fish/completions/armature.fish',
    ...verbs.map(
      ({ name, description }) =>
        `complete -c armature -n __fish_use_subcommand -a ${name} -d ${quote(plain(description))}`,
    ),
    ...verbs.flatMap(({ name, options }) =>
      options.flatMap(({ long, description, required }) =>
        long
          ? [
              `complete -c armature -n '__fish_seen_subcommand_from ${name}' -l ${long.slice(2)}${required ? ' -r' : ''} -d ${quote(plain(description))}`,
            ]
          : [],
      ),
    ),
    '',
  ].join('\n');
