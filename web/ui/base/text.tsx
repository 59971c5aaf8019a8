import { ChevronRight } from 'lucide-react';
import type { ReactNode } from 'react';

export function Code({ children }: { children: ReactNode }) {
  return <code className="rounded bg-sunken px-1 py-0.5 font-mono text-[0.85em]">{children}</code>;
}

/** Content of any length in a box of limited height. */
export function ScrollBox({ children, label }: { children: ReactNode; label: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard.
    <section tabIndex={0} aria-label={label} className="max-h-72 overflow-auto">
      {children}
    </section>
  );
}

/** Text from targets, models and people, unchanged and of any length. */
export function RawText({ children, label }: { children: string; label: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard.
    <section tabIndex={0} aria-label={label} className="max-h-96 overflow-auto rounded-md bg-sunken p-3">
      <pre className="font-mono text-xs whitespace-pre-wrap [overflow-wrap:anywhere]">{children}</pre>
    </section>
  );
}

/** Arrow of a collapsible summary. */
export function DisclosureIcon() {
  return <ChevronRight aria-hidden="true" className="opens size-4 shrink-0 self-center text-muted" />;
}
