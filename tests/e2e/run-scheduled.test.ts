import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
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

  it('are skipped, and listed, when no worker took them for longer than the catch-up window', async () => {
    const workflowId = await scenario.workflow({ testerModels: ['builtin/scripted', 'nobody/nothing'] });
    const at = '2026-01-02T00:00:00.000Z';
    const late = { workflowId, at, waitedMs: 301_000 };
    for (let attempt = 0; attempt < 2; attempt++)
      expect((await startScheduledRuns(scenario.org.asSystem(), late)).runs).toEqual([]);
    const skipped = await scenario.deps.db.skippedRun.findMany({ where: { workflowId } });
    expect(skipped).toHaveLength(2);
    for (const { reason } of skipped) expect(reason).toContain('longer than the catch-up window');
    const inTime = { workflowId, at: '2026-01-03T00:00:00.000Z', waitedMs: 299_000 };
    expect((await startScheduledRuns(scenario.org.asSystem(), inTime)).runs).toHaveLength(2);
  });

  it('are tried for days while the database fails, and skipped after the catch-up window', async () => {
    const workflowId = await scenario.workflow({ schedule: '0 0 1 1 *' });
    const owner = new Client({ connectionString: scenario.database.ownerUrl });
    await owner.connect();
    try {
      await owner.query('ALTER TABLE "SkippedRun" RENAME TO "Away"');
      await schedule(workflowId).trigger();
      const pending = await until('an attempt has failed', async () => {
        const [firing] = (await schedule(workflowId).describe()).info.recentActions;
        if (!firing) return undefined;
        const fired = firing.action.workflow.workflowId;
        const { raw } = await scenario.deps.temporal.client.workflow.getHandle(fired).describe();
        return raw.pendingActivities?.find(({ attempt }) => (attempt ?? 0) > 1);
      });
      const triesUntil = Number(pending.expirationTime?.seconds ?? 0) * 1000;
      expect(triesUntil - Date.now()).toBeGreaterThan(6 * 24 * 3_600_000);
      vi.useFakeTimers({ toFake: ['Date'] });
      vi.setSystemTime(Date.now() + 301_000);
    } finally {
      await owner.query('ALTER TABLE "Away" RENAME TO "SkippedRun"');
      await owner.end();
    }
    try {
      const skippedOf = () => scenario.deps.db.skippedRun.findMany({ where: { workflowId } });
      await expect.poll(skippedOf).toHaveLength(1);
      expect((await skippedOf())[0]?.reason).toContain('longer than the catch-up window');
      expect(await runsOf(workflowId)).toEqual([]);
    } finally {
      vi.useRealTimers();
    }
  });

  it('are not made for a paused workflow whose Schedule was late to follow', async () => {
    const workflowId = await scenario.workflow({ schedule: '0 0 1 1 *' });
    await scenario.deps.db.workflow.update({ where: { id: workflowId }, data: { state: 'paused' } });
    const { runs } = await startScheduledRuns(scenario.org.asSystem(), { workflowId, at: '2026-01-01T00:00:00.000Z' });
    expect(runs).toEqual([]);
    expect(await runsOf(workflowId)).toEqual([]);
  });
});
