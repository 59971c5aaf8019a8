import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { collectOutput, waitForExit } from '../../../../scripts/process.ts';
import { listApiKeys } from '../../../../services/api-key/list.ts';
import { revokeApiKey } from '../../../../services/api-key/revoke.ts';
import { npmPackages } from '../../../real/environment.ts';
import { Browser, type OAuthEndpoint, startOAuthEndpoint } from '../../../support/oauth/signing-in.ts';
import { type TestOrg, testOrg } from '../../../support/setup/context.ts';

let endpoint: OAuthEndpoint;
let org: TestOrg;
let modules: string;
let folder: string;

beforeAll(async () => {
  endpoint = await startOAuthEndpoint();
  org = await testOrg(endpoint.deps);
  modules = join(await npmPackages(), 'node_modules');
  folder = await mkdtemp(join(tmpdir(), 'armature-oauth-clients-'));
});
afterAll(async () => {
  await endpoint?.close();
  await rm(folder, { recursive: true, force: true });
});

const printedAddress = /https?:\/\/\S+\/oauth\/authorize\?\S+/;

/** Allows what a client requests, as a person does who opens the address that it prints. */
async function allow(output: () => string): Promise<void> {
  await expect.poll(output, { timeout: 60_000 }).toMatch(printedAddress);
  const [address = ''] = printedAddress.exec(output()) ?? [];
  const browser = new Browser();
  const callback = await browser.allow(org.ctx, await browser.request(address), 'viewer');
  expect(await browser.open(callback)).toMatchObject({ status: 200 });
}

/** Revokes the client that signed in last. @returns its name */
async function revoke(): Promise<string> {
  const [{ id, name } = { id: '', name: '' }] = (await listApiKeys(org.ctx, {})).keys;
  await revokeApiKey(org.ctx, { keyId: id });
  return name;
}

it('mcp-remote signs in, works, and is refused when it is revoked', async () => {
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [join(modules, 'mcp-remote/dist/proxy.js'), endpoint.url, '--allow-http'],
    // Without a browser, it prints the address.
    env: { HOME: folder, PATH: '', MCP_REMOTE_CONFIG_DIR: folder },
    stderr: 'pipe',
  });
  if (!(transport.stderr instanceof Readable)) throw new Error('mcp-remote has no output.');
  const output = collectOutput(transport.stderr);
  const client = new Client({ name: 'remote', version: '1.0.0' });
  const [connected] = await Promise.allSettled([client.connect(transport), allow(output)]);
  expect(connected, output()).toMatchObject({ status: 'fulfilled' });
  expect((await client.listTools()).tools.map(({ name }) => name)).toContain('list_workflows');
  expect(await revoke()).toMatch(/mcp/i);
  await expect(
    client.callTool({ name: 'list_workflows', arguments: {} }, undefined, { timeout: 5000 }),
  ).rejects.toThrow();
  await client.close();
});

it('the command line of the Inspector signs in, and works', async () => {
  const launcher = join(modules, '@modelcontextprotocol/inspector/clients/launcher/build/index.js');
  const args = [launcher, '--cli', endpoint.url, '--transport', 'http', '--method', 'tools/list'];
  // It signs in only where it may open a browser. There is none, so it prints the address.
  const inspector = spawn(process.execPath, args, {
    env: { HOME: folder, PATH: '', MCP_AUTO_OPEN_ENABLED: 'true' },
  });
  const tools = collectOutput(inspector.stdout);
  await allow(collectOutput(inspector.stderr)).catch((error: unknown) => {
    inspector.kill('SIGKILL');
    throw error;
  });
  expect(await waitForExit(inspector)).toBe(0);
  expect(tools()).toContain('list_workflows');
  expect(await revoke()).toMatch(/inspector/i);
});
