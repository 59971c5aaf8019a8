import { Command } from 'commander';
import type { Context } from './command.ts';
import manifest from './package.json' with { type: 'json' };
import { registerVerbs } from './verbs/index.ts';

/** The command with all verbs. Help, completion and docs/cli.md are made from it. */
export function createProgram(context: Context): Command {
  const program = new Command('armature')
    .description('Tests MCP servers: probes, checks and agent workflows, on this machine and in CI.')
    .version(manifest.version, '-v, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .helpCommand('help [command]', 'print the help of a command')
    .showHelpAfterError('Run with --help to see how it is used.')
    .exitOverride()
    // `run show <run> --json`: the option is that of show.
    .enablePositionalOptions()
    .configureOutput({
      writeOut: (text) => void context.io.stdout.write(text),
      writeErr: (text) => void context.io.stderr.write(text),
      getOutHasColors: () => false,
      getErrHasColors: () => false,
      getOutHelpWidth: () => context.io.stdout.columns ?? 100,
      getErrHelpWidth: () => context.io.stderr.columns ?? 100,
    });
  registerVerbs(program, context);
  inheritSettings(program);
  return program;
}

function inheritSettings(parent: Command): void {
  for (const command of parent.commands) {
    command.copyInheritedSettings(parent);
    inheritSettings(command);
  }
}
