import { type MetaFunction, useLoaderData, useSearchParams } from 'react-router';
import { getAuditFilters } from '../../../../services/audit/filters.ts';
import { listSecurityEvents } from '../../../../services/security-event/list.ts';
import { query } from '../../../shell/query.ts';
import { memberLoader } from '../../../shell/route.server.ts';
import { Card } from '../../../ui/base/card.tsx';
import { EmptyState } from '../../../ui/base/empty-state.tsx';
import { Time } from '../../../ui/base/time.tsx';
import { DataTable } from '../../../ui/data/data-table.tsx';
import { Pager } from '../../../ui/data/pager.tsx';
import { FilterBar } from '../../../ui/form/filter-bar.tsx';
import { ExportLink } from './export-link.tsx';
import { readEventFilters } from './filters.ts';
import { eventKinds, eventOutcomes, toActionText } from './words.ts';

export const meta: MetaFunction = () => [{ title: 'Security events · Settings · Armature' }];

export const loader = memberLoader(async ({ ctx, url }) => {
  const { cursor } = query(url, ['cursor']);
  const list = await listSecurityEvents(ctx, { ...readEventFilters(url), ...(cursor && { cursor }) });
  const { actors } = await getAuditFilters(ctx, {});
  return { ...list, people: actors.filter(({ kind }) => kind === 'member') };
});

const toOptions = (words: { [value: string]: string }) =>
  Object.entries(words).map(([value, text]) => ({ value, text }));

export default function SecurityEvents() {
  const { events, nextCursor, people } = useLoaderData<typeof loader>();
  const [search] = useSearchParams();
  return (
    <>
      <FilterBar
        filters={[
          { kind: 'select', name: 'kind', label: 'Event', options: toOptions(eventKinds) },
          { kind: 'select', name: 'outcome', label: 'Outcome', options: toOptions(eventOutcomes) },
          {
            kind: 'choice',
            name: 'user',
            label: 'Who',
            options: people.map(({ id, name }) => ({ value: id, text: name })),
          },
          { kind: 'date', name: 'from', label: 'From (UTC)' },
          { kind: 'date', name: 'until', label: 'Until (UTC)' },
        ]}
      >
        <ExportLink to="../security.csv" query={search}>
          Export CSV
        </ExportLink>
      </FilterBar>
      {events.length > 0 ? (
        <Card flush>
          <DataTable
            label="Security events"
            rows={events}
            rowKey={({ id }) => id}
            columns={[
              {
                key: 'event',
                head: 'Event',
                phone: 'title',
                cell: ({ kind, detail }) => (
                  <>
                    {eventKinds[kind] ?? kind}
                    {detail ? (
                      <span className="block text-xs text-muted">
                        {kind === 'authorization' ? toActionText(detail) : detail}
                      </span>
                    ) : null}
                  </>
                ),
              },
              {
                key: 'outcome',
                head: 'Outcome',
                phone: 'status',
                cell: ({ outcome }) => eventOutcomes[outcome] ?? outcome,
              },
              {
                key: 'who',
                head: 'Who',
                cell: ({ name, subject }) => (
                  <span className="[overflow-wrap:anywhere]">{name ?? describeSubject(subject)}</span>
                ),
              },
              {
                key: 'address',
                head: 'Address',
                wide: true,
                cell: ({ address, userAgent }) =>
                  address === null ? null : (
                    <span title={userAgent ?? undefined} className="[overflow-wrap:anywhere]">
                      {address}
                    </span>
                  ),
              },
              { key: 'at', head: 'When', align: 'right', cell: ({ at }) => <Time at={at} /> },
            ]}
          />
        </Card>
      ) : (
        <EmptyState title="No security events">Nothing of the last 90 days matches these filters.</EmptyState>
      )}
      <Pager nextCursor={nextCursor} />
    </>
  );
}

function describeSubject(subject: string): string {
  if (subject.startsWith('api_key:')) return 'An API key';
  return subject.startsWith('user:') ? 'Someone who left' : 'Unknown address';
}
