import { type LucideIcon, Wrench } from 'lucide-react';
import type { ReactNode } from 'react';
import type { CheckOutcome } from '../../../domain/monitor/monitor.ts';
import { useFormat } from '../../shell/reader-provider.tsx';
import { FlagChip, StateLabel, StatusChip } from './status-chip.tsx';

const tones = {
  pass: 'bg-pass-soft text-pass',
  partial: 'bg-partial-soft text-partial',
  fail: 'bg-fail-soft text-fail',
  error: 'bg-error-soft text-error',
  info: 'bg-accent-soft text-accent',
  plain: 'bg-sunken text-muted',
} as const;

/** A short note. Outcomes have `StatusChip`, states `StateLabel`. */
export function Badge({
  tone = 'plain',
  icon: Icon,
  children,
}: {
  tone?: keyof typeof tones;
  icon?: LucideIcon;
  children: ReactNode;
}) {
  return (
    <span
      className={`inline-flex h-5 shrink-0 items-center gap-1 rounded-full px-2 text-xs font-medium whitespace-nowrap ${tones[tone]}`}
    >
      {Icon ? <Icon aria-hidden="true" className="size-3" /> : null}
      {children}
    </span>
  );
}

const states: { [state: string]: string } = {
  active: 'Active',
  paused: 'Paused',
  archived: 'Archived',
  reachable: 'Reachable',
  unknown: 'Not probed yet',
};

/** State of a workflow or a server. */
export function StateBadge({ state }: { state: string }) {
  if (state === 'unreachable') return <StatusChip status="fail">Unreachable</StatusChip>;
  return <StateLabel>{states[state] ?? state}</StateLabel>;
}

const proposalStates: { [state: string]: string } = {
  open: 'Open',
  applied: 'Applied',
  rejected: 'Rejected',
  expired: 'Expired',
};

/** State of a proposal; open ones whose workflow has changed are stale. */
export function ProposalState({ state, stale }: { state: string; stale: boolean }) {
  return <StateLabel>{stale ? 'Stale' : (proposalStates[state] ?? state)}</StateLabel>;
}

/**
 * Pass rate, 0–1: a pass from 95 %, partial from 70 %, else a failure.
 * @param props.flagged runs that called a blocked tool: a healthy rate doesn't say that
 */
export function PassRate({ rate, flagged = 0 }: { rate: number | null; flagged?: number }) {
  const format = useFormat();
  return (
    <span className="inline-flex flex-wrap items-center gap-x-2">
      {rate === null ? (
        <span className="text-muted">No graded runs</span>
      ) : (
        <StatusChip status={rate >= 0.95 ? 'pass' : rate >= 0.7 ? 'partial' : 'fail'}>
          {format.percent(rate)}
        </StatusChip>
      )}
      {flagged > 0 ? (
        <span
          className="inline-flex items-center gap-1 font-medium text-fail text-xs whitespace-nowrap"
          title={`${format.count(flagged, 'run')} called a blocked tool`}
        >
          <FlagChip compact /> {format.number(flagged)} flagged
        </span>
      ) : null}
    </span>
  );
}

/** Outcome of a check. */
export function OutcomeBadge({ outcome }: { outcome: CheckOutcome }) {
  if (outcome === 'degraded') return <StatusChip status="partial">Degraded</StatusChip>;
  return <StatusChip status={outcome} />;
}

/** During a maintenance window. */
export function MaintenanceBadge() {
  return (
    <Badge tone="info" icon={Wrench}>
      Maintenance
    </Badge>
  );
}
