import { describe, expect, it } from 'vitest';
import { judgeAlerts } from './judge-alerts.ts';
import { judgeChecks } from './judge-checks.ts';
import { judgeRuns } from './judge-runs.ts';
import { makePlan } from './plan.ts';
import type { Promised } from './promise.ts';
import type { Arrival } from './receivers.ts';

/** The promises that were broken, with how often. */
const brokenOf = (promises: readonly Promised[]) =>
  Object.fromEntries(
    promises.filter(({ broken }) => broken.length > 0).map(({ name, broken }) => [name, broken.length]),
  );

const at = (second: number) => new Date(Date.UTC(2026, 10, 21, 10, 0, second));

describe('runs', () => {
  const run = {
    id: 'r1',
    workflowId: 'w1',
    model: 'm',
    trigger: 'manual',
    status: 'pass',
    errorKind: null,
    errorMessage: null,
    idempotencyKey: 'k1',
    scheduledAt: null,
    finishedAt: at(9),
    finalAnswers: 1,
    interruptedCalls: 0,
  };
  const request = { key: 'k1', subjectId: 'w1', runIds: [['r1'], ['r1']], isAcknowledged: true };
  const call = {
    seq: 1,
    tool: 'create_order',
    arguments: { quantity: 1 },
    reference: 'r1',
    at: at(1).toISOString(),
    outcome: 'ok' as const,
  };
  const good = { requests: [request], runs: [run], executions: ['run/r1'], calls: [call], statusId: 'status' };

  it('that passed once break no promise, nor do those that an interruption ended', () => {
    const abandoned = { ...run, status: 'error', errorKind: 'abandoned', interruptedCalls: 1 };
    expect(brokenOf(judgeRuns(good))).toEqual({});
    expect(brokenOf(judgeRuns({ ...good, runs: [abandoned] }))).toEqual({});
    expect(brokenOf(judgeRuns({ ...good, runs: [{ ...run, workflowId: 'status', status: 'fail' }] }))).toEqual({});
  });

  it.each([
    ['lost', { runs: [] }, { 'acknowledged runs lost, or not ended': 1 }],
    [
      'open',
      { runs: [{ ...run, status: 'running', finishedAt: null }] },
      { 'acknowledged runs lost, or not ended': 1, 'runs of schedules not ended': 1 },
    ],
    ['doubled under a key', { runs: [run, { ...run, id: 'r2' }] }, { 'runs doubled': 1 }],
    [
      'answered differently',
      { requests: [{ ...request, runIds: [['r1'], ['r2']] }], runs: [run, { ...run, id: 'r2', idempotencyKey: 'k2' }] },
      { 'runs doubled': 1 },
    ],
    ['executed twice', { executions: ['run/r1', 'run/r1'] }, { 'runs doubled': 1 }],
    ['answered twice', { runs: [{ ...run, finalAnswers: 2 }] }, { 'runs doubled': 1 }],
    ['ordered twice', { calls: [call, { ...call, seq: 2 }] }, { 'non-idempotent calls repeated': 1 }],
    [
      'blamed on the server',
      { runs: [{ ...run, status: 'fail' }] },
      { 'runs ended otherwise than passed, or abandoned after an interrupted call': 1 },
    ],
  ])('that were %s are counted', (_, change, broken) => {
    expect(brokenOf(judgeRuns({ ...good, ...change }))).toEqual(broken);
  });
});

describe('checks', () => {
  const check = { monitorId: 'm1', scheduledAt: at(7), key: '', outcome: 'pass' };
  const asked = { ...check, scheduledAt: at(9), key: 'k1' };
  const counts = new Map([['m1', 2]]);
  const good = {
    requests: [{ key: 'k1', subjectId: 'm1', runIds: [], isAcknowledged: true }],
    checks: [check, asked],
    offsets: new Map([['m1', 7]]),
    rolledUp: { hours: counts, days: counts },
    missedTicks: [],
    missedFires: [],
  };

  it('that were recorded and counted once break no promise', () => {
    expect(brokenOf(judgeChecks(good))).toEqual({});
  });

  it.each([
    [
      'recorded twice',
      {
        checks: [check, { ...check, scheduledAt: at(8) }, asked],
        rolledUp: { hours: new Map([['m1', 3]]), days: new Map([['m1', 3]]) },
      },
      { 'checks recorded twice': 1 },
    ],
    [
      'counted twice',
      { rolledUp: { hours: new Map([['m1', 3]]), days: counts } },
      { 'checks counted more or less than once': 1 },
    ],
    [
      'lost',
      { checks: [check], rolledUp: { hours: new Map([['m1', 1]]), days: new Map([['m1', 1]]) } },
      { 'checks lost that were asked for': 1 },
    ],
    ['missed', { missedTicks: [{ subjectId: 'm1', at: at(7) }] }, { 'ticks of monitors without a check': 1 }],
  ])('that were %s are counted', (_, change, broken) => {
    expect(brokenOf(judgeChecks({ ...good, ...change }))).toEqual(broken);
  });
});

describe('alerts', () => {
  const [opened, recovered] = ['0190aaaa-0000-7000-8000-000000000001', '0190aaaa-0000-7000-8000-000000000002'];
  const incident = { id: 'i1', subject: 'monitor m1', openedAt: at(1), closedAt: at(5), ruleIds: ['rule'] };
  const delivery = {
    id: opened,
    ruleId: 'rule',
    incidentId: 'i1',
    kind: 'opened',
    sequence: 1,
    state: 'delivered',
    error: null,
    providerId: null,
    service: 'webhook' as const,
  };
  const closing = { ...delivery, id: recovered, kind: 'recovered', sequence: 2 };
  const arrive = (id: string, second: number, reaction: Arrival['reaction']): Arrival => ({
    service: 'webhook',
    at: at(second).getTime(),
    message: `${id}_1`,
    body: id,
    reaction,
    ts: null,
  });
  const good = {
    incidents: [incident],
    deliveries: [delivery, closing],
    arrivals: [
      arrive(opened, 1, 'refused'),
      arrive(opened, 2, 'lost'),
      arrive(opened, 3, 'accepted'),
      arrive(recovered, 6, 'accepted'),
    ],
    flapping: new Set<string>(),
    killedAt: [],
  };

  it('that were opened and closed in order break no promise', () => {
    expect(brokenOf(judgeAlerts(good))).toEqual({});
  });

  it('may come again after a kill', () => {
    const arrivals = [arrive(opened, 1, 'accepted'), arrive(opened, 30, 'accepted'), arrive(recovered, 40, 'accepted')];
    expect(brokenOf(judgeAlerts({ ...good, arrivals, killedAt: [at(2).getTime()] }))).toEqual({});
  });

  it.each([
    ['left open', { incidents: [{ ...incident, closedAt: null }] }, { 'incidents left open': 1 }],
    [
      'not notified',
      { incidents: [{ ...incident, ruleIds: ['rule', 'other'] }] },
      { 'incidents that a rule did not notify of': 1 },
    ],
    ['not closed', { deliveries: [delivery] }, { 'alerts opened for a recipient and not closed': 1 }],
    [
      'pending',
      { deliveries: [delivery, { ...closing, state: 'pending' }] },
      { 'alerts opened for a recipient and not closed': 1, 'deliveries not ended, or failed': 1 },
    ],
    [
      'never received',
      { arrivals: [arrive(opened, 1, 'accepted'), arrive(recovered, 6, 'refused')] },
      { 'deliveries recorded as delivered and never received': 1 },
    ],
    [
      'out of order',
      { arrivals: [arrive(recovered, 1, 'accepted'), arrive(opened, 6, 'accepted')] },
      { 'messages out of order': 1 },
    ],
    [
      'sent again without need',
      { arrivals: [arrive(opened, 1, 'accepted'), arrive(opened, 3, 'accepted'), arrive(recovered, 6, 'accepted')] },
      { 'messages sent again without need, or not as the same message': 1 },
    ],
    [
      'sent under another key',
      {
        arrivals: [
          arrive(opened, 1, 'lost'),
          { ...arrive(opened, 3, 'accepted'), message: `${opened}_2` },
          arrive(recovered, 6, 'accepted'),
        ],
      },
      { 'messages sent again without need, or not as the same message': 1 },
    ],
  ])('that were %s are counted', (_, change, broken) => {
    expect(brokenOf(judgeAlerts({ ...good, ...change }))).toEqual(broken);
  });

  it('of Slack are never sent again once they may have been accepted', () => {
    const slack = (second: number, reaction: Arrival['reaction']): Arrival => ({
      ...arrive(opened, second, reaction),
      service: 'slack',
    });
    const deliveries = [{ ...delivery, service: 'slack' as const, state: 'unknown', kind: 'recovered' }];
    const broken = { 'messages sent again without need, or not as the same message': 1 };
    const of = { ...good, deliveries, killedAt: [at(2).getTime()] };
    expect(brokenOf(judgeAlerts({ ...of, arrivals: [slack(1, 'refused'), slack(3, 'lost')] }))).toEqual({});
    expect(brokenOf(judgeAlerts({ ...of, arrivals: [slack(1, 'lost'), slack(3, 'lost')] }))).toEqual(broken);
  });
});

it('plans the same kills for the same seed', () => {
  expect(makePlan(7, 50)).toEqual(makePlan(7, 50));
  expect(makePlan(7, 50)).not.toEqual(makePlan(8, 50));
});
