import { CircleDashed } from 'lucide-react';
import type { CheckErrorKind, CheckOutcome, MonitorState } from '../../../domain/monitor/monitor.ts';
import { Badge, OutcomeBadge } from '../../ui/base/badge.tsx';
import { StateLabel, type Status, StatusChip } from '../../ui/base/status-chip.tsx';

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

/** How charts mark an outcome. */
export const toStatus = (outcome: CheckOutcome): Status => (outcome === 'degraded' ? 'partial' : outcome);

export function CheckOutcomeBadge({
  check: { outcome, errorKind },
}: {
  check: { outcome: CheckOutcome; errorKind: CheckErrorKind | null };
}) {
  return errorKind === 'not_reached' ? <Badge>Not reached</Badge> : <OutcomeBadge outcome={outcome} />;
}
