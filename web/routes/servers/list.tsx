import { Plus } from 'lucide-react';
import { type MetaFunction, useLoaderData, useSearchParams } from 'react-router';
import { listServers } from '../../../services/server/reading/list.ts';
import { useLive } from '../../shell/live/live.tsx';
import { query } from '../../shell/query.ts';
import { useFormat } from '../../shell/reader-provider.tsx';
import { memberLoader } from '../../shell/route.server.ts';
import { StateBadge } from '../../ui/base/badge.tsx';
import { LinkButton, TextLink } from '../../ui/base/button.tsx';
import { Card } from '../../ui/base/card.tsx';
import { EmptyState } from '../../ui/base/empty-state.tsx';
import { Time } from '../../ui/base/time.tsx';
import { Pager } from '../../ui/data/pager.tsx';
import { cellClass, Table } from '../../ui/data/table.tsx';
import { FilterBar } from '../../ui/form/filter-bar.tsx';
import { PageHeader } from '../../ui/page/page-header.tsx';

export const meta: MetaFunction = () => [{ title: 'Servers · Armature' }];

export const loader = memberLoader(async ({ ctx, url, org }) => {
  const { search, cursor } = query(url, ['search', 'cursor']);
  const list = await listServers(ctx, { ...(search && { search }), ...(cursor && { cursor }), limit: 25 });
  return { ...list, mayConnect: org.role === 'admin' || org.role === 'owner' };
});

export default function Servers() {
  const format = useFormat();
  const { servers, nextCursor, mayConnect } = useLoaderData<typeof loader>();
  useLive(['server']);
  const [search] = useSearchParams();
  const connect = mayConnect ? (
    <LinkButton to="new" variant="primary">
      <Plus aria-hidden="true" className="size-4" /> Connect a server
    </LinkButton>
  ) : null;
  const filtered = search.has('search') && search.get('search') !== '';
  return (
    <>
      <PageHeader title="Servers" note="The MCP servers that this workspace tests." actions={connect} />
      {servers.length > 0 || filtered ? (
        <FilterBar filters={[{ kind: 'search', name: 'search', label: 'Search', placeholder: 'Name or address' }]} />
      ) : null}
      {servers.length === 0 ? (
        filtered ? (
          <EmptyState title="No servers match your search.">Search for a shorter text.</EmptyState>
        ) : (
          <EmptyState title="No servers yet" action={connect}>
            Connect an MCP server to start. Armature probes it and lists its tools.
          </EmptyState>
        )
      ) : (
        <Card flush>
          <Table label="Servers" head={['Server', 'Status', 'Tools', 'Workflows', 'Latency', 'Last probe']}>
            {servers.map((server) => (
              <tr key={server.id} className="hover:bg-sunken/60">
                <td className={cellClass}>
                  <TextLink to={server.id} className="font-medium">
                    {server.name}
                  </TextLink>
                  <p className="max-w-md truncate text-muted">{server.url}</p>
                </td>
                <td className={cellClass}>
                  <StateBadge state={server.status} />
                </td>
                <td className={`${cellClass} tabular-nums`}>{server.toolCount}</td>
                <td className={`${cellClass} tabular-nums`}>{server.workflowCount}</td>
                <td className={`${cellClass} tabular-nums`}>
                  {server.latencyMs === null ? '–' : format.duration(server.latencyMs)}
                </td>
                <td className={cellClass}>{server.probedAt ? <Time at={server.probedAt} relative /> : 'Never'}</td>
              </tr>
            ))}
          </Table>
        </Card>
      )}
      <Pager nextCursor={nextCursor} />
    </>
  );
}
