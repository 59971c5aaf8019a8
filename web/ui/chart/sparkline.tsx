import { ceiling, stretches } from './scale.ts';

const [width, height] = [100, 24] as const;

/**
 * The course of a figure, beside the figure itself.
 * @param props.values from old to new; null where there is none
 * @param props.label what it shows in one sentence: "Pass rate over 14 days, from 90 % to 98 %."
 */
export function Sparkline({ values, label }: { values: (number | null)[]; label: string }) {
  const top = ceiling(values.map((value) => value ?? 0));
  const step = width / Math.max(1, values.length - 1);
  const points = values.map((value, index) => ({ value, x: index * step }));
  return (
    <svg
      viewBox={`0 -2 ${width} ${height + 4}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
      className="h-7 w-24"
    >
      <title>{label}</title>
      {stretches(points, ({ value }) => value !== null).map((stretch) => {
        const corners = stretch.map(({ x, value }) => `${x},${height - ((value ?? 0) / top) * height}`);
        return (
          <polyline
            key={corners[0]}
            points={corners.length === 1 ? `${corners[0]} ${corners[0]}` : corners.join(' ')}
            fill="none"
            strokeWidth={corners.length === 1 ? 4 : 1.5}
            strokeLinecap="round"
            strokeLinejoin="round"
            vectorEffect="non-scaling-stroke"
            className="stroke-accent"
          />
        );
      })}
    </svg>
  );
}
