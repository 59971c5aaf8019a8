import { useFormat } from '../../shell/reader-provider.tsx';
import { type Status, StatusIcon, statusLooks } from '../base/status-chip.tsx';
import { Link } from '../page/link.tsx';
import { countStatuses, RunStrip } from './run-strip.tsx';

export type GridRun = { id: string; status: Status; at: string; to: string };

/**
 * One row each of a workflow, model or criterion with its latest runs, from old to new. Each mark leads to its run; on
 * a phone, where thirty targets have no place, the rows are strips.
 * @param props.label name of the table for screen readers
 */
export function RunGrid({
  label,
  rows,
  size = 30,
}: {
  label: string;
  rows: { key: string; name: string; to?: string; note?: string; runs: GridRun[] }[];
  size?: number;
}) {
  return (
    <ul aria-label={label} className="divide-y divide-line">
      {rows.map(({ key, name, to, note, runs }) => (
        <li key={key} className="flex flex-col gap-x-4 gap-y-1 px-4 py-2 lg:flex-row lg:items-center">
          <div className="min-w-0 flex-1">
            <p className="truncate text-sm font-medium">
              {to ? (
                <Link to={to} title={name} className="text-ink no-underline hover:underline">
                  {name}
                </Link>
              ) : (
                <span title={name}>{name}</span>
              )}
            </p>
            {note ? <p className="text-xs text-muted [overflow-wrap:anywhere]">{note}</p> : null}
          </div>
          <div className="md:hidden">
            <RunStrip label="Latest runs" runs={runs} size={size} />
          </div>
          <Cells runs={runs.slice(-size)} size={size} />
        </li>
      ))}
    </ul>
  );
}

function Cells({ runs, size }: { runs: GridRun[]; size: number }) {
  const format = useFormat();
  return (
    <ol
      aria-label={`Latest runs: ${countStatuses(runs.map(({ status }) => status)) || 'none'}`}
      className="hidden shrink-0 md:flex"
      style={{ width: size * 24, justifyContent: 'flex-end' }}
    >
      {runs.map(({ id, status, at, to }) => {
        const text = `${statusLooks[status].text}, ${format.dateTime(at)}`;
        return (
          <li key={id}>
            <Link to={to} title={text} aria-label={text} className="grid size-6 place-items-center">
              <span className={`grid size-5 place-items-center rounded ${statusLooks[status].chip}`}>
                <StatusIcon status={status} />
              </span>
            </Link>
          </li>
        );
      })}
    </ol>
  );
}
