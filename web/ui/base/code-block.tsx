import { CopyButton } from './copy-button.tsx';

/**
 * A snippet or document of any length, unchanged, with a button that copies it.
 * @param props.label its name for screen readers, shown above it
 */
export function CodeBlock({ label, children }: { label: string; children: string }) {
  return (
    <div className="overflow-hidden rounded-md border border-line bg-surface">
      <div className="flex min-h-8 items-center justify-between gap-2 border-line border-b pr-1 pl-3 text-xs text-muted">
        <span className="min-w-0 truncate">{label}</span>
        <CopyButton text={children} />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard. */}
      <section tabIndex={0} aria-label={label} className="max-h-96 overflow-auto p-3">
        <pre className="font-mono text-code whitespace-pre-wrap [overflow-wrap:anywhere]">{children}</pre>
      </section>
    </div>
  );
}
