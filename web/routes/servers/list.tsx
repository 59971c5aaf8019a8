import { Plus } from 'lucide-react';
import { type MetaFunction, useLoaderData, useParams, useSearchParams } from 'react-router';
import { atLeast } from '../../../domain/role/role.ts';
import { listCoverage } from '../../../services/coverage/list.ts';
import { listIncidents } from '../../../services/incident/list.ts';
import { listServers } from '../../../services/server/reading/list.ts';
import { useLive } from '../../shell/live/live.tsx';
import { query } from '../../shell/query.ts';
import { useFormat } from '../../shell/reader-provider.tsx';
import { memberLoader } from '../../shell/route.server.ts';
import { LinkButton } from '../../ui/base/button.tsx';
import { Card } from '../../ui/base/card.tsx';
import { EmptyState } from '../../ui/base/empty-state.tsx';
import { StatusChip } from '../../ui/base/status-chip.tsx';
import { Time } from '../../ui/base/time.tsx';
import { DataTable } from '../../ui/data/data-table.tsx';
import { Pager } from '../../ui/data/pager.tsx';
import { FilterBar } from '../../ui/form/filter-bar.tsx';
import { PageHeader } from '../../ui/page/page-header.tsx';
import { ServerStatus } from './server/status.tsx';

export const meta: MetaFunction = () => [{ title: 'Servers · Armature' }];

/** Open changes that are counted. */
const maxChanges = 200;

export const loader = memberLoader(async ({ ctx, url, org }) => {
  const { search, cursor } = query(url, ['search', 'cursor']);
  const [{ servers, nextCursor }, coverage, changes] = await Promise.all([
    listServers(ctx, { ...(search && { search }), ...(cursor && { cursor }), limit: 25 }),
    listCoverage(ctx, {}),
    listIncidents(ctx, { kind: 'tool_change', state: 'open', limit: maxChanges }),
  ]);
  const percents = new Map(coverage.servers.map(({ serverId, percent }) => [serverId, percent]));
  const open = Map.groupBy(changes.incidents, ({ subject }) => subject.serverId);
  return {
    servers: servers.map(({ id, name, url, status, archivedAt, syncedAt, toolCount, mustFindings }) => ({
      id,
      name,
      url,
      status,
      archivedAt,
      syncedAt,
      toolCount,
      mustFindings,
      coverage: percents.get(id) ?? null,
      openChanges: open.get(id)?.length ?? 0,
    })),
    nextCursor,
    mayConnect: atLeast(org.role, 'admin'),
  };
});

export default function Servers() {
  const { servers, nextCursor, mayConnect } = useLoaderData<typeof loader>();
  const [search] = useSearchParams();
  useLive(['server', 'incident', 'workflow']);
  const connect = mayConnect ? (
    <LinkButton to="new" variant="primary">
      <Plus aria-hidden="true" className="size-4" /> Connect server
    </LinkButton>
  ) : null;
  const isFiltered = Boolean(search.get('search'));
  return (
    <>
      <PageHeader
        title="Servers"
        note="The MCP servers that this workspace tests."
        actions={servers.length > 0 || isFiltered ? connect : null}
      />
      {servers.length > 0 || isFiltered ? (
        <FilterBar filters={[{ kind: 'search', name: 'search', label: 'Search', placeholder: 'Name or address' }]} />
      ) : null}
      {servers.length > 0 ? (
        <Card flush>
          <ServerTable servers={servers} />
        </Card>
      ) : isFiltered ? (
        <EmptyState title="No servers match your search.">Search for a shorter text.</EmptyState>
      ) : (
        <EmptyState title="No servers yet" action={connect}>
          {mayConnect
            ? 'Give Armature the URL of an MCP server. It lists the tools; then monitors call them on a schedule, and workflows let an agent use them.'
            : 'An admin of the workspace connects the first one.'}
        </EmptyState>
      )}
      <Pager nextCursor={nextCursor} />
    </>
  );
}

function ServerTable({ servers }: { servers: ReturnType<typeof useLoaderData<typeof loader>>['servers'] }) {
  const format = useFormat();
  const base = `/o/${useParams().org}/servers`;
  return (
    <DataTable
      label="Servers"
      rows={servers}
      rowKey={({ id }) => id}
      to={({ id }) => `${base}/${id}`}
      columns={[
        { key: 'status', head: 'Status', phone: 'status', cell: (server) => <ServerStatus server={server} /> },
        {
          key: 'name',
          head: 'Server',
          phone: 'title',
          cell: ({ name, url }) => (
            <>
              <span data-verbatim>{name}</span>
              <span className="line-clamp-1 font-mono font-normal text-muted text-xs break-all" data-verbatim>
                {url}
              </span>
            </>
          ),
        },
        {
          key: 'tools',
          head: 'Tools',
          align: 'right',
          unit: 'tools',
          cell: ({ toolCount }) => format.number(toolCount),
        },
        {
          key: 'coverage',
          head: 'Coverage',
          align: 'right',
          unit: 'covered',
          cell: ({ coverage }) => (coverage === null ? null : format.percent(coverage / 100)),
        },
        {
          key: 'report',
          head: 'Report',
          align: 'right',
          cell: ({ mustFindings }) =>
            mustFindings === null ? null : mustFindings === 0 ? (
              <StatusChip status="pass">Nothing to correct</StatusChip>
            ) : (
              <StatusChip status="fail">{`${format.number(mustFindings)} to correct`}</StatusChip>
            ),
        },
        {
          key: 'changes',
          head: 'Open changes',
          align: 'right',
          cell: ({ openChanges }) =>
            openChanges === 0 ? null : (
              <StatusChip status="fail">{format.count(openChanges, 'breaking change')}</StatusChip>
            ),
        },
        {
          key: 'sync',
          head: 'Last sync',
          wide: true,
          align: 'right',
          cell: ({ syncedAt }) => (syncedAt ? <Time at={syncedAt} relative /> : 'Never'),
        },
      ]}
    />
  );
}
