import { useFormat } from '../../../shell/reader-provider.tsx';
import { MaintenanceBadge } from '../../../ui/base/badge.tsx';
import { StateLabel } from '../../../ui/base/status-chip.tsx';
import { Time } from '../../../ui/base/time.tsx';
import { DataTable } from '../../../ui/data/data-table.tsx';
import { errorKindLabels, type ListedCheck, toCheckId } from '../labels.ts';
import { CheckOutcomeBadge } from '../status.tsx';

export type CheckTableProps = {
  checks: ListedCheck[];
  label: string;
  /** Address of a check's details. */
  to: (check: ListedCheck) => string;
  opensInPlace?: boolean;
};

/** Checks of a monitor. Its frame gives it to the tabs. */
export function CheckTable({ checks, label, to, opensInPlace = false }: CheckTableProps) {
  const format = useFormat();
  return (
    <DataTable
      label={label}
      compact
      rows={checks}
      rowKey={toCheckId}
      to={to}
      opensInPlace={opensInPlace}
      columns={[
        { key: 'outcome', head: 'Outcome', phone: 'status', cell: (check) => <CheckOutcomeBadge check={check} /> },
        { key: 'at', head: 'Checked', phone: 'title', cell: ({ at }) => <Time at={at} /> },
        { key: 'why', head: 'Reason', cell: (check) => <Reason check={check} /> },
        {
          key: 'latency',
          head: 'Latency',
          align: 'right',
          cell: ({ latencyMs }) => (latencyMs === null ? null : format.duration(latencyMs)),
        },
      ]}
    />
  );
}

function Reason({ check: { errorKind, degradedBy, key, maintenance } }: { check: ListedCheck }) {
  const facts = [
    ...(errorKind && errorKind !== 'not_reached' ? [errorKindLabels(errorKind)] : []),
    ...degradedBy.slice(0, 1),
  ].join(' · ');
  if (facts === '' && key === null && !maintenance) return null;
  return (
    <span className="inline-flex flex-wrap items-center gap-x-2 gap-y-1">
      {key ? <StateLabel>Manual</StateLabel> : null}
      {maintenance ? <MaintenanceBadge /> : null}
      {facts ? (
        <span className="line-clamp-1 [overflow-wrap:anywhere]" data-verbatim>
          {facts}
        </span>
      ) : null}
    </span>
  );
}
