import { type MetaFunction, useLoaderData, useParams, useSearchParams } from 'react-router';
import { subjectKinds } from '../../../domain/incident/subject-kind.ts';
import { listIncidents } from '../../../services/incident/list.ts';
import { listFilters } from '../../../services/run/reading/filters.ts';
import { useLive } from '../../shell/live/live.tsx';
import { id, pickOne, query } from '../../shell/query.ts';
import { memberLoader } from '../../shell/route.server.ts';
import { LinkButton } from '../../ui/base/button.tsx';
import { Card } from '../../ui/base/card.tsx';
import { EmptyState } from '../../ui/base/empty-state.tsx';
import { Pager } from '../../ui/data/pager.tsx';
import { FilterBar } from '../../ui/form/filter-bar.tsx';
import { PageHeader } from '../../ui/page/page-header.tsx';
import { IncidentTable, subjectKindLabels } from './table.tsx';

export const meta: MetaFunction = () => [{ title: 'Incidents · Armature' }];

export const loader = memberLoader(async ({ ctx, url }) => {
  const asked = query(url, ['state', 'kind', 'server', 'monitor', 'workflow', 'cursor']);
  const state = pickOne(asked.state, ['open', 'closed']);
  const kind = pickOne(asked.kind, subjectKinds);
  const [serverId, monitorId, workflowId] = [id(asked.server), id(asked.monitor), id(asked.workflow)];
  const of = {
    ...(kind && { kind }),
    ...(serverId && { serverId }),
    ...(monitorId && { monitorId }),
    ...(workflowId && { workflowId }),
  };
  // All open incidents on the first page, then closed ones page by page.
  const isFirst = asked.cursor === undefined;
  const [open, closed, { servers }] = await Promise.all([
    state !== 'closed' && (isFirst || state === 'open')
      ? listIncidents(ctx, { ...of, state: 'open', ...(asked.cursor && { cursor: asked.cursor }), limit: 50 })
      : null,
    state === 'open'
      ? null
      : listIncidents(ctx, { ...of, state: 'closed', ...(asked.cursor && { cursor: asked.cursor }), limit: 25 }),
    listFilters(ctx, { ...(serverId && { serverId }) }),
  ]);
  return {
    open: open?.incidents ?? [],
    moreOpen: state !== 'open' && (open?.nextCursor ?? null) !== null,
    closed: closed?.incidents ?? [],
    nextCursor: (state === 'open' ? open : closed)?.nextCursor ?? null,
    servers,
  };
});

export default function Incidents() {
  const { open, moreOpen, closed, nextCursor, servers } = useLoaderData<typeof loader>();
  useLive(['incident']);
  const [search] = useSearchParams();
  const base = `/o/${useParams().org}`;
  const filtered = [...search].some(([name, value]) => name !== 'cursor' && value !== '');
  const none = open.length + closed.length === 0;
  const allOpen = new URLSearchParams(search);
  allOpen.set('state', 'open');
  return (
    <>
      <PageHeader
        title="Incidents"
        note="One from the first failure of a monitor, workflow or server to its recovery, or while a breaking tool change is not accepted."
      />
      {!none || filtered ? (
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
              any: 'Open first',
            },
            {
              kind: 'select',
              name: 'kind',
              label: 'About',
              options: subjectKinds.map((kind) => ({ value: kind, text: subjectKindLabels[kind] })),
              any: 'Anything',
            },
            {
              kind: 'choice',
              name: 'server',
              label: 'Server',
              options: servers.map(({ id, name }) => ({ value: id, text: name })),
            },
          ]}
        />
      ) : null}
      <div className="space-y-6">
        {open.length > 0 ? (
          <Card
            flush
            title={`Open (${open.length}${moreOpen ? ' of more' : ''})`}
            aside={moreOpen ? <LinkButton to={`?${allOpen}`}>All open ones</LinkButton> : null}
          >
            <IncidentTable incidents={open} base={base} label="Open incidents" />
          </Card>
        ) : null}
        {closed.length > 0 ? (
          <Card flush title="Closed">
            <IncidentTable incidents={closed} base={base} label="Closed incidents" />
          </Card>
        ) : null}
        {none ? (
          filtered ? (
            <EmptyState title="No incidents match your filters.">Change or clear the filters.</EmptyState>
          ) : (
            <EmptyState title="No incidents yet">
              When a monitor, a workflow or a server fails, it opens here by itself, and closes when it recovers.
            </EmptyState>
          )
        ) : null}
      </div>
      <Pager nextCursor={nextCursor} />
    </>
  );
}
