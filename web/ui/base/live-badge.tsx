const looks = {
  live: { dot: 'bg-running', text: 'Live' },
  reconnecting: { dot: 'bg-partial', text: 'Reconnecting' },
  offline: { dot: 'bg-none', text: 'Offline' },
} as const;

/** Says whether the page follows what happens. Announced when it changes. */
export function LiveBadge({ state }: { state: keyof typeof looks }) {
  const { dot, text } = looks[state];
  return (
    <span role="status" className="inline-flex h-5 items-center gap-1.5 text-xs whitespace-nowrap text-muted">
      <span aria-hidden="true" className={`size-2 rounded-full ${dot}`} />
      {text}
    </span>
  );
}
