import { type Status, statusLooks } from '../base/status-chip.tsx';

/** "18 pass, 2 fail". */
export function countStatuses(statuses: Status[]): string {
  const counts = new Map<Status, number>();
  for (const status of statuses) counts.set(status, (counts.get(status) ?? 0) + 1);
  return [...counts].map(([status, count]) => `${count} ${statusLooks[status].text.toLowerCase()}`).join(', ');
}

/**
 * The latest outcomes as a row of marks, from old to new, for a table. It leads nowhere: `RunGrid` does. Failures are
 * full height and passes are low, so that they differ without colour. One path for each outcome: a list has hundreds
 * of marks.
 * @param props.label of what: "Last 20 runs"
 * @param props.runs a status is null where there was nothing, such as an hour without checks
 * @param props.size places, so that rows of a table line up; missing ones are empty. @default 20
 */
export function RunStrip({
  label,
  runs,
  size = 20,
}: {
  label: string;
  runs: { status: Status | null }[];
  size?: number;
}) {
  const shown = runs.slice(-size).map(({ status }) => status);
  const known = shown.filter((status) => status !== null);
  const text = known.length === 0 ? `${label}: none` : `${label}: ${countStatuses(known)}`;
  const places = [...Array<null>(size - shown.length).fill(null), ...shown];
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
      {[...new Set(places)].map((status) => {
        const height = status === null ? 2 : heights[status];
        return (
          <path
            key={status}
            d={places
              .map((each, place) => (each === status ? `M${place * 6} ${16 - height}h4v${height}h-4z` : ''))
              .join('')}
            className={status === null ? 'fill-line' : statusLooks[status].fill.split(' ')[0]}
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
