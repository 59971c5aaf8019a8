import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Scenario, startScenario } from '../../../tests/support/scenario.ts';
import type { Context } from '../../context/context.ts';
import { newId, toRunId } from '../../context/ids.ts';
import { archiveWorkflow } from '../../workflow/archive.ts';
import { getWorkflow } from '../../workflow/reading/get.ts';
import { saveWorkflow } from '../../workflow/save.ts';
import { finishRun } from '../execution/finish.ts';
import { getRun } from '../reading/get.ts';
import { inspectRun } from '../reading/inspect.ts';
import { searchRuns } from '../reading/search.ts';
import { runWorkflowNow } from './run-now.ts';
import { runWorkflowNowOutput } from './schema.ts';

let scenario: Scenario;
/** Minutes that the injected clock is ahead. */
let ahead = 0;
const soon = () => new Date(Date.now() + ahead * 60_000);

beforeAll(async () => {
  // Without a worker a run stays pending until the test ends it.
  scenario = await startScenario({ worker: false, now: soon });
});
afterAll(() => scenario?.close());

type Input = Parameters<typeof runWorkflowNow>[1];
const now = async (input: Input, ctx: Context = scenario.ctx) =>
  runWorkflowNowOutput.parse(await runWorkflowNow(ctx, input));
const one = async (input: Input) => {
  const { runs, ...rest } = await now(input);
  const [run] = runs;
  if (!run || runs.length > 1) throw new Error(JSON.stringify(runs));
  return { ...rest, ...run };
};
const end = (runId: string) => finishRun(scenario.org.asSystem(), { runId, end: 'abandoned' });

describe('runWorkflowNow with a derived key', () => {
  it('returns the run that goes on for the same reason, however it is written', async () => {
    const workflowId = await scenario.workflow();
    const first = await one({ workflowId, reason: '  After  the\tFix ' });
    expect(first).toMatchObject({ reason: 'after the fix', reused: false, status: 'pending', attempt: 1 });
    const again = await one({ workflowId, reason: 'after the fix' });
    expect(again).toMatchObject({ runId: first.runId, reused: true });
    expect((await one({ workflowId, reason: 'after the fix', forceNewRun: true })).runId).toBe(first.runId);
    expect((await one({ workflowId, reason: 'another' })).runId).not.toBe(first.runId);
  });

  it('returns the finished run for ten minutes, then makes the next attempt', async () => {
    const workflowId = await scenario.workflow();
    const first = await one({ workflowId, reason: 'check' });
    await end(first.runId);
    ahead += 9.5;
    expect(await one({ workflowId, reason: 'check' })).toMatchObject({ runId: first.runId, reused: true });
    ahead += 1;
    const second = await one({ workflowId, reason: 'check' });
    expect(second).toMatchObject({ reused: false, attempt: 2 });
    expect(second.runId).toBe(
      toRunId(workflowId, { trigger: 'manual', key: first.idempotencyKey, model: 'builtin/scripted', attempt: 2 }),
    );
    await end(second.runId);
    expect(await one({ workflowId, reason: 'check', forceNewRun: true })).toMatchObject({ reused: false, attempt: 3 });
  });

  it('is another key for another version', async () => {
    const workflowId = await scenario.workflow();
    const first = await one({ workflowId, reason: 'check' });
    const { version } = await getWorkflow(scenario.ctx, { workflowId });
    const { version: next } = await saveWorkflow(scenario.ctx, {
      workflowId,
      baseVersionId: version.id,
      changes: { description: 'Repaired.' },
    });
    const second = await one({ workflowId, reason: 'check' });
    expect(second).toMatchObject({ reused: false, versionId: next.id });
    expect(second.idempotencyKey).not.toBe(first.idempotencyKey);
  });

  it('is another key for another commit, which is shown with the run', async () => {
    const workflowId = await scenario.workflow();
    const metadata = { commit: 'a1b2c3', branch: 'main', url: 'https://ci.example.com/runs/7' };
    const first = await one({ workflowId, reason: 'ci', metadata });
    expect(await one({ workflowId, reason: 'ci', metadata })).toMatchObject({ runId: first.runId, reused: true });
    const second = await one({ workflowId, reason: 'ci', metadata: { ...metadata, commit: 'd4e5f6' } });
    expect(second.runId).not.toBe(first.runId);
    expect((await getRun(scenario.ctx, { runId: first.runId })).run.metadata).toEqual(metadata);
    expect((await inspectRun(scenario.ctx, { runId: first.runId })).run.metadata).toEqual(metadata);
    const { runs } = await searchRuns(scenario.ctx, { search: 'D4E5' });
    expect(runs.map(({ id, metadata }) => [id, metadata?.commit])).toEqual([[second.runId, 'd4e5f6']]);
  });

  it.each([
    [{ url: 'javascript:alert(1)' }, 'metadata.url'],
    [{ url: `https://example.com/${'x'.repeat(1000)}` }, 'metadata.url'],
    [{ commit: 'x'.repeat(101) }, 'metadata.commit'],
    [{ branch: `amt_0123456789abcdef_${'x'.repeat(43)}` }, 'metadata.branch'],
  ])('refuses the metadata %j', async (metadata, field) => {
    const workflowId = await scenario.workflow();
    await expect(one({ workflowId, reason: 'ci', metadata })).rejects.toMatchObject({
      details: { fieldErrors: [{ field: expect.stringContaining(field) }] },
    });
  });

  it('looks at each model on its own', async () => {
    const workflowId = await scenario.workflow({ testerModels: ['builtin/scripted', 'nobody/knows'] });
    const alone = await one({ workflowId, reason: 'check', modelId: 'builtin/scripted' });
    const { runs } = await now({ workflowId, reason: 'check' });
    expect(runs).toMatchObject([
      { runId: alone.runId, model: 'builtin/scripted', reused: true },
      { model: 'nobody/knows', reused: false },
    ]);
    expect((await now({ workflowId, reason: 'check' })).runs.map(({ reused }) => reused)).toEqual([true, true]);
  });

  it('makes one run of many at once', async () => {
    const workflowId = await scenario.workflow({ testerModels: ['builtin/scripted', 'nobody/knows'] });
    const asked = await Promise.all(
      Array.from({ length: 12 }, (_, index) =>
        now({ workflowId, reason: 'together', ...(index % 3 === 0 && { modelId: 'builtin/scripted' }) }),
      ),
    );
    const runs = asked.flatMap((answer) => answer.runs);
    expect(new Set(runs.map(({ runId }) => runId)).size).toBe(2);
    expect(runs.filter(({ reused }) => !reused)).toHaveLength(2);
    expect(await scenario.deps.db.run.count({ where: { workflowId } })).toBe(2);
  });
});

describe('runWorkflowNow with an explicit key', () => {
  it('returns the finished run for good, and the next attempt when forced', async () => {
    const workflowId = await scenario.workflow();
    const key = { workflowId, reason: 'Nightly', idempotencyKey: 'nightly-1' };
    const first = await one(key);
    expect(first).toMatchObject({ idempotencyKey: 'nightly-1', attempt: 1 });
    await end(first.runId);
    ahead += 24 * 60;
    expect(await one({ ...key, reason: ' NIGHTLY ' })).toMatchObject({
      runId: first.runId,
      reused: true,
      status: 'error',
    });
    const second = await one({ ...key, forceNewRun: true });
    expect(second).toMatchObject({ attempt: 2, reused: false });
    expect((await one({ ...key, forceNewRun: true })).runId).toBe(second.runId);
    expect((await one(key)).runId).toBe(second.runId);
  });

  it.each([
    ['reason', { reason: 'other' }],
    ['model', { modelId: 'builtin/scripted' }],
  ])('refuses the key with another %s', async (_, other) => {
    const workflowId = await scenario.workflow({ testerModels: ['builtin/scripted', 'nobody/knows'] });
    const key = { workflowId, reason: 'a', idempotencyKey: 'k' };
    await now(key);
    await expect(now({ ...key, ...other })).rejects.toMatchObject({ code: 'idempotency_conflict' });
    await expect(now({ ...key, ...other, forceNewRun: true })).rejects.toMatchObject({ code: 'idempotency_conflict' });
  });

  it('refuses the key with other metadata', async () => {
    const workflowId = await scenario.workflow();
    const key = { workflowId, idempotencyKey: 'build-7' };
    const first = await one({ ...key, metadata: { branch: 'main', commit: 'a1' } });
    const same = await one({ ...key, metadata: { commit: 'a1', branch: 'main' } });
    expect(same).toMatchObject({ runId: first.runId, reused: true });
    await expect(one({ ...key, metadata: { commit: 'b2' } })).rejects.toMatchObject({ code: 'idempotency_conflict' });
    await expect(one(key)).rejects.toMatchObject({ code: 'idempotency_conflict' });
  });

  it('refuses the key with another baseline', async () => {
    const workflowId = await scenario.workflow();
    const baseline = await one({ workflowId, reason: 'before' });
    const key = { workflowId, reason: 'a', idempotencyKey: 'k' };
    await now(key);
    await expect(now({ ...key, baselineRunId: baseline.runId })).rejects.toMatchObject({
      code: 'idempotency_conflict',
    });
  });
});

describe('runWorkflowNow that waits', () => {
  it('tells how far it is and answers with the finished run', async () => {
    const workflowId = await scenario.workflow();
    const told: string[] = [];
    const waiting = one({
      workflowId,
      reason: 'wait',
      wait: true,
      waitSeconds: 30,
      progress: async (message) => {
        if (told.push(message) > 1) return;
        const run = await scenario.deps.db.run.findFirstOrThrow({ where: { workflowId } });
        await end(run.id);
      },
    });
    expect(await waiting).toMatchObject({ status: 'error', error: { kind: 'abandoned' }, criteria: [] });
    expect(told).toEqual(['0 of 1 runs have ended.', '1 of 1 runs have ended.']);
  });

  it('gives up after its time with the ids of the runs, which go on', async () => {
    const workflowId = await scenario.workflow();
    const { runId } = await one({ workflowId, reason: 'late' });
    await expect(now({ workflowId, reason: 'late', wait: true, waitSeconds: 1 })).rejects.toMatchObject({
      code: 'run_wait_timeout',
      message: expect.stringContaining(runId),
      details: { runIds: [runId] },
    });
    expect((await one({ workflowId, reason: 'late' })).status).toBe('pending');
  });

  it('answers with how each criterion was graded, long rationales cut', async () => {
    const workflowId = await scenario.workflow();
    const { runId } = await one({ workflowId, reason: 'graded' });
    const { orgId } = scenario.org;
    await scenario.deps.db.criterionResult.create({
      data: {
        orgId,
        runId,
        criterionId: newId(),
        position: 0,
        text: 'calls `create_order` exactly once',
        isRequired: true,
        verdict: 'fail',
        rationale: `No call. ${'x'.repeat(20_000)}`,
        evidence: ['event-0'],
        gradedBy: 'assertion',
      },
    });
    expect((await one({ workflowId, reason: 'graded' })).criteria).toBe(undefined);
    await end(runId);
    const { criteria } = await one({ workflowId, reason: 'graded', wait: true });
    expect(criteria).toMatchObject([{ position: 0, verdict: 'fail', evidence: ['event-0'] }]);
    expect(criteria?.[0]?.rationale.length).toBeLessThan(2000);
  });

  it('stops waiting when nobody listens any more', async () => {
    const workflowId = await scenario.workflow();
    const signal = AbortSignal.abort();
    expect(await one({ workflowId, reason: 'gone', wait: true, waitSeconds: 300, signal })).toMatchObject({
      status: 'pending',
    });
  });
});

describe('runWorkflowNow refuses', () => {
  it('a call with neither reason nor key, and takes a key alone', async () => {
    const workflowId = await scenario.workflow();
    await expect(now({ workflowId })).rejects.toMatchObject({
      code: 'validation_failed',
      details: { fieldErrors: [{ field: 'reason' }] },
    });
    const first = await one({ workflowId, idempotencyKey: 'mine' });
    expect(first).toMatchObject({ reason: null, reused: false });
    expect(await one({ workflowId, idempotencyKey: 'mine' })).toMatchObject({ runId: first.runId, reused: true });
  });

  it('a baseline of another workflow, for a run that exists too', async () => {
    const [workflowId, other] = [await scenario.workflow(), await scenario.workflow()];
    const { runId: baselineRunId } = await one({ workflowId: other, reason: 'other' });
    await one({ workflowId, reason: 'a' });
    for (const more of [{ reason: 'a' }, { idempotencyKey: 'k' }])
      await expect(now({ workflowId, baselineRunId, ...more })).rejects.toMatchObject({
        code: 'validation_failed',
        details: { fieldErrors: [{ field: 'baselineRunId' }] },
      });
  });

  it('models that are not there, or not this workflow’s', async () => {
    const workflowId = await scenario.workflow({ testerModels: ['builtin/scripted', 'nobody/knows'] });
    await expect(now({ workflowId, reason: 'a', modelId: 'nobody/knows' })).rejects.toMatchObject({
      code: 'model_unavailable',
    });
    await expect(now({ workflowId, reason: 'a', modelId: 'builtin/assertions' })).rejects.toMatchObject({
      code: 'validation_failed',
      details: { fieldErrors: [{ field: 'modelId' }] },
    });
  });

  it('archived and unknown workflows, and baselines that are not there', async () => {
    const workflowId = await scenario.workflow();
    const nothing = crypto.randomUUID();
    await expect(now({ workflowId: nothing, reason: 'a' })).rejects.toMatchObject({ code: 'workflow_not_found' });
    await expect(now({ workflowId, reason: 'a', baselineRunId: nothing })).rejects.toMatchObject({
      code: 'run_not_found',
    });
    await archiveWorkflow(scenario.ctx, { workflowId });
    await expect(now({ workflowId, reason: 'a' })).rejects.toMatchObject({ code: 'workflow_archived' });
    await expect(now({ workflowId, reason: 'a' }, scenario.org.as('viewer'))).rejects.toMatchObject({
      code: 'permission_denied',
    });
  });
});
