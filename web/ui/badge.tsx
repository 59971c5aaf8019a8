import {
  CircleAlert,
  CircleCheck,
  CircleDashed,
  CircleX,
  Flag,
  LoaderCircle,
  type LucideIcon,
  TriangleAlert,
} from 'lucide-react';
import type { ReactNode } from 'react';
import type { RunStatus } from '../../domain/run/run.ts';

const tones = {
  pass: 'bg-pass-soft text-pass',
  partial: 'bg-partial-soft text-partial',
  fail: 'bg-fail-soft text-fail',
  error: 'bg-error-soft text-error',
  info: 'bg-accent-soft text-accent',
  plain: 'bg-sunken text-muted',
} as const;

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
      className={`inline-flex items-center gap-1.5 rounded-full px-2.5 py-0.5 text-xs font-semibold whitespace-nowrap ${tones[tone]}`}
    >
      {Icon ? <Icon aria-hidden="true" className="size-3.5" /> : null}
      {children}
    </span>
  );
}

const statuses: { [status in RunStatus]: { tone: keyof typeof tones; icon: LucideIcon; text: string } } = {
  pending: { tone: 'plain', icon: CircleDashed, text: 'Pending' },
  running: { tone: 'info', icon: LoaderCircle, text: 'Running' },
  pass: { tone: 'pass', icon: CircleCheck, text: 'Pass' },
  partial: { tone: 'partial', icon: TriangleAlert, text: 'Partial' },
  fail: { tone: 'fail', icon: CircleX, text: 'Fail' },
  error: { tone: 'error', icon: CircleAlert, text: 'Error' },
};

/** A run's status or a verdict, which share their values. */
export function StatusBadge({ status }: { status: RunStatus }) {
  const { tone, icon, text } = statuses[status];
  return (
    <Badge tone={tone} icon={icon}>
      {text}
    </Badge>
  );
}

export function FlagBadge() {
  return (
    <Badge tone="fail" icon={Flag}>
      Called a blocked tool
    </Badge>
  );
}

const states: { [state: string]: { tone: keyof typeof tones; text: string } } = {
  active: { tone: 'pass', text: 'Active' },
  paused: { tone: 'partial', text: 'Paused' },
  archived: { tone: 'plain', text: 'Archived' },
  reachable: { tone: 'pass', text: 'Reachable' },
  unreachable: { tone: 'fail', text: 'Unreachable' },
  unknown: { tone: 'plain', text: 'Not probed yet' },
};

/** State of a workflow or a server. */
export function StateBadge({ state }: { state: string }) {
  const { tone, text } = states[state] ?? { tone: 'plain' as const, text: state };
  return <Badge tone={tone}>{text}</Badge>;
}

const proposalStates: { [state: string]: { tone: keyof typeof tones; text: string } } = {
  open: { tone: 'info', text: 'Open' },
  applied: { tone: 'pass', text: 'Applied' },
  rejected: { tone: 'fail', text: 'Rejected' },
  expired: { tone: 'plain', text: 'Expired' },
};

/** State of a proposal; open ones whose workflow has changed are stale. */
export function ProposalState({ state, stale }: { state: string; stale: boolean }) {
  const { tone, text } = proposalStates[state] ?? { tone: 'plain' as const, text: state };
  return stale ? <Badge tone="partial">Stale</Badge> : <Badge tone={tone}>{text}</Badge>;
}

/** Pass rate over 7 days, 0–1: green from 95 %, amber from 70 %, red below. */
export function PassRate({ rate }: { rate: number | null }) {
  if (rate === null) return <span className="text-muted">No graded runs</span>;
  const tone = rate >= 0.95 ? 'pass' : rate >= 0.7 ? 'partial' : 'fail';
  return <Badge tone={tone}>{`${Math.floor(rate * 100)} %`}</Badge>;
}
