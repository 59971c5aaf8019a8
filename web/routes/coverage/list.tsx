import { type MetaFunction, useLoaderData, useParams } from 'react-router';
import { listCoverage } from '../../../services/coverage/list.ts';
import { useLive } from '../../shell/live/live.tsx';
import { useFormat } from '../../shell/reader-provider.tsx';
import { memberLoader } from '../../shell/route.server.ts';
import { LinkButton } from '../../ui/base/button.tsx';
import { Card } from '../../ui/base/card.tsx';
import { EmptyState } from '../../ui/base/empty-state.tsx';
import { DataTable } from '../../ui/data/data-table.tsx';
import { PageHeader } from '../../ui/page/page-header.tsx';

export const meta: MetaFunction = () => [{ title: 'Coverage · Armature' }];

export const loader = memberLoader(async ({ ctx }) => listCoverage(ctx, {}));

export default function CoverageOfServers() {
  const { servers } = useLoaderData<typeof loader>();
  const format = useFormat();
  const base = `/o/${useParams().org}`;
  useLive(['run', 'server', 'workflow']);
  return (
    <>
      <PageHeader title="Coverage" note="Which tools of each server the latest runs called, or a workflow allows." />
      {servers.length === 0 ? (
        <EmptyState title="No servers yet" action={<LinkButton to={`${base}/servers/new`}>Connect server</LinkButton>}>
          Connect a server to see which of its tools are tested.
        </EmptyState>
      ) : (
        <Card flush>
          <DataTable
            label="Coverage of servers"
            rows={servers}
            rowKey={({ serverId }) => serverId}
            to={({ serverId }) => `${base}/servers/${serverId}/coverage`}
            columns={[
              { key: 'server', head: 'Server', phone: 'title', cell: ({ serverName }) => serverName },
              {
                key: 'bar',
                head: 'Covered',
                cell: ({ percent }) => (percent === null ? null : <Bar percent={percent} />),
              },
              {
                key: 'percent',
                head: 'Share',
                align: 'right',
                cell: ({ percent }) => (percent === null ? null : format.percent(percent / 100)),
              },
              {
                key: 'tools',
                head: 'Tools',
                align: 'right',
                cell: ({ coveredCount, toolCount }) =>
                  toolCount === 0 ? 'No tools' : `${format.number(coveredCount)} of ${format.number(toolCount)}`,
              },
            ]}
          />
        </Card>
      )}
    </>
  );
}

/** The share beside it says the same. */
function Bar({ percent }: { percent: number }) {
  return (
    <svg viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true" className="h-1.5 w-full min-w-24 max-w-64">
      <rect width="100" height="6" rx="3" className="fill-line" />
      <rect width={percent} height="6" rx="3" className="fill-accent" />
    </svg>
  );
}
