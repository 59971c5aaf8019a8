import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { usageError } from './exit.ts';

/** What a command reads and writes: standard streams, environment, working directory. */
export type Io = {
  stdin: NodeJS.ReadableStream & { isTTY?: boolean };
  stdout: Stream;
  stderr: Stream;
  env: { readonly [name: string]: string | undefined };
  cwd: string;
  /** Aborted by Ctrl-C. */
  signal: AbortSignal;
};
type Stream = { write(text: string): unknown; isTTY?: boolean; columns?: number };

/**
 * The text of an option: `-` is standard input, `@path` a file, anything else the text itself.
 * @throws CommandError when the file can't be read
 */
export async function readText(io: Io, given: string, option: string): Promise<string> {
  if (given === '-') return readStdin(io);
  if (!given.startsWith('@')) return given;
  return readTextFile(resolve(io.cwd, given.slice(1)), option);
}

export async function readStdin({ stdin }: Io): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stdin) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString('utf8');
}

/** @throws CommandError naming what the file was for */
export async function readTextFile(path: string, what: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw usageError(`${what}: ${path} can't be read (${errorCode(error)}).`);
  }
}

/** Such as `ENOENT`. */
export const errorCode = (error: unknown): string =>
  error instanceof Error && 'code' in error
    ? String(error.code)
    : error instanceof Error
      ? error.message
      : String(error);
