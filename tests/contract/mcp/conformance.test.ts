import { execFile } from 'node:child_process';
import { createServer, request, type Server } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type TestDeps, testDeps, testOrg } from '../../support/setup/context.ts';
import { type Endpoint, keyOf, startEndpoint } from './endpoint.ts';

const suite = join(
  dirname(createRequire(import.meta.url).resolve('@modelcontextprotocol/conformance/package.json')),
  'dist/index.js',
);

let scenario: TestDeps;
let endpoint: Endpoint;
let proxy: Server;
let url: string;

beforeAll(async () => {
  scenario = await testDeps();
  endpoint = await startEndpoint(scenario.deps);
  proxy = withKey(endpoint.url, await keyOf(await testOrg(scenario.deps), 'viewer'));
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  url = `http://localhost:${z.object({ port: z.number() }).parse(proxy.address()).port}/api/mcp`;
});
afterAll(async () => {
  proxy?.closeAllConnections();
  proxy?.close();
  await endpoint?.close();
  await scenario?.close();
});

/** Hands every request on as it is, `Host` and `Origin` too, and adds the key: the suite can't send one. */
function withKey(target: string, key: string): Server {
  return createServer((incoming, outgoing) => {
    const { method = 'GET', headers } = incoming;
    const onward = request(target, { method, headers: { ...headers, authorization: `Bearer ${key}` } }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    onward.on('error', (error) => outgoing.destroy(error));
    incoming.pipe(onward);
  });
}

const checks = z.array(z.looseObject({ id: z.string(), status: z.string() })).min(1);

describe('the official conformance suite', () => {
  it.each(['server-initialize', 'ping', 'tools-list', 'resources-list', 'prompts-list', 'dns-rebinding-protection'])(
    'passes %s without a warning',
    async (scenario) => {
      const args = [suite, 'server', '--url', url, '--scenario', scenario, '--verbose'];
      const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: tmpdir() });
      const found = checks.parse(JSON.parse(stdout.slice(stdout.indexOf('['), stdout.lastIndexOf(']') + 1)));
      expect(found.filter(({ status }) => status !== 'SUCCESS' && status !== 'INFO')).toEqual([]);
      expect(found.some(({ status }) => status === 'SUCCESS')).toBe(true);
    },
  );
});
