#!/usr/bin/env node
import './node20.ts';
import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { CommanderError } from 'commander';
import { CommandError, type ExitCode, exitCodes, formatProblem } from './exit.ts';
import type { Io } from './io.ts';
import { createProgram } from './program.ts';

/** Runs the command with these arguments. Nothing but a fault of the command itself is thrown. */
export async function run(args: readonly string[], io: Io): Promise<ExitCode> {
  let code: ExitCode = exitCodes.pass;
  const program = createProgram({
    io,
    exit: (given) => {
      code = given;
    },
  });
  try {
    await program.parseAsync(args, { from: 'user' });
    return code;
  } catch (error) {
    // Help and version end this way too.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.pass : exitCodes.usage;
    if (error instanceof CommandError) {
      io.stderr.write(`${[error.message, ...error.problems.map(formatProblem)].filter(Boolean).join('\n')}\n`);
      return error.exitCode;
    }
    if (io.signal.aborted) {
      io.stderr.write('Canceled.\n');
      return exitCodes.incomplete;
    }
    throw error;
  }
}

/** Ctrl-C aborts the work once, so that reports are still written; a second one ends the process. */
function untilInterrupted(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => controller.abort('you'));
  return controller.signal;
}

const isMain = process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url);
if (isMain) {
  // Arguments may contain secrets, which `ps` would show to everybody on the machine.
  process.title = 'armature';
  const { stdin, stdout, stderr, env } = process;
  // A reader such as `head` that has seen enough.
  stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? exitCodes.pass : 1));
  process.exitCode = await run(process.argv.slice(2), {
    stdin,
    stdout,
    stderr,
    env,
    cwd: process.cwd(),
    signal: untilInterrupted(),
  });
}
