import { Form } from 'react-router';
import type { DeliveryKind, DeliveryState } from '../../../domain/notification/rule.ts';
import { Badge } from '../../ui/base/badge.tsx';
import { Button, TextLink } from '../../ui/base/button.tsx';
import { Time } from '../../ui/base/time.tsx';
import { cellClass, Table } from '../../ui/data/table.tsx';
import { deliveryKindLabels, deliveryStateLabels } from './delivery-labels.ts';

type Delivery = {
  id: string;
  ruleId: string;
  ruleName: string;
  incidentId: string | null;
  kind: DeliveryKind;
  destination: { label: string };
  state: DeliveryState;
  attempts: number;
  round: number;
  error: string | null;
  title: string;
  subject: { name: string };
  canRetry: boolean;
  createdAt: string;
  endedAt: string | null;
};

const tones = {
  pending: 'info',
  delivered: 'pass',
  outbox: 'plain',
  unknown: 'partial',
  failed: 'fail',
  bounced: 'fail',
  superseded: 'plain',
} as const;

export const DeliveryBadge = ({ state }: { state: DeliveryState }) => (
  <Badge tone={tones[state]}>{deliveryStateLabels[state]}</Badge>
);

/** @param base path of the workspace @param withRule false on the page of one rule */
export function DeliveryTable({
  deliveries,
  base,
  mayEdit,
  busy,
  withRule = true,
}: {
  deliveries: Delivery[];
  base: string;
  mayEdit: boolean;
  busy: boolean;
  withRule?: boolean;
}) {
  return (
    <Table label="Deliveries" head={['Message', ...(withRule ? ['Rule'] : []), 'To', 'State', 'When', 'Send again']}>
      {deliveries.map((delivery) => (
        <tr key={delivery.id} id={`delivery-${delivery.id}`} className="hover:bg-sunken/60">
          <td className={cellClass}>
            <p className="font-medium">{deliveryKindLabels[delivery.kind]}</p>
            <p className="line-clamp-2 max-w-md text-muted">
              {delivery.incidentId ? (
                <TextLink to={`${base}/incidents/${delivery.incidentId}`}>{delivery.title}</TextLink>
              ) : (
                delivery.title
              )}
            </p>
          </td>
          {withRule ? (
            <td className={cellClass}>
              <TextLink to={`${base}/alerts/rules/${delivery.ruleId}`}>{delivery.ruleName}</TextLink>
            </td>
          ) : null}
          <td className={`${cellClass} max-w-56`}>{delivery.destination.label}</td>
          <td className={cellClass}>
            <DeliveryBadge state={delivery.state} />
            {delivery.error ? <p className="mt-1 max-w-xs text-muted">{delivery.error}</p> : null}
            {delivery.state === 'outbox' ? (
              <p className="mt-1">
                <TextLink to={`${base}/alerts/outbox#delivery-${delivery.id}`}>Read it</TextLink>
              </p>
            ) : null}
            {delivery.round > 1 ? (
              <p className="mt-1 text-xs text-muted">Sent again {delivery.round - 1} times</p>
            ) : null}
          </td>
          <td className={cellClass}>
            <Time at={delivery.createdAt} relative />
          </td>
          <td className={cellClass}>
            {delivery.canRetry && mayEdit ? (
              <Form method="post" preventScrollReset>
                <input type="hidden" name="deliveryId" value={delivery.id} />
                <Button
                  name="intent"
                  value="retry"
                  disabled={busy}
                  aria-label={`Send again: ${deliveryKindLabels[delivery.kind]} to ${delivery.destination.label}`}
                >
                  Send again
                </Button>
                {delivery.state === 'unknown' ? (
                  <p className="mt-1 max-w-40 text-xs text-muted">
                    It may have arrived already, and would then arrive twice.
                  </p>
                ) : null}
              </Form>
            ) : (
              <span className="text-muted">–</span>
            )}
          </td>
        </tr>
      ))}
    </Table>
  );
}
