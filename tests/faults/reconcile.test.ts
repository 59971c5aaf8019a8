import { isDeepStrictEqual } from 'node:util';
import { ScheduleNotFoundError, type ScheduleUpdateOptions } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporalNames } from '../../domain/run/ids.ts';
import { createTemporal } from '../../infra/temporal/index.ts';
import type { Context } from '../../services/context/context.ts';
import { newId } from '../../services/context/ids.ts';
import { recordMissed } from '../../services/installation/reconcile/missed.ts';
import { reconcileAll } from '../../services/installation/reconcile/reconcile.ts';
import { reconcileRuns } from '../../services/installation/reconcile/runs.ts';
import { cancelRun } from '../../services/run/dispatch/cancel.ts';
import { dispatchRun } from '../../services/run/dispatch/dispatch.ts';
import { getTrace } from '../../services/run/trace/trace.ts';
import { type Scenario, startScenario } from '../support/scenario.ts';
import { freshInstallation } from '../support/setup/temporal.ts';
import { until } from './process.ts';

let scenario: Scenario;
beforeAll(async () => {
  scenario = await startScenario();
});
afterAll(() => scenario?.close());

const names = () => temporalNames(scenario.deps.config.installation);
const schedule = (workflowId: string) =>
  scenario.deps.temporal.client.schedule.getHandle(names().workflowSchedule(workflowId));
const exists = async (workflowId: string): Promise<boolean> => {
  try {
    await schedule(workflowId).describe();
    return true;
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return false;
    throw error;
  }
};
/** Temporal's list trails behind its Schedules, so a pass may have to be repeated, as it is every minute. */
const reconciledUntil = (what: string, holds: () => Promise<boolean>) =>
  until(what, async () => {
    await reconcileAll(scenario.deps, { after: null });
    return holds();
  });
const workflowRow = (id: string) => scenario.deps.db.workflow.findUniqueOrThrow({ where: { id } });
const yearly = '30 7 1 1 *';

describe('reconcile, of Schedules', () => {
  it('creates one that is lost', async () => {
    const id = await scenario.workflow({ schedule: yearly });
    await schedule(id).delete();
    await reconciledUntil('the Schedule is back', () => exists(id));
    const { state, info } = await schedule(id).describe();
    expect(state.paused).toBe(false);
    expect(info.nextActionTimes[0]?.toISOString()).toMatch(/-01-01T07:30:00.000Z$/);
  });

  it('deletes one that is left over, and leaves those of other installations', async () => {
    const spec = {
      orgId: newId(),
      serverId: newId(),
      name: 'Nobody',
      cron: yearly,
      timezone: 'UTC',
      heartbeatSeconds: 15,
    };
    const id = newId();
    await scenario.deps.temporal.syncSchedule({ ...spec, workflowId: id }, false);
    const { address, namespace } = scenario.deps.config.temporal;
    const other = createTemporal({ address, namespace, installation: freshInstallation() });
    try {
      await other.syncSchedule({ ...spec, workflowId: id }, false);
      await until('the list shows it', async () =>
        (await scenario.deps.temporal.listSchedules()).some(({ workflowId }) => workflowId === id),
      );
      await reconciledUntil('the Schedule is gone', async () => !(await exists(id)));
      expect(await other.checkSchedule({ ...spec, workflowId: id })).toMatchObject({ changed: false });
    } finally {
      await other.deleteSchedule(id);
      await other.close();
    }
  });

  it.each<[string, (before: ScheduleUpdateOptions) => ScheduleUpdateOptions]>([
    ['its times', (before) => ({ ...before, spec: { cronExpressions: ['0 0 * * *'], timezone: 'UTC' } })],
    ['its zone', (before) => ({ ...before, spec: { cronExpressions: [yearly], timezone: 'Asia/Tokyo' } })],
    [
      'an interval beside its times',
      (before) => ({ ...before, spec: { ...before.spec, intervals: [{ every: '1 day' }] } }),
    ],
    [
      'what it starts',
      (before) => ({ ...before, action: { ...before.action, args: [{ workflowId: newId(), orgId: newId() }] } }),
    ],
    ['its overlap policy', (before) => ({ ...before, policies: { ...before.policies, overlap: 'ALLOW_ALL' } })],
  ])('repairs one of which somebody changed %s', async (_, change) => {
    const id = await scenario.workflow({ schedule: yearly });
    const parts = async () => {
      const { spec, action, policies, state } = await schedule(id).describe();
      return { spec, args: action.args, policies, paused: state.paused };
    };
    const sound = await parts();
    await schedule(id).update((before) => change(before));
    expect(await parts()).not.toEqual(sound);
    await reconciledUntil('it is repaired', async () => isDeepStrictEqual(await parts(), sound));
  });

  it('touches none that is as it should be', async () => {
    const id = await scenario.workflow({ schedule: '*/15 8-17 * * MON-FRI', timezone: 'Europe/Berlin' });
    // Temporal's list trails a little; one that isn't in it yet is synced again, which does no harm.
    await until('the list shows it', async () =>
      (await scenario.deps.temporal.listSchedules()).some(({ workflowId }) => workflowId === id),
    );
    const before = await schedule(id).describe();
    await reconcileAll(scenario.deps, { after: null });
    expect((await schedule(id).describe()).info.lastUpdatedAt).toEqual(before.info.lastUpdatedAt);
  });

  it('leaves one paused that an operator paused, says so, and repairs the rest of it', async () => {
    const id = await scenario.workflow({ schedule: yearly });
    await schedule(id).pause('maintenance until Monday');
    await reconciledUntil('the workflow says so', async () => (await workflowRow(id)).schedulePausedByOperator);
    await schedule(id).update((before) => ({ ...before, spec: { cronExpressions: ['0 0 * * *'] } }));
    await reconciledUntil('its times are repaired', async () => {
      const { spec } = await schedule(id).describe();
      return spec.calendars?.[0]?.hour?.[0]?.start === 7;
    });
    const { state } = await schedule(id).describe();
    expect(state).toMatchObject({ paused: true, note: 'maintenance until Monday' });
    await schedule(id).unpause();
    await reconciledUntil('the workflow says so', async () => !(await workflowRow(id)).schedulePausedByOperator);
  });

  it('follows a revision that was saved while Temporal was away', async () => {
    const id = await scenario.workflow({ schedule: yearly });
    await scenario.deps.db.workflow.update({
      where: { id },
      data: { state: 'paused', scheduleRevision: { increment: 1 } },
    });
    await reconcileAll(scenario.deps, { after: null });
    expect(await exists(id)).toBe(false);
    const { scheduleRevision, scheduleSyncedRevision } = await workflowRow(id);
    expect(scheduleSyncedRevision).toBe(scheduleRevision);
  });

  describe('and fire times that left nothing', () => {
    const { check, models } = { check: { pausedByOperator: false, recentFirings: [] }, models: ['a', 'b'] };
    /** A pass of reconcile at that time. */
    const list = async (
      id: string,
      { cron, updatedAt, now, ...more }: { cron: string; updatedAt: string; now: string; recentFirings?: Date[] },
      pausedByOperator = false,
    ) => {
      const { firesListedUntil } = await workflowRow(id);
      const row = { id, orgId: scenario.org.orgId, cron, timezone: 'UTC', models, firesListedUntil };
      const deps = { db: scenario.deps.db, now: () => new Date(now) };
      return recordMissed(deps, { ...row, updatedAt: new Date(updatedAt) }, { ...check, ...more, pausedByOperator });
    };
    const skips = async (workflowId: string) =>
      (
        await scenario.deps.db.skippedRun.findMany({
          where: { workflowId },
          orderBy: [{ scheduledAt: 'asc' }, { model: 'asc' }],
        })
      ).map(({ scheduledAt, model }) => `${scheduledAt.toISOString().slice(0, 16)} ${model}`);

    it('lists them as skipped, once, but for those that wait for a worker', async () => {
      const id = await scenario.workflow({ schedule: '0 * * * *' });
      const of = { cron: '0 * * * *', updatedAt: '2026-03-01T00:30:00Z', now: '2026-03-01T03:04:00Z' };
      const recentFirings = [new Date('2026-03-01T01:00:00Z')];
      expect(await list(id, { ...of, recentFirings })).toBe(1);
      expect(await list(id, { ...of, recentFirings })).toBe(0);
      // That of 03:00 may still start.
      expect(await skips(id)).toEqual(['2026-03-01T02:00 a', '2026-03-01T02:00 b']);
      expect(await list(id, { ...of, recentFirings, now: '2026-03-01T03:07:00Z' })).toBe(1);
    });

    it('lists all of a weekend, whatever Temporal still knows of it', async () => {
      const id = await scenario.workflow({ schedule: '0 9 * * *' });
      const of = { cron: '0 9 * * *', updatedAt: '2026-03-06T08:00:00Z', now: '2026-03-09T10:00:00Z' };
      expect(await list(id, of)).toBe(4);
      expect((await skips(id)).filter((line) => line.endsWith('a'))).toEqual([
        '2026-03-06T09:00 a',
        '2026-03-07T09:00 a',
        '2026-03-08T09:00 a',
        '2026-03-09T09:00 a',
      ]);
    });

    it('lists a month of every minute over several passes', async () => {
      const id = await scenario.workflow({ schedule: '* * * * *' });
      const of = { cron: '* * * * *', updatedAt: '2026-03-01T00:00:00Z', now: '2026-03-02T00:06:00Z' };
      expect([await list(id, of), await list(id, of), await list(id, of)]).toEqual([720, 720, 0]);
      expect(await skips(id)).toHaveLength(2880);
    });

    it('lists none of the time in which an operator paused the Schedule', async () => {
      const id = await scenario.workflow({ schedule: '0 * * * *' });
      const of = { cron: '0 * * * *', updatedAt: '2026-03-01T00:30:00Z', now: '2026-03-01T03:30:00Z' };
      expect(await list(id, of, true)).toBe(0);
      expect(await list(id, { ...of, now: '2026-03-01T04:30:00Z' })).toBe(1);
      expect(await skips(id)).toEqual(['2026-03-01T04:00 a', '2026-03-01T04:00 b']);
    });
  });
});

describe('reconcile, of runs', () => {
  const settle = () => reconcileRuns(scenario.deps, { onProgress: () => {}, olderThanMs: { manual: 0, scheduled: 0 } });
  /** The same caller while Temporal takes no starts. */
  const withoutTemporal = (): Context => ({
    ...scenario.ctx,
    deps: {
      ...scenario.deps,
      temporal: { ...scenario.deps.temporal, startRun: () => Promise.reject(new Error('14 UNAVAILABLE')) },
    },
  });
  const dispatchUnheard = async (): Promise<string> => {
    const { runs, warnings } = await dispatchRun(withoutTemporal(), {
      workflowId: await scenario.workflow(),
      idempotencyKey: newId(),
    });
    expect(warnings).toEqual([expect.objectContaining({ code: 'temporal_unavailable' })]);
    expect(runs[0]).toMatchObject({ status: 'pending', created: true });
    return runs[0]?.runId ?? '';
  };

  it('starts one whose workflow was never started', async () => {
    const runId = await dispatchUnheard();
    await reconcileAll(scenario.deps, { after: null });
    expect(await scenario.deps.temporal.describeRun(runId)).toBe('absent');
    expect(await settle()).toMatchObject({ runsStarted: 1 });
    expect((await scenario.finished(runId)).run.status).toBe('pass');
  });

  it('ends one as abandoned whose workflow was terminated, and what still lives of it writes nothing more', async () => {
    scenario.shop.control.set({ hold: ['get_order'] });
    try {
      const runId = await scenario.dispatch(await scenario.workflow());
      await until(
        'the call is held',
        () => scenario.shop.calls({ reference: runId.slice(0, 8), tool: 'get_order' }).length === 1,
      );
      await scenario.deps.temporal.client.workflow.getHandle(names().run(runId)).terminate('by hand');
      expect(await settle()).toMatchObject({ runsAbandoned: 1 });
      const { run } = await scenario.finished(runId);
      expect(run).toMatchObject({ status: 'error', error: { kind: 'abandoned' } });
      const before = await getTrace(scenario.ctx, { runId });
      expect(before.calls.at(-1)).toMatchObject({ outcome: 'interrupted' });
      expect(before.events.at(-1)).toMatchObject({ type: 'error', kind: 'abandoned' });
      scenario.shop.control.set({ hold: [] });
      await until('the call is over', () =>
        scenario.shop
          .calls({ reference: runId.slice(0, 8), tool: 'get_order' })
          .every(({ outcome }) => outcome !== 'pending'),
      );
      expect(await settle()).toEqual({ runsStarted: 0, runsAbandoned: 0, runsCanceled: 0 });
      expect(await getTrace(scenario.ctx, { runId })).toEqual(before);
    } finally {
      scenario.shop.control.set({ hold: [] });
    }
  });

  it('has nothing to do for one that was canceled before it was started', async () => {
    const runId = await dispatchUnheard();
    expect(await cancelRun(scenario.ctx, { runId })).toMatchObject({ status: 'error', canceled: true });
    const { run } = await scenario.finished(runId);
    expect(run).toMatchObject({ error: { kind: 'canceled' }, startedAt: null });
    expect(await settle()).toEqual({ runsStarted: 0, runsAbandoned: 0, runsCanceled: 0 });
    expect(await scenario.deps.temporal.describeRun(runId)).toBe('absent');
  });

  it('says a cancelation again that Temporal did not hear', async () => {
    scenario.shop.control.set({ hold: ['get_order'] });
    try {
      const runId = await scenario.dispatch(await scenario.workflow());
      await until(
        'the call is held',
        () => scenario.shop.calls({ reference: runId.slice(0, 8), tool: 'get_order' }).length === 1,
      );
      const deaf = { ...scenario.deps.temporal, cancelRun: () => Promise.reject(new Error('14 UNAVAILABLE')) };
      const answer = await cancelRun({ ...scenario.ctx, deps: { ...scenario.deps, temporal: deaf } }, { runId });
      expect(answer.warnings).toEqual([expect.objectContaining({ code: 'temporal_unavailable' })]);
      // The worker sees it in the row.
      expect((await scenario.finished(runId)).run.error?.kind).toBe('canceled');
    } finally {
      scenario.shop.control.set({ hold: [] });
    }
  });
});
