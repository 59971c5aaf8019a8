import type { ReactNode } from 'react';

const tones = {
  info: 'border-accent/40 bg-accent-soft text-ink',
  good: 'border-pass/40 bg-pass-soft text-pass',
  warning: 'border-partial/40 bg-partial-soft text-partial',
  bad: 'border-fail/40 bg-fail-soft text-fail',
} as const;

/** `alert` is announced when it appears: for answers to what the person just did. */
export function Notice({
  tone = 'info',
  alert = false,
  title,
  children,
}: {
  tone?: keyof typeof tones;
  alert?: boolean;
  title?: ReactNode;
  children?: ReactNode;
}) {
  return (
    <div role={alert ? 'alert' : undefined} className={`rounded-md border px-4 py-3 ${tones[tone]}`}>
      {title ? <p className="font-semibold">{title}</p> : null}
      {children ? <div>{children}</div> : null}
    </div>
  );
}
