import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { isDeliveryFailure } from '../../domain/notification/delivery-failure.ts';
import { type FakeService, startFakeService } from '../../tests/support/alerts/fake-service.ts';
import { createEmail } from './index.ts';

let resend: FakeService;
beforeAll(async () => {
  resend = await startFakeService();
});
afterAll(() => resend.close());
beforeEach(() => resend.reset());

const apiKey = 're_1234567890';
const settings = () => ({ apiKey, apiUrl: resend.url, webhookSecret: '', from: 'Armature <alerts@example.com>' });
const message = {
  to: 'ada@example.com',
  subject: 'It broke',
  html: '<p>It broke</p>',
  text: 'It broke',
  idempotencyKey: 'delivery/1/1',
  reference: '1_1',
};
const never = new AbortController().signal;
const send = (timeoutMs?: number) =>
  createEmail(settings(), timeoutMs === undefined ? {} : { timeoutMs }).send(message, { signal: never });

/** How a send failed: its kind, its words, the pause it asks for. */
async function failure(work: Promise<unknown>) {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!isDeliveryFailure(error)) throw error ?? new Error('it was sent');
  return { kind: error.kind, message: error.message, retryAfterMs: error.retryAfterMs };
}

const refusedBy = (statusCode: number, name: string, words: string, headers: Record<string, string> = {}) =>
  resend.answer(() => ({ status: statusCode, headers, body: { statusCode, name, message: words } }));

it('is not configured without a key, and then sends nothing', async () => {
  const email = createEmail({ ...settings(), apiKey: '' });
  expect(email.configured).toBe(false);
  expect(await failure(email.send(message, { signal: never }))).toMatchObject({ kind: 'refused' });
  expect(resend.received).toEqual([]);
});

it('sends one message under its key, and gives the id back', async () => {
  resend.answer(() => ({ status: 200, body: { id: 'em_1' } }));
  expect(await send()).toEqual({ id: 'em_1' });
  const [request] = resend.received;
  expect(resend.received).toHaveLength(1);
  expect(request).toMatchObject({
    path: '/emails',
    headers: { authorization: `Bearer ${apiKey}`, 'idempotency-key': 'delivery/1/1' },
  });
  expect(z.record(z.string(), z.unknown()).parse(JSON.parse(request?.body ?? ''))).toMatchObject({
    from: 'Armature <alerts@example.com>',
    to: 'ada@example.com',
    subject: 'It broke',
    html: '<p>It broke</p>',
    text: 'It broke',
    tags: [{ name: 'delivery', value: '1_1' }],
  });
});

describe('a failure', () => {
  it.each([
    [422, 'validation_error', 'refused'],
    [401, 'missing_api_key', 'refused'],
    [403, 'invalid_api_key', 'refused'],
    [429, 'rate_limit_exceeded', 'retry'],
    [409, 'concurrent_idempotent_requests', 'retry'],
    [409, 'invalid_idempotent_request', 'refused'],
    [500, 'application_error', 'lost'],
    [503, 'internal_server_error', 'lost'],
    [408, 'application_error', 'lost'],
  ])('with status %i, %s, is %s, after one request', async (status, name, kind) => {
    refusedBy(status, name, 'as Resend words it');
    expect(await failure(send())).toMatchObject({ kind });
    expect(resend.received).toHaveLength(1);
  });

  it('carries the words of Resend, without the key', async () => {
    refusedBy(403, 'invalid_api_key', `the key ${apiKey} is\nnot valid`);
    const { message: words } = await failure(send());
    expect(words).toContain('Resend: the key [redacted] is not valid');
    expect(words).toContain('RESEND_API_KEY');
    expect(words).not.toContain(apiKey);
  });

  it('says how long a pause Resend asks for', async () => {
    refusedBy(429, 'rate_limit_exceeded', 'slow down', { 'retry-after': '7' });
    expect(await failure(send())).toMatchObject({ kind: 'retry', retryAfterMs: 7000 });
    refusedBy(429, 'rate_limit_exceeded', 'slow down');
    expect(await failure(send())).toMatchObject({ kind: 'retry', retryAfterMs: null });
  });

  it.each<[string, unknown]>([
    ['of a broken connection', null],
    ['of a page in the place of an answer', '<html>bad gateway</html>'],
  ])('%s is lost', async (_, body) => {
    resend.answer(() => (body === null ? 'lost' : { status: 502, body }));
    expect(await failure(send())).toMatchObject({ kind: 'lost' });
    expect(resend.received).toHaveLength(1);
  });

  it.each(['null', '[]', '{"error":"from a proxy"}', '{"id":""}'])('answer %s with 200 is lost', async (body) => {
    resend.answer(() => ({ status: 200, body }));
    expect(await failure(send())).toMatchObject({ kind: 'lost' });
  });

  it.each(['null', '"x"', '{}'])('answer %s with 400 is lost: it is not known who gave it', async (body) => {
    resend.answer(() => ({ status: 400, body }));
    expect(await failure(send())).toMatchObject({ kind: 'lost' });
  });

  it('of a provider that does not answer ends with the time limit', async () => {
    let release = () => {};
    resend.answer(
      () =>
        new Promise((resolve) => {
          release = () => resolve('lost');
        }),
    );
    expect(await failure(send(200))).toMatchObject({ kind: 'lost' });
    release();
  });

  it('of a machine that nothing listens on is one', async () => {
    const gone = await startFakeService();
    await gone.close();
    const email = createEmail({ ...settings(), apiUrl: gone.url });
    expect(await failure(email.send(message, { signal: never }))).toMatchObject({ kind: 'lost' });
  });
});
