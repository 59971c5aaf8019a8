import { StateLabel, StatusChip } from '../../../ui/base/status-chip.tsx';

/** Whether a server answered its latest probe. */
export function ServerStatus({
  server: { status, archivedAt },
}: {
  server: { status: string; archivedAt: string | null };
}) {
  if (archivedAt !== null) return <StateLabel>Deleted</StateLabel>;
  if (status === 'reachable') return <StatusChip status="pass">Reachable</StatusChip>;
  if (status === 'unreachable') return <StatusChip status="fail">Unreachable</StatusChip>;
  return <StatusChip status="pending">Not probed yet</StatusChip>;
}
