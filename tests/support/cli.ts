import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, vi } from 'vitest';
import { run } from '../../cli/main.ts';

export type CliResult = { code: number; stdout: string; stderr: string };
export type Cli = {
  /** The working directory, empty at first. */
  folder: string;
  write(path: string, text: string): Promise<void>;
  read(path: string): Promise<string>;
  /** Runs the command in this process. */
  run(
    args: readonly string[],
    options?: {
      env?: { [name: string]: string };
      stdin?: string;
      signal?: AbortSignal;
      onOutput?: (text: string) => void;
    },
  ): Promise<CliResult>;
};

/** The command in a folder of its own for each test of a file. */
export function setUpCli(): () => Promise<Cli> {
  const folders: string[] = [];
  // The first call loads what its verb needs.
  vi.setConfig({ testTimeout: 60_000 });
  afterEach(async () => {
    for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
  });
  return async () => {
    const folder = await realpath(await mkdtemp(join(tmpdir(), 'armature cli ')));
    folders.push(folder);
    return {
      folder,
      async write(path, text) {
        await mkdir(dirname(join(folder, path)), { recursive: true });
        await writeFile(join(folder, path), text);
      },
      read: (path) => readFile(join(folder, path), 'utf8'),
      async run(args, { env = {}, stdin = '', signal = new AbortController().signal, onOutput = () => {} } = {}) {
        const written = { stdout: '', stderr: '' };
        const stream = (name: 'stdout' | 'stderr') => ({
          write(text: string) {
            written[name] += text;
            onOutput(text);
          },
        });
        const io = { stdin: Readable.from([stdin]), stdout: stream('stdout'), stderr: stream('stderr') };
        const code = await run(args, { ...io, env, cwd: folder, signal });
        return { code, ...written };
      },
    };
  };
}
