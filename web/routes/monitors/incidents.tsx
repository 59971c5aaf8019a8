import { Badge } from '../../ui/base/badge.tsx';
import { TextLink } from '../../ui/base/button.tsx';
import { Card } from '../../ui/base/card.tsx';
import { Time } from '../../ui/base/time.tsx';

type Incident = {
  id: string;
  level: string;
  summary: string;
  openedAt: string;
  closedAt: string | null;
  closeReason: string | null;
  failureCount: number;
  parentId: string | null;
};

const endings: { [reason: string]: string } = {
  recovered: 'Recovered',
  accepted: 'Accepted',
  gone: 'Closed, as it is checked no more',
};

/** The incidents of a monitor, newest first. */
export function MonitorIncidents({ incidents, base }: { incidents: Incident[]; base: string }) {
  return (
    <Card flush title="Incidents">
      {incidents.length === 0 ? <p className="p-4 text-muted">None so far.</p> : null}
      <ul className="divide-y divide-line">
        {incidents.map(({ id, level, summary, openedAt, closedAt, closeReason, failureCount, parentId }) => (
          <li key={id} className="px-4 py-3">
            <p className="flex flex-wrap items-baseline gap-x-3 gap-y-1">
              {closedAt ? (
                <Badge>{endings[closeReason ?? ''] ?? 'Closed'}</Badge>
              ) : (
                <Badge tone={level === 'warn' ? 'partial' : 'fail'}>Open</Badge>
              )}
              <TextLink to={`${base}/incidents/${id}`} className="min-w-0 flex-1">
                {summary}
              </TextLink>
            </p>
            <p className="mt-1 text-muted">
              <Time at={openedAt} /> – {closedAt ? <Time at={closedAt} /> : 'now'} · {failureCount}{' '}
              {failureCount === 1 ? 'check' : 'checks'}
              {parentId ? (
                <>
                  {' '}
                  · part of <TextLink to={`${base}/incidents/${parentId}`}>an incident of the whole server</TextLink>
                </>
              ) : null}
            </p>
          </li>
        ))}
      </ul>
    </Card>
  );
}
