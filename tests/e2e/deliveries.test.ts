import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { temporalNames } from '../../infra/temporal/index.ts';
import { createRule } from '../../services/alert-rule/create.ts';
import { testSend } from '../../services/alert-rule/test-send.ts';
import { toJson } from '../../services/context/use-case.ts';
import { startDeliveries } from '../../services/delivery/start.ts';
import { sweepDeliveries } from '../../services/delivery/sweep.ts';
import type { RunningWorker } from '../../worker/start.ts';
import { makeStage, type Stage } from '../support/alerts/stage.ts';
import { startTestWorker } from '../support/setup/worker.ts';

let stage: Stage;
let worker: RunningWorker;
const clock = { aheadMs: 0 };
beforeAll(async () => {
  stage = await makeStage({ now: () => new Date(Date.now() + clock.aheadMs) });
  await stage.deps.temporal.ensureSearchAttributes();
  worker = await startTestWorker(stage.deps);
});
afterAll(async () => {
  await worker?.stop();
  await stage?.close();
});
beforeEach(() => {
  clock.aheadMs = 0;
  for (const service of [stage.resend, stage.slack, stage.receiver]) service.reset();
  stage.slack.answer(() => ({ status: 200, body: { ok: true, channel: 'C1', ts: '1.2' } }));
});

const refOf = (deliveryId: string, round = 1) => ({ orgId: stage.org.orgId, deliveryId, round });
const rowOf = (deliveryId: string) => stage.deps.db.delivery.findFirstOrThrow({ where: { id: deliveryId } });
const ended = async (deliveryId: string) => {
  await expect.poll(async () => (await rowOf(deliveryId)).state).not.toBe('pending');
  return rowOf(deliveryId);
};

/** Its workflow with short pauses between the attempts. */
async function startQuick(deliveryId: string, pace = { first: 10, longest: 50, own: 10 }): Promise<void> {
  const names = temporalNames(stage.deps.config.installation);
  await stage.deps.temporal.client.workflow.start('deliverAlert', {
    taskQueue: names.queue('system'),
    workflowId: names.delivery(deliveryId, 1),
    args: [{ ...refOf(deliveryId), pace }],
  });
}

describe('ten lost answers', () => {
  it('reach Resend under one key, and the eleventh attempt delivers', async () => {
    const { deliveryId } = await stage.pending(stage.to.email);
    stage.resend.answer((_, number) => (number <= 10 ? 'lost' : { status: 200, body: { id: 'em_1' } }));
    await startQuick(deliveryId);
    expect(await ended(deliveryId)).toMatchObject({ state: 'delivered', attempts: 11, providerId: 'em_1' });
    expect(stage.resend.received).toHaveLength(11);
    expect([...new Set(stage.resend.received.map(({ headers }) => headers['idempotency-key']))]).toEqual([
      `delivery/${deliveryId}/1`,
    ]);
  });

  it('never come from Slack: it is asked once, and the delivery is unknown', async () => {
    const { deliveryId } = await stage.pending(stage.to.slack);
    stage.slack.answer(() => 'lost');
    await startQuick(deliveryId);
    expect(await ended(deliveryId)).toMatchObject({ state: 'unknown', attempts: 1 });
    await expect.poll(() => stage.deps.temporal.describeDelivery(refOf(deliveryId))).toBe('closed');
    // Neither another start nor the sweep sends it again.
    await startDeliveries(stage.deps, [refOf(deliveryId)]);
    await sweepDeliveries(stage.deps, { onProgress: () => {}, olderThanMs: -60_000, overdueMs: -60_000 });
    expect(stage.slack.received).toHaveLength(1);
    expect(await rowOf(deliveryId)).toMatchObject({ state: 'unknown', attempts: 1 });
  });
});

it('waits as long as Retry-After says', async () => {
  const { deliveryId } = await stage.pending(stage.to.slack);
  const at: number[] = [];
  stage.slack.answer((_, number) => {
    at.push(performance.now());
    return number === 1
      ? { status: 429, headers: { 'retry-after': '3' } }
      : { status: 200, body: { ok: true, channel: 'C1', ts: '1' } };
  });
  await startQuick(deliveryId);
  expect(await ended(deliveryId)).toMatchObject({ state: 'delivered', attempts: 2 });
  const [first = 0, second = 0] = at;
  // Without it the next attempt would come after 10 ms.
  expect(second - first).toBeGreaterThan(2900);
});

it('asks a receiver that is down again until it is up', async () => {
  const { deliveryId } = await stage.pending(stage.to.webhook);
  stage.receiver.answer((_, number) => ({ status: number < 5 ? 503 : 200 }));
  await startQuick(deliveryId);
  expect(await ended(deliveryId)).toMatchObject({ state: 'delivered', attempts: 5, error: null });
  expect(new Set(stage.receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
});

it('is not put off by failures of our own, which are no attempts', async () => {
  const { deliveryId } = await stage.pending(stage.to.webhook);
  const { destination } = await rowOf(deliveryId);
  const where = { id: deliveryId };
  await stage.deps.db.delivery.updateMany({ where, data: { destination: { kind: 'unreadable' } } });
  const hourMs = 3_600_000;
  await startQuick(deliveryId, { first: hourMs, longest: hourMs, own: 10 });
  const names = temporalNames(stage.deps.config.installation);
  const handle = stage.deps.temporal.client.workflow.getHandle(names.delivery(deliveryId, 1));
  await expect
    .poll(async () => (await handle.describe()).raw.pendingActivities?.[0]?.attempt ?? 0)
    .toBeGreaterThanOrEqual(10);
  expect(await rowOf(deliveryId)).toMatchObject({ state: 'pending', attempts: 0 });
  await stage.deps.db.delivery.updateMany({ where, data: { destination: toJson(destination) } });
  expect(await ended(deliveryId)).toMatchObject({ state: 'delivered', attempts: 1 });
});

describe.each(['webhook', 'email', 'slack'] as const)('a receiver of a %s that limits requests', (kind) => {
  it.each(['0', '-5', '0.5', 'Wed, 21 Oct 2015 07:28:00 GMT', 'junk', '1', undefined])(
    'with Retry-After %s is asked again until it accepts the message',
    async (retryAfter) => {
      const service = { webhook: stage.receiver, email: stage.resend, slack: stage.slack }[kind];
      const accepted = { webhook: {}, email: { id: 'em_1' }, slack: { ok: true, channel: 'C1', ts: '1.2' } }[kind];
      const { deliveryId } = await stage.pending(stage.to[kind]);
      service.answer((_, number) =>
        number === 1
          ? {
              status: 429,
              headers: retryAfter === undefined ? {} : { 'retry-after': retryAfter },
              body: { statusCode: 429, name: 'rate_limit_exceeded', message: 'Slow down.' },
            }
          : { status: 200, body: accepted },
      );
      // Slack's own pause, 30 s, is used where its header can't be read.
      const isPaused = kind === 'slack' && (retryAfter === undefined || retryAfter === 'junk');
      await startQuick(deliveryId);
      if (!isPaused) {
        expect(await ended(deliveryId)).toMatchObject({ state: 'delivered', attempts: 2 });
        return;
      }
      await expect.poll(async () => (await rowOf(deliveryId)).error).not.toBeNull();
      expect(await rowOf(deliveryId)).toMatchObject({ state: 'pending', attempts: 1 });
      const names = temporalNames(stage.deps.config.installation);
      await stage.deps.temporal.client.workflow.getHandle(names.delivery(deliveryId, 1)).terminate();
    },
  );
});

describe('a receiver that is down', () => {
  it('is asked for six hours by the clock, and the row says why', async () => {
    const { deliveryId } = await stage.pending(stage.to.webhook);
    stage.receiver.answer((_, number) => {
      if (number === 2) clock.aheadMs += 6 * 3_600_000 - 60_000;
      if (number === 4) clock.aheadMs += 60_000;
      return { status: 503 };
    });
    await startQuick(deliveryId);
    const row = await ended(deliveryId);
    expect(row).toMatchObject({ state: 'failed', attempts: 4, endedAt: expect.any(Date) });
    expect(row.error).toMatch(/answered with HTTP status 503\. Given up after 4 attempts\.$/);
  });

  it('and is back after five hours gets the message', async () => {
    const { deliveryId } = await stage.pending(stage.to.webhook);
    stage.receiver.answer((_, number) => {
      if (number === 3) clock.aheadMs += 5 * 3_600_000;
      return { status: number < 5 ? 429 : 200 };
    });
    await startQuick(deliveryId);
    expect(await ended(deliveryId)).toMatchObject({ state: 'delivered', attempts: 5, error: null });
  });
});

it('is started once, however often', async () => {
  const { deliveryId } = await stage.pending(stage.to.slack);
  await Promise.all(Array.from({ length: 5 }, () => startDeliveries(stage.deps, [refOf(deliveryId)])));
  expect(await ended(deliveryId)).toMatchObject({ state: 'delivered' });
  await startDeliveries(stage.deps, [refOf(deliveryId)]);
  expect(stage.slack.received).toHaveLength(1);
});

it('carries a test the whole way', async () => {
  const { rule } = await createRule(stage.org.as('editor'), {
    name: 'Tests',
    target: { kind: 'all_monitors' },
    destination: stage.to.webhook,
  });
  const { delivery } = await testSend(stage.org.as('editor'), { ruleId: rule.id });
  expect(delivery).toMatchObject({ kind: 'test', state: 'pending', incidentId: null });
  expect(await ended(delivery.id)).toMatchObject({ state: 'delivered' });
  expect(JSON.parse(stage.receiver.received[0]?.body ?? '{}')).toMatchObject({
    type: 'alert.test',
    rule: { id: rule.id, name: 'Tests' },
  });
});

describe('the sweep', () => {
  const sweep = () => sweepDeliveries(stage.deps, { onProgress: () => {}, olderThanMs: -60_000, overdueMs: -60_000 });

  it('starts what was never started', async () => {
    const { deliveryId } = await stage.pending(stage.to.slack);
    const { deliveriesStarted } = await sweep();
    expect(deliveriesStarted).toBe(1);
    expect(await ended(deliveryId)).toMatchObject({ state: 'delivered' });
  });

  it('leaves the young to whoever makes them', async () => {
    const { deliveryId } = await stage.pending(stage.to.slack);
    expect(await sweepDeliveries(stage.deps, { onProgress: () => {} })).toEqual({
      deliveriesStarted: 0,
      deliveriesEnded: 0,
    });
    expect(await rowOf(deliveryId)).toMatchObject({ state: 'pending', attempts: 0 });
    await sweep();
    await ended(deliveryId);
  });

  it('ends what an operator terminated in Temporal', async () => {
    const { deliveryId } = await stage.pending(stage.to.webhook);
    stage.receiver.answer(() => ({ status: 503, headers: { 'retry-after': '3600' } }));
    await startDeliveries(stage.deps, [refOf(deliveryId)]);
    await expect.poll(async () => (await rowOf(deliveryId)).error).not.toBeNull();
    const names = temporalNames(stage.deps.config.installation);
    await stage.deps.temporal.client.workflow.getHandle(names.delivery(deliveryId, 1)).terminate();
    expect(await sweep()).toMatchObject({ deliveriesEnded: 1 });
    expect(await rowOf(deliveryId)).toMatchObject({ state: 'failed' });
  });

  it('lets one that waits for its next attempt wait', async () => {
    const { deliveryId } = await stage.pending(stage.to.webhook);
    stage.receiver.answer(() => ({ status: 503, headers: { 'retry-after': '3600' } }));
    await startDeliveries(stage.deps, [refOf(deliveryId)]);
    await expect.poll(async () => (await rowOf(deliveryId)).error).not.toBeNull();
    expect(await sweep()).toEqual({ deliveriesStarted: 0, deliveriesEnded: 0 });
    expect(await rowOf(deliveryId)).toMatchObject({ state: 'pending', attempts: 1 });
  });
});

it('never throws where Temporal is away: the row waits for the sweep', async () => {
  const { deliveryId } = await stage.pending(stage.to.slack);
  const away = {
    ...stage.deps,
    temporal: { ...stage.deps.temporal, startDelivery: () => Promise.reject(new Error('away')) },
  };
  await startDeliveries(away, [refOf(deliveryId)]);
  expect(await rowOf(deliveryId)).toMatchObject({ state: 'pending' });
});
