import { CircleAlert, CircleCheck, CircleDashed, CircleX, Pause, TriangleAlert, Wrench } from 'lucide-react';
import type { CheckErrorKind, CheckOutcome, MonitorState } from '../../../domain/monitor/monitor.ts';
import { Badge } from '../../ui/badge.tsx';

const outcomes = {
  pass: { tone: 'pass', icon: CircleCheck, text: 'Pass' },
  degraded: { tone: 'partial', icon: TriangleAlert, text: 'Degraded' },
  fail: { tone: 'fail', icon: CircleX, text: 'Fail' },
  error: { tone: 'error', icon: CircleAlert, text: 'Error' },
} as const;

export function OutcomeBadge({ outcome }: { outcome: CheckOutcome }) {
  const { tone, icon, text } = outcomes[outcome];
  return (
    <Badge tone={tone} icon={icon}>
      {text}
    </Badge>
  );
}

/** A monitor's state by its latest check, unless it is paused or deleted. */
export function MonitorStatus({ state, outcome }: { state: MonitorState; outcome: CheckOutcome | null }) {
  if (state === 'archived') return <Badge>Deleted</Badge>;
  if (state === 'paused') return <Badge icon={Pause}>Paused</Badge>;
  if (outcome === null) return <Badge icon={CircleDashed}>No check yet</Badge>;
  return <OutcomeBadge outcome={outcome} />;
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

/** Formats 0 to 1 as a percentage, never rounded up to 100 %. */
export function percent(share: number | null): string {
  if (share === null) return '–';
  return `${(Math.floor(share * 10_000) / 100).toLocaleString('en', { maximumFractionDigits: 2 })} %`;
}

const intervals: { [seconds: number]: string } = {
  60: 'Every minute',
  300: 'Every 5 minutes',
  900: 'Every 15 minutes',
  3600: 'Every hour',
};
export const intervalLabels = (seconds: number): string => intervals[seconds] ?? `Every ${seconds} s`;
