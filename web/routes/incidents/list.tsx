import { type MetaFunction, useLoaderData, useParams, useSearchParams } from 'react-router';
import { subjectKinds } from '../../../domain/incident/incident.ts';
import { listIncidents } from '../../../services/incident/list.ts';
import { listFilters } from '../../../services/run/reading/filters.ts';
import { id, pickOne, query } from '../../shell/query.ts';
import { memberLoader } from '../../shell/route.server.ts';
import { LinkButton } from '../../ui/button.tsx';
import { Card } from '../../ui/card.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { SelectField } from '../../ui/field.tsx';
import { Filters } from '../../ui/filters.tsx';
import { PageHeader } from '../../ui/page-header.tsx';
import { Pager } from '../../ui/pager.tsx';
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
        <Filters>
          <SelectField label="State" name="state" defaultValue={search.get('state') ?? ''}>
            <option value="">Open first</option>
            <option value="open">Open</option>
            <option value="closed">Closed</option>
          </SelectField>
          <SelectField label="About" name="kind" defaultValue={search.get('kind') ?? ''}>
            <option value="">Anything</option>
            {subjectKinds.map((kind) => (
              <option key={kind} value={kind}>
                {subjectKindLabels[kind]}
              </option>
            ))}
          </SelectField>
          <SelectField label="Server" name="server" defaultValue={search.get('server') ?? ''}>
            <option value="">Any</option>
            {servers.map((server) => (
              <option key={server.id} value={server.id}>
                {server.name}
              </option>
            ))}
          </SelectField>
          {(['monitor', 'workflow'] as const).map((name) =>
            search.get(name) ? <input key={name} type="hidden" name={name} value={search.get(name) ?? ''} /> : null,
          )}
        </Filters>
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
