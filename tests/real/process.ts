import { spawn } from 'node:child_process';
import { connect } from 'node:net';
import { findFreePort } from '../../scripts/port.ts';
import { collectOutput, waitForExit } from '../../scripts/process.ts';
import { until } from '../faults/process.ts';

export type Program = {
  port: number;
  /** What it printed, for the message of a test that fails. */
  output(): string;
  close(): Promise<void>;
};

export type Command = { command: string; args: string[]; env?: NodeJS.ProcessEnv };

/**
 * Starts a program that listens on a loopback port, with its children in a process group of its own.
 * @param healthPath where it answers 200 when it is ready. @default it is ready when it listens
 */
export async function startProgram(
  toCommand: (port: number) => Command,
  { healthPath }: { healthPath?: string } = {},
): Promise<Program> {
  const port = await findFreePort();
  const { command, args, env } = toCommand(port);
  const child = spawn(command, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const output = collectOutput(child.stdout, child.stderr);
  let ended: number | string | null = null;
  const exit = waitForExit(child).then((code) => {
    ended = code;
  });
  const kill = () => {
    if (child.pid === undefined) return;
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
    }
  };
  process.once('exit', kill);
  const close = async () => {
    process.off('exit', kill);
    kill();
    await exit;
  };
  const isReady = () => (healthPath ? isHealthy(`http://127.0.0.1:${port}${healthPath}`) : accepts(port));
  try {
    await until(`${command} ${args.join(' ')} listens`, () => ended !== null || isReady(), { context: output });
    if (ended !== null) throw new Error(`${command} ${args.join(' ')} ended with ${ended}: ${output()}`);
  } catch (error) {
    await close();
    throw error;
  }
  return { port, output, close };
}

/** A connection that fails counts as an error of `until`, which tries again. */
const isHealthy = async (url: string): Promise<boolean> => (await fetch(url)).ok;

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
