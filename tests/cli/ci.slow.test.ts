import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import manifest from '../../cli/package.json' with { type: 'json' };
import sample from '../../examples/ci/package.json' with { type: 'json' };
import { type ShopServer, startShopServer } from '../../examples/shop-server/index.ts';
import { createApiKey } from '../../services/api-key/create.ts';
import { connectServer } from '../../services/server/connect.ts';
import { listWorkflows } from '../../services/workflow/reading/list.ts';
import type { RunningWorker } from '../../worker/start.ts';
import { type RestApi, startRest } from '../contract/rest/client.ts';
import { installPackedCli, type PackedCli } from '../support/packed-cli.ts';
import { type TestDeps, type TestOrg, testDeps, testOrg } from '../support/setup/context.ts';
import { startTestWorker } from '../support/setup/worker.ts';

let packed: PackedCli;
let test: TestDeps;
let shop: ShopServer;
let api: RestApi;
let worker: RunningWorker;
beforeAll(async () => {
  packed = await installPackedCli();
  test = await testDeps();
  shop = await startShopServer();
  await test.deps.temporal.ensureSearchAttributes();
  api = await startRest(test.deps);
  worker = await startTestWorker(test.deps);
});
afterAll(async () => {
  await worker?.stop();
  await api?.close();
  await shop?.close();
  await test?.close();
  await packed?.close();
});

let org: TestOrg;
/** A copy of the sample repository, with the packed command as its version. */
let repository: string;
let variables: { [name: string]: string };
beforeEach(async () => {
  org = await testOrg(test.deps);
  const address = { transport: 'streamable_http' as const, url: shop.url, auth: { kind: 'none' as const } };
  await connectServer(org.as('admin'), { name: 'Shop', ...address });
  const { key } = await createApiKey(org.as('editor'), { name: 'CI', role: 'editor' });
  variables = { SHOP_URL: shop.url, ARMATURE_URL: new URL(api.url).origin, ARMATURE_API_KEY: key };
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'armature ci ')));
  repository = join(folder, 'repository');
  await cp('examples/ci', repository, { recursive: true });
  const installed = { ...sample, devDependencies: { armature: `file:${packed.file}` } };
  await writeFile(join(repository, 'package.json'), JSON.stringify(installed));
  await bash('npm install --package-lock-only --offline --no-audit --no-fund', {});
  return () => rm(folder, { recursive: true });
});

type Outcome = { script: string; code: number; output: string };

/** As runners do: `bash -e`, without a terminal. */
function bash(script: string, env: { [name: string]: string }): Promise<Outcome> {
  const { PATH = '', HOME = '' } = process.env;
  const variablesOfStep = { PATH, HOME, CI: 'true', npm_config_offline: 'true', ...env };
  return new Promise((resolve) => {
    execFile('bash', ['-e', '-c', script], { cwd: repository, env: variablesOfStep }, (error, stdout, stderr) =>
      resolve({ script, code: error === null ? 0 : Number(error.code ?? 1), output: stdout + stderr }),
    );
  });
}

const texts = z.record(z.string(), z.string());
const step = z.object({
  if: z.string().optional(),
  uses: z.string().optional(),
  with: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
  env: texts.optional(),
  run: z.string().optional(),
});
const workflowFile = z.object({ env: texts, jobs: z.object({ armature: z.object({ steps: z.array(step) }) }) });
const actionFile = z.object({
  inputs: z.record(z.string(), z.object({ default: z.string() })),
  runs: z.object({ steps: z.array(step) }),
});
const readYaml = async <T>(path: string, schema: z.ZodType<T>): Promise<T> =>
  schema.parse(parse(await readFile(path, 'utf8')));

/** Replaces the expressions of GitHub. @throws for one that has no value here */
const fill = (text: string, values: { [name: string]: string }): string =>
  text.replace(/\$\{\{ ([\w.-]+) \}\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`There is no ${name}.`);
    return value;
  });

/** Runs the steps of the workflow for an event, those of our action too, until one fails. */
async function runGithub(event: 'push' | 'pull_request'): Promise<Outcome[]> {
  const { env, jobs } = await readYaml(join(repository, '.github/workflows/armature.yml'), workflowFile);
  const action = await readYaml('action/action.yml', actionFile);
  const known = Object.fromEntries(
    Object.entries(variables).flatMap(([name, value]) => [
      [`vars.${name}`, value],
      [`secrets.${name}`, value],
    ]),
  );
  const base = Object.fromEntries(Object.entries(env).map(([name, value]) => [name, fill(value, known)]));
  const github = { GITHUB_SHA: 'f00dcafe', GITHUB_REF_NAME: 'main' };
  const outcomes: Outcome[] = [];
  for (const each of jobs.armature.steps) {
    if (each.if !== undefined && each.if !== `github.event_name == '${event}'`) continue;
    const isOurs = each.uses?.startsWith('armature/armature/action@') ?? false;
    const inputs = Object.fromEntries(
      Object.entries(action.inputs).map(([name, input]) => [
        `inputs.${name}`,
        String(each.with?.[name] ?? input.default),
      ]),
    );
    for (const { run, env: own = {} } of isOurs ? action.runs.steps : [each]) {
      if (run === undefined) continue;
      const stepEnv = Object.fromEntries(Object.entries(own).map(([name, value]) => [name, fill(value, inputs)]));
      const outcome = await bash(run, { ...base, ...github, ...stepEnv });
      outcomes.push(outcome);
      if (outcome.code !== 0) return outcomes;
    }
  }
  return outcomes;
}

const codes = (outcomes: readonly Outcome[]) => outcomes.map(({ code, output }) => (code === 0 ? 0 : { code, output }));

describe('the sample repository', () => {
  it('has the version of the command', () => {
    expect(sample.devDependencies.armature).toBe(manifest.version);
  });

  it('tests and shows the plan in a pull request of GitHub, and changes nothing', async () => {
    const outcomes = await runGithub('pull_request');
    expect(codes(outcomes)).toEqual([0, 0, 0]);
    expect(outcomes[2]?.output).toContain('+ create workflow order-a-mug');
    expect(await readFile(join(repository, 'armature-junit.xml'), 'utf8')).toContain('<testsuite');
    expect(await listWorkflows(org.ctx, {})).toMatchObject({ workflows: [] });
  });

  it('tests, pushes and runs on the main branch of GitHub, as often as there are commits', async () => {
    const first = await runGithub('push');
    expect(codes(first)).toEqual([0, 0, 0, 0]);
    const [workflow] = (await listWorkflows(org.ctx, {})).workflows;
    expect(workflow).toMatchObject({ slug: 'order-a-mug', lastRun: { status: 'pass' } });
    const runs = await test.deps.db.run.findMany({ where: { orgId: org.orgId } });
    expect(runs).toMatchObject([{ metadata: { commit: 'f00dcafe', branch: 'main' } }]);
    const second = await runGithub('push');
    expect(codes(second)).toEqual([0, 0, 0, 0]);
    expect(second[2]?.output).toContain('Nothing to change.');
    for (const { output } of [...first, ...second]) expect(output).not.toContain(variables.ARMATURE_API_KEY);
  });

  it('stops before the push when the server fails the test', async () => {
    shop.control.set({ fail: { search_products: 'Out of paper' } });
    try {
      const outcomes = await runGithub('push');
      expect(outcomes.map(({ code }) => code)).toEqual([0, 1]);
      expect(await listWorkflows(org.ctx, {})).toMatchObject({ workflows: [] });
    } finally {
      shop.control.reset();
    }
  });

  it('does the same in GitLab', async () => {
    const job = z.object({ script: z.array(z.string()) });
    const jobs = await readYaml(
      join(repository, '.gitlab-ci.yml'),
      z.object({ 'armature:test': job, 'armature:push': job }),
    );
    const outcomes: Outcome[] = [];
    for (const { script } of [jobs['armature:test'], jobs['armature:push']])
      for (const line of script) outcomes.push(await bash(line, { ...variables, CI_COMMIT_SHA: 'f00d' }));
    expect(codes(outcomes)).toEqual([0, 0, 0, 0, 0, 0]);
    expect(await listWorkflows(org.ctx, {})).toMatchObject({ workflows: [{ slug: 'order-a-mug' }] });
  });
});

it('documents steps as the sample repository has them', async () => {
  const doc = await readFile('docs/workflows-as-code.md', 'utf8');
  const gitlab = await readFile('examples/ci/.gitlab-ci.yml', 'utf8');
  expect(doc).toContain('npx armature test --junit armature-junit.xml');
  expect(gitlab).toContain('npx armature test --junit armature-junit.xml');
});
