import type { ReactNode } from 'react';

/** Outcomes of runs, criteria and checks. States, roles and kinds are no outcomes: `StateLabel` shows those. */
export type Status = 'pass' | 'partial' | 'fail' | 'error' | 'canceled' | 'skipped' | 'pending' | 'running';

/** How each outcome looks and is called. Charts and strips use the same. */
export const statusLooks: { [status in Status]: { text: string; chip: string; fill: string } } = {
  pass: { text: 'Pass', chip: 'bg-pass-soft text-pass', fill: 'fill-pass-fill bg-pass-fill' },
  partial: { text: 'Partial', chip: 'bg-partial-soft text-partial', fill: 'fill-partial-fill bg-partial-fill' },
  fail: { text: 'Fail', chip: 'bg-fail-soft text-fail', fill: 'fill-fail-fill bg-fail-fill' },
  error: { text: 'Error', chip: 'bg-error-soft text-error', fill: 'fill-error-fill bg-error-fill' },
  canceled: { text: 'Canceled', chip: 'bg-none-soft text-none', fill: 'fill-none-fill bg-none-fill' },
  skipped: { text: 'Skipped', chip: 'bg-none-soft text-none', fill: 'fill-none-fill bg-none-fill' },
  pending: { text: 'Pending', chip: 'bg-none-soft text-none', fill: 'fill-field bg-field' },
  running: { text: 'Running', chip: 'bg-running-soft text-running', fill: 'fill-running-fill bg-running-fill' },
};

const paths: { [status in Status]: ReactNode } = {
  pass: <circle cx="6" cy="6" r="4" fill="currentColor" />,
  partial: (
    <>
      <circle cx="6" cy="6" r="3.5" fill="none" stroke="currentColor" />
      <path d="M6 2.5a3.5 3.5 0 0 1 0 7z" fill="currentColor" />
    </>
  ),
  fail: <path d="m2.5 2.5 7 7m0-7-7 7" stroke="currentColor" strokeWidth="1.75" strokeLinecap="round" />,
  error: <path d="M6 1.5v5.5m0 2.9v.1" stroke="currentColor" strokeWidth="1.75" strokeLinecap="round" />,
  canceled: <path d="M2.5 6h7" stroke="currentColor" strokeWidth="1.75" strokeLinecap="round" />,
  skipped: <path d="M2.5 6h7" stroke="currentColor" strokeWidth="1.75" strokeLinecap="round" />,
  pending: <circle cx="6" cy="6" r="3.5" fill="none" stroke="currentColor" strokeDasharray="2 2" />,
  running: (
    <>
      <circle cx="6" cy="6" r="4" fill="none" stroke="currentColor" strokeWidth="1.5" opacity="0.3" />
      <path d="M6 2a4 4 0 0 1 4 4" fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinecap="round" />
    </>
  ),
};

/** The mark of an outcome, without its word. */
export function StatusIcon({ status }: { status: Status }) {
  return (
    <svg
      viewBox="0 0 12 12"
      aria-hidden="true"
      className={`size-3 shrink-0 ${status === 'running' ? 'motion-safe:animate-spin' : ''}`}
    >
      {paths[status]}
    </svg>
  );
}

/**
 * An outcome: its mark and word, or with `compact`, for dense tables, the mark with the word as a tooltip.
 * @param props.children another word, such as `Degraded` for `partial`
 */
export function StatusChip({
  status,
  compact = false,
  children,
}: {
  status: Status;
  compact?: boolean;
  children?: string;
}) {
  const { text, chip } = statusLooks[status];
  const word = children ?? text;
  return (
    <span
      title={compact ? word : undefined}
      className={`inline-flex h-5 shrink-0 items-center gap-1 rounded-full text-xs font-medium whitespace-nowrap ${compact ? 'px-1' : 'px-2'} ${chip}`}
    >
      <StatusIcon status={status} />
      {compact ? <span className="sr-only">{word}</span> : word}
    </span>
  );
}

/** Beside the status of a run that called a blocked tool. @param props.compact the pennant alone, with a tooltip */
export function FlagChip({ compact = false }: { compact?: boolean }) {
  const word = 'Called a blocked tool';
  return (
    <span
      title={compact ? word : undefined}
      className="inline-flex h-5 shrink-0 items-center gap-1 text-xs font-medium whitespace-nowrap text-fail"
    >
      <svg viewBox="0 0 12 12" aria-hidden="true" className="size-3 shrink-0">
        <path d="M3 11V1.5" stroke="currentColor" strokeWidth="1.25" strokeLinecap="round" />
        <path d="M3 1.5 10 4 3 6.5z" fill="currentColor" />
      </svg>
      {compact ? <span className="sr-only">{word}</span> : word}
    </span>
  );
}

/** A lifecycle state, role or kind: plain, never in the colour of an outcome. */
export function StateLabel({ children }: { children: ReactNode }) {
  return (
    <span className="inline-flex h-5 items-center rounded-full border border-line px-2 text-xs font-medium whitespace-nowrap text-muted">
      {children}
    </span>
  );
}
