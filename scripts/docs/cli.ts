import { Readable } from 'node:stream';
import type { Command } from 'commander';
import { listExamples } from '../../cli/command.ts';
import { createProgram } from '../../cli/program.ts';
import { table } from './table.ts';

/** Every verb of the command with its arguments, options and examples, as its help has them. */
export function renderVerbs(): string {
  const stream = { write: () => true };
  const program = createProgram({
    io: {
      stdin: Readable.from([]),
      stdout: stream,
      stderr: stream,
      env: {},
      cwd: '',
      signal: new AbortController().signal,
    },
    exit: () => {},
  });
  return renderVerbsOf(program, program.name()).join('\n');
}

const renderVerbsOf = (parent: Command, path: string): string[] =>
  parent.commands.flatMap((command) => {
    const own = `${path} ${command.name()}`;
    return [...renderVerb(own, command), ...renderVerbsOf(command, own)];
  });

function renderVerb(path: string, command: Command): string[] {
  const rows = [
    ...command.registeredArguments.map((argument) => [`\`${argument.name()}\``, argument.description]),
    ...command.options
      .filter(({ hidden }) => !hidden)
      .map(({ flags, description, defaultValue, defaultValueDescription }) => {
        const usual = defaultValueDescription ?? (typeof defaultValue === 'number' ? String(defaultValue) : undefined);
        return [`\`${flags}\``, `${description}${usual === undefined ? '' : `. Default: ${usual}`}`];
      }),
  ];
  const examples = listExamples(command).flatMap(({ command: line, does }) => [`# ${does}`, line]);
  return [
    `### \`${path}\``,
    '',
    command.description(),
    '',
    '```',
    `${path} ${command.usage()}`,
    '```',
    '',
    ...table(['argument or option', 'meaning'], rows),
    ...(examples.length > 0 ? ['```sh', ...examples, '```', ''] : []),
  ];
}
