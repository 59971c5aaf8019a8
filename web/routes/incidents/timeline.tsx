import type { ReactNode } from 'react';
import type { DeliveryKind, DeliveryState } from '../../../domain/notification/rule.ts';
import { TextLink } from '../../ui/base/button.tsx';
import { Card } from '../../ui/base/card.tsx';
import { Time } from '../../ui/base/time.tsx';
import { DeliveryBadge } from '../alerts/delivery-table.tsx';
import { closeReasonLabels, type Incident } from './table.tsx';

type Delivery = {
  id: string;
  ruleId: string;
  ruleName: string;
  kind: DeliveryKind;
  ordinal: number;
  state: DeliveryState;
  error: string | null;
  createdAt: string;
};

const told: { [kind in DeliveryKind]: string } = {
  opened: 'Told',
  reminder: 'Reminded',
  flapping: 'Notified as flapping',
  recovered: 'Notified of the recovery',
  closed: 'Notified of the end',
  test: 'Test',
};

/** The events of an incident in order, with its notifications. */
export function IncidentTimeline({
  incident,
  absorbed,
  deliveries,
  base,
}: {
  incident: Incident;
  absorbed: Incident[];
  deliveries: Delivery[];
  base: string;
}) {
  const events: { key: string; at: string; what: ReactNode }[] = [
    { key: 'opened', at: incident.openedAt, what: <>Opened: {incident.summary}</> },
    ...absorbed.map((each) => ({
      key: each.id,
      at: each.openedAt,
      what: (
        <>
          {each.subject.name} was taken in: <TextLink to={`${base}/incidents/${each.id}`}>{each.summary}</TextLink>
        </>
      ),
    })),
    ...deliveries.map((each) => ({
      key: each.id,
      at: each.createdAt,
      what: (
        <>
          {told[each.kind]} by the rule <TextLink to={`${base}/alerts/rules/${each.ruleId}`}>{each.ruleName}</TextLink>{' '}
          <DeliveryBadge state={each.state} />
          {each.error ? <span className="block text-muted">{each.error}</span> : null}
        </>
      ),
    })),
    ...(incident.failureCount > 1
      ? [
          {
            key: 'last',
            at: incident.lastFailedAt,
            what: (
              <>
                {incident.state === 'open' ? 'Failed' : 'Failed last'}, {incident.failureCount} times in all
              </>
            ),
          },
        ]
      : []),
    ...(incident.closedAt
      ? [{ key: 'closed', at: incident.closedAt, what: <>{closeReasonLabels[incident.closeReason ?? 'recovered']}</> }]
      : []),
  ];
  const order = ['opened', 'last', 'closed'];
  events.sort((a, b) => a.at.localeCompare(b.at) || order.indexOf(a.key) - order.indexOf(b.key));
  return (
    <Card title="Timeline">
      <ol className="space-y-3 border-line border-l-2 pl-4">
        {events.map(({ key, at, what }) => (
          <li key={key} className="flex flex-wrap gap-x-4">
            <span className="w-40 shrink-0 text-muted">
              <Time at={at} />
            </span>
            <span className="min-w-0 flex-1 [overflow-wrap:anywhere]">{what}</span>
          </li>
        ))}
      </ol>
      {deliveries.length === 0 ? (
        <p className="mt-3 text-muted">
          Nobody was notified: no rule matches, or its conditions are not met.{' '}
          <TextLink to={`${base}/alerts`}>Rules</TextLink>
        </p>
      ) : null}
    </Card>
  );
}
