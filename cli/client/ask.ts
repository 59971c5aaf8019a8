import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { usageError } from '../exit.ts';
import type { Io } from '../io.ts';

/** Asks for a secret on the terminal, which doesn't show it. @throws CommandError without a terminal */
export async function askSecret({ stdin, stderr, signal }: Io, question: string): Promise<string> {
  if (stdin.isTTY !== true) throw usageError('No API key. Give --api-key - and the key on standard input.');
  stderr.write(question);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: stdin, output: silent, terminal: true });
  try {
    return await lines.question('', { signal });
  } finally {
    lines.close();
    stderr.write('\n');
  }
}
