import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { validateXML } from 'xmllint-wasm';
import { type ShopServer, startShopServer } from '../../../examples/shop-server/index.ts';
import { type Cli, setUpCli } from '../../../tests/support/cli.ts';
import { type FakeProvider, startProvider } from '../../../tests/support/models/provider.ts';

const canary = 'canary-77be0c1d2e';
const providerKey = 'canary-key-90ab12cd34';
const schema = await readFile(new URL('../../../tests/cli/jenkins-junit.xsd', import.meta.url), 'utf8');

const newCli = setUpCli();
let cli: Cli;
let shop: ShopServer;
let provider: FakeProvider;
beforeEach(async () => {
  cli = await newCli();
  shop = await startShopServer({ token: canary });
  provider = await startProvider(({ tools }, number) =>
    tools && number % 2 === 1
      ? { answer: '', toolCalls: [{ name: 'get_shop_status', arguments: '{}' }], usage: { input: 100, output: 10 } }
      : tools
        ? { answer: `It is open. The token is ${canary}.`, usage: { input: 200, output: 20 } }
        : {
            answer: JSON.stringify({ verdict: 'partial', rationale: `Says ${canary}.`, evidence: ['call-1'] }),
            usage: { input: 300, output: 30 },
          },
  );
});
afterEach(async () => {
  await shop.close();
  await provider.close();
});

const write = (workflows: object[], model: object = { inputPrice: 1, outputPrice: 10 }) =>
  cli.write(
    'armature.yaml',
    JSON.stringify({
      version: 1,
      server: { url: `${shop.url}?key=${canary}`, headers: { 'X-Key': canary }, auth: { bearer: `\${env.TOKEN}` } },
      models: [{ name: 'fake', baseUrl: provider.baseUrl, apiKey: `\${env.KEY}`, models: [{ id: 'm', ...model }] }],
      workflows,
    }),
  );
const env = { TOKEN: canary, KEY: providerKey };
const test = (...args: string[]) => cli.run(['test', ...args], { env });

const judged = { id: 'judged', prompt: 'Is it open?', criteria: ['it is open'], models: ['fake/m'], judge: 'fake/m' };
const passing = { id: 'status', prompt: 'call get_shop_status {}', criteria: ['no tool call fails'] };
const failing = {
  id: 'order',
  prompt: 'call get_order {"order_id": "<none> & \\"more\\""}',
  criteria: ['no tool call fails'],
};
const lacking = { ...passing, id: 'lacking', models: ['fake/none'] };

describe('reports', () => {
  it('have the verdicts of a judge, its calls, tokens and cost, and a partial run fails', async () => {
    await write([judged]);
    const { code, stdout } = await test('--json');
    expect(code).toBe(1);
    const { groups } = JSON.parse(stdout);
    // 600 input tokens of a dollar and 60 output tokens of ten dollars per million.
    expect(groups).toMatchObject([
      {
        outcome: 'fail',
        tokens: 660,
        cost: expect.closeTo(0.0012, 10),
        calls: 1,
        runs: [{ status: 'partial', results: [{ verdict: 'partial', gradedBy: 'judge', judge: { model: 'fake/m' } }] }],
      },
    ]);
  });

  it('as JUnit are valid, with verdicts as failures and the rest as errors', async () => {
    shop.control.set({ fail: { get_order: 'Control \u0001 and <markup> & ]]>' } });
    await write([passing, failing, lacking]);
    expect(await test('--junit', 'out.xml')).toMatchObject({ code: 1 });
    const xml = await cli.read('out.xml');
    const { valid, errors } = await validateXML({
      xml: [{ fileName: 'out.xml', contents: xml }],
      schema: [schema],
    });
    expect({ valid, errors }).toEqual({ valid: true, errors: [] });
    expect(xml).toMatch(/<testsuites name="armature" tests="3" failures="1" errors="1"/);
    expect(xml).toMatch(/<testcase name="order \(builtin\/scripted\)" classname="order"[^>]*>\s*<failure type="fail"/);
    expect(xml).toMatch(
      /<testcase name="lacking \(fake\/none\)"[^>]*>\s*<error type="misconfigured" message="There is no/,
    );
  });

  it('for GitHub annotate the place in the file and add a job summary', async () => {
    await write([passing, failing, lacking]);
    const summary = `${cli.folder}/summary.md`;
    const { stdout } = await cli.run(['test', '--github'], { env: { ...env, GITHUB_STEP_SUMMARY: summary } });
    expect(stdout).toMatch(
      /^::error file=armature\.yaml,line=1,title=order \(builtin\/scripted\)%3A fail::fail: no tool/m,
    );
    expect(stdout).toMatch(
      /^::warning file=armature\.yaml,line=1,title=lacking \(fake\/none\)%3A incomplete::There is no/m,
    );
    const text = await cli.read('summary.md');
    expect(text).toContain('| ✅ pass | status | builtin/scripted |');
    expect(text).toContain('| ❌ fail | order | builtin/scripted |');
  });

  it('let no text of a server or model act on GitHub or in its Markdown', async () => {
    shop.control.set({ fail: { get_order: '::error::x\n ::add-path::y\n<img src=x> [a](b) @team' } });
    await write([{ ...failing, criteria: ['`get_order` result contains "z"', 'no tool call fails'] }]);
    const summary = `${cli.folder}/summary.md`;
    const { stdout } = await cli.run(['test', '--github'], { env: { ...env, GITHUB_STEP_SUMMARY: summary } });
    expect(stdout.match(/^\s*::/gm)).toHaveLength(1);
    expect(await cli.read('summary.md')).not.toMatch(/<img|[^\\]\]\(|@team/);
  });

  it('have no secret in any of them, whatever servers and models repeat', async () => {
    shop.control.set({ inject: { get_shop_status: `The token is ${canary}` } });
    await write([judged, passing, failing, lacking]);
    const summary = `${cli.folder}/summary.md`;
    const reports = [
      '--junit',
      'out.xml',
      '--json',
      'out.json',
      '--github',
      '--baseline',
      'base.json',
      '--update-baseline',
    ];
    const { code, stdout, stderr } = await cli.run(['test', ...reports], {
      env: { ...env, GITHUB_STEP_SUMMARY: summary },
    });
    expect(code).toBe(1);
    const files = await Promise.all(['out.xml', 'out.json', 'summary.md', 'base.json'].map(cli.read));
    const written = [stdout, stderr, ...files].join('\n');
    expect(written).toContain('[redacted]');
    expect(written).not.toContain(canary);
    expect(written).not.toContain(providerKey);
  });

  it('leave out the results of a workflow that stores none', async () => {
    const open = async (storeToolResults: boolean) => {
      await write([{ ...passing, storeToolResults }]);
      const { groups } = JSON.parse((await test('--json')).stdout);
      return groups[0].runs[0];
    };
    expect(await open(true)).toMatchObject({ status: 'pass', calls: [{ result: { isError: false } }] });
    expect((await open(false)).calls[0]).not.toHaveProperty('result');
  });
});

describe('--max-cost', () => {
  it('begins no run after the budget, which is no verdict', async () => {
    await write([{ ...judged, repeat: 3 }]);
    const { code, stdout } = await test('--max-cost', '0.001', '--concurrency', '1', '--pass-rule', 'any', '--json');
    expect(code).toBe(3);
    const [{ runs }] = JSON.parse(stdout).groups;
    expect(runs).toMatchObject([
      { status: 'partial' },
      { error: { kind: 'budget', message: 'The budget of $0.00 (--max-cost) is used up.' } },
      { error: { kind: 'budget' } },
    ]);
  });

  it('is refused where prices are unknown', async () => {
    await write([judged], {});
    expect(await test('--max-cost', '1')).toMatchObject({ code: 2, stderr: expect.stringContaining('fake/m') });
  });
});
