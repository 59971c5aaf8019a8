import { useFormat } from '../../../shell/reader-provider.tsx';
import { TextLink } from '../../../ui/base/button.tsx';
import { Card } from '../../../ui/base/card.tsx';
import { StatusChip } from '../../../ui/base/status-chip.tsx';
import { Time } from '../../../ui/base/time.tsx';

type Incident = { id: string; name: string; summary: string; openedAt: string; level: 'warn' | 'bad' };

/** What is wrong with the server now: its own incidents, and those of its tools, monitors and workflows. */
export function OpenIncidents({ incidents, base, url }: { incidents: Incident[]; base: string; url: string }) {
  const format = useFormat();
  if (incidents.length === 0) return null;
  return (
    <Card
      flush
      title={format.count(incidents.length, 'open incident')}
      aside={<TextLink to={`${url}/changes`}>Tool changes</TextLink>}
    >
      <ul className="divide-y divide-line">
        {incidents.map(({ id, name, summary, openedAt, level }) => (
          <li key={id} className="px-4 py-3">
            <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
              <StatusChip status={level === 'warn' ? 'partial' : 'fail'}>
                {level === 'warn' ? 'Degraded' : 'Failing'}
              </StatusChip>
              <TextLink
                to={`${base}/incidents/${id}`}
                className="min-w-0 font-medium [overflow-wrap:anywhere]"
                data-verbatim
              >
                {name}
              </TextLink>
              <span className="text-xs text-muted">
                since <Time at={openedAt} relative />
              </span>
            </p>
            <p className="mt-1 line-clamp-2 text-table text-muted [overflow-wrap:anywhere]" data-verbatim>
              {summary}
            </p>
          </li>
        ))}
      </ul>
    </Card>
  );
}
