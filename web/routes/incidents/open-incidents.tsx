import type { IncidentView } from '../../../services/incident/view.ts';
import { TextLink } from '../../ui/base/button.tsx';
import { StateLabel } from '../../ui/base/status-chip.tsx';
import { Time } from '../../ui/base/time.tsx';
import { IncidentStatus } from './status.tsx';

type Incident = Pick<
  IncidentView,
  'id' | 'state' | 'level' | 'closeReason' | 'summary' | 'openedAt' | 'acknowledgedAt'
>;

/** Lists the open incidents of one monitor, workflow or server; renders nothing if there are none. */
export function OpenIncidents({ incidents, base }: { incidents: Incident[]; base: string }) {
  if (incidents.length === 0) return null;
  return (
    <section aria-label="Open incidents" className="rounded-lg border border-fail/50 bg-surface px-4 py-3">
      <ul className="space-y-1">
        {incidents.map((incident) => (
          <li key={incident.id} className="flex flex-wrap items-baseline gap-x-3">
            <IncidentStatus incident={incident} />
            <TextLink to={`${base}/incidents/${incident.id}`} className="min-w-0 flex-1 [overflow-wrap:anywhere]">
              {incident.summary}
            </TextLink>
            {incident.acknowledgedAt ? <StateLabel>Acknowledged</StateLabel> : null}
            <span className="text-muted">
              since <Time at={incident.openedAt} relative />
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
