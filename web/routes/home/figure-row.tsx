import type { Figure, HomeFigures } from '../../../services/organization/home/figures.ts';
import { useFormat } from '../../shell/reader-provider.tsx';
import { Sparkline } from '../../ui/chart/sparkline.tsx';
import { Link } from '../../ui/page/link.tsx';

const ranges = [
  { value: '24h', text: 'Today', before: 'yesterday' },
  { value: '7d', text: '7 days', before: 'the 7 days before' },
  { value: '30d', text: '30 days', before: 'the 30 days before' },
] as const;
type Range = (typeof ranges)[number]['value'];

/** The workspace's figures of a range, with the 14 days up to now. */
export function FigureRow({ figures, range }: { figures: HomeFigures; range: Range }) {
  const format = useFormat();
  const before = ranges.find(({ value }) => value === range)?.before ?? '';
  const points = (difference: number) =>
    `${format.number(Math.abs(Math.round(difference * 1000) / 10))} ${Math.abs(difference) === 0.01 ? 'point' : 'points'}`;
  return (
    <section aria-label="Figures">
      <nav aria-label="Range of the figures" className="mb-2 flex gap-1">
        {ranges.map(({ value, text }) => (
          <Link
            key={value}
            to={`?range=${value}`}
            preventScrollReset
            aria-current={value === range ? 'true' : undefined}
            className={`inline-flex min-h-11 items-center rounded-md px-3 text-xs font-medium no-underline md:min-h-7 ${value === range ? 'bg-sunken text-ink' : 'text-muted hover:text-ink'}`}
          >
            {text}
          </Link>
        ))}
      </nav>
      <dl className="grid gap-4 sm:grid-cols-2 xl:grid-cols-4">
        <Tile
          name="Pass rate of runs"
          figure={figures.passRate}
          show={format.percent}
          change={points}
          before={before}
        />
        <Tile name="Uptime of monitors" figure={figures.uptime} show={format.percent} change={points} before={before} />
        <Tile
          name="95th percentile latency"
          figure={figures.p95LatencyMs}
          show={format.duration}
          change={(difference) => format.duration(Math.abs(difference))}
          before={before}
          less="faster"
          more="slower"
        />
        <Tile
          name="Cost of runs"
          figure={figures.cost}
          show={format.cost}
          change={(difference) => format.cost(Math.abs(difference))}
          before={before}
          less="less"
          more="more"
        />
      </dl>
    </section>
  );
}

function Tile({
  name,
  figure: { value, previous, days },
  show,
  change,
  before,
  less = 'lower',
  more = 'higher',
}: {
  name: string;
  figure: Figure;
  show: (value: number | null) => string;
  change: (difference: number) => string;
  before: string;
  less?: string;
  more?: string;
}) {
  const difference = value === null || previous === null ? null : value - previous;
  const first = days.find((day) => day.value !== null)?.value ?? null;
  const last = days.at(-1)?.value ?? null;
  return (
    <div className="rounded-lg border border-line bg-surface p-4">
      <dt className="text-xs text-muted">{name}</dt>
      <dd className="mt-1 flex items-end justify-between gap-4">
        <span className="text-xl font-semibold tabular-nums">{show(value)}</span>
        <Sparkline
          values={days.map((day) => day.value)}
          label={`${name} over 14 days, from ${show(first)} to ${show(last)}.`}
        />
      </dd>
      <dd className="mt-1 text-xs text-muted">
        {difference === null
          ? 'Nothing to compare with'
          : difference === 0
            ? `As in ${before}`
            : `${change(difference)} ${difference < 0 ? less : more} than ${before}`}
      </dd>
    </div>
  );
}
