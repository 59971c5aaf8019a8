import { CircleDashed, Wrench } from 'lucide-react';
import type { CheckErrorKind, CheckOutcome, MonitorState } from '../../../domain/monitor/monitor.ts';
import { Badge } from '../../ui/base/badge.tsx';
import { StateLabel, StatusChip } from '../../ui/base/status-chip.tsx';

export function OutcomeBadge({ outcome }: { outcome: CheckOutcome }) {
  if (outcome === 'degraded') return <StatusChip status="partial">Degraded</StatusChip>;
  return <StatusChip status={outcome} />;
}

/** A monitor's state by its latest check, unless it is paused or deleted. */
export function MonitorStatus({ state, outcome }: { state: MonitorState; outcome: CheckOutcome | null }) {
  if (state === 'archived') return <StateLabel>Deleted</StateLabel>;
  if (state === 'paused') return <StateLabel>Paused</StateLabel>;
  if (outcome === null) return <StatusChip status="pending">No check yet</StatusChip>;
  return <OutcomeBadge outcome={outcome} />;
}

/** Of a monitor that has never passed. */
export function SettingUpBadge() {
  return (
    <Badge tone="info" icon={CircleDashed}>
      Setting up
    </Badge>
  );
}

export function MaintenanceBadge() {
  return (
    <Badge tone="info" icon={Wrench}>
      Maintenance
    </Badge>
  );
}

const kinds: { [kind in CheckErrorKind]: string } = {
  unreachable: 'could not be reached',
  timeout: 'no answer in time',
  http_status: 'unexpected HTTP status',
  auth: 'credentials refused',
  protocol: 'the answer is not MCP',
  malformed: 'malformed answer',
  rpc_error: 'JSON-RPC error',
  input_required: 'asks for input',
  too_large: 'the answer is too large',
  misconfigured: 'can not be carried out as it is saved',
  not_reached: 'not reached in time',
};
export const errorKindLabels = (kind: CheckErrorKind): string => kinds[kind];

const intervals: { [seconds: number]: string } = {
  60: 'Every minute',
  300: 'Every 5 minutes',
  900: 'Every 15 minutes',
  3600: 'Every hour',
};
export const intervalLabels = (seconds: number): string => intervals[seconds] ?? `Every ${seconds} s`;
