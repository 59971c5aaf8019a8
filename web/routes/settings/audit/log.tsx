import { type MetaFunction, useLoaderData, useSearchParams } from 'react-router';
import { getAuditFilters } from '../../../../services/audit/filters.ts';
import { listAudit } from '../../../../services/audit/list.ts';
import { query } from '../../../shell/query.ts';
import { memberLoader } from '../../../shell/route.server.ts';
import { Card } from '../../../ui/base/card.tsx';
import { EmptyState } from '../../../ui/base/empty-state.tsx';
import { Time } from '../../../ui/base/time.tsx';
import { DataTable } from '../../../ui/data/data-table.tsx';
import { Pager } from '../../../ui/data/pager.tsx';
import { FilterBar } from '../../../ui/form/filter-bar.tsx';
import { ExportLink } from './export-link.tsx';
import { readAuditFilters } from './filters.ts';
import { actorKinds, toActionText } from './words.ts';

export const meta: MetaFunction = () => [{ title: 'Audit log · Settings · Armature' }];

export const loader = memberLoader(async ({ ctx, url }) => {
  const { cursor } = query(url, ['cursor']);
  const list = await listAudit(ctx, { ...readAuditFilters(url), ...(cursor && { cursor }) });
  return { ...list, ...(await getAuditFilters(ctx, {})) };
});

export default function AuditLog() {
  const { events, nextCursor, actions, actors } = useLoaderData<typeof loader>();
  const [search] = useSearchParams();
  return (
    <>
      <FilterBar
        filters={[
          {
            kind: 'choice',
            name: 'actor',
            label: 'Who',
            options: actors.map(({ id, name, kind }) => ({
              value: id,
              text: kind === 'api_key' ? `${name} (API key)` : name,
            })),
          },
          {
            kind: 'choice',
            name: 'action',
            label: 'What',
            options: actions.map((action) => ({ value: action, text: toActionText(action) })),
          },
          { kind: 'date', name: 'from', label: 'From (UTC)' },
          { kind: 'date', name: 'until', label: 'Until (UTC)' },
        ]}
      >
        <ExportLink to="../audit.csv" query={search}>
          Export CSV
        </ExportLink>
        <ExportLink to="../audit.json" query={search}>
          Export JSON
        </ExportLink>
      </FilterBar>
      {events.length > 0 ? (
        <Card flush>
          <DataTable
            label="Audit log"
            rows={events}
            rowKey={({ id }) => id}
            columns={[
              { key: 'what', head: 'What', phone: 'title', cell: ({ action }) => toActionText(action) },
              {
                key: 'who',
                head: 'Who',
                cell: ({ actorKind, actorName }) =>
                  actorName === null ? (
                    (actorKinds[actorKind] ?? actorKind)
                  ) : actorKind === 'member' ? (
                    actorName
                  ) : (
                    <>
                      {actorName} <span className="text-muted">({actorKinds[actorKind] ?? actorKind})</span>
                    </>
                  ),
              },
              {
                key: 'details',
                head: 'Details',
                cell: ({ subject, intent, data }) => <Details subject={subject} intent={intent} data={data} />,
              },
              { key: 'at', head: 'When', align: 'right', cell: ({ at }) => <Time at={at} /> },
            ]}
          />
        </Card>
      ) : (
        <EmptyState title="No entries">Nothing in the audit log matches these filters.</EmptyState>
      )}
      <Pager nextCursor={nextCursor} />
    </>
  );
}

function Details({ subject, intent, data }: { subject: string | null; intent: string | null; data: unknown }) {
  const shown = JSON.stringify({ ...(subject && { subject }), ...Object(data) }, null, 1);
  if (shown === '{}' && !intent) return null;
  return (
    <details>
      <summary className="min-h-6 cursor-pointer text-muted">{intent ? 'Intent and details' : 'Details'}</summary>
      {intent ? <p className="mt-1 [overflow-wrap:anywhere]">{intent}</p> : null}
      <pre className="mt-1 max-w-md font-mono text-code whitespace-pre-wrap [overflow-wrap:anywhere]">{shown}</pre>
    </details>
  );
}
