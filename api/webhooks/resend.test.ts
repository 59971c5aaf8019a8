import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import express from 'express';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { newSigningSecret, sign } from '../../services/channel/webhook/signature.ts';
import { deliverAlert } from '../../services/delivery/deliver.ts';
import { retryDelivery } from '../../services/delivery/retry.ts';
import { makeStage, type Stage } from '../../tests/support/alerts/stage.ts';
import { mountResendWebhook } from './resend.ts';

let stage: Stage;
let server: Server;
let origin: string;
beforeAll(async () => {
  stage = await makeStage();
  let emails = 0;
  stage.resend.answer(() => ({ status: 200, body: { id: `em_${++emails}` } }));
  const app = express();
  mountResendWebhook(app, stage.deps);
  server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  origin = `http://127.0.0.1:${z.object({ port: z.number() }).parse(server.address()).port}`;
});
afterAll(async () => {
  server?.close();
  await stage?.close();
});

type Event = { type: string; data: object };
type How = { at?: number; by?: string; headers?: Record<string, string> };
const seconds = () => Math.floor(Date.now() / 1000);

async function post(
  event: Event | string,
  { at = seconds(), by = stage.deps.config.email.webhookSecret, headers = {} }: How = {},
): Promise<number> {
  const body = typeof event === 'string' ? event : JSON.stringify(event);
  const answer = await fetch(`${origin}/webhooks/resend`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'svix-id': 'msg_1',
      'svix-timestamp': String(at),
      'svix-signature': sign(by, { id: 'msg_1', at, body }),
      ...headers,
    },
    body,
  });
  await answer.text();
  return answer.status;
}

const bounced = (email_id: string, more: object = {}): Event => ({
  type: 'email.bounced',
  data: { email_id, bounce: { type: 'Permanent', subType: 'General', message: 'No such mailbox.' }, ...more },
});
const rowOf = (id: string) => stage.deps.db.delivery.findFirstOrThrow({ where: { id } });

async function sent(): Promise<{ deliveryId: string; providerId: string }> {
  const { deliveryId } = await stage.pending(stage.to.email);
  await deliverAlert(stage.org.asSystem(), { deliveryId, round: 1 });
  return { deliveryId, providerId: (await rowOf(deliveryId)).providerId ?? '' };
}

describe('what Resend tells of an e-mail', () => {
  it.each<[string, object, RegExp]>([
    ['email.bounced', { bounce: { type: 'Permanent', message: 'No such mailbox.' } }, /Permanent.*No such mailbox/],
    ['email.complained', {}, /spam/],
    ['email.failed', { failed: { reason: 'invalid_recipient' } }, /invalid_recipient/],
    ['email.suppressed', { suppressed: { message: 'It bounced before.' } }, /It bounced before/],
  ])('%s: the delivery did not arrive, and says why', async (type, data, words) => {
    const { deliveryId, providerId } = await sent();
    expect(await post({ type, data: { email_id: providerId, ...data } })).toBe(200);
    const row = await rowOf(deliveryId);
    expect(row.state).toBe('bounced');
    expect(row.error).toMatch(words);
    // Once more, as Resend does when it gets no answer.
    expect(await post({ type, data: { email_id: providerId, ...data } })).toBe(200);
    expect(await rowOf(deliveryId)).toEqual(row);
  });

  it('is kept when it comes before the answer to the send', async () => {
    const { deliveryId } = await stage.pending(stage.to.email);
    expect(await post(bounced('em_early', { tags: { delivery: `${deliveryId}_1` } }))).toBe(200);
    expect(await rowOf(deliveryId)).toMatchObject({ state: 'bounced', providerId: 'em_early' });
    expect(await deliverAlert(stage.org.asSystem(), { deliveryId, round: 1 })).toEqual({ state: 'bounced' });
  });

  it('does not touch a later round', async () => {
    const { deliveryId, providerId } = await sent();
    await post(bounced(providerId));
    await retryDelivery(stage.org.ctx, { deliveryId });
    await deliverAlert(stage.org.asSystem(), { deliveryId, round: 2 });
    expect(await post(bounced(providerId, { tags: { delivery: `${deliveryId}_1` } }))).toBe(200);
    expect(await rowOf(deliveryId)).toMatchObject({ state: 'delivered', round: 2 });
  });

  it.each<[string, Event | string]>([
    ['an e-mail that is not ours', bounced('em_of_somebody')],
    ['another event', { type: 'email.opened', data: { email_id: 'em_1' } }],
    ['an event without an e-mail', { type: 'domain.created', data: { id: 'x' } }],
    ['a tag that is none of ours', bounced('em_of_somebody', { tags: { delivery: "1' OR '1'='1" } })],
    ['no JSON', 'hello'],
    ['nothing', ''],
  ])('is taken and ignored where it is of %s', async (_, event) => {
    const before = await stage.deps.db.delivery.findMany({ orderBy: { id: 'asc' } });
    expect(await post(event)).toBe(200);
    expect(await stage.deps.db.delivery.findMany({ orderBy: { id: 'asc' } })).toEqual(before);
  });
});

describe('what Resend did not send', () => {
  it.each<[string, How]>([
    ['with the signature of somebody else', { by: newSigningSecret() }],
    ['sent again six minutes later', { at: seconds() - 360 }],
    ['from six minutes ahead', { at: seconds() + 360 }],
    [
      'with a fresh time under the old signature',
      { at: seconds() - 360, headers: { 'svix-timestamp': String(seconds()) } },
    ],
    ['without a signature', { headers: { 'svix-signature': '' } }],
    ['with another id', { headers: { 'svix-id': 'msg_2' } }],
  ])('is refused: %s', async (_, how) => {
    const { deliveryId, providerId } = await sent();
    expect(await post(bounced(providerId), how)).toBe(401);
    expect((await rowOf(deliveryId)).state).toBe('delivered');
  });

  it('is refused unread when it is huge', async () => {
    const answer = await fetch(`${origin}/webhooks/resend`, { method: 'POST', body: 'x'.repeat(200 * 1024) });
    expect(answer.status).toBe(413);
  });
});

it('takes nothing without a secret', async () => {
  const bare = await makeStage({ env: { RESEND_WEBHOOK_SECRET: '' } });
  const app = express();
  mountResendWebhook(app, bare.deps);
  const other = createServer(app).listen(0, '127.0.0.1');
  await once(other, 'listening');
  try {
    const { port } = z.object({ port: z.number() }).parse(other.address());
    const answer = await fetch(`http://127.0.0.1:${port}/webhooks/resend`, { method: 'POST', body: '{}' });
    expect(answer.status).toBe(404);
  } finally {
    other.close();
    await bare.close();
  }
});
