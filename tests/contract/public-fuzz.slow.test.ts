import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLogger } from '../../infra/logger/index.ts';
import { sign } from '../../services/channel/webhook/signature.ts';
import { startApp, type TestApp } from '../support/browser/app.ts';
import { createFuzz } from '../support/fuzz.ts';
import { signed } from '../support/slack/fake-slack.ts';

const seed = Number(process.env.ARMATURE_FUZZ_SEED ?? 20261130);
const total = 5000;
const { hostile, next, pick, spoiled } = createFuzz(seed);

const resendSecret = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;
const slackSecret = 'signing-secret';
const errors: string[] = [];

let app: TestApp;
beforeAll(async () => {
  const log = createLogger({
    level: 'error',
    process: 'test',
    to: { write: (line) => void errors.push(line.slice(0, 500)) },
  });
  app = await startApp({
    log,
    env: {
      SLACK_CLIENT_ID: '1.2',
      SLACK_CLIENT_SECRET: 'client-secret',
      SLACK_SIGNING_SECRET: slackSecret,
      RESEND_WEBHOOK_SECRET: resendSecret,
      ARMATURE_OPEN_SIGNUP: 'true',
    },
  });
});
afterAll(() => app?.close());

type Sent = { path: string; method?: string; headers: Record<string, string>; body: string };

/** Hostile as text, short enough for a form or a header. */
const text = (max = 2000): string => {
  const value = hostile();
  return (typeof value === 'string' ? value : (JSON.stringify(value) ?? '')).slice(0, max);
};
const headerText = () => text(500).replaceAll(/[^\x20-\x7e]/g, '') || 'x';
const contentTypes = [
  'application/x-www-form-urlencoded',
  'application/x-www-form-urlencoded; charset=utf-16',
  'multipart/form-data; boundary=x',
  'multipart/form-data',
  'application/json',
  'text/plain',
];

const fields = { name: 'Ada', email: 'ada@example.com', password: 'correct horse battery', organizationName: 'Acme' };

function formRequest(): Sent {
  const path = pick(['/sign-in', '/sign-up', '/sign-out', '/reset-password', '/verify-email', '/slack/link']);
  const query =
    next() < 0.3
      ? `?${pick(['token', 'to', 'index', '_routes', 'x'])}=${encodeURIComponent(text(200).toWellFormed())}`
      : '';
  const kind = next();
  const form = new URLSearchParams(Object.entries(fields));
  // Most stay invalid, since each valid password costs a hash.
  for (const name of ['email', pick([...Object.keys(fields), '__proto__', 'setupCode', 'intent'])])
    if (next() < 0.9) form.set(name, text());
  const body =
    kind < 0.8 ? form.toString() : pick(['', '&', '=', '%', '%zz', '--x\r\n\r\n', '{', '\u0000', text(10_000)]);
  return {
    path: `${path}${next() < 0.2 ? '.data' : ''}${query}`,
    headers: {
      'content-type': kind < 0.8 ? (contentTypes[0] ?? '') : pick(contentTypes),
      origin: app.url,
      ...(next() < 0.3 && { cookie: `${pick(['armature.session_token', 'armature.device.x', 'a'])}=${headerText()}` }),
      ...(next() < 0.1 && { [pick(['user-agent', 'x-forwarded-for', 'accept', 'referer'])]: headerText() }),
    },
    body,
  };
}

function webhookRequest(): Sent {
  const event = {
    type: pick(['email.bounced', 'email.failed', 'email.complained', 'email.delivered']),
    data: {
      email_id: 'em_1',
      tags: { delivery: 'x_1' },
      bounce: { message: 'No.', type: 'Permanent' },
      failed: { reason: 'x' },
    },
  };
  const body = next() < 0.1 ? text(10_000).toWellFormed() : (JSON.stringify(spoiled(event)) ?? '');
  const at = Math.floor(Date.now() / 1000);
  if (next() < 0.8) {
    const id = next() < 0.8 ? 'msg_1' : headerText();
    return {
      path: '/webhooks/resend',
      headers: {
        'content-type': pick(contentTypes),
        'svix-id': id,
        'svix-timestamp': next() < 0.8 ? String(at) : headerText(),
        'svix-signature': next() < 0.8 ? sign(resendSecret, { id, at, body }) : headerText(),
      },
      body,
    };
  }
  // Bolt waits three seconds before it answers what is signed and unknown, so none of these is.
  return {
    path: '/slack/events',
    headers: {
      'content-type': pick(contentTypes),
      ...signed(body, { secret: 'guessed' }),
      ...(next() < 0.5 && { [pick(['x-slack-signature', 'x-slack-request-timestamp'])]: headerText() }),
    },
    body,
  };
}

describe(`${total} hostile requests (ARMATURE_FUZZ_SEED=${seed})`, () => {
  it.each([
    ['of the pages that need no session', formRequest],
    ['of webhooks', webhookRequest],
  ])('%s are refused as what they are', { timeout: 580_000 }, async (_, makeRequest) => {
    errors.length = 0;
    const odd: string[] = [];
    const one = async (): Promise<void> => {
      const { path, headers, body } = makeRequest();
      const answer = await fetch(`${app.url}${path}`, {
        method: 'POST',
        headers,
        body: Buffer.from(body),
        redirect: 'manual',
      });
      const answered = await answer.text();
      if (answer.status >= 500 || answered.length > 100_000)
        odd.push(`${answer.status} ${answered.length} ${path} ${JSON.stringify(headers)} ${body.slice(0, 300)}`);
    };
    for (let sent = 0; sent < total; sent += 8) await Promise.all(Array.from({ length: 8 }, one));
    expect(odd.slice(0, 10)).toEqual([]);
    expect(errors.slice(0, 10)).toEqual([]);
    expect(Object.prototype).not.toHaveProperty('polluted');
  });
});
