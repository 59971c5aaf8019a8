import { Form, useNavigation } from 'react-router';
import type { UsedDestination } from '../../../services/destination/list-used.ts';
import { Button } from '../../ui/base/button.tsx';
import { Time } from '../../ui/base/time.tsx';
import { aboveRow, type Column, DataTable } from '../../ui/data/data-table.tsx';
import { DeliveryBadge } from './delivery-table.tsx';

type Row = UsedDestination & { webhook: { url: string; problem: string | null } | null };

const kinds = { email: 'E-mail', slack: 'Slack', webhook: 'Webhook' } as const;

/** @param props.base path of the workspace @param props.mayConnect whether webhooks can be opened */
export function DestinationTable({
  destinations,
  base,
  mayEdit,
  mayConnect,
}: {
  destinations: Row[];
  base: string;
  mayEdit: boolean;
  mayConnect: boolean;
}) {
  const test: Column<Row> = {
    key: 'test',
    head: 'Actions',
    headHidden: true,
    align: 'right',
    cell: ({ destination }) => <TestButton destination={destination} />,
  };
  return (
    <DataTable
      label="Destinations"
      rows={destinations}
      rowKey={({ destination }) => `${destination.kind} ${destination.label}`}
      to={({ destination }) =>
        mayConnect && destination.kind === 'webhook'
          ? `${base}/alerts/destinations/webhooks/${destination.webhookId}`
          : null
      }
      columns={[
        {
          key: 'name',
          head: 'Destination',
          phone: 'title',
          cell: ({ destination, webhook }) => (
            <>
              <span className="font-medium">{destination.label.replace(/^webhook /, '')}</span>
              <span data-verbatim className="line-clamp-2 font-normal text-muted">
                {webhook ? webhook.url : kinds[destination.kind]}
              </span>
              {problemOf({ destination, webhook }) ? (
                <span className="block font-normal text-fail">{problemOf({ destination, webhook })}</span>
              ) : null}
            </>
          ),
        },
        {
          key: 'rules',
          head: 'Rules',
          cell: ({ rules }) => {
            const [first, ...more] = rules;
            if (!first) return 'None';
            return more.length > 0 ? `${first.name} and ${more.length} more` : first.name;
          },
        },
        {
          key: 'last',
          head: 'Last notification',
          phone: 'status',
          cell: ({ last }) =>
            last ? (
              <span className="inline-flex flex-wrap items-center gap-x-2">
                <DeliveryBadge state={last.state} />
                <span className="text-muted max-md:hidden">
                  <Time at={last.at} relative />
                </span>
              </span>
            ) : (
              'None yet'
            ),
        },
        ...(mayEdit ? [test] : []),
      ]}
    />
  );
}

/** Why nothing arrives. An e-mail without a provider is in the outbox, which is no problem of the address. */
const problemOf = ({ destination, webhook }: Pick<Row, 'destination' | 'webhook'>): string | null =>
  webhook?.problem ?? (destination.kind === 'email' ? null : destination.problem);

function TestButton({ destination: { label, problem: _, ...destination } }: Pick<Row, 'destination'>) {
  const { state, formData } = useNavigation();
  const written = JSON.stringify(destination);
  const isTesting = state !== 'idle' && formData?.get('destination') === written;
  return (
    <Form method="post" action="?" preventScrollReset className={`inline-block ${aboveRow}`}>
      <input type="hidden" name="destination" value={written} />
      <Button
        variant="quiet"
        className="whitespace-nowrap"
        disabled={state !== 'idle'}
        aria-label={`Send a test to ${label}`}
      >
        {isTesting ? 'Sending …' : 'Send a test'}
      </Button>
    </Form>
  );
}
