import { Resend } from 'resend';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { isDeliveryFailure } from '../../domain/notification/delivery-failure.ts';
import type { Destination } from '../../domain/notification/rule.ts';
import { makeStage, type Stage } from '../../tests/support/alerts/stage.ts';
import { archiveRule } from '../alert-rule/archive.ts';
import { muteRule } from '../alert-rule/mute.ts';
import { setRuleState } from '../alert-rule/set-state.ts';
import type { Deps } from '../context/context.ts';
import { archiveWebhook } from '../destination/webhook/archive.ts';
import { createWebhook } from '../destination/webhook/create.ts';
import { deliverAlert } from './deliver.ts';
import { giveUpDelivery } from './give-up.ts';
import { getDelivery } from './reading/get.ts';
import { retryDelivery } from './retry.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await makeStage();
});
afterAll(() => stage.close());
beforeEach(() => {
  stage.resend.reset();
  stage.slack.reset();
  stage.receiver.reset();
  stage.resend.answer((_, number) => ({ status: 200, body: { id: `em_${number}` } }));
  stage.slack.answer(() => ({ status: 200, body: { ok: true, channel: 'C1', ts: '1.2' } }));
});

const system = (deps: Deps = stage.deps) => ({ ...stage.org.asSystem(), deps });
const deliver = (deliveryId: string, { round = 1, deps = stage.deps }: { round?: number; deps?: Deps } = {}) =>
  deliverAlert(system(deps), { deliveryId, round });
const rowOf = (deliveryId: string) =>
  stage.deps.db.delivery.findFirstOrThrow({ where: { orgId: stage.org.orgId, id: deliveryId } });

/** `retry`, `lost` … of an attempt that asks for another. */
async function attempt(deliveryId: string, deps?: Deps): Promise<string> {
  try {
    return (await deliver(deliveryId, deps ? { deps } : {})).state;
  } catch (error) {
    if (isDeliveryFailure(error)) return error.kind;
    throw error;
  }
}

describe('an e-mail', () => {
  it('is sent once, and not again when it is delivered', async () => {
    const { deliveryId } = await stage.pending(stage.to.email);
    expect(await deliver(deliveryId)).toEqual({ state: 'delivered' });
    expect(await deliver(deliveryId)).toEqual({ state: 'delivered' });
    expect(stage.resend.received.map(({ headers }) => headers['idempotency-key'])).toEqual([
      `delivery/${deliveryId}/1`,
    ]);
    expect(await rowOf(deliveryId)).toMatchObject({ providerId: 'em_1', attempts: 1, error: null });
  });

  it('goes out again under the same key and words while its answers are lost', async () => {
    const { deliveryId } = await stage.pending(stage.to.email);
    stage.resend.answer((_, number) => (number <= 10 ? 'lost' : { status: 200, body: { id: 'em_11' } }));
    for (let lost = 1; lost <= 10; lost++) expect(await attempt(deliveryId)).toBe('lost');
    expect(await rowOf(deliveryId)).toMatchObject({ state: 'pending', attempts: 10, error: expect.any(String) });
    expect(await attempt(deliveryId)).toBe('delivered');
    expect(stage.resend.received).toHaveLength(11);
    expect(
      new Set(stage.resend.received.map(({ headers, body }) => `${headers['idempotency-key']} ${body}`)).size,
    ).toBe(1);
  });

  it('fails at once where Resend refuses it, with its words', async () => {
    const { deliveryId } = await stage.pending(stage.to.email);
    stage.resend.answer(() => ({
      status: 422,
      body: { statusCode: 422, name: 'validation_error', message: 'Invalid `to` field.' },
    }));
    expect(await attempt(deliveryId)).toBe('failed');
    expect(await rowOf(deliveryId)).toMatchObject({ error: 'Resend: Invalid `to` field.', endedAt: expect.any(Date) });
  });

  it('is given up as unknown when an attempt may have been taken, else as failed', async () => {
    const [lost, busy] = [await stage.pending(stage.to.email), await stage.pending(stage.to.email)];
    const pause = { status: 429, body: { statusCode: 429, name: 'rate_limit_exceeded', message: 'Slow down.' } };
    stage.resend.answer((_, number) => (number === 1 ? 'lost' : pause));
    expect([await attempt(lost.deliveryId), await attempt(lost.deliveryId)]).toEqual(['lost', 'retry']);
    expect(await attempt(busy.deliveryId)).toBe('retry');
    const giveUp = (deliveryId: string) => giveUpDelivery(system(), { deliveryId, round: 1 });
    expect(await giveUp(lost.deliveryId)).toEqual({ state: 'unknown' });
    expect(await giveUp(busy.deliveryId)).toEqual({ state: 'failed' });
    expect((await rowOf(busy.deliveryId)).error).toBe('Resend: Slow down. Given up after one attempt.');
    expect(await giveUp(busy.deliveryId)).toEqual({ state: 'failed' });
    expect((await rowOf(busy.deliveryId)).error).toBe('Resend: Slow down. Given up after one attempt.');
  });

  it('goes to the outbox without a provider, from where it can be sent later', async () => {
    const bare = await makeStage({ env: { RESEND_API_KEY: '' } });
    try {
      const { deliveryId } = await bare.pending(bare.to.email);
      expect(await deliverAlert(bare.org.asSystem(), { deliveryId, round: 1 })).toEqual({ state: 'outbox' });
      expect(bare.resend.received).toEqual([]);
      const { delivery } = await getDelivery(bare.org.as('viewer'), { deliveryId });
      expect(delivery).toMatchObject({
        state: 'outbox',
        canRetry: true,
        email: { to: 'ada@example.com', subject: '[Armature] Pager: Monitor Search fails' },
      });
      expect(delivery.email?.html).toContain('&lt;b&gt;timeout&lt;/b&gt; after 30 s');
      expect(delivery.email?.text).toContain('<b>timeout</b> after 30 s');
    } finally {
      await bare.close();
    }
  });
});

describe('a Slack message', () => {
  it('is posted by the bot of the workspace', async () => {
    const { deliveryId } = await stage.pending(stage.to.slack);
    expect(await deliver(deliveryId)).toEqual({ state: 'delivered' });
    const [post] = stage.slack.received;
    expect(post?.headers.authorization).toBe('Bearer xoxb-of-the-tests');
    expect(new URLSearchParams(post?.body).get('channel')).toBe('#alerts');
    expect((await rowOf(deliveryId)).providerId).toBe('C1:1.2');
  });

  it('whose answer is lost is unknown, and is not posted again', async () => {
    const { deliveryId } = await stage.pending(stage.to.slack);
    stage.slack.answer(() => 'lost');
    for (let round = 0; round < 10; round++) expect(await attempt(deliveryId)).toBe('unknown');
    expect(stage.slack.received).toHaveLength(1);
    expect((await rowOf(deliveryId)).error).toContain('press retry');
  });

  it('is posted again when Slack asks for a pause', async () => {
    const { deliveryId } = await stage.pending(stage.to.slack);
    stage.slack.answer((_, number) =>
      number === 1
        ? { status: 429, headers: { 'retry-after': '3' }, body: {} }
        : { status: 200, body: { ok: true, channel: 'C1', ts: '1' } },
    );
    const failure = await deliver(deliveryId).catch((error: unknown) => error);
    expect(failure).toMatchObject({ kind: 'retry', retryAfterMs: 3000 });
    expect(await rowOf(deliveryId)).toMatchObject({ state: 'pending', sendStartedAt: null });
    expect(await attempt(deliveryId)).toBe('delivered');
  });

  it('fails with the reason and what to do, without the token', async () => {
    const { deliveryId } = await stage.pending(stage.to.slack);
    stage.slack.answer(() => ({ status: 200, body: { ok: false, error: 'channel_not_found' } }));
    expect(await attempt(deliveryId)).toBe('failed');
    const { error } = await rowOf(deliveryId);
    expect(error).toContain('channel_not_found');
    expect(error).not.toContain('xoxb');
  });

  it('to a workspace that is not connected any more fails, with what to do', async () => {
    const { db } = stage.deps;
    const where = { orgId: stage.org.orgId, id: stage.installationId };
    const { deliveryId } = await stage.pending(stage.to.slack);
    await db.slackInstallation.updateMany({ where, data: { state: 'revoked' } });
    try {
      expect(await attempt(deliveryId)).toBe('failed');
      expect((await rowOf(deliveryId)).error).toContain('connect it again');
      expect(stage.slack.received).toEqual([]);
    } finally {
      await db.slackInstallation.updateMany({ where, data: { state: 'connected' } });
    }
  });

  it('is posted once by two attempts at the same time, and ends as delivered', async () => {
    const { deliveryId } = await stage.pending(stage.to.slack);
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    stage.slack.answer(async () => {
      await held;
      return { status: 200, body: { ok: true, channel: 'C1', ts: '9' } };
    });
    const first = deliver(deliveryId);
    await expect.poll(() => stage.slack.received.length).toBe(1);
    expect(await deliver(deliveryId)).toEqual({ state: 'unknown' });
    release();
    expect(await first).toEqual({ state: 'delivered' });
    expect(stage.slack.received).toHaveLength(1);
  });
});

describe('a webhook', () => {
  it('gets the alert as JSON, signed, at its whole address', async () => {
    const { deliveryId, ruleId } = await stage.pending(stage.to.webhook);
    expect(await deliver(deliveryId)).toEqual({ state: 'delivered' });
    const [post] = stage.receiver.received;
    if (!post) throw new Error('nothing came');
    expect(post.path).toBe('/hooks?token=of-the-address');
    expect(post.headers['webhook-id']).toBe(`${deliveryId}_1`);
    const verified = new Resend('re_none').webhooks.verify({
      payload: post.body,
      headers: {
        id: String(post.headers['webhook-id']),
        timestamp: String(post.headers['webhook-timestamp']),
        signature: String(post.headers['webhook-signature']),
      },
      webhookSecret: stage.webhookSecret,
    });
    expect(verified).toMatchObject({ version: 1, deliveryId, rule: { id: ruleId }, title: 'Monitor Search fails' });
  });

  it.each([
    [200, 'delivered'],
    [204, 'delivered'],
    [302, 'failed'],
    [400, 'failed'],
    [401, 'failed'],
    [404, 'failed'],
    [408, 'retry'],
    [410, 'failed'],
    [425, 'retry'],
    [429, 'retry'],
    [500, 'retry'],
    [503, 'retry'],
  ])('that answers %i: %s', async (status, expected) => {
    const { deliveryId } = await stage.pending(stage.to.webhook);
    stage.receiver.answer(() => ({ status, headers: { location: 'http://evil.example/' } }));
    expect(await attempt(deliveryId)).toBe(expected);
    expect(stage.receiver.received).toHaveLength(1);
    if (expected !== 'delivered') expect((await rowOf(deliveryId)).error).toContain(String(status));
  });

  it('whose answer is lost gets it again under the same id', async () => {
    const { deliveryId } = await stage.pending(stage.to.webhook);
    stage.receiver.answer((_, number) => (number <= 3 ? 'lost' : { status: 200 }));
    for (let lost = 1; lost <= 3; lost++) expect(await attempt(deliveryId)).toBe('lost');
    expect(await attempt(deliveryId)).toBe('delivered');
    expect(new Set(stage.receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    expect(new Set(stage.receiver.received.map(({ body }) => body)).size).toBe(1);
  });

  it('inside is refused: the guard of every way out holds here too', async () => {
    const guarded = await makeStage({ env: { ARMATURE_ALLOWED_TARGETS: '' } });
    try {
      const { deliveryId } = await guarded.pending(guarded.to.webhook);
      expect(await deliverAlert(guarded.org.asSystem(), { deliveryId, round: 1 })).toEqual({ state: 'failed' });
      expect(guarded.receiver.received).toEqual([]);
      const { delivery } = await getDelivery(guarded.org.ctx, { deliveryId });
      expect(delivery.error).toContain('may not be called');
      await expect(createWebhook(guarded.org.ctx, { name: 'Inside', url: guarded.receiver.url })).rejects.toMatchObject(
        { code: 'target_blocked' },
      );
    } finally {
      await guarded.close();
    }
  });

  it('that was deleted gets nothing, and the delivery says so', async () => {
    const { webhook } = await createWebhook(stage.org.ctx, { name: 'Short-lived', url: stage.receiver.url });
    const { deliveryId } = await stage.pending({ kind: 'webhook', webhookId: webhook.id });
    await archiveWebhook(stage.org.ctx, { webhookId: webhook.id });
    expect(await attempt(deliveryId)).toBe('failed');
    expect((await rowOf(deliveryId)).error).toContain('webhook was deleted');
    expect(stage.receiver.received).toEqual([]);
  });
});

describe('what was decided', () => {
  it('still goes out when the rule is paused or muted meanwhile', async () => {
    const { deliveryId, ruleId } = await stage.pending(stage.to.email);
    await setRuleState(stage.org.ctx, { ruleId, state: 'paused' });
    await muteRule(stage.org.ctx, { ruleId, minutes: 60 });
    expect(await attempt(deliveryId)).toBe('delivered');
  });

  it('is dropped when the rule was deleted', async () => {
    const { deliveryId, ruleId } = await stage.pending(stage.to.email);
    await archiveRule(stage.org.ctx, { ruleId });
    expect(await attempt(deliveryId)).toBe('failed');
    expect((await rowOf(deliveryId)).error).toContain('rule was deleted');
    expect(stage.resend.received).toEqual([]);
    await expect(retryDelivery(stage.org.ctx, { deliveryId })).rejects.toMatchObject({ code: 'conflict' });
  });
});

describe('a retry by hand', () => {
  it('is a new round of the same row, under a new key', async () => {
    const { deliveryId } = await stage.pending(stage.to.slack);
    stage.slack.answer(() => 'lost');
    expect(await attempt(deliveryId)).toBe('unknown');
    await expect(retryDelivery(stage.org.as('viewer'), { deliveryId })).rejects.toMatchObject({
      code: 'permission_denied',
    });
    const { delivery } = await retryDelivery(stage.org.as('editor'), { deliveryId });
    expect(delivery).toMatchObject({ state: 'pending', round: 2, attempts: 0, error: null });
    expect(await stage.deps.temporal.describeDelivery({ orgId: stage.org.orgId, deliveryId, round: 2 })).toBe(
      'running',
    );
    stage.slack.answer(() => ({ status: 200, body: { ok: true, channel: 'C1', ts: '2' } }));
    // The first round's attempt that comes late has no say any more.
    expect(await deliver(deliveryId, { round: 1 })).toEqual({ state: 'pending' });
    expect(stage.slack.received).toHaveLength(1);
    expect(await deliver(deliveryId, { round: 2 })).toEqual({ state: 'delivered' });
    expect(await stage.deps.db.delivery.count({ where: { id: deliveryId } })).toBe(1);
    await expect(retryDelivery(stage.org.ctx, { deliveryId })).rejects.toMatchObject({ code: 'conflict' });
  });

  it('goes to where the rule sends by now', async () => {
    const { deliveryId, ruleId } = await stage.pending(stage.to.email);
    stage.resend.answer(() => ({ status: 422, body: { statusCode: 422, name: 'validation_error', message: 'No.' } }));
    expect(await attempt(deliveryId)).toBe('failed');
    const destination: Destination = { kind: 'email', address: 'grace@example.com' };
    await stage.deps.db.alertRule.updateMany({ where: { id: ruleId }, data: { destination } });
    await retryDelivery(stage.org.ctx, { deliveryId });
    stage.resend.answer(() => ({ status: 200, body: { id: 'em_2' } }));
    expect(await deliver(deliveryId, { round: 2 })).toEqual({ state: 'delivered' });
    const body = z.object({ to: z.string() }).parse(JSON.parse(stage.resend.received.at(-1)?.body ?? '{}'));
    expect(body.to).toBe('grace@example.com');
    expect(stage.resend.received.map(({ headers }) => headers['idempotency-key'])).toEqual([
      `delivery/${deliveryId}/1`,
      `delivery/${deliveryId}/2`,
    ]);
  });
});

/** What an attempt is when the process dies at some statement. */
class Killed extends Error {}

/** The same dependencies, of a process that dies before or after its n-th statement. */
function mortal(deps: Deps, of: { at: number; when: 'before' | 'after' }): { deps: Deps; isDead: () => boolean } {
  let statements = 0;
  let isDead = false;
  const dying = <T extends object>(target: T, depth: number): T =>
    new Proxy(target, {
      get(inner, name) {
        const value: unknown = Reflect.get(inner, name, inner);
        if (typeof value === 'object' && value !== null && depth === 0) return dying(value, 1);
        if (typeof value !== 'function') return value;
        return async (...given: unknown[]) => {
          statements += 1;
          if (isDead || (statements === of.at && of.when === 'before')) {
            isDead = true;
            throw new Killed();
          }
          const result: unknown = await Reflect.apply(value, inner, given);
          if (statements >= of.at) {
            isDead = true;
            throw new Killed();
          }
          return result;
        };
      },
    });
  return { deps: { ...deps, db: dying(deps.db, 0) }, isDead: () => isDead };
}

describe.each(['before', 'after'] as const)('a process that dies %s any of its statements', (when) => {
  it.each(['email', 'slack', 'webhook'] as const)('leaves a row that the next attempt ends: %s', async (kind) => {
    const service = { email: stage.resend, slack: stage.slack, webhook: stage.receiver }[kind];
    for (let at = 1; ; at++) {
      service.received.length = 0;
      const { deliveryId } = await stage.pending(stage.to[kind]);
      const one = mortal(stage.deps, { at, when });
      const died = await deliver(deliveryId, { deps: one.deps }).then(
        () => false,
        (error: unknown) => {
          if (error instanceof Killed) return true;
          throw error;
        },
      );
      const state = await attempt(deliveryId);
      const requests = service.received.length;
      if (kind === 'slack') {
        expect(requests, `at ${at}`).toBeLessThanOrEqual(1);
        expect(['delivered', 'unknown'], `at ${at}`).toContain(state);
        // Nobody is told that it is delivered when it is not.
        if (state === 'delivered') expect(requests).toBe(1);
      } else {
        expect(state, `at ${at}`).toBe('delivered');
        const name = kind === 'email' ? 'idempotency-key' : 'webhook-id';
        expect(new Set(service.received.map(({ headers }) => headers[name])).size, `at ${at}`).toBe(1);
      }
      if (!died) {
        expect(at).toBeGreaterThan(3);
        return;
      }
    }
  });
});
