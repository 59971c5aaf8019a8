import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ShopServer, startShopServer } from '../../examples/shop-server/index.ts';
import { findFreePort } from '../../scripts/port.ts';
import { type Cli, setUpCli } from '../../tests/support/cli.ts';
import { startEverything } from '../../tests/support/targets/everything.ts';

const freePort = await findFreePort();
const newCli = setUpCli();
let cli: Cli;
let shop: ShopServer;
beforeEach(async () => {
  cli = await newCli();
  shop = await startShopServer();
});
afterEach(() => shop.close());

const canary = 'canary-5f1c9e77aa';

describe('probe', () => {
  it('shows what a server is, its era, its tools and their size', async () => {
    const { code, stdout, stderr } = await cli.run(['probe', shop.url]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(
      /^shop-server 1\.0\.0\nMCP 2026-07-28, without sessions · ready in \d+ ms · has resources\n/,
    );
    expect(stdout).toMatch(/9 tools · about \d+ tokens in each request to a model/);
    expect(stdout).toMatch(/^refund_order {5}destructive {2}Refunds an order/m);
  });

  it('writes the same as JSON', async () => {
    const { code, stdout } = await cli.run(['probe', shop.url, '--json']);
    expect(code).toBe(0);
    const result = JSON.parse(stdout);
    expect(result).toMatchObject({ ok: true, url: shop.url, server: { name: 'shop-server' }, era: 'stateless' });
    expect(result.tools).toHaveLength(9);
    expect(result.catalogTokens).toBeGreaterThan(500);
  });

  it.each(['streamableHttp', 'sse'] as const)('reads server-everything by %s', async (transport) => {
    const server = await startEverything(transport);
    try {
      const { code, stdout } = await cli.run(['probe', server.url, ...(transport === 'sse' ? ['--sse'] : [])]);
      expect(code).toBe(0);
      expect(stdout).toContain('with sessions');
      expect(stdout).toMatch(/^echo /m);
    } finally {
      await server.close();
    }
  });

  it.each([
    ['a server that is not there', () => `http://127.0.0.1:${freePort}/mcp`, 3, 'refused the connection'],
    ['what is no URL', () => 'example', 2, 'is not a URL'],
    ['an address that gives out credentials', () => 'http://169.254.169.254/mcp', 3, 'a cloud metadata address'],
  ])('refuses %s', async (_, url, code, says) => {
    const result = await cli.run(['probe', url()]);
    expect(result).toMatchObject({ code, stdout: '', stderr: expect.stringContaining(says) });
  });

  it('sends a token of the environment, and shows neither it nor other secrets', async () => {
    await shop.close();
    shop = await startShopServer({ token: canary });
    const url = `${shop.url}?key=${canary}`;
    expect(await cli.run(['probe', url])).toMatchObject({ code: 3, stderr: expect.stringContaining('401') });
    const options = ['--bearer-env', 'SHOP_TOKEN', '--header', `X-Key: \${env.SHOP_TOKEN}`];
    const env = { SHOP_TOKEN: canary };
    for (const json of [[], ['--json']]) {
      const { code, stdout, stderr } = await cli.run(['probe', url, ...options, ...json], { env });
      expect(code).toBe(0);
      expect(stdout + stderr).not.toContain(canary);
    }
    expect(await cli.run(['probe', url, ...options])).toMatchObject({
      code: 2,
      stderr: 'The environment variable SHOP_TOKEN is not set.\n',
    });
  });

  it('lets no text of a server act on a terminal or on GitHub', async () => {
    shop.control.set({ describe: { get_order: '\u001b[2J\u202e::error::gone\n::error::gone' } });
    const { stdout } = await cli.run(['probe', shop.url]);
    expect(stdout).not.toMatch(/(?!\n)\p{Cc}|\p{Bidi_Control}|^\s*::/mu);
  });
});

const outcome = (args: string[]) => cli.run(['check', shop.url, ...args]);

describe('check', () => {
  it('shows the outcome and the result', async () => {
    const { code, stdout } = await outcome(['--tool', 'get_product', '--args', '{"sku":"MUG-001"}']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^pass in \d+ ms\n {2}│ .*Enamel mug/);
  });

  it('reads arguments from a file and from standard input', async () => {
    await cli.write('args.json', '{"sku":"MUG-001"}');
    const get = ['check', shop.url, '--tool', 'get_product', '--args'];
    expect(await cli.run([...get, `@${cli.folder}/args.json`])).toMatchObject({ code: 0 });
    expect(await cli.run([...get, '@args.json'])).toMatchObject({ code: 0 });
    expect(await cli.run([...get, '-'], { stdin: '{"sku":"MUG-001"}' })).toMatchObject({ code: 0 });
  });

  it.each([
    ['an assertion that holds', ['--assert', 'no tool call fails'], 0],
    ['an unmet assertion', ['--assert', 'final answer contains "x"'], 1],
    ['a slow call', ['--slower-than', '0.0001'], 0],
    ['a slow call that must not be', ['--slower-than', '0.0001', '--fail-on', 'degraded'], 1],
    ['a call without a result in time', ['--timeout', '0.0001'], 3],
    ['a line that is no assertion', ['--assert', 'is good'], 2],
    ['arguments that are no JSON', ['--args', '{'], 2],
    ['arguments that are no object', ['--args', '[]'], 2],
    ['a file that is not there', ['--args', '@missing.json'], 2],
    ['a number of calls that is none', ['--repeat', '0'], 2],
    ['an outcome that is none', ['--fail-on', 'everything'], 2],
    ['an option that is none', ['--retries', '1'], 2],
  ])('ends with the exit code of %s', async (_, args, code) => {
    expect((await outcome(['--tool', 'get_shop_status', ...args])).code).toBe(code);
  });

  it('fails on a result with isError, and has no verdict on a server that is gone', async () => {
    expect((await outcome(['--tool', 'get_order', '--args', '{"order_id":"none"}'])).code).toBe(1);
    await shop.close();
    expect(await outcome(['--tool', 'get_shop_status'])).toMatchObject({
      code: 3,
      stdout: expect.stringContaining('refused the connection'),
    });
  });

  it('repeats the call, and hides incomplete checks behind a failure only without --strict-incomplete', async () => {
    const { stdout } = await outcome(['--tool', 'get_shop_status', '--repeat', '3', '--json']);
    expect(JSON.parse(stdout).checks).toMatchObject([{ outcome: 'pass' }, { outcome: 'pass' }, { outcome: 'pass' }]);
    shop.control.set({ drop: { get_shop_status: 'before' } });
    const dropped = ['--tool', 'get_shop_status', '--repeat', '2'];
    expect(await outcome(dropped)).toMatchObject({ code: 3, stdout: expect.stringContaining('0 of 2 passed') });
  });
});

describe('catalog and diff', () => {
  it('compare a server with what it was, and exit with 1 on breaking changes', async () => {
    expect(await cli.run(['catalog', shop.url, '-o', 'before.json'])).toMatchObject({ code: 0, stdout: '' });
    expect(await cli.run(['diff', 'before.json', shop.url])).toMatchObject({ code: 0, stdout: 'No changes.\n' });
    shop.control.set({ schema: { get_product: 'compatible' } });
    const safe = await cli.run(['diff', 'before.json', shop.url]);
    expect(safe).toMatchObject({ code: 0, stdout: expect.stringMatching(/^safe {6}get_product\n {12}Input/) });
    expect(await cli.run(['diff', 'before.json', shop.url, '--breaking-only'])).toMatchObject({
      code: 0,
      stdout: 'No breaking changes.\n',
    });
    shop.control.set({ remove: ['get_order'] });
    const breaking = await cli.run(['diff', 'before.json', shop.url, '--breaking-only']);
    expect(breaking).toMatchObject({ code: 1, stdout: 'breaking  get_order\n            The tool was removed.\n' });
  });

  it('name the workflows of files that a change hits, without needing their credentials', async () => {
    await cli.write(
      'armature.yaml',
      [
        'version: 1',
        `server: { url: "${shop.url}", auth: { bearer: "\${env.UNSET}" } }`,
        'workflows:',
        '  - { id: orders, prompt: "call get_order {}", criteria: [no tool call fails] }',
        '  - { id: products, prompt: "call get_product {}", criteria: [no tool call fails] }',
        '',
      ].join('\n'),
    );
    await cli.run(['catalog', shop.url, '-o', 'before.json']);
    shop.control.set({ remove: ['get_order'] });
    const { code, stdout } = await cli.run(['diff', 'before.json', shop.url, '--json']);
    expect(code).toBe(1);
    expect(JSON.parse(stdout).changes).toMatchObject([
      { tool: 'get_order', kind: 'removed', workflows: [{ id: 'orders', path: 'armature.yaml' }] },
    ]);
  });

  it.each([
    ['is no JSON', 'x', 'is not JSON'],
    ['is something else', '{"tools":[{"name":1}]}', 'tools.0.name'],
  ])('refuse a file that %s', async (_, text, says) => {
    await cli.write('before.json', text);
    const result = await cli.run(['diff', 'before.json', shop.url]);
    expect(result).toMatchObject({ code: 2, stderr: expect.stringContaining(says) });
  });

  it('write the same file for the same tools', async () => {
    const first = await cli.run(['catalog', shop.url]);
    expect((await cli.run(['catalog', shop.url])).stdout).toBe(first.stdout);
  });
});
