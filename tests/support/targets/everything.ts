import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { listen } from './http.ts';

export type Everything = { url: string; close(): Promise<void> };

const script = createRequire(import.meta.url).resolve('@modelcontextprotocol/server-everything/dist/index.js');

/** The reference server with a bit of everything, as a process of its own. */
export async function startEverything(transport: 'streamableHttp' | 'sse'): Promise<Everything> {
  // It takes a port and tells none, so that a free one is looked up first.
  const probe = await listen(createServer());
  await probe.close();
  const child = spawn(process.execPath, [script, transport], {
    env: { ...process.env, PORT: String(probe.port) },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  let said = '';
  await new Promise<void>((resolve, reject) => {
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (said.includes('on port')) resolve();
    });
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`server-everything ended with ${code}: ${said}`)));
  });
  return {
    url: `http://127.0.0.1:${probe.port}${transport === 'sse' ? '/sse' : '/mcp'}`,
    async close() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
