import { useFormat } from '../../../shell/reader-provider.tsx';
import { MaintenanceBadge, StateBadge } from '../../../ui/base/badge.tsx';
import { Card } from '../../../ui/base/card.tsx';
import { DescriptionList } from '../../../ui/base/description-list.tsx';
import { Notice } from '../../../ui/base/notice.tsx';
import { Time } from '../../../ui/base/time.tsx';
import { CatalogReport, hasFindings } from './catalog-report.tsx';
import { type Failure, ServerWords } from './probe-result.tsx';

/** How the server was at its latest probe: what it is, why it failed, and what is wrong with its tools. */
export function Status({
  server,
  failure,
  warned,
  inMaintenance,
}: {
  server: {
    status: string;
    serverName: string | null;
    serverVersion: string | null;
    protocolVersion: string | null;
    transport: string;
    latencyMs: number | null;
    probedAt: string | null;
    syncedAt: string | null;
    archivedAt: string | null;
    maxConcurrency: number;
    headerNames: string[];
    catalog: Parameters<typeof CatalogReport>[0]['report'] | null;
  };
  failure: Failure | null;
  /** Active tools with warnings. */
  warned: { name: string; warnings: string[] }[];
  inMaintenance: boolean;
}) {
  const format = useFormat();
  return (
    <Card title="Status">
      <DescriptionList
        facts={[
          {
            term: 'Status',
            value: (
              <span className="flex flex-wrap gap-1">
                <StateBadge state={server.archivedAt ? 'archived' : server.status} />
                {inMaintenance ? <MaintenanceBadge /> : null}
              </span>
            ),
          },
          { term: 'Server', value: server.serverName ? `${server.serverName} ${server.serverVersion ?? ''}` : '–' },
          { term: 'Protocol', value: server.protocolVersion ?? '–' },
          { term: 'Transport', value: server.transport === 'sse' ? 'SSE' : 'Streamable HTTP' },
          { term: 'Latency', value: server.latencyMs === null ? '–' : format.duration(server.latencyMs) },
          { term: 'Last probe', value: server.probedAt ? <Time at={server.probedAt} relative /> : 'Never' },
          { term: 'Last sync', value: server.syncedAt ? <Time at={server.syncedAt} relative /> : 'Never' },
          { term: 'Concurrent calls', value: server.maxConcurrency },
          { term: 'Extra headers', value: server.headerNames.join(', ') || 'None' },
        ]}
      />
      {failure ? (
        <div className="mt-4">
          <Notice tone="bad" title={failure.message}>
            {failure.remediation}
            <ServerWords details={failure.details} />
          </Notice>
        </div>
      ) : null}
      {server.catalog && (hasFindings(server.catalog) || warned.length > 0) ? (
        <div className="mt-4">
          <Notice
            tone={hasFindings(server.catalog) ? 'warning' : 'info'}
            title={server.catalog.complete ? undefined : 'The list of tools was not read to its end.'}
          >
            <CatalogReport report={server.catalog} tools={warned} />
          </Notice>
        </div>
      ) : null}
    </Card>
  );
}
