import { Plus } from 'lucide-react';
import { type MetaFunction, useLoaderData, useSearchParams } from 'react-router';
import { listServers } from '../../../services/server/list.ts';
import { query } from '../../shell/query.ts';
import { memberLoader } from '../../shell/route.server.ts';
import { StateBadge } from '../../ui/badge.tsx';
import { LinkButton, TextLink } from '../../ui/button.tsx';
import { Card } from '../../ui/card.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { TextField } from '../../ui/field.tsx';
import { Filters } from '../../ui/filters.tsx';
import { PageHeader } from '../../ui/page-header.tsx';
import { Pager } from '../../ui/pager.tsx';
import { cellClass, Table } from '../../ui/table.tsx';
import { duration, Time } from '../../ui/time.tsx';

export const meta: MetaFunction = () => [{ title: 'Servers · Armature' }];

export const loader = memberLoader(async ({ ctx, url, org }) => {
  const { search, cursor } = query(url, ['search', 'cursor']);
  const list = await listServers(ctx, { ...(search && { search }), ...(cursor && { cursor }), limit: 25 });
  return { ...list, mayConnect: org.role === 'admin' || org.role === 'owner' };
});

export default function Servers() {
  const { servers, nextCursor, mayConnect } = useLoaderData<typeof loader>();
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
        <Filters>
          <TextField
            label="Search"
            name="search"
            type="search"
            defaultValue={search.get('search') ?? ''}
            placeholder="Name or address"
          />
        </Filters>
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
                  {server.latencyMs === null ? '–' : duration(server.latencyMs)}
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
