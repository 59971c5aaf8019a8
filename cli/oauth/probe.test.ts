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
