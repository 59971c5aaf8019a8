import { type MetaFunction, useLoaderData, useParams, useSearchParams } from 'react-router';
import { subjectKinds } from '../../../domain/incident/subject-kind.ts';
import { dayMs } from '../../../domain/values/time.ts';
import { listIncidents } from '../../../services/incident/list.ts';
import { listFilters } from '../../../services/run/reading/filters.ts';
import { useLive } from '../../shell/live/live.tsx';
import { id, pickOne, query } from '../../shell/query.ts';
import { memberLoader } from '../../shell/route.server.ts';
import { LinkButton, TextLink } from '../../ui/base/button.tsx';
import { Card } from '../../ui/base/card.tsx';
import { EmptyState } from '../../ui/base/empty-state.tsx';
import { Pager } from '../../ui/data/pager.tsx';
import { FilterBar } from '../../ui/form/filter-bar.tsx';
import { PageHeader } from '../../ui/page/page-header.tsx';
import { subjectKindLabels } from './labels.ts';
import { IncidentTable } from './table.tsx';

export const meta: MetaFunction = () => [{ title: 'Incidents · Armature' }];

const rangeDays = { '24h': 1, '7d': 7, '30d': 30 };

export const loader = memberLoader(async ({ ctx, url, session }) => {
  const asked = query(url, ['state', 'kind', 'server', 'monitor', 'workflow', 'range', 'mine', 'cursor']);
  const state = pickOne(asked.state, ['open', 'new', 'acknowledged', 'closed']);
  const kind = pickOne(asked.kind, subjectKinds);
  const range = pickOne(asked.range, ['24h', '7d', '30d']);
  const [serverId, monitorId, workflowId] = [id(asked.server), id(asked.monitor), id(asked.workflow)];
  const of = {
    ...(kind && { kind }),
    ...(serverId && { serverId }),
    ...(monitorId && { monitorId }),
    ...(workflowId && { workflowId }),
    ...(asked.mine && { assigneeId: session.user.id }),
    ...(range && { openedAfter: new Date(ctx.deps.now().getTime() - rangeDays[range] * dayMs).toISOString() }),
  };
  const ofOpen = {
    ...of,
    state: 'open' as const,
    ...(state === 'acknowledged' && { acknowledged: true }),
    ...(state === 'new' && { acknowledged: false }),
  };
  const isOpenAlone = state !== undefined && state !== 'closed';
  // All open incidents on the first page, then closed ones page by page.
  const isFirst = asked.cursor === undefined;
  const cursor = asked.cursor && { cursor: asked.cursor };
  const [open, closed, { servers }] = await Promise.all([
    state !== 'closed' && (isFirst || isOpenAlone) ? listIncidents(ctx, { ...ofOpen, ...cursor, limit: 50 }) : null,
    isOpenAlone ? null : listIncidents(ctx, { ...of, state: 'closed', ...cursor, limit: 25 }),
    listFilters(ctx, { ...(serverId && { serverId }) }),
  ]);
  return {
    open: open?.incidents ?? [],
    moreOpen: !isOpenAlone && (open?.nextCursor ?? null) !== null,
    closed: closed?.incidents ?? [],
    nextCursor: (isOpenAlone ? open : closed)?.nextCursor ?? null,
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
        note="What fails, from the first failure until it recovers, and breaking tool changes until they are accepted."
      />
      {!none || filtered ? <Filters servers={servers} /> : null}
      {moreOpen ? (
        <p className="mb-4 text-table text-muted">
          More incidents are open than the {open.length} at the top. <TextLink to={`?${allOpen}`}>Show all</TextLink>
        </p>
      ) : null}
      {none ? (
        filtered ? (
          <EmptyState title="No incidents match your filters." action={<LinkButton to="?">Clear filters</LinkButton>}>
            Change the filters to see other incidents.
          </EmptyState>
        ) : (
          <EmptyState title="No incidents yet">
            When a monitor, a workflow or a server fails, an incident opens by itself, and closes when it recovers.
          </EmptyState>
        )
      ) : (
        <Card flush>
          <IncidentTable incidents={[...open, ...closed]} base={base} label="Incidents" />
        </Card>
      )}
      <Pager nextCursor={nextCursor} />
    </>
  );
}

function Filters({ servers }: { servers: { id: string; name: string }[] }) {
  return (
    <FilterBar
      filters={[
        {
          kind: 'select',
          name: 'state',
          label: 'State',
          options: [
            { value: 'open', text: 'Open' },
            { value: 'new', text: 'Open, not acknowledged' },
            { value: 'acknowledged', text: 'Open, acknowledged' },
            { value: 'closed', text: 'Closed' },
          ],
          any: 'Any, open first',
        },
        {
          kind: 'select',
          name: 'kind',
          label: 'Subject',
          options: subjectKinds.map((kind) => ({ value: kind, text: subjectKindLabels[kind] })),
        },
        {
          kind: 'choice',
          name: 'server',
          label: 'Server',
          options: servers.map(({ id, name }) => ({ value: id, text: name })),
        },
        {
          kind: 'select',
          name: 'range',
          label: 'Opened',
          any: 'At any time',
          options: [
            { value: '24h', text: 'Last 24 hours' },
            { value: '7d', text: 'Last 7 days' },
            { value: '30d', text: 'Last 30 days' },
          ],
        },
        { kind: 'flag', name: 'mine', label: 'Assigned to me' },
      ]}
    />
  );
}
