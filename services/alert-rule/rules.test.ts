import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeStage, type Stage } from '../../tests/support/alerts/stage.ts';
import { testOrg } from '../../tests/support/setup/context.ts';
import { newId } from '../context/ids.ts';
import { listDeliveries } from '../delivery/reading/list.ts';
import { listDestinations } from '../destination/list.ts';
import { archiveRule } from './archive.ts';
import { createRule } from './create.ts';
import { editRule } from './edit.ts';
import { getRule } from './get.ts';
import { listRules } from './list.ts';
import { muteRule } from './mute.ts';
import { setRuleState } from './set-state.ts';
import { testSend } from './test-send.ts';

let stage: Stage;
let serverId: string;
let monitorId: string;
beforeAll(async () => {
  stage = await makeStage();
  const { db } = stage.deps;
  const { orgId } = stage.org;
  serverId = newId();
  monitorId = newId();
  const authProfileId = newId();
  await db.server.create({
    data: { id: serverId, orgId, name: 'Shop', transport: 'streamable_http', url: 'https://shop.example.com/mcp' },
  });
  await db.authProfile.create({
    data: { id: authProfileId, orgId, serverId, name: 'Default', kind: 'none', isDefault: true },
  });
  await db.monitor.create({
    data: {
      id: monitorId,
      orgId,
      serverId,
      authProfileId,
      name: 'Search',
      tool: 'search',
      arguments: {},
      argumentsKey: 'x',
      intervalSeconds: 60,
    },
  });
});
afterAll(() => stage.close());

let names = 0;
const given = () => ({
  name: `Rule ${++names}`,
  target: { kind: 'all_monitors' as const },
  destination: stage.to.email,
});
const auditOf = (subject: string) =>
  stage.deps.db.auditEvent.findMany({ where: { orgId: stage.org.orgId, subject }, orderBy: { id: 'asc' } });

describe('a new rule', () => {
  it('watches, with the usual conditions, and is audited', async () => {
    const { rule } = await createRule(stage.org.as('editor'), {
      ...given(),
      target: { kind: 'monitor', id: monitorId },
      destination: stage.to.slack,
    });
    expect(rule).toMatchObject({
      state: 'watching',
      target: { kind: 'monitor', id: monitorId, name: 'Search', isArchived: false },
      destination: { kind: 'slack', label: '#alerts in Acme', problem: null },
      conditions: { onDegraded: false, onPartial: true, tellRecovery: true, remindEveryMinutes: null },
      mutedUntil: null,
      lastFiredAt: null,
      isBuiltIn: false,
    });
    expect(await auditOf(rule.id)).toMatchObject([
      { action: 'alert_rule.create', actorId: stage.org.as('editor').actor.id },
    ]);
  });

  it.each([
    ['a workflow that is not there', { target: { kind: 'workflow' as const, id: newId() } }, 'workflow_not_found'],
    ['a monitor that is not there', { target: { kind: 'monitor' as const, id: newId() } }, 'monitor_not_found'],
    ['a server that is not there', { target: { kind: 'tool_changes' as const, id: newId() } }, 'mcp_server_not_found'],
    [
      'a Slack workspace that is not there',
      { destination: { kind: 'slack' as const, installationId: newId(), channel: '#x' } },
      'destination_not_found',
    ],
    [
      'a webhook that is not there',
      { destination: { kind: 'webhook' as const, webhookId: newId() } },
      'destination_not_found',
    ],
    ['no e-mail address', { destination: { kind: 'email' as const, address: 'ada' } }, 'validation_failed'],
    ['a name of two lines', { name: 'Pager\r\nBcc: evil@example.com' }, 'validation_failed'],
    ['no name', { name: ' ' }, 'validation_failed'],
  ])('refuses %s', async (_, wrong, code) => {
    await expect(createRule(stage.org.ctx, { ...given(), ...wrong })).rejects.toMatchObject({ code });
  });

  it("refuses what is another workspace's", async () => {
    const other = await testOrg(stage.deps);
    await expect(createRule(other.ctx, { ...given(), destination: stage.to.webhook })).rejects.toMatchObject({
      code: 'destination_not_found',
    });
    await expect(
      createRule(other.ctx, { ...given(), target: { kind: 'monitor', id: monitorId } }),
    ).rejects.toMatchObject({ code: 'monitor_not_found' });
  });

  it('refuses what was deleted or disconnected', async () => {
    const { db } = stage.deps;
    const where = { orgId: stage.org.orgId };
    await db.monitor.updateMany({
      where: { ...where, id: monitorId },
      data: { state: 'archived', archivedAt: new Date() },
    });
    await db.slackInstallation.updateMany({ where, data: { state: 'revoked' } });
    try {
      await expect(
        createRule(stage.org.ctx, { ...given(), target: { kind: 'monitor', id: monitorId } }),
      ).rejects.toMatchObject({ code: 'monitor_archived' });
      await expect(createRule(stage.org.ctx, { ...given(), destination: stage.to.slack })).rejects.toMatchObject({
        code: 'conflict',
        details: { fieldErrors: [{ field: 'destination.installationId' }] },
      });
      const { rules } = await listRules(stage.org.ctx, { monitorId });
      expect(rules).toMatchObject([
        { target: { isArchived: true }, destination: { problem: expect.stringContaining('is disconnected') } },
      ]);
    } finally {
      await db.monitor.updateMany({ where: { ...where, id: monitorId }, data: { state: 'active', archivedAt: null } });
      await db.slackInstallation.updateMany({ where, data: { state: 'connected' } });
    }
  });

  it('has a name of its own, whoever is first', async () => {
    const name = '100%_of it';
    const both = await Promise.allSettled([
      createRule(stage.org.ctx, { ...given(), name }),
      createRule(stage.org.ctx, { ...given(), name: name.toUpperCase() }),
    ]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(both.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'conflict' } });
    await createRule(stage.org.ctx, { ...given(), name: '100 of it' });
    const [made] = both.flatMap((each) => (each.status === 'fulfilled' ? [each.value.rule.id] : []));
    await archiveRule(stage.org.ctx, { ruleId: made ?? '' });
    await createRule(stage.org.ctx, { ...given(), name });
  });
});

describe('a rule', () => {
  it('is changed in part, keeping the rest', async () => {
    const { rule } = await createRule(stage.org.ctx, given());
    const { rule: after } = await editRule(stage.org.as('editor'), {
      ruleId: rule.id,
      destination: stage.to.webhook,
      conditions: { threshold: { kind: 'consecutive', failures: 3 }, tellRecovery: false },
    });
    expect(after).toMatchObject({
      name: rule.name,
      target: rule.target,
      destination: { kind: 'webhook', label: 'webhook Pager' },
      conditions: { threshold: { failures: 3 }, tellRecovery: false, onPartial: true },
    });
    await editRule(stage.org.ctx, { ruleId: rule.id, name: rule.name.toUpperCase() });
  });

  it('is paused and resumed, once each in the audit log', async () => {
    const { rule } = await createRule(stage.org.ctx, given());
    for (const state of ['paused', 'paused', 'watching'] as const)
      expect((await setRuleState(stage.org.ctx, { ruleId: rule.id, state })).rule.state).toBe(state);
    expect((await auditOf(rule.id)).map(({ action }) => action)).toEqual([
      'alert_rule.create',
      'alert_rule.set_state',
      'alert_rule.set_state',
    ]);
  });

  it('is muted for a time, and a mute can be ended', async () => {
    const { rule } = await createRule(stage.org.ctx, given());
    const { rule: muted } = await muteRule(stage.org.as('editor'), { ruleId: rule.id, minutes: 60 });
    const left = Date.parse(muted.mutedUntil ?? '') - Date.now();
    expect(left).toBeGreaterThan(59 * 60_000);
    expect(left).toBeLessThanOrEqual(60 * 60_000);
    const later = { ...stage.org.ctx, deps: { ...stage.deps, now: () => new Date(Date.now() + 61 * 60_000) } };
    expect((await getRule(later, { ruleId: rule.id })).rule.mutedUntil).toBeNull();
    expect((await muteRule(stage.org.ctx, { ruleId: rule.id, minutes: 0 })).rule.mutedUntil).toBeNull();
    await expect(muteRule(stage.org.as('viewer'), { ruleId: rule.id, minutes: 60 })).rejects.toMatchObject({
      code: 'permission_denied',
    });
  });

  it('is gone from the list once it is deleted, and can not be changed any more', async () => {
    const { rule } = await createRule(stage.org.ctx, given());
    await archiveRule(stage.org.as('editor'), { ruleId: rule.id });
    await archiveRule(stage.org.as('editor'), { ruleId: rule.id });
    expect((await listRules(stage.org.ctx, { limit: 100 })).rules.map(({ id }) => id)).not.toContain(rule.id);
    expect((await getRule(stage.org.ctx, { ruleId: rule.id })).rule.isArchived).toBe(true);
    const { id: ruleId } = rule;
    for (const change of [
      () => editRule(stage.org.ctx, { ruleId, name: 'Back' }),
      () => muteRule(stage.org.ctx, { ruleId, minutes: 5 }),
      () => setRuleState(stage.org.ctx, { ruleId, state: 'paused' }),
      () => testSend(stage.org.ctx, { ruleId }),
    ])
      await expect(change()).rejects.toMatchObject({ code: 'alert_rule_not_found' });
    expect((await auditOf(ruleId)).map(({ action }) => action)).toEqual(['alert_rule.create', 'alert_rule.archive']);
  });
});

describe('the built-in rule', () => {
  it('is there once, off, and tells nobody until somebody chooses', async () => {
    const org = await testOrg(stage.deps);
    await Promise.all(Array.from({ length: 4 }, () => listRules(org.as('viewer'), {})));
    const { rules } = await listRules(org.as('viewer'), {});
    expect(rules).toMatchObject([
      { isBuiltIn: true, state: 'paused', destination: null, target: { kind: 'installation' } },
    ]);
    const ruleId = rules[0]?.id ?? '';
    await expect(setRuleState(org.ctx, { ruleId, state: 'watching' })).rejects.toMatchObject({ code: 'conflict' });
    await expect(testSend(org.ctx, { ruleId })).rejects.toMatchObject({ code: 'conflict' });
    await expect(archiveRule(org.ctx, { ruleId })).rejects.toMatchObject({ code: 'conflict' });
    await expect(editRule(org.ctx, { ruleId, target: { kind: 'all_monitors' } })).rejects.toMatchObject({
      code: 'conflict',
    });
    await editRule(org.ctx, { ruleId, destination: { kind: 'email', address: 'ops@example.com' } });
    expect((await setRuleState(org.ctx, { ruleId, state: 'watching' })).rule.state).toBe('watching');
  });
});

it('lists rules page by page, newest first', async () => {
  const org = await testOrg(stage.deps);
  const made: string[] = [];
  for (let each = 0; each < 3; each++) made.unshift((await createRule(org.ctx, given())).rule.id);
  const seen: string[] = [];
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof listRules>> = await listRules(org.as('viewer'), {
      limit: 2,
      ...(cursor !== null && { cursor }),
    });
    seen.push(...page.rules.filter(({ isBuiltIn }) => !isBuiltIn).map(({ id }) => id));
    cursor = page.nextCursor;
  } while (cursor !== null);
  expect(seen).toEqual(made);
});

it('shows where alerts can go, without any secret', async () => {
  const destinations = await listDestinations(stage.org.as('viewer'), {});
  expect(destinations).toMatchObject({
    slack: { configured: true, installations: [{ id: stage.installationId, teamName: 'Acme', state: 'connected' }] },
    webhooks: [{ id: stage.webhookId, name: 'Pager', url: `${stage.receiver.url}/…`, queryNames: ['token'] }],
    email: { configured: true },
  });
  expect(JSON.stringify(destinations)).not.toMatch(/xoxb|whsec|of-the-address|re_of_the_tests/);
});

it('sends few tests in a minute, each a delivery of its own', async () => {
  const { rule } = await createRule(stage.org.ctx, given());
  for (let each = 1; each <= 5; each++) await testSend(stage.org.as('editor'), { ruleId: rule.id });
  await expect(testSend(stage.org.as('editor'), { ruleId: rule.id })).rejects.toMatchObject({ code: 'rate_limited' });
  const { deliveries } = await listDeliveries(stage.org.as('viewer'), { ruleId: rule.id });
  expect(deliveries.map(({ ordinal }) => ordinal)).toEqual([5, 4, 3, 2, 1]);
  expect(deliveries[0]).toMatchObject({ kind: 'test', state: 'pending', canRetry: false, title: 'test message' });
});

it('keeps one row for a rule, an incident, a kind and an ordinal', async () => {
  const { db } = stage.deps;
  const { orgId } = stage.org;
  const { rule } = await createRule(stage.org.ctx, given());
  const incidentId = newId();
  const at = new Date();
  await db.incident.create({
    data: {
      id: incidentId,
      orgId,
      subjectKind: 'monitor',
      subjectKey: monitorId,
      monitorId,
      level: 'bad',
      summary: 'It fails',
      cause: { outcome: 'fail' },
      openedAt: at,
      lastFailedAt: at,
    },
  });
  const row = { orgId, ruleId: rule.id, incidentId, kind: 'opened', ordinal: 1, destination: {}, message: {} };
  await db.delivery.create({ data: { id: newId(), ...row } });
  await expect(db.delivery.create({ data: { id: newId(), ...row } })).rejects.toMatchObject({ code: 'P2002' });
});
