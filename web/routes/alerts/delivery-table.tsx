import { Form, useNavigation } from 'react-router';
import type { DeliveryState } from '../../../domain/notification/rule.ts';
import type { DeliveryView } from '../../../services/delivery/reading/view.ts';
import { Button } from '../../ui/base/button.tsx';
import { type Status, StatusChip } from '../../ui/base/status-chip.tsx';
import { Time } from '../../ui/base/time.tsx';
import { aboveRow, type Column, DataTable } from '../../ui/data/data-table.tsx';
import { deliveryKindLabels, deliveryStateLabels } from './delivery-labels.ts';

const looks: { [state in DeliveryState]: Status } = {
  pending: 'pending',
  delivered: 'pass',
  outbox: 'skipped',
  unknown: 'partial',
  failed: 'fail',
  bounced: 'fail',
  superseded: 'skipped',
};

export const DeliveryBadge = ({ state }: { state: DeliveryState }) => (
  <StatusChip status={looks[state]}>{deliveryStateLabels[state]}</StatusChip>
);

/** @param props.base path of the workspace @param props.withRule false on the page of one rule */
export function DeliveryTable({
  deliveries,
  base,
  mayEdit,
  withRule = true,
}: {
  deliveries: DeliveryView[];
  base: string;
  mayEdit: boolean;
  withRule?: boolean;
}) {
  const rule: Column<DeliveryView> = { key: 'rule', head: 'Rule', wide: true, cell: ({ ruleName }) => ruleName };
  const again: Column<DeliveryView> = {
    key: 'again',
    head: 'Actions',
    headHidden: true,
    align: 'right',
    phone: 'none',
    cell: (delivery) => (delivery.canRetry ? <SendAgain delivery={delivery} isQuiet /> : ''),
  };
  return (
    <DataTable
      label="Deliveries"
      rows={deliveries}
      rowKey={({ id }) => id}
      to={({ id }) => `${base}/alerts/deliveries/${id}`}
      columns={[
        { key: 'state', head: 'State', phone: 'status', cell: ({ state }) => <DeliveryBadge state={state} /> },
        {
          key: 'message',
          head: 'Message',
          phone: 'title',
          cell: ({ title, kind, error }) => (
            <>
              <span data-verbatim className="line-clamp-1">
                {kind === 'test' ? 'Test message' : title}
              </span>
              <span data-verbatim className="line-clamp-1 font-normal text-muted">
                {deliveryKindLabels[kind]}
                {error ? ` · ${error}` : ''}
              </span>
            </>
          ),
        },
        { key: 'to', head: 'To', cell: ({ destination }) => destination.label },
        ...(withRule ? [rule] : []),
        { key: 'at', head: 'When', align: 'right', cell: ({ createdAt }) => <Time at={createdAt} relative /> },
        ...(mayEdit && deliveries.some(({ canRetry }) => canRetry) ? [again] : []),
      ]}
    />
  );
}

export function SendAgain({
  delivery: { id, kind, destination },
  isQuiet = false,
}: {
  delivery: Pick<DeliveryView, 'id' | 'kind' | 'destination'>;
  isQuiet?: boolean;
}) {
  const busy = useNavigation().state !== 'idle';
  return (
    <Form method="post" action="?" preventScrollReset className={aboveRow}>
      <input type="hidden" name="deliveryId" value={id} />
      <Button
        variant={isQuiet ? 'quiet' : 'primary'}
        name="intent"
        value="retry"
        disabled={busy}
        className="whitespace-nowrap"
        aria-label={`Send again: ${deliveryKindLabels[kind]} to ${destination.label}`}
      >
        Send again
      </Button>
    </Form>
  );
}
