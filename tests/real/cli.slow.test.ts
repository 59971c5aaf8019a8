import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { setUpCli } from '../support/cli.ts';
import { canRunPython, pythonEnvironment } from './environment.ts';
import { startProgram } from './process.ts';

const newCli = setUpCli();
const script = fileURLToPath(new URL('python/fastmcp_server.py', import.meta.url));
const isRunnable = await canRunPython();

describe.skipIf(!isRunnable)('the command against FastMCP', () => {
  describe.each([
    ['2', 'mcp-1'],
    ['4', 'mcp-2'],
  ] as const)('%s', (_, environment) => {
    let python: string;
    beforeAll(async () => {
      python = await pythonEnvironment(environment);
    }, 300_000);

    it.each([
      ['http', '/mcp'],
      ['sse', '/sse'],
    ] as const)('probes, checks, drafts, tests and compares over %s', async (kind, path) => {
      const cli = await newCli();
      const server = await startProgram((port) => ({ command: python, args: [script, kind, String(port)] }));
      const url = `http://127.0.0.1:${server.port}${path}`;
      const options = kind === 'sse' ? ['--sse'] : [];
      try {
        expect(await cli.run(['probe', url, ...options])).toMatchObject({
          code: 0,
          stdout: expect.stringMatching(/^greet /m),
        });
        const greet = ['check', url, ...options, '--tool', 'greet', '--args', '{"name":"Ada"}'];
        expect(await cli.run([...greet, '--assert', '`greet` result contains "Hello, Ada"'])).toMatchObject({
          code: 0,
        });
        expect(await cli.run([...greet, '--assert', '`greet` result contains "Bye"'])).toMatchObject({ code: 1 });
        expect(await cli.run(['init', url, ...options])).toMatchObject({ code: 0 });
        await cli.run(['catalog', url, ...options, '-o', 'catalog.json']);
        expect(await cli.run(['diff', 'catalog.json', url, ...options])).toMatchObject({ stdout: 'No changes.\n' });
        const workflow = { id: 'greets', prompt: 'call greet {"name": "Ada"}', criteria: ['no tool call fails'] };
        const transport = kind === 'sse' ? 'sse' : 'streamable_http';
        await cli.write('own.yaml', JSON.stringify({ version: 1, server: { url, transport }, workflows: [workflow] }));
        expect(await cli.run(['test', 'own.yaml', '--repeat', '2'])).toMatchObject({ code: 0 });
      } catch (error) {
        throw new Error(`${error instanceof Error ? error.message : String(error)}\n${server.output()}`, {
          cause: error,
        });
      } finally {
        await server.close();
      }
    });
  });
});
