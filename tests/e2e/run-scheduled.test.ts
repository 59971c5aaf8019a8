import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporalNames } from '../../domain/run/ids.ts';
import { startScheduledRuns } from '../../services/run/dispatch/start-scheduled.ts';
import { getRun } from '../../services/run/reading/get.ts';
import { searchRuns } from '../../services/run/reading/search.ts';
import { listSkippedRuns } from '../../services/run/reading/skipped.ts';
import { until } from '../faults/process.ts';
import { type Scenario, startScenario } from '../support/scenario.ts';

describe('scheduled runs', () => {
  let scenario: Scenario;
  beforeAll(async () => {
    scenario = await startScenario();
  });
  afterAll(() => scenario?.close());

  const schedule = (workflowId: string) =>
    scenario.deps.temporal.client.schedule.getHandle(
      temporalNames(scenario.deps.config.installation).workflowSchedule(workflowId),
    );
  const runsOf = async (workflowId: string) => (await searchRuns(scenario.ctx, { workflowId })).runs;
  const runOf = (workflowId: string, model: string, not: readonly string[] = []) =>
    until(
      `a run of ${model}`,
      async () => (await runsOf(workflowId)).find((run) => run.model === model && !not.includes(run.id)),
      { seconds: 20 },
    );

  it('carry the fire time of their Schedule, in its zone', async () => {
    const workflowId = await scenario.workflow({ schedule: '0 9 * * *', timezone: 'Asia/Tokyo' });
    // Tokyo has no daylight saving: nine o'clock there is midnight UTC.
    const midnight = new Date(new Date().setUTCHours(0, 0, 0, 0) - 24 * 3_600_000);
    await schedule(workflowId).backfill({
      start: new Date(midnight.getTime() - 30_000),
      end: new Date(midnight.getTime() + 30_000),
      overlap: 'ALLOW_ALL',
    });
    const { id } = await runOf(workflowId, 'builtin/scripted');
    const { run } = await scenario.finished(id);
    expect(run).toMatchObject({
      status: 'pass',
      trigger: 'scheduled',
      scheduledAt: midnight.toISOString(),
      actorKind: 'system',
    });
    expect(await runsOf(workflowId)).toHaveLength(1);
  });

  it('start 5 s apart for several models, and skip the model whose previous one still goes on', async () => {
    const slow = 'builtin/scripted';
    const quick = 'nobody/nothing';
    const workflowId = await scenario.workflow({ schedule: '0 0 1 1 *', testerModels: [slow, quick] });
    scenario.shop.control.set({ hold: ['get_order'] });
    try {
      await schedule(workflowId).trigger();
      const first = await runOf(workflowId, slow);
      const other = await runOf(workflowId, quick);
      expect(first.scheduledAt).toBe(other.scheduledAt);
      await scenario.finished(other.id);
      const started = await getRun(scenario.ctx, { runId: first.id });
      const startedAfter = await getRun(scenario.ctx, { runId: other.id });
      expect(started.run.status).toBe('running');
      const gap = Date.parse(startedAfter.run.startedAt ?? '') - Date.parse(started.run.startedAt ?? '');
      expect(gap).toBeGreaterThan(4000);

      await until(
        'the firing before is over',
        async () => (await schedule(workflowId).describe()).info.runningActions.length === 0,
      );
      await schedule(workflowId).trigger();
      const again = await runOf(workflowId, quick, [other.id]);
      const { skipped } = await listSkippedRuns(scenario.ctx, { workflowId });
      expect(skipped).toEqual([
        { model: slow, scheduledAt: again.scheduledAt, reason: expect.stringContaining(first.id) },
      ]);
      await scenario.finished(again.id);
      scenario.shop.control.set({ hold: [] });
      expect((await scenario.finished(first.id)).run.status).toBe('pass');
      expect(await runsOf(workflowId)).toHaveLength(3);
    } finally {
      scenario.shop.control.set({ hold: [] });
    }
  }, 60_000);

  it('are the same when a fire time is delivered twice', async () => {
    const workflowId = await scenario.workflow({ schedule: '0 0 1 1 *' });
    const at = '2026-01-01T00:00:00.000Z';
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => startScheduledRuns(scenario.org.asSystem(), { workflowId, at })),
    );
    const ids = new Set(answers.flatMap(({ runs }) => runs.map(({ runId }) => runId)));
    expect(ids.size).toBe(1);
    expect(await runsOf(workflowId)).toHaveLength(1);
    expect(await scenario.deps.db.auditEvent.count({ where: { action: 'run.schedule', subject: workflowId } })).toBe(1);
  });

  it('are not made for a paused workflow whose Schedule was late to follow', async () => {
    const workflowId = await scenario.workflow({ schedule: '0 0 1 1 *' });
    await scenario.deps.db.workflow.update({ where: { id: workflowId }, data: { state: 'paused' } });
    const { runs } = await startScheduledRuns(scenario.org.asSystem(), { workflowId, at: '2026-01-01T00:00:00.000Z' });
    expect(runs).toEqual([]);
    expect(await runsOf(workflowId)).toEqual([]);
  });
});
