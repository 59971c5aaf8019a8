import type { IncidentView } from '../../../services/incident/view.ts';
import { useFormat } from '../../shell/reader-provider.tsx';
import { StateLabel, StatusChip } from '../../ui/base/status-chip.tsx';
import { Elapsed } from '../../ui/base/time.tsx';
import { closeReasonLabels } from './labels.ts';

/** Whether it is open, or how it ended. */
export function IncidentStatus({ incident }: { incident: Pick<IncidentView, 'state' | 'level' | 'closeReason'> }) {
  const { state, level, closeReason } = incident;
  if (state === 'open')
    return level === 'warn' ? (
      <StatusChip status="partial">Degraded</StatusChip>
    ) : (
      <StatusChip status="fail">Failing</StatusChip>
    );
  if (closeReason === 'recovered') return <StatusChip status="pass">Recovered</StatusChip>;
  return <StateLabel>{closeReason === null ? 'Closed' : closeReasonLabels[closeReason]}</StateLabel>;
}

/** From the first failure to the end, or until now, counting. */
export function IncidentLength({ incident: { openedAt, closedAt } }: { incident: IncidentView }) {
  const format = useFormat();
  if (closedAt === null) return <Elapsed since={openedAt} />;
  return format.duration(Math.max(0, Date.parse(closedAt) - Date.parse(openedAt)));
}
