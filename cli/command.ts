import type { Command } from 'commander';
import type { ExitCode } from './exit.ts';
import type { Io } from './io.ts';

/** Adds one verb to the program. Everything heavy is imported by the action, so that `--help` stays fast. */
export type Register = (program: Command, context: Context) => void;

/** What the actions of a call share. */
export type Context = {
  io: Io;
  /** Sets the exit code of the call. Without it: `pass`. */
  exit(code: ExitCode): void;
};

export type Example = { command: string; does: string };

const examplesOf = new WeakMap<Command, readonly Example[]>();

/** Examples of a verb, shown below its help and in docs/cli.md. */
export function addExamples(command: Command, examples: readonly Example[]): Command {
  examplesOf.set(command, examples);
  const lines = examples.flatMap(({ command: line, does }) => [`  ${does}`, `    $ ${line}`]);
  return command.addHelpText('after', `\nExamples:\n${lines.join('\n')}`);
}

export const listExamples = (command: Command): readonly Example[] => examplesOf.get(command) ?? [];

/** For options that may be given several times. */
export const collect = (value: string, previous: string[] = []): string[] => [...previous, value];
