import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { isDeliveryFailure } from '../../domain/notification/delivery-failure.ts';
import type { DeliveryKind, Destination } from '../../domain/notification/rule.ts';
import { makeStage, messageOf, type Stage } from '../../tests/support/alerts/stage.ts';
import { newId } from '../context/ids.ts';
import { toJson } from '../context/use-case.ts';
import { deliverAlert } from './deliver.ts';
import { giveUpDelivery } from './give-up.ts';
import { startDeliveries } from './start.ts';
import { sweepDeliveries } from './sweep.ts';

let stage: Stage;
let clock = new Date('2026-11-21T10:00:00Z');
beforeAll(async () => {
  stage = await makeStage({ now: () => clock });
});
afterAll(() => stage?.close());
beforeEach(() => {
  for (const service of [stage.resend, stage.slack, stage.receiver]) service.reset();
});
const passHours = (hours: number) => {
  clock = new Date(clock.getTime() + hours * 3_600_000);
};

/** Pending deliveries of one rule and incident, in this order. @returns their ids */
async function queue(destination: Destination, kinds: readonly DeliveryKind[]): Promise<string[]> {
  const { db } = stage.deps;
  const { orgId } = stage.org;
  const { ruleId } = await stage.pending(destination);
  const incidentId = newId();
  await db.incident.create({
    data: {
      id: incidentId,
      orgId,
      subjectKind: 'monitor',
      subjectKey: incidentId,
      level: 'bad',
      summary: 'It fails.',
      cause: { outcome: 'fail' },
      openedAt: clock,
      lastFailedAt: clock,
    },
  });
  const rows = kinds.map((kind, index) => ({
    id: newId(),
    orgId,
    ruleId,
    incidentId,
    kind,
    ordinal: kinds.slice(0, index + 1).filter((each) => each === kind).length,
    sequence: index + 1,
    destination,
    message: toJson(messageOf(kind)),
    createdAt: clock,
  }));
  await db.delivery.createMany({ data: rows });
  return rows.map(({ id }) => id);
}

async function attempt(deliveryId = '', given: { waitedMs?: number } = {}): Promise<string> {
  try {
    return (await deliverAlert(stage.org.asSystem(), { deliveryId, round: 1, ...given })).state;
  } catch (error) {
    if (isDeliveryFailure(error)) return error.kind;
    throw error;
  }
}
const states = async (ids: readonly string[]) => {
  const rows = await stage.deps.db.delivery.findMany({ where: { id: { in: [...ids] } }, orderBy: { sequence: 'asc' } });
  return rows.map(({ state }) => state);
};
const isStarted = async (deliveryId = '') =>
  (await stage.deps.temporal.describeDelivery({ orgId: stage.org.orgId, deliveryId, round: 1 })) !== 'absent';
const refs = (ids: readonly string[]) => ids.map((deliveryId) => ({ orgId: stage.org.orgId, deliveryId, round: 1 }));
const received = () =>
  stage.receiver.received.map(({ body }) => {
    const { type, sequence } = JSON.parse(body);
    return `${sequence} ${type}`;
  });

describe('deliveries of one rule and incident', () => {
  it('go one at a time, in their order, each started by the end of the one before', async () => {
    const ids = await queue(stage.to.webhook, ['opened', 'reminder', 'recovered']);
    await startDeliveries(stage.deps, refs(ids));
    expect(await Promise.all(ids.map(isStarted))).toEqual([true, false, false]);
    stage.receiver.answer((_, number) => ({ status: number === 1 ? 503 : 200 }));
    // The first began before the others were created.
    expect(await attempt(ids[0])).toBe('superseded');
    expect(received()).toEqual([]);

    const others = await queue(stage.to.webhook, ['opened', 'reminder']);
    expect(await attempt(others[0])).toBe('retry');
    expect(await attempt(others[1])).toBe('retry');
    expect(received()).toEqual(['1 alert.opened']);
    expect(await attempt(others[0])).toBe('delivered');
    expect(await isStarted(others[1])).toBe(true);
    expect(await attempt(others[1])).toBe('delivered');
    expect(received()).toEqual(['1 alert.opened', '1 alert.opened', '2 alert.reminder']);
  });

  it('are superseded when the incident ended before its opening can have arrived', async () => {
    const [opened = '', recovered = ''] = await queue(stage.to.webhook, ['opened', 'recovered']);
    expect(await attempt(recovered)).toBe('superseded');
    expect(await attempt(opened)).toBe('superseded');
    expect(received()).toEqual([]);
    await expect(giveUpDelivery(stage.org.asSystem(), { deliveryId: opened, round: 1 })).resolves.toEqual({
      state: 'superseded',
    });
  });

  it.each([
    ['whose answer was lost', 'lost', ['1 alert.opened', '1 alert.opened', '2 alert.recovered']],
    ['that was refused', { status: 400 }, ['1 alert.opened', '2 alert.recovered']],
  ] as const)('are sent after an opening %s', async (_, answer, expected) => {
    const [opened = '', recovered = ''] = await queue(stage.to.webhook, ['opened', 'recovered']);
    await stage.deps.db.delivery.updateMany({ where: { id: opened }, data: { sendStartedAt: clock } });
    stage.receiver.answer((__, number) => (number === 1 ? answer : { status: 200 }));
    await attempt(opened);
    if (answer === 'lost') {
      expect(await attempt(recovered)).toBe('retry');
      expect(await attempt(opened)).toBe('delivered');
    }
    expect(await attempt(recovered)).toBe('delivered');
    expect(received()).toEqual(expected);
  });

  it('that wait for their turn hide no others from reconcile', async () => {
    const ids = await queue(stage.to.webhook, ['opened', 'reminder']);
    const sweep = { onProgress: () => {}, olderThanMs: -60_000, overdueMs: -60_000 };
    await sweepDeliveries(stage.deps, sweep);
    expect(await Promise.all(ids.map(isStarted))).toEqual([true, false]);
    await attempt(ids[0]);
    expect(await states(ids)).toEqual(['delivered', 'pending']);
    expect(await isStarted(ids[1])).toBe(true);
  });

  it('go on after one that was given up', async () => {
    const ids = await queue(stage.to.webhook, ['opened', 'reminder']);
    await giveUpDelivery(stage.org.asSystem(), { deliveryId: ids[0] ?? '', round: 1 });
    expect(await states(ids)).toEqual(['failed', 'pending']);
    expect(await isStarted(ids[1])).toBe(true);
  });
});

describe('the six hours of a delivery', () => {
  it('are counted from its first attempt, not from its creation', async () => {
    const { deliveryId } = await stage.pending(stage.to.webhook);
    stage.receiver.answer(() => ({ status: 429, headers: { 'retry-after': '3600' } }));
    passHours(20);
    expect(await attempt(deliveryId)).toBe('retry');
    passHours(5.9);
    expect(await attempt(deliveryId)).toBe('retry');
    passHours(1);
    expect(await attempt(deliveryId)).toBe('failed');
  });

  it('take as many attempts as the receiver asks for', async () => {
    const { deliveryId } = await stage.pending(stage.to.webhook);
    stage.receiver.answer(() => ({ status: 429, headers: { 'retry-after': '120' } }));
    for (let minutes = 0; minutes < 360; minutes += 2) {
      expect(await attempt(deliveryId), `after ${minutes} minutes`).toBe('retry');
      passHours(1 / 30);
    }
    expect(await attempt(deliveryId)).toBe('failed');
    expect(await stage.deps.db.delivery.findUnique({ where: { id: deliveryId } })).toMatchObject({ attempts: 181 });
  });

  it('leave out the time in which no worker ran', async () => {
    const { deliveryId } = await stage.pending(stage.to.webhook);
    stage.receiver.answer(() => ({ status: 503 }));
    expect(await attempt(deliveryId)).toBe('retry');
    passHours(30);
    expect(await attempt(deliveryId, { waitedMs: 30 * 3_600_000 - 60_000 })).toBe('retry');
    passHours(5.9);
    expect(await attempt(deliveryId)).toBe('retry');
    stage.receiver.reset();
    expect(await attempt(deliveryId)).toBe('delivered');
  });

  it("never outlast Resend's memory of an e-mail that may have arrived", async () => {
    const { deliveryId } = await stage.pending(stage.to.email);
    stage.resend.answer(() => 'lost');
    expect(await attempt(deliveryId)).toBe('lost');
    passHours(30);
    expect(await attempt(deliveryId, { waitedMs: 30 * 3_600_000 })).toBe('unknown');
    expect(stage.resend.received).toHaveLength(1);
  });
});

describe('the pause after an attempt', () => {
  it.each([
    [0, 2000],
    [1, 4000],
    [8, 512_000],
    [9, 900_000],
    [2000, 900_000],
  ])('that the receiver failed after %s others is %s ms', async (attempts, retryAfterMs) => {
    const { deliveryId } = await stage.pending(stage.to.webhook);
    await stage.deps.db.delivery.updateMany({ where: { id: deliveryId }, data: { attempts } });
    stage.receiver.answer(() => ({ status: 503 }));
    await expect(deliverAlert(stage.org.asSystem(), { deliveryId, round: 1 })).rejects.toMatchObject({ retryAfterMs });
  });

  it('that the database failed is left to the workflow, and counts as none', async () => {
    const { deliveryId } = await stage.pending(stage.to.webhook);
    const where = { id: deliveryId };
    await stage.deps.db.delivery.updateMany({ where, data: { destination: { kind: 'unreadable' } } });
    await expect(deliverAlert(stage.org.asSystem(), { deliveryId, round: 1 })).rejects.not.toSatisfy(isDeliveryFailure);
    expect(await stage.deps.db.delivery.findUnique({ where })).toMatchObject({ state: 'pending', attempts: 0 });
  });
});
