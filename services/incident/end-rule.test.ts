import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { alertMessage } from '../../domain/notification/message.ts';
import { alertConditions, type Destination } from '../../domain/notification/rule.ts';
import { makeMonitors, makeServer } from '../../tests/support/monitors.ts';
import { type TestDeps, type TestOrg, testDeps, testOrg } from '../../tests/support/setup/context.ts';
import { archiveRule } from '../alert-rule/archive.ts';
import { editRule } from '../alert-rule/edit.ts';
import { muteRule } from '../alert-rule/mute.ts';
import { setRuleState } from '../alert-rule/set-state.ts';
import { newId } from '../context/ids.ts';
import { setMonitorState } from '../monitor/set-state.ts';
import { observeChecksIn } from './recording/observe-checks.ts';
import { sweepIncidents } from './recording/sweep.ts';

let test: TestDeps;
let org: TestOrg;
let serverId: string;
let monitors: string[];
let ruleId: string;
let clock = new Date();
const pass = (minutes: number) => {
  clock = new Date(clock.getTime() + minutes * 60_000);
};
const email = (address: string): Destination => ({ kind: 'email', address });

beforeAll(async () => {
  test = await testDeps({ now: () => clock });
  await test.deps.temporal.ensureSearchAttributes();
});
afterAll(() => test?.close());
beforeEach(async () => {
  org = await testOrg(test.deps);
  const server = await makeServer(test.deps, { orgId: org.orgId, url: 'http://127.0.0.1:1/mcp' });
  serverId = server.serverId;
  monitors = await makeMonitors(test.deps, { orgId: org.orgId, ...server }, [{ tool: 'a' }, { tool: 'b' }]);
  ruleId = newId();
  await test.deps.db.alertRule.create({
    data: {
      id: ruleId,
      orgId: org.orgId,
      name: 'Rule',
      targetKind: 'all_monitors',
      destination: email('ada@example.com'),
      conditions: alertConditions.parse({ onDegraded: true }),
      createdBy: 'member:ada',
    },
  });
});

/** One check of the first monitor, and a pass of the other. */
async function check(outcome: 'pass' | 'fail' | 'degraded') {
  pass(1);
  const common = { at: clock, errorKind: null, serverFailure: null, message: null, latencyMs: 5 };
  const checks = [
    { ...common, monitorId: monitors[0] ?? '', name: 'a', outcome, degradedBy: [] },
    { ...common, monitorId: monitors[1] ?? '', name: 'b', outcome: 'pass' as const, degradedBy: [] },
  ];
  await test.deps.db.$transaction((tx) => observeChecksIn(tx, test.deps, { orgId: org.orgId, serverId, checks }));
}
const told = async () => {
  const rows = await test.deps.db.delivery.findMany({
    where: { orgId: org.orgId },
    orderBy: [{ createdAt: 'asc' }, { sequence: 'asc' }],
  });
  return rows.map(({ kind, message, destination, sequence }) => {
    const { reason } = alertMessage.parse(message);
    const address = JSON.stringify(destination).includes('ada@') ? 'ada' : 'bob';
    return [sequence, kind, reason, address].filter((part) => part !== null).join(' ');
  });
};
/** As if the opening had been delivered: else both would be superseded. */
const deliver = () =>
  test.deps.db.delivery.updateMany({ where: { orgId: org.orgId, state: 'pending' }, data: { state: 'delivered' } });

describe('a rule that has notified of an incident, and', () => {
  beforeEach(async () => {
    await check('fail');
    await deliver();
  });

  it('is paused closes it, once, and opens it again when it is resumed', async () => {
    await setRuleState(org.ctx, { ruleId, state: 'paused' });
    await sweepIncidents(test.deps);
    await check('fail');
    expect(await told()).toEqual(['1 opened ada', '2 closed paused ada']);
    await setRuleState(org.ctx, { ruleId, state: 'watching' });
    await check('fail');
    expect((await told()).slice(2)).toEqual(['3 opened ada']);
  });

  it('is deleted closes it, and that is still sent', async () => {
    await archiveRule(org.ctx, { ruleId });
    await sweepIncidents(test.deps);
    expect(await told()).toEqual(['1 opened ada', '2 closed deleted ada']);
  });

  it('is pointed elsewhere closes it', async () => {
    await editRule(org.ctx, { ruleId, target: { kind: 'monitor', id: monitors[1] ?? '' } });
    await check('fail');
    expect(await told()).toEqual(['1 opened ada', '2 closed changed ada']);
  });

  it('gets conditions that it does not meet closes it', async () => {
    await check('degraded');
    expect(await told()).toEqual(['1 opened ada']);
    await editRule(org.ctx, { ruleId, conditions: alertConditions.parse({}) });
    await check('degraded');
    expect(await told()).toEqual(['1 opened ada', '2 closed changed ada']);
  });

  it('sends elsewhere closes it there, and opens it here', async () => {
    await editRule(org.ctx, { ruleId, destination: email('bob@example.com') });
    await sweepIncidents(test.deps);
    expect(await told()).toEqual(['1 opened ada', '2 closed changed ada', '3 opened bob']);
    await deliver();
    await check('pass');
    expect((await told()).slice(3)).toEqual(['4 recovered bob']);
  });

  it('is renamed goes on', async () => {
    await editRule(org.ctx, { ruleId, name: 'Another name' });
    await sweepIncidents(test.deps);
    expect(await told()).toEqual(['1 opened ada']);
  });

  it('was changed by a process that died is closed by reconcile', async () => {
    await test.deps.db.alertRule.updateMany({ where: { id: ruleId }, data: { state: 'paused' } });
    await sweepIncidents(test.deps);
    await sweepIncidents(test.deps);
    expect(await told()).toEqual(['1 opened ada', '2 closed paused ada']);
  });

  it('is muted notifies of the recovery, or of a pause of the monitor, when the mute ends', async () => {
    await muteRule(org.ctx, { ruleId, minutes: 60 });
    await setMonitorState(org.ctx, { monitorIds: monitors.slice(0, 1), state: 'paused' });
    pass(30);
    await sweepIncidents(test.deps);
    expect(await told()).toEqual(['1 opened ada']);
    pass(31);
    await sweepIncidents(test.deps);
    expect(await told()).toEqual(['1 opened ada', '2 closed paused ada']);
  });
});

it('an opening that was not delivered when its monitor is deleted is not sent', async () => {
  await check('fail');
  await setMonitorState(org.ctx, { monitorIds: monitors.slice(0, 1), state: 'paused' });
  const rows = await test.deps.db.delivery.findMany({ where: { orgId: org.orgId }, orderBy: { sequence: 'asc' } });
  expect(rows.map(({ kind, state }) => `${kind} ${state}`)).toEqual(['opened superseded', 'closed superseded']);
});
