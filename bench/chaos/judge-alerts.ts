import { isClosing } from '../../domain/notification/delivery.ts';
import { type DeliveryKind, deliveryKinds } from '../../domain/notification/rule.ts';
import { oneOf } from '../../domain/values/closed-set.ts';
import { findRepeated, type Promised } from './promise.ts';
import type { Arrival } from './receivers.ts';

export type IncidentEvidence = {
  id: string;
  subject: string;
  openedAt: Date;
  closedAt: Date | null;
  /** Rules that have to notify of it. Empty where another incident notifies instead. */
  ruleIds: string[];
};

export type DeliveryEvidence = {
  id: string;
  ruleId: string;
  incidentId: string;
  kind: string;
  sequence: number;
  state: string;
  error: string | null;
  providerId: string | null;
  service: Arrival['service'];
};

type AlertEvidence = {
  incidents: readonly IncidentEvidence[];
  deliveries: readonly DeliveryEvidence[];
  arrivals: readonly Arrival[];
  /** `<rule id> <incident id>` of those that flap: their end is notified an hour after the last change. */
  flapping: ReadonlySet<string>;
  /** When processes were killed, in Unix milliseconds. */
  killedAt: readonly number[];
};

const queueOf = ({ ruleId, incidentId }: { ruleId: string; incidentId: string }) => `${ruleId} ${incidentId}`;
const mayHaveArrived: ReadonlySet<string> = new Set(['delivered', 'unknown']);
/** Longer than a request and what follows it takes. */
const requestMs = 60_000;

export function judgeAlerts(of: AlertEvidence): Promised[] {
  const { incidents, deliveries } = of;
  const queues = Map.groupBy(deliveries, queueOf);
  const notified = new Set(queues.keys());
  return [
    {
      name: 'incidents left open',
      broken: incidents.filter(({ closedAt }) => !closedAt).map(({ id, subject }) => `${id} of ${subject}`),
    },
    {
      name: 'incidents that a rule did not notify of',
      broken: incidents.flatMap(({ id, subject, ruleIds }) =>
        ruleIds
          .map((ruleId) => ({ ruleId, incidentId: id }))
          .filter((queue) => !notified.has(queueOf(queue)) && !of.flapping.has(queueOf(queue)))
          .map(({ ruleId }) => `${id} of ${subject} by rule ${ruleId}`),
      ),
    },
    {
      name: 'alerts opened for a recipient and not closed',
      broken: [...queues]
        .filter(([queue, all]) => isLeftOpen(all) && !of.flapping.has(queue))
        .map(([queue, all]) => `${queue}: ${sorted(all).map(({ kind, state }) => `${kind} ${state}`)}`),
    },
    {
      name: 'deliveries not ended, or failed',
      broken: deliveries.filter(({ state }) => state === 'pending' || state === 'failed').map(describe),
    },
    { name: 'deliveries recorded as delivered and never received', broken: findNeverReceived(of) },
    { name: 'messages out of order', broken: findOutOfOrder(of) },
    { name: 'messages sent again without need, or not as the same message', broken: findDoubled(of) },
  ];
}

const sorted = (deliveries: readonly DeliveryEvidence[]) => [...deliveries].sort((a, b) => a.sequence - b.sequence);

/** The last message that may have arrived says that something fails. */
function isLeftOpen(deliveries: readonly DeliveryEvidence[]): boolean {
  const last = sorted(deliveries).findLast(({ state }) => mayHaveArrived.has(state));
  return last !== undefined && !isClosing(toKind(last));
}

const toKind = ({ kind }: DeliveryEvidence): DeliveryKind => oneOf(deliveryKinds, kind);

/** The delivery that a request was about; Slack's only where it was accepted. */
function matchDeliveries({ deliveries, arrivals }: AlertEvidence): { arrival: Arrival; delivery: DeliveryEvidence }[] {
  const byId = new Map(deliveries.map((delivery) => [delivery.id, delivery]));
  const byTs = new Map(
    deliveries.map((delivery) => [
      delivery.service === 'slack' ? delivery.providerId?.split(':')[1] : undefined,
      delivery,
    ]),
  );
  return arrivals.flatMap((arrival) => {
    const delivery =
      arrival.service === 'slack'
        ? byTs.get(arrival.ts ?? 'none')
        : byId.get(/[0-9a-f-]{36}/.exec(arrival.message)?.[0] ?? '');
    return delivery ? [{ arrival, delivery }] : [];
  });
}

function findNeverReceived(of: AlertEvidence): string[] {
  const received = new Set(
    matchDeliveries(of).flatMap(({ arrival, delivery }) => (arrival.reaction === 'refused' ? [] : [delivery.id])),
  );
  return of.deliveries.filter(({ id, state }) => state === 'delivered' && !received.has(id)).map(describe);
}

function findOutOfOrder(of: AlertEvidence): string[] {
  const last = new Map<string, number>();
  return matchDeliveries(of).flatMap(({ delivery }) => {
    const queue = queueOf(delivery);
    const before = last.get(queue) ?? 0;
    last.set(queue, Math.max(before, delivery.sequence));
    return delivery.sequence < before ? [`${describe(delivery)} arrived after message ${before}`] : [];
  });
}

/**
 * A message that was accepted may come again if something died in between; one whose fate is unknown may come again
 * where the receiver can tell.
 */
function findDoubled({ arrivals, deliveries, killedAt }: AlertEvidence): string[] {
  const keys = findRepeated(
    [...new Set(arrivals.filter(({ service }) => service !== 'slack').map(({ message }) => message))],
    (message) => /[0-9a-f-]{36}/.exec(message)?.[0] ?? message,
  ).map(([id, group]) => `delivery ${id} was sent under ${group}`);
  const doubled = [...Map.groupBy(arrivals, ({ message }) => message)].flatMap(([message, group]) => {
    const title = `${group.length} requests of ${message.slice(0, 120)}`;
    if (new Set(group.map(({ body }) => body)).size > 1) return [`${title}: different bodies`];
    return group.slice(1).flatMap((again, index) => {
      const before = group.slice(0, index + 1).findLast(({ reaction }) => reaction !== 'refused');
      if (!before) return [];
      if (again.service === 'slack') return [`${title}: one may have been accepted before`];
      const isExcused =
        before.reaction === 'lost' || killedAt.some((at) => at > before.at - requestMs && at < again.at);
      return isExcused ? [] : [`${title}: one was accepted, and nothing died since`];
    });
  });
  return [...keys, ...doubled, ...deliveries.filter(({ state }) => state === 'bounced').map(describe)];
}

const describe = ({ id, ruleId, incidentId, kind, sequence, state, error }: DeliveryEvidence): string =>
  `delivery ${id} (rule ${ruleId}, incident ${incidentId}, ${kind}, number ${sequence}): ${state} ${error ?? ''}`;
