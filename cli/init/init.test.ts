import { afterEach, beforeEach, expect, it } from 'vitest';
import { parseFile } from '../../domain/code/parse.ts';
import { type ShopServer, startShopServer } from '../../examples/shop-server/index.ts';
import { findFreePort } from '../../scripts/port.ts';
import { type Cli, setUpCli } from '../../tests/support/cli.ts';
import { startProvider } from '../../tests/support/models/provider.ts';
import { startEverything } from '../../tests/support/targets/everything.ts';
import { draftFile } from './draft.ts';

const freePort = await findFreePort();
const newCli = setUpCli();
let cli: Cli;
let shop: ShopServer;
beforeEach(async () => {
  cli = await newCli();
  shop = await startShopServer();
});
afterEach(() => shop.close());

const canary = 'canary-8d20f7c9b3';

it('drafts workflows that pass, names the tools that it leaves out, and adds a step for GitHub Actions', async () => {
  const { code, stdout } = await cli.run(['init', shop.url]);
  expect(code).toBe(0);
  expect(stdout.split('\n')).toEqual([
    'Wrote armature.yaml.',
    'Wrote armature.schema.json.',
    'Wrote .github/workflows/armature.yml.',
    'Drafted 2 workflows.',
    '7 tools are in comments: fill in their arguments.',
    'Next: armature test',
    '',
  ]);
  const file = await cli.read('armature.yaml');
  expect(file).toMatch(/^# yaml-language-server: \$schema=armature\.schema\.json\n/);
  expect(file).toContain('#   call `create_order` {"sku":"text","quantity":1,"reference":"text"}');
  expect(await cli.read('.github/workflows/armature.yml')).toMatch(
    /run: npx --yes armature@\d+\.\d+\.\d+ test --github/,
  );
  expect(JSON.parse(await cli.read('armature.schema.json'))).toMatchObject({ title: 'Armature workflows' });
  // Nothing but what only reads was called.
  expect(await cli.run(['test'])).toMatchObject({ code: 0, stdout: expect.stringContaining('2 tests: 2 passed') });
  expect(new Set(shop.calls().map(({ tool }) => tool))).toEqual(new Set(['search_products', 'get_shop_status']));
});

it('drafts what server-everything has', async () => {
  const server = await startEverything('streamableHttp');
  try {
    expect(await cli.run(['init', server.url])).toMatchObject({ code: 0 });
    expect(await cli.run(['test'])).toMatchObject({ code: 0 });
  } finally {
    await server.close();
  }
});

it('drafts tasks for a model where one is configured', async () => {
  const provider = await startProvider(() => ({ answer: '' }));
  await provider.close();
  const models = { providers: [{ name: 'fake', baseUrl: provider.baseUrl, apiKey: 'none', models: [{ id: 'm' }] }] };
  await cli.write('models.yaml', JSON.stringify(models));
  const env = { ARMATURE_MODELS: `${cli.folder}/models.yaml` };
  expect(await cli.run(['init', shop.url, '--no-github'], { env })).toMatchObject({ code: 0 });
  const file = await cli.read('armature.yaml');
  expect(file).toContain('models:\n    - fake/m');
  expect(file).toContain('needs the tools `search_products` and `get_product`, with realistic arguments');
  await expect(cli.read('.github/workflows/armature.yml')).rejects.toThrow('ENOENT');
});

it('leaves everything that may be a secret to the environment', async () => {
  await shop.close();
  shop = await startShopServer({ token: canary });
  const url = `${shop.url}?key=${canary}&region=eu`;
  const options = ['--header', `X-Api-Key: ${canary}`, '--header', 'X-Env: ci', '--bearer-env', 'SHOP_TOKEN'];
  const { code, stdout, stderr } = await cli.run(['init', url, ...options], { env: { SHOP_TOKEN: canary } });
  expect(code).toBe(0);
  expect(stdout).toContain('Set in the environment, and as secrets of the repository: KEY, X_API_KEY, SHOP_TOKEN.');
  const files = [await cli.read('armature.yaml'), await cli.read('.github/workflows/armature.yml')];
  expect([stdout, stderr, ...files].join('\n')).not.toContain(canary);
  expect(files[0]).toContain(`url: ${shop.url}?key=\${env.KEY}&region=eu`);
  expect(files[0]).toContain('X-Env: ci');
  expect(files[1]).toContain(`X_API_KEY: \${{ secrets.X_API_KEY }}`);
  const env = { SHOP_TOKEN: canary, KEY: canary, X_API_KEY: canary };
  expect(await cli.run(['test'], { env })).toMatchObject({ code: 0 });
});

it('keeps a file that is there, asking nothing where nobody can answer, unless --force replaces it', async () => {
  await cli.write('armature.yaml', 'mine');
  expect(await cli.run(['init', shop.url])).toMatchObject({
    code: 2,
    stderr: 'armature.yaml is there already. --force replaces it.\n',
  });
  expect(await cli.read('armature.yaml')).toBe('mine');
  expect(await cli.run(['init', shop.url, '--force'])).toMatchObject({ code: 0 });
  expect(await cli.read('armature.yaml')).toContain('version: 1');
});

it('writes nothing for a server that is not there', async () => {
  expect(await cli.run(['init', `http://127.0.0.1:${freePort}/mcp`])).toMatchObject({ code: 3 });
  await expect(cli.read('armature.yaml')).rejects.toThrow('ENOENT');
});

it('writes a file that can be read, whatever the names of tools', () => {
  const names = [
    'a`b\n- id: x',
    `get_\${env.HOME}`,
    'list # &x *y !z',
    '\u0000\u2028get',
    'x'.repeat(512),
    '__proto__',
  ];
  const reads = { inputSchema: { type: 'object' }, annotations: { readOnlyHint: true } };
  const writes = { inputSchema: { type: 'object' }, annotations: { readOnlyHint: false } };
  const tools = names.flatMap((name) => [
    { name, ...reads },
    { name: `${name} 2`, ...writes },
  ]);
  const { text } = draftFile({ url: 'http://x/mcp' }, tools, { model: null });
  const parsed = parseFile(text, { path: 'armature.yaml', env: {}, credentials: 'read' });
  const steps = parsed.ok ? (parsed.file.workflows ?? []).flatMap(({ prompt }) => prompt.split('\n')) : parsed.problems;
  expect(steps).toHaveLength(names.length);
});
