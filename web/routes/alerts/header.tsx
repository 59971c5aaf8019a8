import type { ReactNode } from 'react';
import { useParams } from 'react-router';
import { PageHeader } from '../../ui/page/page-header.tsx';

/** The head of the pages of Alerts, one tab each. */
export function AlertsHeader({ note, actions }: { note?: ReactNode; actions?: ReactNode }) {
  const at = `/o/${useParams().org}/alerts`;
  return (
    <PageHeader
      title="Alerts"
      note={note}
      actions={actions}
      tabs={[
        { to: at, text: 'Rules' },
        { to: `${at}/destinations`, text: 'Destinations' },
        { to: `${at}/deliveries`, text: 'Deliveries' },
        { to: `${at}/outbox`, text: 'Outbox' },
        { to: `${at}/maintenance`, text: 'Maintenance' },
      ]}
    />
  );
}
