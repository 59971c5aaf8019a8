import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Scenario, startScenario } from '../../tests/support/scenario.ts';
import { createRule } from '../alert-rule/create.ts';
import { newId } from '../context/ids.ts';
import { acceptIncident } from '../incident/accept.ts';
import { sweepIncidents } from '../incident/recording/sweep.ts';
import { startScheduledRuns } from '../run/dispatch/start-scheduled.ts';
import { executeRun } from '../run/execution/execute.ts';
import { finishRun } from '../run/execution/finish.ts';
import { getTrace } from '../run/trace/trace.ts';
import { listBudgets } from './list.ts';
import { observeBudgets } from './observe.ts';
import { setBudget } from './set.ts';

let scenario: Scenario;
let workflowId: string;
let clock = new Date('2026-12-31T20:00:00.000Z');

beforeAll(async () => {
  scenario = await startScenario({
    now: () => clock,
    env: { ARMATURE_MONTHLY_TOKENS: '1000000', ARMATURE_MONTHLY_COST: '50' },
  });
  workflowId = await scenario.workflow();
  await createRule(scenario.ctx, {
    name: 'Budget',
    target: { kind: 'budget' },
    destination: { kind: 'email', address: 'owner@example.com' },
  });
});
afterAll(() => scenario?.close());

/** A run that ended now and used this. */
async function spend(tokens: number, cost: number | null = 0, of: string = workflowId): Promise<void> {
  const { db } = scenario.deps;
  const { orgId } = scenario.org;
  const { activeVersionId } = await db.workflow.findUniqueOrThrow({ where: { orgId_id: { orgId, id: of } } });
  await db.run.create({
    data: {
      id: newId(),
      orgId,
      workflowId: of,
      versionId: activeVersionId,
      serverId: scenario.serverId,
      model: 'acme/small',
      trigger: 'manual',
      status: 'pass',
      actorKind: 'system',
      actorId: 'test',
      inputTokens: tokens,
      cost,
      startedAt: clock,
      finishedAt: clock,
    },
  });
  await observeBudgets(scenario.deps, { orgId });
}
const incidents = () =>
  scenario.deps.db.incident.findMany({
    where: { orgId: scenario.org.orgId, subjectKind: 'budget' },
    orderBy: { openedAt: 'asc' },
    select: { id: true, subjectKey: true, level: true, summary: true, closedAt: true, closeReason: true },
  });
const open = async () => (await incidents()).filter(({ closedAt }) => closedAt === null);
const titles = async () =>
  (
    await scenario.deps.db.delivery.findMany({
      where: { orgId: scenario.org.orgId, rule: { targetKind: 'budget' } },
      orderBy: { createdAt: 'asc' },
      select: { message: true },
    })
  ).map(({ message }) => Object(message).title);
const workspaceBudget = (monthlyTokens: number | null) => setBudget(scenario.ctx, { monthlyTokens, monthlyCost: null });

describe('a budget', () => {
  it('is set by the owner, at most up to the ceiling', async () => {
    await expect(setBudget(scenario.org.as('admin'), { monthlyTokens: 1, monthlyCost: null })).rejects.toMatchObject({
      code: 'permission_denied',
    });
    await expect(setBudget(scenario.ctx, { monthlyTokens: 1_000_001, monthlyCost: 50.01 })).rejects.toMatchObject({
      code: 'validation_failed',
      details: {
        fieldErrors: [
          { field: 'monthlyTokens', message: 'The operator allows a workspace at most 1,000,000 tokens a month.' },
          { field: 'monthlyCost', message: 'The operator allows a workspace at most $50.00 a month.' },
        ],
      },
    });
    await Promise.all([workspaceBudget(1000), workspaceBudget(1000)]);
    await setBudget(scenario.ctx, { workflowId, monthlyTokens: null, monthlyCost: 2 });
    const { caps, month } = await listBudgets(scenario.org.as('viewer'), {});
    expect(month).toBe('2026-12');
    expect(caps.map(({ scope, measure, limit, used }) => [scope, measure, limit, used]).sort()).toEqual([
      ['ceiling', 'cost', 50, 0],
      ['ceiling', 'tokens', 1_000_000, 0],
      ['workflow', 'cost', 2, 0],
      ['workspace', 'tokens', 1000, 0],
    ]);
  });

  it('notifies at 80 %, once', async () => {
    await spend(799);
    expect(await incidents()).toEqual([]);
    await spend(1);
    await spend(1);
    expect(await open()).toMatchObject([
      {
        subjectKey: 'workspace',
        level: 'warn',
        summary: 'The token budget of this workspace is 80 % used for December 2026: 800 of 1,000 tokens.',
      },
    ]);
    expect(await titles()).toEqual(['Budget of the workspace is nearly used up']);
  });

  it('ends new runs with its name when it is used up, manual and scheduled ones alike, before any call', async () => {
    await spend(199);
    expect(await open()).toMatchObject([{ subjectKey: 'workspace', level: 'bad' }]);
    const message =
      'The token budget of this workspace is used up for December 2026: 1,000 of 1,000 tokens. Ask the owner to raise it in Settings → Plan, or run it again from January 1 (UTC).';
    const manual = await scenario.dispatch(workflowId);
    expect((await scenario.finished(manual)).run).toMatchObject({
      status: 'error',
      error: { kind: 'budget', message },
      turnCount: 0,
      callCount: 0,
    });
    const { events } = await getTrace(scenario.ctx, { runId: manual });
    expect(events.map(({ type }) => type)).toEqual(['error']);

    const { runs } = await startScheduledRuns(scenario.org.asSystem(), { workflowId, at: clock.toISOString() });
    const [scheduled] = runs;
    await execute(scheduled?.runId ?? '');
    expect((await scenario.finished(scheduled?.runId ?? '')).run).toMatchObject({
      status: 'error',
      trigger: 'scheduled',
      error: { kind: 'budget', message },
    });
    expect((await listBudgets(scenario.ctx, {})).caps[0]).toMatchObject({ used: 1000, level: 'reached' });
  });

  it('lets a run end that has begun, also after its worker died', async () => {
    await workspaceBudget(2000);
    const held = await hold();
    await workspaceBudget(1000);
    await held.release();
    expect((await scenario.finished(held.runId)).run.status).toBe('pass');
  });

  it('of a workflow refuses only its own runs', async () => {
    await workspaceBudget(null);
    await spend(0, 2);
    const refused = await scenario.finished(await scenario.dispatch(workflowId));
    expect(refused.run.error?.message).toBe(
      'The cost budget of the workflow "Order a mug" is used up for December 2026: $2.00 of $2.00. Ask the owner to raise it in Settings → Plan, or run it again from January 1 (UTC).',
    );
    const other = await scenario.workflow({ name: 'Another' });
    expect((await scenario.finished(await scenario.dispatch(other))).run.status).toBe('pass');
  });

  it('recovers when it is raised or removed', async () => {
    expect(await open()).toMatchObject([{ subjectKey: workflowId, level: 'bad' }]);
    await setBudget(scenario.ctx, { workflowId, monthlyTokens: null, monthlyCost: 4 });
    expect(await open()).toEqual([]);
    expect((await scenario.finished(await scenario.dispatch(workflowId))).run.status).toBe('pass');
    expect((await incidents()).map(({ closeReason }) => closeReason)).toEqual(['recovered', 'recovered', 'recovered']);
    expect((await titles()).slice(-2)).toEqual([
      'Budget of Order a mug is used up: new runs end in an error',
      'Budget of Order a mug has room again',
    ]);
  });

  it('stays closed when a person closed its incident, until it is used up', async () => {
    await setBudget(scenario.ctx, { workflowId, monthlyTokens: null, monthlyCost: 2.1 });
    const [near] = await open();
    await acceptIncident(scenario.ctx, { incidentId: near?.id ?? '' });
    await spend(0, 0.01);
    expect(await open()).toEqual([]);
    await spend(0, 0.2);
    expect(await open()).toMatchObject([{ subjectKey: workflowId, level: 'bad' }]);
  });

  it('begins anew with the month in UTC', async () => {
    clock = new Date('2026-12-31T23:59:59.999Z');
    await sweepIncidents(scenario.deps);
    expect(await open()).toMatchObject([{ subjectKey: workflowId }]);
    expect((await scenario.finished(await scenario.dispatch(workflowId))).run.error?.kind).toBe('budget');
    clock = new Date('2027-01-01T00:00:00.000Z');
    expect((await scenario.finished(await scenario.dispatch(workflowId))).run.status).toBe('pass');
    await sweepIncidents(scenario.deps);
    expect(await open()).toEqual([]);
    const { month, caps } = await listBudgets(scenario.ctx, {});
    expect([month, ...caps.map(({ used }) => used)]).toEqual(['2027-01', 0, 0, 0]);
  });
});

/** Carries out a run without a Temporal workflow of its own. */
async function execute(runId: string): Promise<void> {
  const ctx = scenario.org.asSystem();
  const attempt = { signal: new AbortController().signal, heartbeat: () => {}, isCanceled: () => false };
  await executeRun(ctx, { runId, attempt });
  await finishRun(ctx, { runId, end: 'worked' });
}

/** A run in the middle of a call, whose attempt has died. `release` lets the next attempt do the rest. */
async function hold(): Promise<{ runId: string; release(): Promise<void> }> {
  const { db } = scenario.deps;
  const { orgId } = scenario.org;
  const { activeVersionId } = await db.workflow.findUniqueOrThrow({ where: { orgId_id: { orgId, id: workflowId } } });
  const runId = newId();
  await db.run.create({
    data: {
      id: runId,
      orgId,
      workflowId,
      versionId: activeVersionId,
      serverId: scenario.serverId,
      model: 'builtin/scripted',
      trigger: 'manual',
      actorKind: 'system',
      actorId: 'test',
    },
  });
  scenario.shop.control.set({ hold: ['search_products'] });
  const died = new AbortController();
  const attempt = { signal: died.signal, heartbeat: () => {}, isCanceled: () => false };
  const first = executeRun(scenario.org.asSystem(), { runId, attempt }).catch((error: unknown) => error);
  await expect.poll(() => db.toolCall.count({ where: { orgId, runId } }), { timeout: 30_000 }).toBe(1);
  died.abort();
  await first;
  return {
    runId,
    async release() {
      scenario.shop.control.set({ hold: [] });
      await execute(runId);
    },
  };
}
