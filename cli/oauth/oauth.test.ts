import { afterEach, describe, expect, it } from 'vitest';
import { setUpCli } from '../../tests/support/cli.ts';
import { startProtectedServer } from '../../tests/support/oauth/protected-server.ts';
import { type ProviderOptions, startProvider } from '../../tests/support/oauth/provider.ts';
import { visit } from '../../tests/support/oauth/visit.ts';

const newCli = setUpCli();
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function setUp(options: ProviderOptions = {}) {
  const provider = await startProvider(options);
  const server = await startProtectedServer(provider);
  closing.push(provider.close, server.close);
  return { server, cli: await newCli() };
}

describe('probe --oauth', () => {
  it('signs in by the browser of this machine, and shows each step', async () => {
    const { server, cli } = await setUp();
    let isSent = false;
    const { code, stdout } = await cli.run(['probe', server.url, '--oauth'], {
      onOutput(text) {
        const address = /Sign in at (\S+)/.exec(text)?.[1];
        if (address === undefined || isSent) return;
        isSent = true;
        void visit(address).then((callback) => fetch(callback));
      },
    });
    expect(code).toBe(0);
    expect(stdout).toContain('✓ PKCE with S256 is announced');
    expect(stdout).toContain('Exchange the code for tokens');
    expect(stdout).toContain('✗ The authorization server reads client metadata documents (should)');
    expect(stdout).toContain('shop-server');
  });

  it('signs in with client credentials, and prints no secret', async () => {
    const secret = 'a long secret of a client';
    const common = { grant_types: ['client_credentials'], response_types: [], redirect_uris: [] };
    const { server, cli } = await setUp({ clients: [{ client_id: 'job', client_secret: secret, ...common }] });
    const flags = ['--oauth', '--client-id', 'job', '--client-secret-env', 'SECRET'];
    const { code, stdout, stderr } = await cli.run(['probe', server.url, ...flags, '--json'], {
      env: { SECRET: secret },
    });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, signIn: expect.any(Array) });
    expect(stdout + stderr).not.toContain(secret);
    const missing = await cli.run(['probe', server.url, ...flags]);
    expect(missing.stderr).toContain('SECRET is not set');
  });
});

describe('check --oauth', () => {
  const secret = 'a long secret of a client';
  const common = { grant_types: ['client_credentials'], response_types: [], redirect_uris: [] };
  const clients = [{ client_id: 'job', client_secret: secret, ...common }];
  const call = ['--tool', 'search_products', '--args', '{"query": "mug"}'];
  const credentials = ['--client-id', 'job', '--client-secret-env', 'SECRET'];

  it('calls the tool signed in, once for all calls, and shows each step', async () => {
    const { server, cli } = await setUp({ clients });
    const flags = ['--oauth', ...credentials, '--repeat', '2'];
    const { code, stdout, stderr } = await cli.run(['check', server.url, ...call, ...flags], {
      env: { SECRET: secret },
    });
    expect(code).toBe(0);
    expect(stdout).toContain('2 of 2 passed');
    expect(stdout.split('Ask for a token with client credentials')).toHaveLength(2);
    expect(stdout + stderr).not.toContain(secret);
  });

  it('ends without a result when the client is refused, and says why', async () => {
    const { server, cli } = await setUp({ clients });
    const { code, stdout } = await cli.run(['check', server.url, ...call, '--oauth', ...credentials, '--json'], {
      env: { SECRET: 'another secret' },
    });
    expect(code).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({
      checks: [{ outcome: 'error', reasons: [expect.stringContaining('The client was refused')] }],
      signIn: expect.any(Array),
    });
  });

  it('refuses options of a sign-in without --oauth', async () => {
    const { server, cli } = await setUp({ clients });
    const { code, stderr } = await cli.run(['check', server.url, ...call, ...credentials], { env: { SECRET: secret } });
    expect(code).toBe(2);
    expect(stderr).toContain('need --oauth');
    expect(server.statuses).toEqual([]);
  });
});
