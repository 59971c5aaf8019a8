import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { buttonActions } from '../../services/channel/slack/button.ts';
import { postToSlack } from '../../services/channel/slack/post.ts';
import { newId } from '../../services/context/ids.ts';
import { toJson } from '../../services/context/use-case.ts';
import { linkSlackUser } from '../../services/destination/slack/link.ts';
import { type TestOrg, testOrg } from '../../tests/support/setup/context.ts';
import { storedSecrets } from '../../tests/support/setup/stored-secrets.ts';
import { connected, linkToken, type SlackStage, slackStage } from '../../tests/support/slack/stage.ts';

let stage: SlackStage;
beforeAll(async () => {
  stage = await slackStage();
  await stage.deps.temporal.ensureSearchAttributes();
});
afterAll(() => stage?.close());
beforeEach(() => stage.slack.reset());

let teams = 0;
const newTeam = () => `T${++teams}`;
const signal = new AbortController().signal;

/** A workflow with one scripted tester, and a rule. */
async function withWorkflow(org: TestOrg, name = 'Order a mug') {
  const { db } = stage.deps;
  const { orgId } = org;
  const [serverId, authProfileId, workflowId, versionId, ruleId] = [
    newId(),
    newId(),
    newId(),
    newId(),
    newId(),
  ] as const;
  const definition = {
    name,
    serverId,
    authProfileId,
    testerModels: ['builtin/scripted'],
    judgeModel: 'builtin/assertions',
    prompt: 'call search_products {}',
    criteria: [{ id: crypto.randomUUID(), text: 'calls `search_products` once', isRequired: true }],
  };
  await db.server.create({
    data: { id: serverId, orgId, name: 'Shop', transport: 'streamable_http', url: 'http://localhost:9/' },
  });
  await db.authProfile.create({
    data: { id: authProfileId, orgId, serverId, name: 'Default', kind: 'none', isDefault: true },
  });
  await db.workflow.create({ data: { id: workflowId, orgId, serverId, name, activeVersionId: versionId } });
  await db.workflowVersion.create({
    data: { id: versionId, orgId, workflowId, number: 1, definition: toJson(definition), createdBy: org.userId },
  });
  await db.alertRule.create({
    data: {
      id: ruleId,
      orgId,
      name: 'Tell the team',
      targetKind: 'workflow',
      targetId: workflowId,
      destination: { kind: 'email', address: 'ada@example.com' },
      conditions: {},
      createdBy: `member:${org.userId}`,
    },
  });
  const value = { orgId, ruleId, incidentId: null, workflowId, monitorId: null, runId: null };
  return { workflowId, ruleId, value };
}

/** Links a Slack user to the member with that role. */
async function link(org: TestOrg, teamId: string, user: string, role: 'viewer' | 'editor' | 'admin' = 'editor') {
  await linkSlackUser(org.as(role), { token: await linkToken(stage, { teamId, slackUserId: user }) });
}

const runsOf = ({ orgId }: TestOrg) => stage.deps.db.run.findMany({ where: { orgId } });
const ruleOf = (ruleId: string) => stage.deps.db.alertRule.findUniqueOrThrow({ where: { id: ruleId } });
const auditOf = ({ orgId }: TestOrg, action: string) =>
  stage.deps.db.auditEvent.findMany({ where: { orgId, action }, orderBy: { id: 'asc' } });

/** What they get whom nobody knows, and nothing else. */
const instructions = { response_type: 'ephemeral', text: expect.stringMatching(/\/slack\/link\?token=[\w-]{43}\|/) };

describe('what Slack sends', () => {
  const challenge = JSON.stringify({ type: 'url_verification', challenge: 'abc' });

  it('is answered when Slack makes sure of the address', async () => {
    const answer = await stage.send(challenge, 'json');
    expect([answer.status, await answer.json()]).toEqual([200, { challenge: 'abc' }]);
  });

  const now = () => Math.floor(Date.now() / 1000);
  it.each<[string, () => Parameters<SlackStage['send']>[2]]>([
    ['signed with another secret', () => ({ secret: 'guessed' })],
    ['without a signature', () => ({ headers: { 'x-slack-signature': '' } })],
    ['with a signature of another body', () => ({ headers: { 'x-slack-signature': `v0=${'0'.repeat(64)}` } })],
    ['signed more than five minutes ago', () => ({ at: now() - 301 })],
    ['signed for more than five minutes from now', () => ({ at: now() + 330 })],
    ['without a time', () => ({ headers: { 'x-slack-request-timestamp': 'soon' } })],
  ])('is refused %s', async (_, over) => {
    const teamId = newTeam();
    const { installationId } = await connected(stage, { teamId });
    const body = JSON.stringify({
      type: 'event_callback',
      team_id: teamId,
      event_time: now(),
      event: { type: 'app_uninstalled' },
    });
    expect((await stage.send(body, 'json', over())).status).toBe(401);
    expect(await stage.deps.db.slackInstallation.findUnique({ where: { id: installationId } })).toMatchObject({
      state: 'connected',
    });
  });

  it('is refused when it is too large', async () => {
    expect((await stage.send(`{"x":"${'x'.repeat(1024 * 1024)}"}`, 'json')).status).toBe(413);
  });

  it('is read on its own route alone', async () => {
    const answer = await fetch(`${stage.url}/elsewhere`, {
      method: 'POST',
      body: '{"a":1}',
      headers: { 'content-type': 'application/json' },
    });
    expect(await answer.text()).toBe('{"a":1}');
  });
});

describe('pressing a button', () => {
  it('gives who is not linked the link instructions, and does nothing', async () => {
    const teamId = newTeam();
    const { org } = await connected(stage, { teamId });
    const { value, ruleId } = await withWorkflow(org);
    for (const action of [buttonActions.rerun, buttonActions.mute])
      expect(await stage.press({ action, value, teamId, user: 'U1' })).toMatchObject([instructions]);
    expect(await runsOf(org)).toEqual([]);
    expect((await ruleOf(ruleId)).mutedUntil).toBeNull();
  });

  it('gives people of another Slack workspace, and guests, the link instructions, whoever they are elsewhere', async () => {
    const [teamId, foreign] = [newTeam(), newTeam()];
    const { org } = await connected(stage, { teamId });
    await connected(stage, { teamId: foreign, org });
    const { value } = await withWorkflow(org);
    await link(org, foreign, 'U1', 'admin');
    // In a channel shared by both workspaces, as a member of the other one.
    expect(
      await stage.press({ action: buttonActions.rerun, value, teamId, user: 'U1', userTeam: foreign }),
    ).toMatchObject([instructions]);
    // The same id in this workspace is somebody else: a guest that nobody has linked.
    expect(await stage.press({ action: buttonActions.rerun, value, teamId, user: 'U1' })).toMatchObject([instructions]);
    expect(await runsOf(org)).toEqual([]);
  });

  it('refuses a viewer a re-run, in a sentence', async () => {
    const teamId = newTeam();
    const { org } = await connected(stage, { teamId });
    const { value, ruleId } = await withWorkflow(org);
    await link(org, teamId, 'U1', 'viewer');
    for (const action of [buttonActions.rerun, buttonActions.mute])
      expect(await stage.press({ action, value, teamId, user: 'U1' })).toMatchObject([
        { response_type: 'ephemeral', text: expect.stringContaining('requires the role editor') },
      ]);
    expect(await runsOf(org)).toEqual([]);
    expect((await ruleOf(ruleId)).mutedUntil).toBeNull();
  });

  it("dispatches an editor's re-run once, when Slack sends it twice; a second press is a second run", async () => {
    const teamId = newTeam();
    const { org } = await connected(stage, { teamId });
    const { value } = await withWorkflow(org);
    await link(org, teamId, 'U1', 'editor');
    const pressed = { action: buttonActions.rerun, value, teamId, user: 'U1' };
    const answers = await Promise.all([
      stage.press({ ...pressed, trigger: '1.1.abc' }),
      stage.press({ ...pressed, trigger: '1.1.abc' }),
    ]);
    const [run, ...more] = await runsOf(org);
    expect(more).toEqual([]);
    expect(run).toMatchObject({ trigger: 'manual', actorKind: 'slack', actorId: org.as('editor').actor.id });
    for (const [answer] of answers) expect(answer?.text).toContain(`/runs/${run?.id}`);
    await stage.press({ ...pressed, trigger: '2.2.abc' });
    expect(await runsOf(org)).toHaveLength(2);
    expect(await auditOf(org, 'run.dispatch')).toHaveLength(2);
  });

  it('runs the tester model again that failed', async () => {
    const teamId = newTeam();
    const { org } = await connected(stage, { teamId });
    const { value } = await withWorkflow(org);
    await link(org, teamId, 'U1', 'editor');
    await stage.press({ action: buttonActions.rerun, value, teamId, user: 'U1' });
    const [first] = await runsOf(org);
    await stage.press({ action: buttonActions.rerun, value: { ...value, runId: first?.id }, teamId, user: 'U1' });
    expect((await runsOf(org)).map(({ model }) => model)).toEqual(['builtin/scripted', 'builtin/scripted']);
  });

  it('mutes the rule for an hour, audited as the member', async () => {
    const teamId = newTeam();
    const { org } = await connected(stage, { teamId });
    const { value, ruleId } = await withWorkflow(org);
    await link(org, teamId, 'U1', 'editor');
    const [answer] = await stage.press({ action: buttonActions.mute, value, teamId, user: 'U1' });
    expect(answer?.text).toContain('is muted until');
    const minutes = ((await ruleOf(ruleId)).mutedUntil?.getTime() ?? 0) - Date.now();
    expect(Math.round(minutes / 60_000)).toBe(60);
    expect(await auditOf(org, 'alert_rule.mute')).toMatchObject([
      { actorKind: 'slack', actorId: org.as('editor').actor.id, subject: ruleId },
    ]);
  });

  it('acts with the role of this moment, and not at all for who has left', async () => {
    const teamId = newTeam();
    const { org } = await connected(stage, { teamId });
    const { value } = await withWorkflow(org);
    await link(org, teamId, 'U1', 'editor');
    const where = { orgId_userId: { orgId: org.orgId, userId: org.as('editor').actor.id } };
    await stage.deps.db.member.update({ where, data: { role: 'viewer' } });
    const pressed = { action: buttonActions.rerun, value, teamId, user: 'U1' };
    expect((await stage.press(pressed))[0]?.text).toContain('requires the role editor');
    await stage.deps.db.member.delete({ where });
    expect(await stage.press(pressed)).toMatchObject([instructions]);
    expect(await runsOf(org)).toEqual([]);
  });

  it("finds nothing by another organization's ids", async () => {
    const teamId = newTeam();
    const { org } = await connected(stage, { teamId });
    const { org: other } = await connected(stage, { teamId });
    const mine = await withWorkflow(org);
    const theirs = await withWorkflow(other);
    await link(org, teamId, 'U1', 'admin');
    const pressed = { teamId, user: 'U1' };
    // Their organization: nobody there. Their workflow and rule in one's own: there are none.
    expect(await stage.press({ ...pressed, action: buttonActions.rerun, value: theirs.value })).toMatchObject([
      instructions,
    ]);
    const forged = { ...mine.value, workflowId: theirs.workflowId, ruleId: theirs.ruleId };
    expect((await stage.press({ ...pressed, action: buttonActions.rerun, value: forged }))[0]?.text).toContain(
      'There is no such workflow',
    );
    expect((await stage.press({ ...pressed, action: buttonActions.mute, value: forged }))[0]?.text).toContain(
      'Alert rule not found',
    );
    expect(await runsOf(other)).toEqual([]);
    expect((await ruleOf(theirs.ruleId)).mutedUntil).toBeNull();
  });

  it('takes no value that is not ours, and lets a link be a link', async () => {
    const teamId = newTeam();
    const pressed = { teamId, user: 'U1' };
    expect((await stage.press({ ...pressed, action: buttonActions.rerun, value: { orgId: 'x' } }))[0]?.text).toContain(
      'outdated',
    );
    expect(await stage.press({ ...pressed, action: buttonActions.open, value: null, silent: true })).toEqual([]);
  });
});

describe('linking', () => {
  it('works once, for a workspace that is connected, and only where it is bound to', async () => {
    const teamId = newTeam();
    const { org } = await connected(stage, { teamId });
    const other = await testOrg(stage.deps);
    const code = (work: Promise<unknown>) =>
      work.then(
        () => 'ok',
        ({ code: of }: { code?: string }) => of,
      );
    const bound = await linkToken(stage, { teamId, slackUserId: 'U1', orgId: org.orgId });
    expect(await code(linkSlackUser(other.as('viewer'), { token: bound }))).toBe('resource_not_found');
    const both = await Promise.all([
      code(linkSlackUser(org.as('viewer'), { token: bound })),
      code(linkSlackUser(org.as('editor'), { token: bound })),
    ]);
    expect(both.sort()).toEqual(['ok', 'resource_not_found']);
    const free = await linkToken(stage, { teamId, slackUserId: 'U2' });
    expect(await code(linkSlackUser(other.as('viewer'), { token: free }))).toBe('destination_not_found');
    // That was no use of it.
    expect(await code(linkSlackUser(org.as('viewer'), { token: free }))).toBe('ok');
    expect(await auditOf(org, 'slack.link')).toHaveLength(2);
  });

  it('is over after fifteen minutes, and when a newer link was asked for', async () => {
    const teamId = newTeam();
    const { org } = await connected(stage, { teamId });
    const old = await linkToken(stage, { teamId, slackUserId: 'U1' });
    const token = await linkToken(stage, { teamId, slackUserId: 'U1' });
    await expect(linkSlackUser(org.as('viewer'), { token: old })).rejects.toMatchObject({ code: 'resource_not_found' });
    const later = { ...stage.deps, now: () => new Date(Date.now() + 15 * 60_000 + 1000) };
    await expect(linkSlackUser({ ...org.as('viewer'), deps: later }, { token })).rejects.toMatchObject({
      code: 'resource_not_found',
    });
  });
});

describe('/armature', () => {
  it('gives who is not linked the link instructions, whatever they ask', async () => {
    const teamId = newTeam();
    await connected(stage, { teamId });
    for (const text of ['status', 'runs', 'run Order a mug', 'help', ''])
      expect(await stage.command(text, { teamId, user: 'U1' })).toMatchObject([instructions]);
  });

  it('tells status and runs, and runs and mutes by name, whatever its case', async () => {
    const teamId = newTeam();
    const { org } = await connected(stage, { teamId });
    const { ruleId } = await withWorkflow(org, 'Order 100% <mugs>');
    await link(org, teamId, 'U1', 'editor');
    const user = { teamId, user: 'U1' };
    const ask = async (text: string, trigger?: string) =>
      (await stage.command(text, { ...user, ...(trigger && { trigger }) }))[0]?.text;
    expect(await ask('status')).toContain('No open incident');
    expect(await ask('runs')).toContain('No runs yet');
    await Promise.all([ask('RUN order 100% <MUGS>', '9.9'), ask('run “Order 100% <mugs>”', '9.9')]);
    expect(await runsOf(org)).toHaveLength(1);
    const runs = await ask('runs');
    expect(runs).toContain('Order 100% &lt;mugs&gt;');
    expect(await ask('mute tell THE team')).toContain('is muted until');
    expect((await ruleOf(ruleId)).mutedUntil).not.toBeNull();
    expect(await ask('run Order%')).toMatch(/No workflow is called[\s\S]*Did you mean[\s\S]*Order 100%/);
    expect(await ask('run Nothing like it')).toMatch(/^No workflow is called/);
    expect(await ask('mute')).toContain('Name the alert rule');
    expect(await ask('dance')).toContain('/armature status');
    expect(await ask('link')).toMatch(/You are The editor \(editor\)[\s\S]*\/slack\/link\?token=/);
    expect(await runsOf(org)).toHaveLength(1);
  });

  it('asks which, where several workspaces have that name, and takes it with the slug', async () => {
    const teamId = newTeam();
    const [{ org: one }, { org: two }] = [await connected(stage, { teamId }), await connected(stage, { teamId })];
    await withWorkflow(one);
    await withWorkflow(two);
    await link(one, teamId, 'U1', 'editor');
    await link(two, teamId, 'U1', 'editor');
    const user = { teamId, user: 'U1' };
    expect((await stage.command('run order a mug', user))[0]?.text).toContain(`org-${two.orgId}:`);
    expect([...(await runsOf(one)), ...(await runsOf(two))]).toEqual([]);
    expect((await stage.command(`run org-${two.orgId}: order a mug`, user))[0]?.text).toContain('/runs/');
    expect([(await runsOf(one)).length, (await runsOf(two)).length]).toEqual([0, 1]);
    expect((await stage.command('status', user))[0]?.text).toMatch(new RegExp(`${one.orgId}[\\s\\S]*${two.orgId}`));
  });

  it('says that a viewer may not run', async () => {
    const teamId = newTeam();
    const { org } = await connected(stage, { teamId });
    await withWorkflow(org);
    await link(org, teamId, 'U1', 'viewer');
    expect((await stage.command('run Order a mug', { teamId, user: 'U1' }))[0]?.text).toContain(
      'requires the role editor',
    );
    expect(await runsOf(org)).toEqual([]);
  });
});

describe('a workspace that the app was removed from', () => {
  const stateOf = async (id: string) => {
    const row = await stage.deps.db.slackInstallation.findUniqueOrThrow({ where: { id } });
    return { state: row.state, hasSecret: row.secretRef !== null };
  };
  const live = { state: 'connected', hasSecret: true };
  const ended = { state: 'revoked', hasSecret: false };

  it('is revoked for every organization, once, whatever Slack repeats', async () => {
    const teamId = newTeam();
    const [one, two] = [await connected(stage, { teamId }), await connected(stage, { teamId })];
    const elsewhere = await connected(stage, { teamId: newTeam() });
    for (const _ of [1, 2]) expect((await stage.event({ type: 'app_uninstalled' }, { teamId })).status).toBe(200);
    await expect
      .poll(() => Promise.all([stateOf(one.installationId), stateOf(two.installationId)]))
      .toEqual([ended, ended]);
    expect(await stateOf(elsewhere.installationId)).toEqual(live);
    expect(await auditOf(one.org, 'slack.mark_revoked')).toMatchObject([
      { actorKind: 'system', data: { teamId, reason: 'app_uninstalled' } },
    ]);
    expect(await storedSecrets(stage.deps, one.org.orgId)).toEqual([]);
    await expect(
      postToSlack(
        stage.deps,
        { orgId: one.org.orgId, installationId: one.installationId, channel: '#a', text: 'x', blocks: [] },
        { signal },
      ),
    ).rejects.toMatchObject({ kind: 'refused' });
    expect(stage.slack.calls).toEqual([]);
  });

  it('stays connected when it was connected again since, or when only tokens of people were revoked', async () => {
    const teamId = newTeam();
    const { installationId } = await connected(stage, { teamId, botUserId: 'UBOT' });
    await stage.event({ type: 'app_uninstalled' }, { teamId, at: Math.floor(Date.now() / 1000) - 3600 });
    await stage.event({ type: 'tokens_revoked', tokens: { oauth: ['U1'] } }, { teamId });
    await stage.event({ type: 'tokens_revoked', tokens: { bot: ['UOTHER'] } }, { teamId });
    expect(await stateOf(installationId)).toEqual(live);
    await stage.event({ type: 'tokens_revoked', tokens: { bot: ['UBOT'] } }, { teamId });
    await expect.poll(() => stateOf(installationId)).toEqual(ended);
  });

  it.each(['account_inactive', 'invalid_auth', 'token_revoked'])(
    'is found out by a message that ends in %s',
    async (error) => {
      const teamId = newTeam();
      const { org, installationId } = await connected(stage, { teamId });
      stage.slack.reply('chat.postMessage', { ok: false, error });
      const post = () =>
        postToSlack(stage.deps, { orgId: org.orgId, installationId, channel: '#a', text: 'x', blocks: [] }, { signal });
      await expect(post()).rejects.toMatchObject({ kind: 'refused' });
      expect(await stateOf(installationId)).toEqual(ended);
      await expect(post()).rejects.toMatchObject({ kind: 'refused' });
      expect(stage.slack.calls).toHaveLength(1);
    },
  );
});
