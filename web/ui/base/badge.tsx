import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { useFormat } from '../../shell/reader-provider.tsx';
import { StateLabel, StatusChip } from './status-chip.tsx';

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

/** Pass rate over 7 days, 0–1: a pass from 95 %, partial from 70 %, else a failure. */
export function PassRate({ rate }: { rate: number | null }) {
  const format = useFormat();
  if (rate === null) return <span className="text-muted">No graded runs</span>;
  return (
    <StatusChip status={rate >= 0.95 ? 'pass' : rate >= 0.7 ? 'partial' : 'fail'}>{format.percent(rate)}</StatusChip>
  );
}
