import { type Status, statusLooks } from '../base/status-chip.tsx';

/** "18 pass, 2 fail". */
export function countStatuses(statuses: Status[]): string {
  const counts = new Map<Status, number>();
  for (const status of statuses) counts.set(status, (counts.get(status) ?? 0) + 1);
  return [...counts].map(([status, count]) => `${count} ${statusLooks[status].text.toLowerCase()}`).join(', ');
}

/**
 * The latest outcomes as a row of marks, from old to new, for a table. It leads nowhere: `RunGrid` does. Failures are
 * full height and passes are low, so that they differ without colour.
 * @param props.label of what: "Last 20 runs"
 * @param props.size places, so that rows of a table line up; missing ones are empty. @default 20
 */
export function RunStrip({
  label,
  runs,
  size = 20,
}: {
  label: string;
  runs: { id: string; status: Status }[];
  size?: number;
}) {
  const shown = runs.slice(-size);
  const empty = size - shown.length;
  const text = shown.length === 0 ? `${label}: none` : `${label}: ${countStatuses(shown.map(({ status }) => status))}`;
  return (
    <svg
      viewBox={`0 0 ${size * 6} 16`}
      role="img"
      aria-label={text}
      className="h-4 shrink-0"
      style={{ width: size * 6 }}
      preserveAspectRatio="none"
    >
      <title>{text}</title>
      {Array.from({ length: empty }, (_, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: empty places never move.
        <rect key={place} x={place * 6} y="14" width="4" height="2" rx="1" className="fill-line" />
      ))}
      {shown.map(({ id, status }, index) => {
        const size = heights[status];
        return (
          <rect
            key={id}
            x={(empty + index) * 6}
            y={16 - size}
            width="4"
            height={size}
            rx="1"
            className={statusLooks[status].fill.split(' ')[0]}
          />
        );
      })}
    </svg>
  );
}

const heights: { [status in Status]: number } = {
  pass: 8,
  partial: 12,
  fail: 16,
  error: 16,
  running: 5,
  pending: 5,
  canceled: 3,
  skipped: 3,
};
