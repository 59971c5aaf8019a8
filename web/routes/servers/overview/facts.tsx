import type { ReactNode } from 'react';
import { useFormat } from '../../../shell/reader-provider.tsx';
import { TextLink } from '../../../ui/base/button.tsx';
import { Day, Time } from '../../../ui/base/time.tsx';
import type { ServerPageData } from '../server/page.tsx';

/** What the server is, and when it was last asked. */
export function Facts({
  found: { server },
  coverage,
  uptime,
  url,
}: {
  found: ServerPageData;
  coverage: { percent: number | null; coveredCount: number; toolCount: number };
  /** Of the range that is shown. */
  uptime: { share: number | null; range: string };
  url: string;
}) {
  const format = useFormat();
  return (
    <dl className="grid grid-cols-2 gap-x-6 gap-y-3 text-table sm:max-[1199px]:grid-cols-4">
      <Fact term={`Uptime, ${uptime.range}`}>{format.percent(uptime.share)}</Fact>
      <Fact term="Coverage">
        {coverage.percent === null ? (
          '–'
        ) : (
          <>
            <TextLink to={`${url}/coverage`}>{format.percent(coverage.percent / 100)}</TextLink>
            <span className="block text-xs text-muted">
              {coverage.coveredCount} of {format.count(coverage.toolCount, 'tool')}
            </span>
          </>
        )}
      </Fact>
      <Fact term="Last probe">{server.probedAt ? <Time at={server.probedAt} relative /> : 'Never'}</Fact>
      <Fact term="Probe latency">{format.duration(server.latencyMs)}</Fact>
      <Fact term="Last sync">{server.syncedAt ? <Time at={server.syncedAt} relative /> : 'Never'}</Fact>
      <Fact term="Syncs">{syncLabel(server.syncEveryMinutes, format.duration)}</Fact>
      <Fact term="Server">{server.serverName ? `${server.serverName} ${server.serverVersion ?? ''}` : '–'}</Fact>
      <Fact term="Protocol">{server.protocolVersion ?? '–'}</Fact>
      <Fact term="Transport">{server.transport === 'sse' ? 'SSE' : 'Streamable HTTP'}</Fact>
      <Fact term="Connected">
        <Day at={server.createdAt} />
      </Fact>
    </dl>
  );
}

const syncLabel = (minutes: number, duration: (ms: number) => string): string =>
  minutes === 0 ? 'Only manual' : `Every ${duration(minutes * 60_000)}`;

function Fact({ term, children }: { term: string; children: ReactNode }) {
  return (
    <div className="min-w-0">
      <dt className="text-xs text-muted">{term}</dt>
      <dd className="mt-0.5 [overflow-wrap:anywhere]">{children}</dd>
    </div>
  );
}
