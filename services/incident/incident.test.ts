import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { CheckErrorKind, CheckOutcome } from '../../domain/monitor/monitor.ts';
import { describeRefusal, describeServerFailure } from '../../domain/monitor/server-failure.ts';
import { alertMessage } from '../../domain/notification/message.ts';
import { type AlertConditions, alertConditions } from '../../domain/notification/rule.ts';
import { type TestDeps, type TestOrg, testDeps, testOrg } from '../../tests/support/setup/context.ts';
import { newId } from '../context/ids.ts';
import { createMaintenance } from '../maintenance/create.ts';
import { endMaintenance } from '../maintenance/end.ts';
import { listMaintenance } from '../maintenance/list.ts';
import { pauseWorkflow } from '../workflow/pause.ts';
import { acceptIncident } from './accept.ts';
import { acknowledgeIncident } from './acknowledge.ts';
import { addIncidentNote } from './add-note.ts';
import { assignIncident } from './assign.ts';
import { getIncident } from './get.ts';
import { listIncidents } from './list.ts';
import { closeRemovedIn } from './recording/close-removed.ts';
import { observeChecksIn } from './recording/observe-checks.ts';
import { observeRun } from './recording/observe-run.ts';
import { sweepIncidents } from './recording/sweep.ts';
import { getIncidentTimeline } from './timeline.ts';

let test: TestDeps;
let org: TestOrg;
let clock = new Date('2026-11-21T09:00:00Z');
let serverId: string;
let monitors: string[];
/** Of the monitors: the first two have the default one, the third has its own. */
let profiles: string[];
const pass = (minutes: number) => {
  clock = new Date(clock.getTime() + minutes * 60_000);
};

beforeAll(async () => {
  test = await testDeps({ now: () => clock });
});
afterAll(async () => {
  await test?.close();
});
beforeEach(async () => {
  clock = new Date(clock.getTime() + 30 * 24 * 3_600_000);
  org = await testOrg(test.deps, { role: 'editor' });
  serverId = newId();
  const [profileId, otherId] = [newId(), newId()];
  profiles = [profileId, profileId, otherId];
  const { db } = test.deps;
  const { orgId } = org;
  await db.server.create({
    data: { id: serverId, orgId, name: 'Shop', transport: 'streamable_http', url: 'https://shop.example.com/mcp' },
  });
  await db.authProfile.create({
    data: { id: profileId, orgId, serverId, name: 'Default', kind: 'none', isDefault: true },
  });
  await db.authProfile.create({ data: { id: otherId, orgId, serverId, name: 'Other', kind: 'none' } });
  monitors = [newId(), newId(), newId()];
  await db.monitor.createMany({
    data: monitors.map((id, index) => ({
      id,
      orgId,
      serverId,
      authProfileId: profiles[index] ?? '',
      name: `Monitor ${index + 1}`,
      tool: 'get_order',
      arguments: { index },
      argumentsKey: id,
      intervalSeconds: 60,
    })),
  });
});

async function rule(targetKind: string, given: Partial<AlertConditions> & { targetId?: string; name?: string } = {}) {
  const { targetId = null, name = 'Rule', ...conditions } = given;
  const id = newId();
  await test.deps.db.alertRule.create({
    data: {
      id,
      orgId: org.orgId,
      name,
      targetKind,
      targetId,
      destination: { kind: 'email', address: 'ada@example.com' },
      conditions: alertConditions.parse(conditions),
      createdBy: 'member:ada',
    },
  });
  return id;
}

type Seen = CheckOutcome | CheckErrorKind | 401 | 403;
/** One batch a minute; each outcome is of the monitor in its place, null of one that is not in the batch. */
async function batch(given: (Seen | null)[], { at }: { at?: Date } = {}) {
  if (!at) pass(1);
  const checks = given.flatMap((seen, index) => {
    if (seen === null) return [];
    const status = seen === 401 || seen === 403 ? seen : undefined;
    const each = seen === 401 || seen === 403 ? ('auth' as const) : seen;
    const isOutcome = each === 'pass' || each === 'degraded' || each === 'fail' || each === 'error';
    return [
      {
        monitorId: monitors[index] ?? '',
        name: `Monitor ${index + 1}`,
        at: at ?? clock,
        outcome: isOutcome ? each : ('error' as const),
        errorKind: isOutcome ? null : each,
        serverFailure: isOutcome ? null : describeServerFailure({ kind: each }),
        profile: { id: profiles[index] ?? '', refusal: describeRefusal({ kind: each, status }) },
        message: each === 'pass' ? null : `It says: ${each} with password=hunter22 <b>`,
        latencyMs: 12,
        degradedBy: each === 'degraded' ? ['It took 900 ms.'] : [],
      },
    ];
  });
  return test.deps.db.$transaction((tx) => observeChecksIn(tx, test.deps, { orgId: org.orgId, serverId, checks }));
}

const told = async () => {
  const rows = await test.deps.db.delivery.findMany({
    where: { orgId: org.orgId },
    orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
    include: { rule: true, incident: true },
  });
  return rows.map(
    ({ rule: of, incident, kind, ordinal }) => `${of.name}: ${kind} ${ordinal} of ${incident?.subjectKind}`,
  );
};
const list = async (state?: 'open' | 'closed') =>
  (await listIncidents(org.ctx, state ? { state } : {})).incidents.map(
    ({ subject, state: is, level, closeReason }) => `${subject.kind} ${subject.name} ${level} ${closeReason ?? is}`,
  );
describe('checks of a monitor', () => {
  it('cost one query while all pass and nothing is open', async () => {
    await rule('all_monitors');
    await batch(['fail', 'pass']);
    await batch(['pass', 'pass']);
    const asked: string[] = [];
    pass(1);
    await test.deps.db.$transaction((tx) => {
      const counted = new Proxy(tx, {
        get(target, name) {
          asked.push(String(name));
          const value: unknown = Reflect.get(target, name, target);
          return typeof value === 'function' ? value.bind(target) : value;
        },
      });
      const checks = monitors.map((monitorId) => ({
        monitorId,
        name: 'Monitor',
        at: clock,
        outcome: 'pass' as const,
        errorKind: null,
        serverFailure: null,
        message: null,
        latencyMs: 5,
        degradedBy: [],
      }));
      return observeChecksIn(counted, test.deps, { orgId: org.orgId, serverId, checks });
    });
    expect(asked).toEqual(['$queryRaw']);
  });

  it('open an incident at the first failure, continue it and close it; each is told once', async () => {
    await rule('all_monitors');
    await rule('monitor', { name: 'Other', targetId: monitors[1] ?? '' });
    expect(await batch(['pass', 'pass'])).toEqual([]);
    const refs = await batch(['fail', 'pass']);
    expect(refs).toEqual([{ orgId: org.orgId, deliveryId: expect.any(String), round: 1 }]);
    expect(await batch(['timeout', 'pass'])).toEqual([]);
    expect(await list('open')).toEqual(['monitor Monitor 1 bad open']);
    expect(await batch(['pass', 'pass'])).toHaveLength(1);
    expect(await batch(['pass', 'pass'])).toEqual([]);
    expect(await told()).toEqual(['Rule: opened 1 of monitor', 'Rule: recovered 1 of monitor']);
    expect(await list()).toEqual(['monitor Monitor 1 bad recovered']);
  });

  it('write a message that is whole, bounded and masked', async () => {
    const ruleId = await rule('all_monitors');
    const [ref] = await batch(['fail', 'pass']);
    const row = await test.deps.db.delivery.findFirstOrThrow({ where: { id: ref?.deliveryId ?? '' } });
    const message = alertMessage.parse(row.message);
    expect(message).toMatchObject({
      title: 'Monitor Monitor 1 fails',
      serverName: 'Shop',
      lines: ['The tool answered with an error: It says: fail with password=[redacted] <b>'],
      since: clock.toISOString(),
      endedAt: null,
      monitorId: monitors[0],
    });
    expect(message.links[0]?.path).toBe(`/o/org-${org.orgId}/incidents/${row.incidentId}`);
    expect(row).toMatchObject({ state: 'pending', destination: { kind: 'email', address: 'ada@example.com' } });
    const fired = await test.deps.db.alertRule.findFirstOrThrow({ where: { id: ruleId } });
    expect(fired.lastFiredAt).toEqual(clock);
  });

  it('change nothing when they come again or late', async () => {
    await rule('all_monitors');
    await batch(['fail', 'pass']);
    const at = clock;
    await batch(['fail', 'pass'], { at });
    await batch(['pass', 'pass'], { at: new Date(at.getTime() - 60_000) });
    expect(await list('open')).toHaveLength(1);
    expect(await told()).toHaveLength(1);
    const [incident] = (await listIncidents(org.ctx, {})).incidents;
    expect(incident).toMatchObject({ failureCount: 1 });
  });

  it('open nothing when a later check has passed already', async () => {
    await test.deps.db.$executeRaw`SELECT armature_make_check_partitions(${clock}::date, ${clock}::date)`;
    pass(2);
    await test.deps.db.check.create({
      data: { orgId: org.orgId, monitorId: monitors[0] ?? '', scheduledAt: clock, outcome: 'pass' },
    });
    await batch(['fail', 'pass'], { at: new Date(clock.getTime() - 60_000) });
    expect(await list()).toEqual([]);
  });

  it('leave one incident and one notice when two writers see the failure at once', async () => {
    await rule('all_monitors');
    pass(1);
    const at = clock;
    const refs = await Promise.all(
      Array.from({ length: 8 }, (_, index) => batch(['fail', 'fail', 'fail'], { at: new Date(at.getTime() + index) })),
    );
    expect(refs.flat()).toHaveLength(3);
    expect(await list('open')).toHaveLength(3);
  });

  it('rise and fall in their level', async () => {
    await rule('all_monitors');
    await rule('all_monitors', { name: 'Degraded too', onDegraded: true });
    await batch(['degraded', 'pass']);
    expect(await list('open')).toEqual(['monitor Monitor 1 warn open']);
    await batch(['fail', 'pass']);
    expect(await list('open')).toEqual(['monitor Monitor 1 bad open']);
    await batch(['degraded', 'pass']);
    expect((await told()).sort()).toEqual([
      'Degraded too: opened 1 of monitor',
      'Rule: opened 1 of monitor',
      'Rule: recovered 1 of monitor',
    ]);
  });
});

describe('a server of which every check fails at server level', () => {
  it('has one incident, which takes in those of its monitors and alone is told, once by each rule', async () => {
    await rule('all_monitors');
    await rule('monitor', { name: 'One', targetId: monitors[0] ?? '' });
    const refs = await batch(['unreachable', 'timeout']);
    expect(refs).toHaveLength(2);
    expect((await told()).sort()).toEqual(['One: opened 1 of server', 'Rule: opened 1 of server']);
    await batch(['unreachable', 'unreachable', 'unreachable']);
    expect(await told()).toHaveLength(2);
    const { incidents } = await listIncidents(org.ctx, { state: 'open' });
    const server = incidents.find(({ subject }) => subject.kind === 'server');
    const { absorbed } = await getIncident(org.ctx, { incidentId: server?.id ?? '' });
    expect(absorbed).toHaveLength(3);
  });

  it('ends when it answers any check; what fails still speaks for itself', async () => {
    await rule('all_monitors');
    await batch(['unreachable', 'unreachable']);
    await batch(['pass', 'fail']);
    expect((await told()).sort()).toEqual([
      'Rule: opened 1 of monitor',
      'Rule: opened 1 of server',
      'Rule: recovered 1 of server',
    ]);
    expect(await list('open')).toEqual(['monitor Monitor 2 bad open']);
    await batch(['pass', 'pass']);
    expect((await told()).at(-1)).toBe('Rule: recovered 1 of monitor');
  });

  it('takes in what was told before, and tells of its recovery', async () => {
    await rule('all_monitors', { remindEveryMinutes: 5 });
    await batch(['fail', 'pass']);
    await batch(['unreachable', 'unreachable']);
    pass(7);
    await sweepIncidents(test.deps);
    expect(await told()).toEqual([
      'Rule: opened 1 of monitor',
      'Rule: opened 1 of server',
      'Rule: reminder 1 of server',
    ]);
    await batch(['pass', 'pass']);
    expect((await told()).slice(3).sort()).toEqual(['Rule: recovered 1 of monitor', 'Rule: recovered 1 of server']);
  });

  it('is told with its cause in the title', async () => {
    await rule('all_monitors');
    const [ref] = await batch(['unreachable', 'unreachable', 'timeout']);
    const row = await test.deps.db.delivery.findFirstOrThrow({ where: { id: ref?.deliveryId ?? '' } });
    const message = alertMessage.parse(row.message);
    expect(message.title).toBe('Server Shop does not answer: connection failed');
    expect(message.lines[0]).toMatch(/^No check gets an answer \(connection failed\): It says: unreachable/);
    await batch(['pass', 'pass']);
    expect((await told()).at(-1)).toBe('Rule: recovered 1 of server');
  });

  it('has none for credentials that were not there to be sent: that is one of the auth profile', async () => {
    await batch(['auth', 'auth']);
    const incidents = (await list('open')).filter((each) => !each.startsWith('monitor'));
    expect(incidents).toEqual(['auth_profile Default bad open']);
  });

  it.each(['http_status', 'protocol', 'rpc_error'] as const)('has none for %s: that is an answer', async (kind) => {
    await batch([kind, kind]);
    expect((await list('open')).sort()).toEqual(['monitor Monitor 1 bad open', 'monitor Monitor 2 bad open']);
  });

  it('needs two checks', async () => {
    await batch(['unreachable']);
    expect(await list('open')).toEqual(['monitor Monitor 1 bad open']);
  });
});

describe('an auth profile whose every check is refused in the same way', () => {
  it('has one incident, which takes in those of its monitors and alone is told, with the status in its title', async () => {
    await rule('all_monitors');
    await rule('monitor', { name: 'One', targetId: monitors[0] ?? '' });
    await rule('monitor', { name: 'Of the other profile', targetId: monitors[2] ?? '' });
    const refs = await batch([401, 401, 'pass']);
    expect(refs).toHaveLength(2);
    expect((await told()).sort()).toEqual(['One: opened 1 of auth_profile', 'Rule: opened 1 of auth_profile']);
    await batch([401, 401, 'pass']);
    expect(await told()).toHaveLength(2);
    const row = await test.deps.db.delivery.findFirstOrThrow({ where: { id: refs[0]?.deliveryId ?? '' } });
    const message = alertMessage.parse(row.message);
    expect(message.title).toBe('Auth profile Default of Shop is refused: HTTP 401 Unauthorized');
    expect(message.lines[0]).toMatch(
      /^Every check with this auth profile is refused \(HTTP 401 Unauthorized\): It says: /,
    );
    const { incidents } = await listIncidents(org.ctx, { state: 'open' });
    const ofProfile = incidents.find(({ subject }) => subject.kind === 'auth_profile');
    expect(ofProfile?.subject).toMatchObject({ name: 'Default', serverId });
    const { absorbed } = await getIncident(org.ctx, { incidentId: ofProfile?.id ?? '' });
    expect(absorbed).toHaveLength(2);
  });

  it('is well again when a check gets through; what fails still speaks for itself', async () => {
    await rule('all_monitors');
    await batch([403, 403]);
    await batch([403, 'rpc_error']);
    expect((await told()).sort()).toEqual([
      'Rule: opened 1 of auth_profile',
      'Rule: opened 1 of monitor',
      'Rule: opened 1 of monitor',
      'Rule: recovered 1 of auth_profile',
    ]);
    await batch(['pass', 'pass']);
    expect(await list('open')).toEqual([]);
    expect((await told()).filter((each) => each === 'Rule: recovered 1 of monitor')).toHaveLength(2);
  });

  it('takes in what was told before', async () => {
    await rule('all_monitors');
    await batch(['fail', 'pass']);
    await batch([401, 401]);
    expect(await told()).toEqual(['Rule: opened 1 of monitor', 'Rule: opened 1 of auth_profile']);
    await batch(['pass', 'pass']);
    expect((await told()).slice(2).sort()).toEqual([
      'Rule: recovered 1 of auth_profile',
      'Rule: recovered 1 of monitor',
    ]);
  });

  it.each<[string, (Seen | null)[]]>([
    ['a single check', [401]],
    ['two profiles with one check each', [401, null, 401]],
    ['different refusals', [401, 403]],
    ['a check that gets through', [401, 'fail']],
    ['a check that fails otherwise', [401, 'http_status']],
  ])('has none for %s', async (_, seen) => {
    await batch(seen);
    expect((await list('open')).filter((each) => !each.startsWith('monitor'))).toEqual([]);
  });

  it('stays refused while the server does not answer, and loses its incident with its last active monitor', async () => {
    await rule('all_monitors');
    await batch([401, 401]);
    await batch(['unreachable', 'unreachable']);
    await batch([401, 401]);
    expect((await list('open')).sort()).toEqual([
      'auth_profile Default bad open',
      'monitor Monitor 1 bad open',
      'monitor Monitor 2 bad open',
    ]);
    const { db } = test.deps;
    await db.monitor.updateMany({
      where: { orgId: org.orgId, authProfileId: profiles[0] ?? '' },
      data: { state: 'paused' },
    });
    await sweepIncidents(test.deps);
    expect(await list('open')).toEqual([]);
    expect((await told()).sort()).toEqual([
      'Rule: closed 1 of auth_profile',
      'Rule: opened 1 of auth_profile',
      'Rule: opened 1 of server',
      'Rule: recovered 1 of server',
    ]);
  });
});

describe('a rule about a server', () => {
  it('notifies of what belongs to it, and of no other server', async () => {
    await rule('server', { targetId: serverId });
    await rule('server', { targetId: newId(), name: 'Other' });
    await rule('all_servers', { name: 'All' });
    await batch(['fail', 'pass']);
    expect((await told()).sort()).toEqual(['All: opened 1 of monitor', 'Rule: opened 1 of monitor']);
  });
});

describe('the sweep', () => {
  it.each([['of the server'], ['of the whole workspace']])(
    'holds back what fails in a maintenance window %s',
    async (of) => {
      await rule('all_monitors');
      const { window } = await createMaintenance(org.ctx, {
        serverId: of === 'of the server' ? serverId : null,
        startsAt: clock.toISOString(),
        endsAt: new Date(clock.getTime() + 10 * 60_000).toISOString(),
      });
      await batch(['fail', 'pass']);
      await sweepIncidents(test.deps);
      expect(await told()).toEqual([]);
      expect((await listMaintenance(org.ctx, { serverId })).windows).toMatchObject([window]);
      await endMaintenance(org.ctx, { windowId: window.id });
      pass(1);
      await sweepIncidents(test.deps);
      expect(await told()).toEqual(['Rule: opened 1 of monitor']);
    },
  );

  it('reminds, and tells what maintenance and a mute held back', async () => {
    const ruleId = await rule('all_monitors', { remindEveryMinutes: 30 });
    await test.deps.db.maintenanceWindow.create({
      data: {
        id: newId(),
        orgId: org.orgId,
        serverId,
        startsAt: clock,
        endsAt: new Date(clock.getTime() + 10 * 60_000),
        createdBy: 'member:ada',
      },
    });
    await batch(['fail', 'pass']);
    pass(3);
    await sweepIncidents(test.deps);
    expect(await told()).toEqual([]);
    await test.deps.db.alertRule.updateMany({
      where: { id: ruleId },
      data: { mutedUntil: new Date(clock.getTime() + 20 * 60_000) },
    });
    pass(10);
    await sweepIncidents(test.deps);
    expect(await told()).toEqual([]);
    pass(15);
    await sweepIncidents(test.deps);
    expect(await told()).toEqual(['Rule: opened 1 of monitor']);
    pass(31);
    await sweepIncidents(test.deps);
    await sweepIncidents(test.deps);
    expect(await told()).toEqual(['Rule: opened 1 of monitor', 'Rule: reminder 1 of monitor']);
  });

  it('leaves paused rules alone, and what is gone behind', async () => {
    const ruleId = await rule('all_monitors', { remindEveryMinutes: 5 });
    await batch(['fail', 'fail']);
    await test.deps.db.alertRule.updateMany({ where: { id: ruleId }, data: { state: 'paused' } });
    await test.deps.db.monitor.updateMany({ where: { id: monitors[0] ?? '' }, data: { state: 'paused' } });
    pass(20);
    await sweepIncidents(test.deps);
    // Each was closed, and nothing more is told.
    expect((await told()).sort()).toEqual([
      'Rule: closed 1 of monitor',
      'Rule: closed 1 of monitor',
      'Rule: opened 1 of monitor',
      'Rule: opened 1 of monitor',
    ]);
    await sweepIncidents(test.deps);
    expect(await told()).toHaveLength(4);
    expect(await list('open')).toEqual(['monitor Monitor 2 bad open']);
    expect(await test.deps.db.incidentTelling.count({ where: { orgId: org.orgId, dueAt: { not: null } } })).toBe(0);
  });
});

describe('what is gone', () => {
  it('closes with what was paused, and the server with its last monitor, for those who were told', async () => {
    await rule('all_monitors');
    await batch(['unreachable', 'unreachable', 'unreachable']);
    const { db } = test.deps;
    await db.$transaction(async (tx) => {
      await tx.monitor.updateMany({ where: { orgId: org.orgId, id: { in: monitors } }, data: { state: 'paused' } });
      await closeRemovedIn(tx, test.deps, { orgId: org.orgId, reason: 'paused', monitorIds: monitors });
    });
    expect(await list('open')).toEqual([]);
    expect(await told()).toEqual(['Rule: opened 1 of server', 'Rule: closed 1 of server']);
    // A check that was under way when it was paused.
    await batch(['fail'], { at: new Date(clock.getTime() - 1000) });
    expect(await list('open')).toEqual([]);
  });
});

describe('accepting an incident', () => {
  it('closes it for good, audited, and for those who were told; a viewer may not', async () => {
    await rule('all_monitors');
    await batch(['fail', 'pass']);
    const [open] = (await listIncidents(org.ctx, {})).incidents;
    const incidentId = open?.id ?? '';
    await expect(acceptIncident(org.as('viewer'), { incidentId })).rejects.toMatchObject({ code: 'permission_denied' });
    const { incident } = await acceptIncident(org.ctx, { incidentId });
    expect(incident).toMatchObject({ state: 'closed', closeReason: 'accepted', closedBy: `member:${org.userId}` });
    await acceptIncident(org.ctx, { incidentId });
    const audit = await test.deps.db.auditEvent.findMany({ where: { orgId: org.orgId, action: 'incident.accept' } });
    expect(audit).toHaveLength(1);
    await batch(['fail', 'pass']);
    expect(await told()).toEqual([
      'Rule: opened 1 of monitor',
      'Rule: closed 1 of monitor',
      'Rule: opened 1 of monitor',
    ]);
  });
});

describe('runs of a workflow', () => {
  const model = 'builtin/scripted';
  let workflowId: string;
  let versionId: string;
  beforeEach(async () => {
    [workflowId, versionId] = [newId(), newId()];
    const { db } = test.deps;
    await db.workflow.create({
      data: { id: workflowId, orgId: org.orgId, serverId, name: 'Orders', activeVersionId: versionId },
    });
    await db.workflowVersion.create({
      data: {
        id: versionId,
        orgId: org.orgId,
        workflowId,
        number: 1,
        createdBy: 'member:ada',
        definition: { testerModels: [model], schedule: '*/5 * * * *', timezone: 'UTC' },
      },
    });
  });
  async function ended(status: string, more: object = {}) {
    pass(5);
    const runId = newId();
    const of = { orgId: org.orgId, workflowId, versionId, serverId, model, actorKind: 'system', actorId: 'schedule' };
    await test.deps.db.run.create({
      data: {
        id: runId,
        ...of,
        trigger: 'scheduled',
        scheduledAt: clock,
        createdAt: clock,
        finishedAt: clock,
        status,
        ...more,
      },
    });
    return { runId, ...(await observeRun(org.asSystem(), { runId })) };
  }

  it('open an incident, tell it with its run, and recover', async () => {
    await rule('all_workflows');
    await ended('pass');
    const { runId, deliveries } = await ended('fail');
    expect(deliveries).toHaveLength(1);
    const row = await test.deps.db.delivery.findFirstOrThrow({ where: { id: deliveries[0]?.deliveryId ?? '' } });
    expect(row.message).toMatchObject({ runId, workflowId, title: `Workflow Orders with ${model} fails` });
    expect((await observeRun(org.asSystem(), { runId })).deliveries).toEqual([]);
    await ended('error', { errorKind: 'model', errorMessage: 'No answer.' });
    await ended('pass');
    expect(await told()).toEqual(['Rule: opened 1 of workflow', 'Rule: recovered 1 of workflow']);
    const [incident] = (await listIncidents(org.ctx, {})).incidents;
    const { entries } = await getIncidentTimeline(org.ctx, { incidentId: incident?.id ?? '' });
    const runs = entries.flatMap((entry) => (entry.type === 'runs' ? [entry] : []));
    expect(runs.map(({ status, count }) => [status, count])).toEqual([
      ['pass', 1],
      ['fail', 1],
      ['error', 1],
      ['pass', 1],
    ]);
    expect(runs[1]?.latestRunId).toBe(runId);
    expect((await getIncident(org.ctx, { incidentId: incident?.id ?? '' })).rules).toMatchObject([
      { name: 'Rule', mutedUntil: null },
    ]);
  });

  it.each([
    ['a canceled one', 'error', { errorKind: 'canceled' }, 0],
    ['one that somebody asked for', 'fail', { trigger: 'manual' }, 0],
    ['one that passed and was flagged', 'pass', { flagged: true }, 1],
    ['a partial one', 'partial', {}, 1],
    ['one that is not over', 'running', { finishedAt: null }, 0],
  ])('%s', async (_, status, more, expected) => {
    await rule('workflow', { targetId: workflowId });
    expect((await ended(status, more)).deliveries).toHaveLength(expected);
    expect(await list('open')).toHaveLength(expected);
  });

  it('count those that somebody asked for where a rule includes them, for that rule', async () => {
    await rule('all_workflows');
    await rule('all_workflows', { name: 'Manual too', includeManualRuns: true });
    await ended('fail', { trigger: 'manual', scheduledAt: null });
    expect(await told()).toEqual(['Manual too: opened 1 of workflow']);
  });

  it('are part of their server, the manual ones where its rule includes them', async () => {
    await rule('server', { targetId: serverId });
    await rule('server', { targetId: serverId, name: 'Manual too', includeManualRuns: true });
    await rule('all_servers', { name: 'All' });
    await ended('fail', { trigger: 'manual', scheduledAt: null });
    expect(await told()).toEqual(['Manual too: opened 1 of workflow']);
    await ended('fail');
    expect((await told()).sort()).toEqual([
      'All: opened 1 of workflow',
      'Manual too: opened 1 of workflow',
      'Rule: opened 1 of workflow',
    ]);
  });

  it('do not fail late what has passed since', async () => {
    await ended('pass');
    const at = new Date(clock.getTime() - 600_000);
    await ended('fail', { scheduledAt: at, createdAt: at });
    expect(await list()).toEqual([]);
  });

  const refused = { errorKind: 'auth', errorMessage: 'The sign-in has ended.' };

  it('are part of the incident of their auth profile, which notifies their rules, while they are refused', async () => {
    await rule('workflow', { targetId: workflowId });
    await rule('workflow', { name: 'Other', targetId: newId() });
    await ended('pass');
    await batch(['pass', 'pass', 'pass']);
    await batch([401, 401, 'pass']);
    expect(await told()).toEqual(['Rule: opened 1 of auth_profile']);
    await ended('error', refused);
    expect(await list('open')).toContain('workflow Orders bad open');
    expect(await told()).toEqual(['Rule: opened 1 of auth_profile']);
    await batch(['pass', 'pass', 'pass']);
    await ended('pass');
    expect(await told()).toEqual(['Rule: opened 1 of auth_profile', 'Rule: recovered 1 of auth_profile']);
    expect(await list('open')).toEqual([]);
  });

  it('become part of it when it opens after them, and not if they fail for another reason', async () => {
    await rule('all_workflows');
    await batch(['pass', 'pass', 'pass']);
    await ended('error', refused);
    await batch([401, 401, 'pass']);
    const find = () =>
      test.deps.db.incident.findFirst({ where: { workflowId, closedAt: null }, include: { parent: true } });
    expect((await find())?.parent).toMatchObject({ subjectKind: 'auth_profile', subjectKey: profiles[0] });
    await batch(['pass', 'pass', 'pass']);
    await ended('pass');
    await batch([401, 401, 'pass']);
    await ended('fail');
    expect(await find()).toMatchObject({ parentId: null });
    expect((await told()).at(-1)).toBe('Rule: opened 1 of workflow');
  });

  it('end with the workflow', async () => {
    await rule('all_workflows');
    await ended('fail');
    await test.deps.temporal.ensureSearchAttributes();
    await pauseWorkflow(org.ctx, { workflowId });
    expect(await list()).toEqual([`workflow Orders bad paused`]);
    expect(await told()).toEqual(['Rule: opened 1 of workflow', 'Rule: closed 1 of workflow']);
    await ended('fail');
    expect(await list('open')).toEqual([]);
  });
});

describe('people', () => {
  const openIncident = async () => {
    await batch(['fail', 'pass']);
    const { incidents } = await listIncidents(org.ctx, { state: 'open' });
    return incidents[0]?.id ?? '';
  };
  const auditCount = (incidentId: string) =>
    test.deps.db.auditEvent.count({ where: { orgId: org.orgId, subject: incidentId } });

  it('acknowledge an incident, which sends no reminders until that is taken back', async () => {
    await rule('all_monitors', { remindEveryMinutes: 5 });
    const incidentId = await openIncident();
    expect((await acknowledgeIncident(org.ctx, { incidentId })).incident).toMatchObject({
      acknowledgedBy: `member:${org.userId}`,
      acknowledgedAt: clock.toISOString(),
    });
    pass(1);
    const again = await acknowledgeIncident(org.ctx, { incidentId });
    expect(again.incident.acknowledgedAt).toBe(new Date(clock.getTime() - 60_000).toISOString());
    expect(await auditCount(incidentId)).toBe(1);
    for (let round = 0; round < 3; round++) {
      pass(6);
      await sweepIncidents(test.deps);
      await batch(['fail', 'pass']);
    }
    expect(await told()).toEqual(['Rule: opened 1 of monitor']);
    expect((await listIncidents(org.ctx, { acknowledged: false })).incidents).toEqual([]);
    await acknowledgeIncident(org.ctx, { incidentId, acknowledged: false });
    await sweepIncidents(test.deps);
    expect(await told()).toEqual(['Rule: opened 1 of monitor', 'Rule: reminder 1 of monitor']);
    await acknowledgeIncident(org.ctx, { incidentId });
    await batch(['pass', 'pass']);
    expect((await told()).at(-1)).toBe('Rule: recovered 1 of monitor');
  });

  it('assign an incident to a member, and to nobody', async () => {
    const incidentId = await openIncident();
    const userId = org.as('viewer').actor.id;
    for (let times = 0; times < 2; times++)
      expect((await assignIncident(org.ctx, { incidentId, userId })).incident.assignee).toMatchObject({ userId });
    expect(await auditCount(incidentId)).toBe(1);
    expect((await listIncidents(org.ctx, { assigneeId: userId })).incidents).toHaveLength(1);
    await expect(assignIncident(org.ctx, { incidentId, userId: 'nobody' })).rejects.toMatchObject({
      code: 'member_not_found',
    });
    expect((await assignIncident(org.ctx, { incidentId, userId: null })).incident.assignee).toBeNull();
  });

  it('add notes, each once, which the timeline shows with everything around the incident', async () => {
    await rule('all_monitors');
    const incidentId = await openIncident();
    await test.deps.db.toolChange.create({
      data: {
        id: newId(),
        orgId: org.orgId,
        serverId,
        tool: 'get_order',
        kind: 'changed',
        breaking: true,
        diff: {},
        source: 'sync',
        seenAt: new Date(clock.getTime() - 3_600_000),
      },
    });
    const note = { incidentId, text: 'The printer is out of paper.', noteId: newId() };
    pass(1);
    const added = await addIncidentNote(org.ctx, note);
    expect(await addIncidentNote(org.ctx, note)).toEqual(added);
    await expect(addIncidentNote(org.ctx, { ...note, text: 'Other' })).rejects.toMatchObject({ code: 'conflict' });
    pass(1);
    await acknowledgeIncident(org.ctx, { incidentId });
    pass(1);
    await acceptIncident(org.ctx, { incidentId });
    const { entries } = await getIncidentTimeline(org.as('viewer'), { incidentId });
    expect(entries.map(({ type }) => type).slice(0, 5)).toEqual([
      'tool_changed',
      'opened',
      'notification',
      'update',
      'update',
    ]);
    expect(entries.slice(5).map(({ type }) => type)).toEqual(expect.arrayContaining(['closed', 'notification']));
    expect(entries).toContainEqual(
      expect.objectContaining({ kind: 'note', text: note.text, by: expect.objectContaining({ id: org.userId }) }),
    );
    expect(entries).toContainEqual(expect.objectContaining({ type: 'closed', reason: 'accepted' }));
  });
});
