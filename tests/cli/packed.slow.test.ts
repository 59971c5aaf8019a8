import { execFile, spawn } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import manifest from '../../cli/package.json' with { type: 'json' };
import { type ShopServer, startShopServer } from '../../examples/shop-server/index.ts';
import rootManifest from '../../package.json' with { type: 'json' };
import { collectOutput, waitForExit } from '../../scripts/process.ts';
import { npmNode } from '../real/environment.ts';
import { startProvider } from '../support/models/provider.ts';
import { installPackedCli, type PackedCli } from '../support/packed-cli.ts';

const execute = promisify(execFile);
const maxInstalledBytes = 3_000_000;
const canary = 'canary-41cc07bd91';

let packed: PackedCli;
let shop: ShopServer;
beforeAll(async () => {
  packed = await installPackedCli();
  shop = await startShopServer();
});
afterAll(async () => {
  await shop?.close();
  await packed?.close();
});

const bin = () => join(packed.project, 'node_modules/.bin/armature');

/** Node 24 is that of the repository; the others are installed once per machine. */
const versions = ['20.18.1', '22.23.3', rootManifest.devDependencies.node];

/** Runs the installed command with a version of Node. */
async function start(node: string, args: string[], options: { cwd?: string; env?: object } = {}) {
  const child = spawn(node, [bin(), ...args], {
    cwd: options.cwd ?? packed.project,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = collectOutput(child.stdout, child.stderr);
  return { child, output, ended: waitForExit(child) };
}

const workflow = (rest: object) => ({ prompt: 'call get_shop_status {}', criteria: ['no tool call fails'], ...rest });

describe('the packed command', () => {
  it('is small, depends on nothing, and has the version of the repository', async () => {
    const { stdout } = await execute(bin(), ['--version']);
    expect(stdout.trim()).toBe(rootManifest.version);
    expect(Object.keys(manifest)).not.toContain('dependencies');
    console.log(`The installed command has ${(packed.installedBytes / 1000).toFixed(0)} kB.`);
    expect(packed.installedBytes).toBeLessThan(maxInstalledBytes);
  });

  describe.each(versions)('on Node %s', (version) => {
    let node: string;
    beforeAll(async () => {
      node = await npmNode(version);
    });

    it('prints its help soon', async () => {
      const times: number[] = [];
      for (let number = 0; number < 5; number++) {
        const startedAt = performance.now();
        const { ended, output } = await start(node, ['--help']);
        expect(await ended).toBe(0);
        times.push(performance.now() - startedAt);
        expect(output()).toContain('Usage: armature');
      }
      console.log(`armature --help on Node ${version}: ${Math.min(...times).toFixed(0)} ms (goal: 300 ms).`);
    });

    it('probes, checks and tests, with a model too', async () => {
      const provider = await startProvider(({ tools }, number) =>
        tools && number === 1
          ? { answer: '', toolCalls: [{ name: 'get_shop_status', arguments: '{}' }] }
          : { answer: tools ? 'It is open.' : '{"verdict":"pass","rationale":"It is.","evidence":["call-1"]}' },
      );
      const folder = join(packed.project, `on ${version}`);
      await mkdir(folder, { recursive: true });
      const file = {
        version: 1,
        server: { url: shop.url },
        models: [{ name: 'fake', baseUrl: provider.baseUrl, apiKey: 'none', models: [{ id: 'm' }] }],
        workflows: [
          workflow({ id: 'scripted' }),
          workflow({
            id: 'model',
            prompt: 'Is it open?',
            criteria: ['it says so'],
            models: ['fake/m'],
            judge: 'fake/m',
          }),
        ],
      };
      await writeFile(join(folder, 'armature.yaml'), JSON.stringify(file));
      try {
        for (const args of [['probe', shop.url], ['check', shop.url, '--tool', 'get_shop_status'], ['test']]) {
          const { ended, output } = await start(node, args, { cwd: folder });
          expect({ args, code: await ended, output: output() }).toMatchObject({ code: 0 });
        }
      } finally {
        await provider.close();
      }
    });
  });

  it('writes its reports at Ctrl-C, and shows no secret in the list of processes', async () => {
    const folder = join(packed.project, 'interrupted');
    await mkdir(folder, { recursive: true });
    const file = {
      version: 1,
      server: { url: shop.url, headers: { 'X-Key': canary } },
      workflows: [workflow({ id: 'held' })],
    };
    await writeFile(join(folder, 'armature.yaml'), JSON.stringify(file));
    shop.control.set({ hold: ['get_shop_status'] });
    try {
      const url = `${shop.url}?key=${canary}`;
      const run = await start(process.execPath, ['test', '--url', url, '--junit', 'out.xml'], { cwd: folder });
      await expect.poll(() => shop.calls({ tool: 'get_shop_status' }).at(-1)?.outcome).toBe('pending');
      const { stdout } = await execute('ps', ['-ww', '-o', 'args=', '-p', String(run.child.pid)]);
      expect(stdout).toContain('armature');
      expect(stdout).not.toContain(canary);
      run.child.kill('SIGINT');
      expect({ code: await run.ended, output: run.output() }).toMatchObject({
        code: 3,
        output: expect.stringMatching(/canceled held[\s\S]*1 test: 0 passed, 0 failed, 1 incomplete/),
      });
      expect(await readFile(join(folder, 'out.xml'), 'utf8')).toContain('<error type="canceled"');
      expect(run.output()).not.toContain(canary);
    } finally {
      shop.control.reset();
    }
  });

  it('ends quietly when its reader has seen enough', async () => {
    const { stdout, stderr } = await execute('sh', ['-c', `'${bin()}' catalog '${shop.url}' | head -c 1`]);
    expect({ stdout, stderr }).toEqual({ stdout: '{', stderr: '' });
  });
});

describe('the README', () => {
  it("tests one's own server in a minute", async () => {
    const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');
    const [, section = ''] = /^## Test your own server in a minute\n([\s\S]*?)^## /m.exec(readme) ?? [];
    const [, command = ''] = /```sh\n([\s\S]*?)```/.exec(section) ?? [];
    expect(command).toContain('https://example.com/mcp');
    await rm(join(packed.project, 'armature.yaml'), { force: true });
    const { stdout } = await execute('sh', ['-c', command.replace('https://example.com/mcp', shop.url)], {
      cwd: packed.project,
      env: { ...process.env, PATH: [dirname(process.execPath), process.env.PATH].join(delimiter) },
    });
    expect(stdout).toContain('Wrote armature.yaml.');
    expect(stdout).toMatch(/\d tests: \d passed, 0 failed\n$/);
  });
});
