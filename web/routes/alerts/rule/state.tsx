import { StateLabel, StatusChip } from '../../../ui/base/status-chip.tsx';
import { Time } from '../../../ui/base/time.tsx';

/** Whether a rule notifies at the moment. */
export function RuleState({
  rule: { state, mutedUntil, isArchived, isBuiltIn, target, destination },
}: {
  rule: {
    state: 'watching' | 'paused';
    mutedUntil: string | null;
    isArchived: boolean;
    isBuiltIn: boolean;
    target: { isArchived: boolean };
    destination: { problem: string | null; kind: string } | null;
  };
}) {
  if (isArchived) return <StateLabel>Deleted</StateLabel>;
  return (
    <span className="inline-flex flex-wrap gap-1">
      <StateLabel>{state === 'watching' ? 'Active' : isBuiltIn ? 'Off' : 'Paused'}</StateLabel>
      {mutedUntil ? (
        <StateLabel>
          Muted until&nbsp;
          <Time at={mutedUntil} />
        </StateLabel>
      ) : null}
      {target.isArchived ? <StatusChip status="fail">Target deleted</StatusChip> : null}
      {destination?.problem && destination.kind !== 'email' ? (
        <StatusChip status="fail">Can't deliver</StatusChip>
      ) : null}
    </span>
  );
}
