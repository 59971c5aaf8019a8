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

const passing = { id: 'status', prompt: 'call get_shop_status {}', criteria: ['no tool call fails'] };
const failing = { id: 'order', prompt: 'call get_order {"order_id": "none"}', criteria: ['no tool call fails'] };
const needsJudge = { id: 'judged', prompt: 'call get_shop_status {}', criteria: ['the shop is friendly'] };
const unknownModel = { ...passing, id: 'modelless', models: ['openai/none'] };
const blocked = {
  id: 'blocked',
  prompt: 'call get_shop_status {}',
  criteria: ['never calls `get_order`'],
  tools: { block: ['get_shop_status'] },
};

const write = (workflows: object[], rest: object = {}) =>
  cli.write('armature.yaml', JSON.stringify({ version: 1, server: { url: shop.url }, ...rest, workflows }));
const test = (...args: string[]) => cli.run(['test', ...args]);

describe('the exit code of test', () => {
  it.each([
    ['a run that passes', [passing], [], 0],
    ['a run that fails', [failing], [], 1],
    ['a run that fails beside one that passes', [passing, failing], [], 1],
    ['a criterion that nobody can grade', [needsJudge], [], 3],
    ['a model that is not there', [unknownModel], [], 3],
    ['a run that fails beside one without a verdict', [failing, unknownModel], [], 1],
    ['the same with --strict-incomplete', [failing, unknownModel], ['--strict-incomplete'], 3],
    ['a server that is not there', [passing], ['--url', `http://127.0.0.1:${freePort}/mcp`], 3],
    ['a call of a blocked tool', [blocked], [], 0],
    ['the same with --fail-on flagged', [blocked], ['--fail-on', 'flagged'], 1],
    ['repeated runs', [passing], ['--repeat', '3', '--pass-rule', 'majority'], 0],
    ['filters that match nothing', [passing], ['--grep', 'zzz'], 2],
    ['a filter that is no pattern', [passing], ['--grep', '('], 2],
    ['a rule that is none', [passing], ['--pass-rule', 'most'], 2],
    ['a file that is not there', [passing], ['missing.yaml'], 2],
    ['a server without a URL', [passing], ['other.yaml'], 2],
    ['a baseline that is not there', [passing], ['--baseline', 'missing.json'], 2],
    ['an update of no baseline', [passing], ['--update-baseline'], 2],
    ['an outcome that is none', [passing], ['--fail-on', 'slow'], 2],
    ['files without workflows', [], [], 2],
  ])('of %s', async (_, workflows, args, code) => {
    await write(workflows);
    await cli.write('other.yaml', JSON.stringify({ version: 1, server: { name: 'Shop' }, workflows }));
    expect(await test(...args)).toMatchObject({ code });
  });

  it('of a file with problems is 2, and names each with its position', async () => {
    await cli.write('a.yaml', 'version: 1\nserver: { url: x }\nworkflows:\n  - id: A\n    promt: x\n');
    await cli.write('b.yaml', `version: 1\nserver: { url: "\${env.UNSET}" }\n`);
    const { code, stdout, stderr } = await test('a.yaml', 'b.yaml');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr.split('\n')).toEqual([
      '5 problems to fix:',
      'a.yaml:4:5: This is missing.',
      'a.yaml:4:5: This is missing.',
      expect.stringMatching(/^a\.yaml:4:9: An id has/),
      expect.stringContaining('a.yaml:5:5: Unknown member "promt". Did you mean prompt?'),
      'b.yaml:2:16: The environment variable UNSET is not set.',
      '',
    ]);
  });

  it('without files is 2, and files in armature/ are found', async () => {
    expect(await test()).toMatchObject({ code: 2, stderr: expect.stringContaining('There is no armature.yaml here') });
    const file = (workflow: object) => JSON.stringify({ version: 1, server: { url: shop.url }, workflows: [workflow] });
    await cli.write('armature/one.yaml', file(passing));
    await cli.write('armature/two.yml', file(failing));
    expect(await test()).toMatchObject({ code: 1, stdout: expect.stringContaining('2 tests: 1 passed, 1 failed') });
    expect(await cli.run(['test', '-'], { stdin: file(passing) })).toMatchObject({ code: 0 });
  });
});

describe('test', () => {
  it('shows each criterion of what failed, why, and the probable cause', async () => {
    await write([{ ...failing, prompt: 'call get_order {"id": "none"}' }]);
    const { stdout, stderr } = await test();
    expect(stderr).toMatch(/^fail {5}order {2}builtin\/scripted {2}\d+ ms\n$/);
    expect(stdout).toMatch(/^fail {2}order \(armature\.yaml:1, builtin\/scripted\)$/m);
    expect(stdout).toContain(
      '  fail    no tool call fails\n          │ Of 1 call, call-1 returned an error (`get_order`).',
    );
    expect(stdout).toContain('probable cause  Arguments of `get_order` were refused');
    expect(stdout).toContain('suggested change');
    expect(stdout).toMatch(/warning {2}prompt: Step 1 of the prompt \(line 1\) calls "get_order" with arguments/);
    expect(stdout).toMatch(/RESULT {2}WORKFLOW .*\nfail {4}order {5}builtin\/scripted {7}0\/1 {6}1 {7}0 {4}\$0/);
    expect(stdout).toMatch(/1 test: 0 passed, 1 failed\n$/);
  });

  it('selects by --grep and --tag', async () => {
    await write([
      passing,
      { ...failing, tags: ['slow'] },
      { ...passing, id: 'other', name: 'The Shop', tags: ['fast'] },
    ]);
    const ran = async (...args: string[]) => {
      const { groups } = JSON.parse((await test('--json', ...args)).stdout);
      return groups.map(({ workflow }: { workflow: { id: string } }) => workflow.id);
    };
    expect(await ran('--grep', 'STATUS|shop')).toEqual(['status', 'other']);
    expect(await ran('--tag', 'slow', '--tag', 'fast')).toEqual(['order', 'other']);
    expect(await ran('--tag', 'fast', '--grep', '^o')).toEqual(['other']);
  });

  it('runs with --changed only what uses a tool that changed', async () => {
    await write([passing, failing]);
    await cli.run(['catalog', shop.url, '-o', 'catalog.json']);
    expect(await test('--changed', 'catalog.json')).toMatchObject({
      code: 0,
      stderr: 'No workflow uses a tool that changed.\n',
    });
    shop.control.set({ describe: { get_shop_status: 'Another description' } });
    expect(await test('--changed', 'catalog.json')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/pass {4}status.*\n\n1 test: 1 passed/),
    });
  });

  it('reports with --repeat the pass rate with its interval, pass^k and flake rate, and keeps the rule', async () => {
    await write([{ ...passing, repeat: 2 }, failing]);
    const { stdout } = await test('--grep', 'status');
    expect(stdout).toContain(
      'status, builtin/scripted: 2 of 2 passed: 100 % (95 %: 34 % to 100 %) · pass^2 100 % · flake rate 0 %',
    );
    const { groups } = JSON.parse((await test('--repeat', '4', '--json')).stdout);
    expect(groups).toMatchObject([
      { outcome: 'pass', tally: { passes: 4, runs: 4 }, passPowers: [1, 1, 1, 1], flakeRate: 0 },
      { outcome: 'fail', tally: { passes: 0, runs: 4 }, rate: { value: 0, low: 0 }, passPowers: [0, 0, 0, 0] },
    ]);
  });

  it('begins no run after a failure with --bail', async () => {
    await write([failing, passing, { ...passing, id: 'third' }]);
    const { code, stdout } = await test('--bail', '--concurrency', '1');
    expect(code).toBe(1);
    expect(stdout).toContain('Not run after a failure (--bail).');
    expect(stdout).toContain('3 tests: 0 passed, 1 failed, 2 skipped');
  });

  it('never runs more than --concurrency at the same time', async () => {
    await write([{ ...passing, repeat: 6 }]);
    shop.control.set({ hold: ['get_shop_status'] });
    const counts: number[] = [];
    const ending = cli.run(['test', '--concurrency', '2'], {
      onOutput: () => counts.push(shop.calls().filter(({ outcome }) => outcome === 'pending').length),
    });
    await expect.poll(() => shop.calls().length).toBe(2);
    shop.control.reset();
    expect(await ending).toMatchObject({ code: 0 });
    expect(Math.max(...counts)).toBeLessThanOrEqual(2);
  });

  it('needs no model with --no-llm: steps run, criteria for a judge are left out, prompts for a model are skipped', async () => {
    await write([
      { ...passing, models: ['openai/gpt'], judge: 'openai/gpt', criteria: ['no tool call fails', 'it is friendly'] },
      { ...passing, id: 'prose', prompt: 'Is the shop open?' },
      needsJudge,
    ]);
    const { code, stdout } = await test('--no-llm');
    expect(code).toBe(0);
    expect(stdout).toContain('1 criterion left out that a model would have to grade (--no-llm).');
    expect(stdout).toContain('Its prompt has no explicit steps, so it needs a model.');
    expect(stdout).toContain('None of its criteria is an assertion, so they need a model.');
    expect(stdout).toContain('3 tests: 1 passed, 0 failed, 2 skipped');
  });

  it('compares with a baseline, says when runs are too few, and fails on what is worse', async () => {
    await write([passing]);
    const baseline = ['--baseline', 'baseline.json'];
    expect(await test(...baseline, '--update-baseline')).toMatchObject({ code: 0 });
    expect((await test(...baseline)).stdout).toContain('baseline 1 of 1: not enough runs to compare');
    expect(await test(...baseline, '--update-baseline', '--repeat', '6')).toMatchObject({ code: 0 });
    expect(JSON.parse(await cli.read('baseline.json'))).toEqual({
      version: 1,
      groups: [{ workflow: 'status', model: 'builtin/scripted', passes: 6, runs: 6 }],
    });
    expect((await test(...baseline, '--repeat', '6')).stdout).toMatch(/baseline 6 of 6: no difference shown, 0 points/);
    shop.control.set({ fail: { get_shop_status: 'Closed' } });
    const worse = await test(...baseline, '--repeat', '6', '--json');
    expect(worse.code).toBe(1);
    expect(JSON.parse(worse.stdout).groups[0].comparison).toMatchObject({ change: 'worse', difference: -1 });
  });

  it('ends at Ctrl-C with its reports written', async () => {
    await write([passing, { ...passing, id: 'second' }]);
    shop.control.set({ hold: ['get_shop_status'] });
    const interrupt = new AbortController();
    const ending = cli.run(['test', '--concurrency', '1', '--junit', 'junit.xml', '--json', 'report.json'], {
      signal: interrupt.signal,
    });
    await expect.poll(() => shop.calls().length).toBe(1);
    interrupt.abort('you');
    expect(await ending).toMatchObject({ code: 3, stderr: expect.stringMatching(/^canceled status/) });
    const { exitCode, groups } = JSON.parse(await cli.read('report.json'));
    expect(exitCode).toBe(3);
    expect(groups).toMatchObject([
      { outcome: 'incomplete', runs: [{ error: { kind: 'canceled' }, calls: [{ outcome: 'interrupted' }] }] },
      { outcome: 'skipped', reason: 'Canceled.' },
    ]);
    expect(await cli.read('junit.xml')).toMatch(/<error type="canceled"[\s\S]*<skipped>Canceled\.<\/skipped>/);
  });

  it('runs again with --watch when a file changes, also after one with problems', async () => {
    await write([passing]);
    const interrupt = new AbortController();
    let output = '';
    const ending = cli.run(['test', '--watch'], {
      signal: interrupt.signal,
      onOutput: (text) => {
        output += text;
      },
    });
    const rounds = () => output.match(/Waiting for a change/g)?.length ?? 0;
    await expect.poll(rounds).toBe(1);
    await cli.write('armature.yaml', 'version: 2');
    await expect.poll(rounds).toBe(2);
    await write([passing, { ...passing, id: 'second' }]);
    await expect.poll(rounds).toBe(3);
    interrupt.abort('you');
    const { stdout, stderr } = await ending;
    expect(stderr).toContain('armature.yaml:1:10: This must be 1: the version of the format.');
    expect(stdout).toContain('2 tests: 2 passed');
  });

  it('stops at the limits of a workflow', async () => {
    await write([{ ...passing, prompt: 'call get_shop_status {}\ncall get_shop_status {}', limits: { toolCalls: 1 } }]);
    const { stdout } = await test('--json');
    expect(JSON.parse(stdout).groups[0].runs[0]).toMatchObject({ limitHit: 'toolCalls', status: 'pass' });
  });

  it('tests server-everything', async () => {
    const server = await startEverything('streamableHttp');
    try {
      const echo = {
        id: 'echo',
        prompt: 'call echo {"message": "there"}',
        criteria: ['`echo` result contains "there"'],
      };
      await write([echo], { server: { url: server.url } });
      expect(await test()).toMatchObject({ code: 0 });
    } finally {
      await server.close();
    }
  });
});
