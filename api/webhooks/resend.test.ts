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
  // No handler of errors is mounted here; Express would print them.
  app.set('env', 'test');
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
type PostOptions = { at?: number; secret?: string; headers?: Record<string, string> };
const seconds = () => Math.floor(Date.now() / 1000);

async function post(
  event: Event | string,
  { at = seconds(), secret = stage.deps.config.email.webhookSecret, headers = {} }: PostOptions = {},
): Promise<number> {
  const body = typeof event === 'string' ? event : JSON.stringify(event);
  const response = await fetch(`${origin}/webhooks/resend`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'svix-id': 'msg_1',
      'svix-timestamp': String(at),
      'svix-signature': sign(secret, { id: 'msg_1', at, body }),
      ...headers,
    },
    body,
  });
  await response.text();
  return response.status;
}

const bounced = (email_id: string, more: object = {}): Event => ({
  type: 'email.bounced',
  data: { email_id, bounce: { type: 'Permanent', subType: 'General', message: 'No such mailbox.' }, ...more },
});
const getRow = (id: string) => stage.deps.db.delivery.findFirstOrThrow({ where: { id } });

async function send(): Promise<{ deliveryId: string; providerId: string }> {
  const { deliveryId } = await stage.pending(stage.to.email);
  await deliverAlert(stage.org.asSystem(), { deliveryId, round: 1 });
  return { deliveryId, providerId: (await getRow(deliveryId)).providerId ?? '' };
}

describe('an event of Resend', () => {
  it.each<[string, object, RegExp]>([
    ['email.bounced', { bounce: { type: 'Permanent', message: 'No such mailbox.' } }, /Permanent.*No such mailbox/],
    ['email.complained', {}, /spam/],
    ['email.failed', { failed: { reason: 'invalid_recipient' } }, /invalid_recipient/],
    ['email.suppressed', { suppressed: { message: 'It bounced before.' } }, /It bounced before/],
  ])('%s marks the delivery as bounced, with the reason', async (type, data, reason) => {
    const { deliveryId, providerId } = await send();
    expect(await post({ type, data: { email_id: providerId, ...data } })).toBe(200);
    const row = await getRow(deliveryId);
    expect(row.state).toBe('bounced');
    expect(row.error).toMatch(reason);
    // Resend sends an event again when it gets no response.
    expect(await post({ type, data: { email_id: providerId, ...data } })).toBe(200);
    expect(await getRow(deliveryId)).toEqual(row);
  });

  it('is recorded when it arrives before the response to the send', async () => {
    const { deliveryId } = await stage.pending(stage.to.email);
    expect(await post(bounced('em_early', { tags: { delivery: `${deliveryId}_1` } }))).toBe(200);
    expect(await getRow(deliveryId)).toMatchObject({ state: 'bounced', providerId: 'em_early' });
    expect(await deliverAlert(stage.org.asSystem(), { deliveryId, round: 1 })).toEqual({ state: 'bounced' });
  });

  it('does not change a later round', async () => {
    const { deliveryId, providerId } = await send();
    await post(bounced(providerId));
    await retryDelivery(stage.org.ctx, { deliveryId });
    await deliverAlert(stage.org.asSystem(), { deliveryId, round: 2 });
    expect(await post(bounced(providerId, { tags: { delivery: `${deliveryId}_1` } }))).toBe(200);
    expect(await getRow(deliveryId)).toMatchObject({ state: 'delivered', round: 2 });
  });

  it.each<[string, Event | string]>([
    ['an e-mail that is not ours', bounced('em_of_somebody')],
    ['another event', { type: 'email.opened', data: { email_id: 'em_1' } }],
    ['an event without an e-mail', { type: 'domain.created', data: { id: 'x' } }],
    ['a tag with another format', bounced('em_of_somebody', { tags: { delivery: "1' OR '1'='1" } })],
    ['a body that is not JSON', 'hello'],
    ['an empty body', ''],
  ])('is accepted and ignored for %s', async (_, event) => {
    const before = await stage.deps.db.delivery.findMany({ orderBy: { id: 'asc' } });
    expect(await post(event)).toBe(200);
    expect(await stage.deps.db.delivery.findMany({ orderBy: { id: 'asc' } })).toEqual(before);
  });
});

describe('a request that Resend did not send', () => {
  it.each<[string, PostOptions]>([
    ['signed with another secret', { secret: newSigningSecret() }],
    ['signed six minutes ago', { at: seconds() - 360 }],
    ['signed six minutes in the future', { at: seconds() + 360 }],
    ['with an old signature and a new time', { at: seconds() - 360, headers: { 'svix-timestamp': String(seconds()) } }],
    ['without a signature', { headers: { 'svix-signature': '' } }],
    ['with another id', { headers: { 'svix-id': 'msg_2' } }],
  ])('is refused: %s', async (_, options) => {
    const { deliveryId, providerId } = await send();
    expect(await post(bounced(providerId), options)).toBe(401);
    expect((await getRow(deliveryId)).state).toBe('delivered');
  });

  it('is refused before it is read when it is too large', async () => {
    const response = await fetch(`${origin}/webhooks/resend`, { method: 'POST', body: 'x'.repeat(200 * 1024) });
    expect(response.status).toBe(413);
  });
});

it('does not exist without a secret', async () => {
  const stageWithoutSecret = await makeStage({ env: { RESEND_WEBHOOK_SECRET: '' } });
  const app = express();
  mountResendWebhook(app, stageWithoutSecret.deps);
  const ownServer = createServer(app).listen(0, '127.0.0.1');
  await once(ownServer, 'listening');
  try {
    const { port } = z.object({ port: z.number() }).parse(ownServer.address());
    const response = await fetch(`http://127.0.0.1:${port}/webhooks/resend`, { method: 'POST', body: '{}' });
    expect(response.status).toBe(404);
  } finally {
    ownServer.close();
    await stageWithoutSecret.close();
  }
});
