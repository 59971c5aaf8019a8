import { Link } from '../../../ui/page/link.tsx';

type Totals = {
  all: number;
  pass: number;
  degraded: number;
  fail: number;
  error: number;
  unchecked: number;
  paused: number;
};

const kinds = [
  ['pass', 'passing', 'outcome=pass', 'text-pass'],
  ['degraded', 'degraded', 'outcome=degraded', 'text-partial'],
  ['fail', 'failing', 'outcome=fail', 'text-fail'],
  ['error', 'in error', 'outcome=error', 'text-error'],
  ['unchecked', 'not checked yet', 'outcome=unchecked', 'text-ink'],
  ['paused', 'paused', 'state=paused', 'text-ink'],
] as const;

/** Totals of all monitors, each linked to the monitors it counts. */
export function MonitorTotals({ totals, server }: { totals: Totals; server: string | null }) {
  const of = server ? `&server=${server}` : '';
  return (
    <ul aria-label="Monitor totals" className="flex flex-wrap gap-2">
      {kinds
        .filter(([kind]) => totals[kind] > 0)
        .map(([kind, text, filter, tone]) => (
          <li key={kind}>
            <Link
              to={`?${filter}${of}`}
              className="flex items-baseline gap-1.5 rounded-lg border border-line bg-surface px-3 py-2 hover:bg-sunken"
            >
              <span className={`text-lg leading-none font-semibold tabular-nums ${tone}`}>{totals[kind]}</span>
              <span className="text-muted">{text}</span>
            </Link>
          </li>
        ))}
    </ul>
  );
}
