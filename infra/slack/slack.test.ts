import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { isDeliveryFailure } from '../../domain/notification/delivery-failure.ts';
import { findFreePort } from '../../scripts/port.ts';
import { type ApiReply, type FakeSlack, startSlack } from '../../tests/support/slack/fake-slack.ts';
import { createSlack, isTokenRevoked, type Slack, SlackRefusal } from './index.ts';

let fake: FakeSlack;
let slack: Slack;
const credentials = { clientId: '1.2', clientSecret: 'client-secret', signingSecret: 'signing-secret' };

beforeAll(async () => {
  fake = await startSlack();
  slack = createSlack({ ...credentials, apiUrl: fake.apiUrl });
});
afterAll(() => fake.close());
beforeEach(() => fake.reset());

const message = { botToken: 'xoxb-1', channel: '#alerts', text: 'It broke.', blocks: [] };
const signal = new AbortController().signal;

async function failureOf(work: Promise<unknown>) {
  try {
    await work;
  } catch (error) {
    return isDeliveryFailure(error)
      ? { kind: error.kind, retryAfterMs: error.retryAfterMs, revoked: isTokenRevoked(error), message: error.message }
      : { other: error };
  }
  return 'nothing failed';
}

describe('post', () => {
  it('sends the message once, with the token, and without making anything of its text', async () => {
    expect(await slack.post(message, { signal })).toEqual({ channel: '#alerts', ts: '1763700000.000100' });
    expect(fake.calls).toMatchObject([
      {
        method: 'chat.postMessage',
        token: 'xoxb-1',
        fields: { text: 'It broke.', parse: 'none', link_names: 'false', unfurl_links: 'false', unfurl_media: 'false' },
      },
    ]);
  });

  const html = '<html>a proxy</html>';
  it.each<[string, ApiReply, object]>([
    [
      '429 with Retry-After',
      { status: 429, headers: { 'retry-after': '7' }, body: '' },
      { kind: 'retry', retryAfterMs: 7000 },
    ],
    ['429 without it', { status: 429, body: '' }, { kind: 'retry', retryAfterMs: 30_000 }],
    ['an answer that was lost', 'lost', { kind: 'lost' }],
    ['500', { status: 500, body: html }, { kind: 'lost' }],
    ['503', { status: 503, body: html }, { kind: 'lost' }],
    ['200 that is no JSON', { status: 200, body: html }, { kind: 'lost' }],
    ['a redirect', { status: 302, headers: { location: '/elsewhere' }, body: '' }, { kind: 'lost' }],
    ['403 of a proxy', { status: 403, body: html }, { kind: 'refused', revoked: false }],
    ['internal_error', { ok: false, error: 'internal_error' }, { kind: 'lost' }],
    ['fatal_error', { ok: false, error: 'fatal_error' }, { kind: 'lost' }],
    ['service_unavailable', { ok: false, error: 'service_unavailable' }, { kind: 'retry', retryAfterMs: 30_000 }],
    ['ratelimited', { ok: false, error: 'ratelimited' }, { kind: 'retry', retryAfterMs: 30_000 }],
    ['channel_not_found', { ok: false, error: 'channel_not_found' }, { kind: 'refused', revoked: false }],
    ['an error nobody knows', { ok: false, error: 'brand_new_error' }, { kind: 'refused', revoked: false }],
    ['account_inactive', { ok: false, error: 'account_inactive' }, { kind: 'refused', revoked: true }],
    ['invalid_auth', { ok: false, error: 'invalid_auth' }, { kind: 'refused', revoked: true }],
    ['token_revoked', { ok: false, error: 'token_revoked' }, { kind: 'refused', revoked: true }],
  ])('tells what %s means', async (_, reply, expected) => {
    fake.reply('chat.postMessage', reply);
    expect(await failureOf(slack.post(message, { signal }))).toMatchObject(expected);
    expect(fake.calls).toHaveLength(1);
  });

  it('knows that nothing was taken where nobody listens', async () => {
    const nobody = createSlack({ ...credentials, apiUrl: `http://127.0.0.1:${await findFreePort()}/api/` });
    expect(await failureOf(nobody.post(message, { signal }))).toMatchObject({ kind: 'retry' });
  });

  it('counts as lost when it is cut off in mid-call', async () => {
    const cut = new AbortController();
    const sent = failureOf(slack.post(message, { signal: cut.signal }));
    cut.abort();
    expect(await sent).toMatchObject({ kind: 'lost' });
  });

  it('refuses without credentials, and keeps the token out of every failure', async () => {
    expect(await failureOf(createSlack(null).post(message, { signal }))).toMatchObject({ kind: 'refused' });
    fake.reply('chat.postMessage', { ok: false, error: 'invalid_auth' });
    expect(JSON.stringify(await failureOf(slack.post(message, { signal })))).not.toContain('xoxb-1');
  });
});

const grant = {
  ok: true,
  access_token: 'xoxb-new',
  token_type: 'bot',
  scope: 'chat:write,commands',
  bot_user_id: 'UBOT',
  app_id: 'A1',
  team: { id: 'T1', name: 'Acme' },
  enterprise: null,
};

describe('exchangeCode', () => {
  const exchange = () => slack.exchangeCode({ code: 'code', redirectUrl: 'http://localhost/slack/oauth_redirect' });

  it('trades the code for what the workspace gave', async () => {
    fake.reply('oauth.v2.access', grant);
    expect(await exchange()).toEqual({
      botToken: 'xoxb-new',
      teamId: 'T1',
      teamName: 'Acme',
      enterpriseId: null,
      appId: 'A1',
      botUserId: 'UBOT',
      scopes: ['chat:write', 'commands'],
    });
    expect(fake.calls[0]?.fields).toMatchObject({ client_id: '1.2', client_secret: 'client-secret', code: 'code' });
  });

  it.each<[string, ApiReply, RegExp]>([
    ['an error', { ok: false, error: 'invalid_code' }, /invalid_code/],
    [
      'an installation for a whole Enterprise organization',
      { ...grant, team: null, is_enterprise_install: true },
      /Enterprise/,
    ],
    ['tokens that expire', { ...grant, refresh_token: 'xoxe-1', expires_in: 43_200 }, /rotation/],
    ['an answer of another shape', { ok: true, access_token: 'xoxp-1', token_type: 'user' }, /can't be read/],
    ['an answer that was lost', 'lost', /can't be reached/],
  ])('refuses %s', async (_, reply, words) => {
    fake.reply('oauth.v2.access', reply);
    const error = await exchange().catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(SlackRefusal);
    expect(String(error)).toMatch(words);
  });
});

describe('respond', () => {
  it('answers the one person at the address that came with the request', async () => {
    const address = fake.answerAddress();
    await slack.respond(address, { text: 'Done.' });
    expect(fake.answersAt(address)).toEqual([{ response_type: 'ephemeral', replace_original: false, text: 'Done.' }]);
  });

  it.each([
    'http://169.254.169.254/latest',
    'https://hooks.slack.com.evil.example/x',
    'http://hooks.slack.com/x',
    'file:///etc/passwd',
    '',
  ])('calls nobody but Slack: %s', async (address) => {
    await expect(slack.respond(address, { text: 'Done.' })).rejects.toThrow('does not belong to Slack');
  });
});
