import { Client } from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Role } from '../../domain/role/role.ts';
import { postToSlack } from '../../services/channel/slack/post.ts';
import { newId } from '../../services/context/ids.ts';
import { listDestinations } from '../../services/destination/list.ts';
import { readBotToken } from '../../services/destination/slack/bot-token.ts';
import { disconnectSlack } from '../../services/destination/slack/disconnect.ts';
import { startSlackInstall } from '../../services/destination/slack/start-install.ts';
import { findUnreadableSecrets } from '../../services/installation/unreadable-secrets.ts';
import { type TestOrg, testOrg } from '../../tests/support/setup/context.ts';
import { storedSecrets } from '../../tests/support/setup/stored-secrets.ts';
import { connected, type SlackStage, slackStage } from '../../tests/support/slack/stage.ts';

let stage: SlackStage;
beforeAll(async () => {
  stage = await slackStage();
});
afterAll(() => stage?.close());
beforeEach(() => {
  stage.slack.reset();
  stage.slack.reply('oauth.v2.access', grantOf('T1'));
});

const grantOf = (teamId: string, token = 'xoxb-granted') => ({
  ok: true,
  access_token: token,
  token_type: 'bot',
  scope: 'chat:write,chat:write.public,channels:read,commands',
  bot_user_id: 'UBOT',
  app_id: 'A1',
  team: { id: teamId, name: 'Acme' },
  enterprise: null,
});

/** The cookies of a member's browser. */
async function browserOf(org: TestOrg, role: Role): Promise<string> {
  const { db } = stage.deps;
  const userId = org.as(role).actor.id;
  const password = 'correct horse battery';
  await db.account.create({
    data: {
      id: newId(),
      userId,
      accountId: userId,
      providerId: 'credential',
      password: await stage.deps.auth.hashPassword(password),
    },
  });
  const { email } = await db.user.findUniqueOrThrow({ where: { id: userId } });
  const session = await stage.deps.auth.signIn(
    { email, password },
    { cookie: '', address: '127.0.0.1', userAgent: 'test' },
  );
  if (!session) throw new Error('nobody signed in');
  return session.cookies.map((each) => each.split(';')[0]).join('; ');
}

/** Goes to Slack. @returns what Slack sends back as `state`. */
async function begin(org: TestOrg, role: Role = 'admin'): Promise<string> {
  const { redirectUrl } = await startSlackInstall(org.as(role), {});
  return new URL(redirectUrl).searchParams.get('state') ?? '';
}

async function comeBack(query: Record<string, string>, cookie = '') {
  const answer = await fetch(`${stage.url}/slack/oauth_redirect?${new URLSearchParams(query)}`, {
    headers: { cookie },
    redirect: 'manual',
  });
  const location = answer.headers.get('location');
  return location === null ? answer.status : location.replace(/^\/o\/[^/]+/, '');
}

const installationsOf = ({ orgId }: TestOrg) => stage.deps.db.slackInstallation.findMany({ where: { orgId } });
const auditOf = ({ orgId }: TestOrg, action: string) => stage.deps.db.auditEvent.findMany({ where: { orgId, action } });

describe('connecting a Slack workspace', () => {
  it("leads to Slack's page of consent, with the scopes and nothing that is secret", async () => {
    const org = await testOrg(stage.deps);
    const { redirectUrl } = await startSlackInstall(org.as('admin'), {});
    const url = new URL(redirectUrl);
    expect(`${url.origin}${url.pathname}`).toBe(`${stage.slack.origin}/oauth/v2/authorize`);
    expect(Object.fromEntries(url.searchParams)).toEqual({
      client_id: '1.2',
      scope: 'chat:write,chat:write.public,channels:read,commands',
      state: expect.stringMatching(new RegExp(`^org-${org.orgId}\\.[\\w-]{43}$`)),
      redirect_uri: `${stage.deps.config.url}/slack/oauth_redirect`,
    });
    const [, token = ''] = (url.searchParams.get('state') ?? '').split('.');
    expect(JSON.stringify(await stage.deps.db.slackToken.findMany())).not.toContain(token);
  });

  it('keeps the token in the secrets store, audited, once for each state', async () => {
    const org = await testOrg(stage.deps);
    const [cookie, state] = [await browserOf(org, 'admin'), await begin(org)];
    expect(await comeBack({ state, code: 'c1' }, cookie)).toBe('/settings/slack?slack=connected');
    const [row] = await installationsOf(org);
    expect(row).toMatchObject({ teamId: 'T1', teamName: 'Acme', botUserId: 'UBOT', state: 'connected' });
    expect(JSON.stringify(row)).not.toContain('xoxb');
    expect(await readBotToken(stage.deps, { orgId: org.orgId, installationId: row?.id ?? '' })).toEqual({
      botToken: 'xoxb-granted',
      teamId: 'T1',
    });
    expect(await auditOf(org, 'slack.complete_install')).toMatchObject([
      { actorKind: 'member', actorId: org.as('admin').actor.id, subject: row?.id },
    ]);
    expect(await comeBack({ state, code: 'c2' }, cookie)).toBe('/settings/slack?slack=expired');
    expect(stage.slack.calls.filter(({ method }) => method === 'oauth.v2.access')).toHaveLength(1);
  });

  it('connects the same workspace again in place, and destroys the token that was there', async () => {
    const org = await testOrg(stage.deps);
    const cookie = await browserOf(org, 'admin');
    await comeBack({ state: await begin(org), code: 'c1' }, cookie);
    const [first] = await installationsOf(org);
    stage.slack.reply('oauth.v2.access', grantOf('T1', 'xoxb-second'));
    await comeBack({ state: await begin(org), code: 'c2' }, cookie);
    const [second, ...more] = await installationsOf(org);
    expect([second?.id, more]).toEqual([first?.id, []]);
    expect(await storedSecrets(stage.deps, org.orgId)).toEqual(['xoxb-second']);
  });

  it.each([
    ['another key', `UPDATE secret SET key_id = 'another' WHERE ref = $1`],
    ['damage', 'UPDATE secret SET sealed = set_byte(sealed, 30, get_byte(sealed, 30) # 1) WHERE ref = $1'],
  ])('repairs a token that can not be read because of %s', async (_, damage) => {
    const { deps } = stage;
    const org = await testOrg(deps);
    const cookie = await browserOf(org, 'admin');
    await comeBack({ state: await begin(org), code: 'c1' }, cookie);
    const [row] = await installationsOf(org);
    const of = { orgId: org.orgId, installationId: row?.id ?? '' };
    const store = new Client({ connectionString: deps.config.secretsUrl });
    await store.connect();
    try {
      await store.query(damage, [row?.secretRef]);
    } finally {
      await store.end();
    }
    const post = () =>
      postToSlack(
        deps,
        { ...of, channel: '#alerts', text: 'It broke.', blocks: [] },
        { signal: AbortSignal.timeout(20_000) },
      );
    const destination = async () =>
      (await listDestinations(org.as('admin'), {})).slack.installations.find(({ id }) => id === row?.id);
    const problem = { kind: 'Slack workspace', id: row?.id, name: 'Acme', repair: 'Connect it again.' };
    expect(await findUnreadableSecrets(deps)).toContainEqual(problem);
    expect((await destination())?.problem).toContain("can't be read");
    // Delivered later, when somebody has repaired it.
    await expect(post()).rejects.toMatchObject({
      kind: 'retry',
      message: expect.stringContaining('Connect the Slack workspace again'),
    });

    stage.slack.reply('oauth.v2.access', grantOf('T1', 'xoxb-again'));
    expect(await comeBack({ state: await begin(org), code: 'c2' }, cookie)).toBe('/settings/slack?slack=connected');
    expect(await findUnreadableSecrets(deps)).not.toContainEqual(problem);
    expect((await destination())?.problem).toBeNull();
    expect((await installationsOf(org)).map(({ id }) => id)).toEqual([row?.id]);
    await post();
    expect(stage.slack.calls.at(-1)).toMatchObject({ method: 'chat.postMessage', token: 'xoxb-again' });
    // The damaged row is gone.
    expect(await storedSecrets(deps, org.orgId)).toEqual(['xoxb-again']);
  });

  it('refuses a state that is wrong, too old, of another admin, or in the browser of another member', async () => {
    const org = await testOrg(stage.deps);
    const [admin, owner, viewer] = [
      await browserOf(org, 'admin'),
      await browserOf(org, 'owner'),
      await browserOf(org, 'viewer'),
    ];
    const stranger = await browserOf(await testOrg(stage.deps), 'admin');
    const state = await begin(org);
    const code = 'c1';
    expect(await comeBack({ state: 'nonsense', code }, admin)).toBe(400);
    expect(await comeBack({ code }, admin)).toBe(400);
    expect(await comeBack({ state: `org-${org.orgId}.${'x'.repeat(43)}`, code }, admin)).toBe(
      '/settings/slack?slack=expired',
    );
    expect(await comeBack({ state, code })).toBe(403);
    expect(await comeBack({ state, code }, stranger)).toBe(403);
    expect(await comeBack({ state, code }, viewer)).toBe(403);
    // An admin as well, but not the one who began it.
    expect(await comeBack({ state, code }, owner)).toBe('/settings/slack?slack=expired');
    await stage.deps.db.slackToken.updateMany({
      where: { orgId: org.orgId },
      data: { expiresAt: new Date(Date.now() - 1000) },
    });
    expect(await comeBack({ state, code }, admin)).toBe('/settings/slack?slack=expired');
    expect(await installationsOf(org)).toEqual([]);
    expect(stage.slack.calls).toEqual([]);
  });

  it('refuses who is no admin any more', async () => {
    const org = await testOrg(stage.deps);
    const [cookie, state] = [await browserOf(org, 'admin'), await begin(org)];
    const where = { orgId_userId: { orgId: org.orgId, userId: org.as('admin').actor.id } };
    await stage.deps.db.member.update({ where, data: { role: 'editor' } });
    expect(await comeBack({ state, code: 'c1' }, cookie)).toBe(403);
    expect(await installationsOf(org)).toEqual([]);
  });

  it('tells what Slack said when it refuses, and that it was canceled', async () => {
    const org = await testOrg(stage.deps);
    const cookie = await browserOf(org, 'admin');
    expect(await comeBack({ state: await begin(org), error: 'access_denied' }, cookie)).toBe(
      '/settings/slack?slack=canceled',
    );
    stage.slack.reply('oauth.v2.access', { ok: false, error: 'invalid_code' });
    expect(await comeBack({ state: await begin(org), code: 'c1' }, cookie)).toBe(
      '/settings/slack?slack=refused&reason=invalid_code',
    );
    stage.slack.reply('oauth.v2.access', 'lost');
    expect(await comeBack({ state: await begin(org), code: 'c1' }, cookie)).toBe('/settings/slack?slack=refused');
    expect(await installationsOf(org)).toEqual([]);
  });
});

describe('disconnecting', () => {
  const revocations = () =>
    stage.slack.calls.filter(({ method }) => method === 'auth.revoke').map(({ token }) => token);

  it('takes the token back at Slack only when no other organization works with it', async () => {
    const [one, two] = [await connected(stage, { teamId: 'T2' }), await connected(stage, { teamId: 'T2' })];
    await disconnectSlack(one.org.as('admin'), { installationId: one.installationId });
    expect(revocations()).toEqual([]);
    expect(await readBotToken(stage.deps, { orgId: two.org.orgId, installationId: two.installationId })).not.toBeNull();
    expect(await disconnectSlack(two.org.as('admin'), { installationId: two.installationId })).toEqual({
      warnings: [],
    });
    expect(revocations()).toEqual(['xoxb-T2']);
    for (const { org } of [one, two]) {
      expect(await installationsOf(org)).toMatchObject([{ state: 'revoked', secretRef: null }]);
      expect(await storedSecrets(stage.deps, org.orgId)).toEqual([]);
      expect(await auditOf(org, 'slack.disconnect')).toHaveLength(1);
    }
  });

  it('goes on without Slack, and says so', async () => {
    const { org, installationId } = await connected(stage, { teamId: 'T3' });
    stage.slack.reply('auth.revoke', 'lost');
    const { warnings } = await disconnectSlack(org.as('admin'), { installationId });
    expect(warnings.map(({ code }) => code)).toEqual(['slack_token_not_revoked']);
    expect(await installationsOf(org)).toMatchObject([{ state: 'revoked', secretRef: null }]);
  });
});

describe('without credentials', () => {
  it('there is nothing at the addresses of Slack', async () => {
    const without = await slackStage({ env: { SLACK_CLIENT_ID: '' } });
    try {
      for (const path of ['/slack/events', '/slack/oauth_redirect']) {
        const answer = await fetch(`${without.url}${path}`, { method: path === '/slack/events' ? 'POST' : 'GET' });
        expect([answer.status, await answer.json()]).toMatchObject([404, { error: { code: 'resource_not_found' } }]);
      }
      const org = await testOrg(without.deps);
      await expect(startSlackInstall(org.as('admin'), {})).rejects.toMatchObject({ code: 'conflict' });
    } finally {
      await without.close();
    }
  });
});
