import { type MetaFunction, useLoaderData, useOutletContext } from 'react-router';
import { listIncidents } from '../../../../services/incident/list.ts';
import { pickOne, query } from '../../../shell/query.ts';
import { memberLoader } from '../../../shell/route.server.ts';
import { Card } from '../../../ui/base/card.tsx';
import { EmptyState } from '../../../ui/base/empty-state.tsx';
import { Pager } from '../../../ui/data/pager.tsx';
import { FilterBar } from '../../../ui/form/filter-bar.tsx';
import { IncidentTable } from '../../incidents/table.tsx';
import type { MonitorContext } from './page.tsx';

export const meta: MetaFunction = () => [{ title: 'Incidents of a monitor · Armature' }];

export const loader = memberLoader(async ({ ctx, params, url }) => {
  const asked = query(url, ['state', 'cursor']);
  const state = pickOne(asked.state, ['open', 'closed']);
  return listIncidents(ctx, {
    monitorId: params.monitorId ?? '',
    ...(state && { state }),
    ...(asked.cursor && { cursor: asked.cursor }),
    limit: 25,
  });
});

/** The incidents of a monitor, newest first. */
export default function MonitorIncidents() {
  const { incidents, nextCursor } = useLoaderData<typeof loader>();
  const { page, base } = useOutletContext<MonitorContext>();
  if (page.incidents.length === 0)
    return (
      <EmptyState title="No incidents so far">
        An incident opens when a check fails, and closes by itself when checks pass again.
      </EmptyState>
    );
  return (
    <>
      <FilterBar
        filters={[
          {
            kind: 'select',
            name: 'state',
            label: 'State',
            options: [
              { value: 'open', text: 'Open' },
              { value: 'closed', text: 'Closed' },
            ],
          },
        ]}
      />
      {incidents.length > 0 ? (
        <Card flush>
          <IncidentTable incidents={incidents} base={base} label="Incidents of this monitor" isOneSubject />
        </Card>
      ) : (
        <EmptyState title="No incidents in this state">Choose another state.</EmptyState>
      )}
      <Pager nextCursor={nextCursor} />
    </>
  );
}
