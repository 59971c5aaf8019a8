import { type MetaFunction, useLoaderData, useOutletContext } from 'react-router';
import { getCoverage } from '../../../../services/coverage/get.ts';
import { useLive } from '../../../shell/live/live.tsx';
import { useFormat } from '../../../shell/reader-provider.tsx';
import { memberLoader } from '../../../shell/route.server.ts';
import { LinkButton, TextLink } from '../../../ui/base/button.tsx';
import { Card } from '../../../ui/base/card.tsx';
import { EmptyState } from '../../../ui/base/empty-state.tsx';
import { Notice } from '../../../ui/base/notice.tsx';
import { Time } from '../../../ui/base/time.tsx';
import { aboveRow, DataTable } from '../../../ui/data/data-table.tsx';
import type { ServerContext } from '../server/page.tsx';

export const meta: MetaFunction<typeof loader> = ({ loaderData }) => [
  { title: `Coverage of ${loaderData?.serverName ?? 'a server'} · Armature` },
];

export const loader = memberLoader(({ ctx, params }) => getCoverage(ctx, { serverId: params.serverId ?? '' }));

type Report = ReturnType<typeof useLoaderData<typeof loader>>;
type Tool = Report['tools'][number];

export default function CoveragePage() {
  const report = useLoaderData<typeof loader>();
  const at = useOutletContext<ServerContext>();
  useLive(['run', 'workflow']);
  const { found, base, url } = at;
  if (report.tools.length === 0)
    return (
      <EmptyState title="No tools yet">Sync the server to list its tools. Then their coverage is here.</EmptyState>
    );
  const covered = report.tools.filter((tool) => tool.covered);
  const gaps = report.tools.filter((tool) => !tool.covered);
  return (
    <>
      {report.note ? <Notice title={report.note} /> : null}
      <Total report={report} />
      <Card flush title={`Not covered (${gaps.length})`}>
        {gaps.length === 0 ? (
          <p className="p-4 text-muted">Every tool is covered.</p>
        ) : (
          <ul className="divide-y divide-line">
            {gaps.map((gap) => (
              <Gap key={gap.tool} gap={gap} base={base} url={url} serverId={report.serverId} mayDraft={found.mayTest} />
            ))}
          </ul>
        )}
      </Card>
      {covered.length > 0 ? (
        <Card flush title={`Covered (${covered.length})`}>
          <Covered tools={covered} base={base} url={url} />
        </Card>
      ) : null}
    </>
  );
}

function Total({ report: { percent, coveredCount, toolCount, runCount, refreshedAt } }: { report: Report }) {
  const format = useFormat();
  const share = percent === null ? 0 : coveredCount / toolCount;
  return (
    <div>
      <p className="flex flex-wrap items-baseline gap-x-3">
        <span className="text-xl font-semibold tabular-nums">
          {percent === null ? '–' : format.percent(percent / 100)}
        </span>
        <span>
          {coveredCount} of {format.count(toolCount, 'tool')} covered
        </span>
        <span className="text-table text-muted">
          {runCount === 0
            ? 'by tool policies; no run has ended yet'
            : `by tool policies and the ${runCount === 1 ? 'latest run' : `latest ${runCount} runs`}`}
          {refreshedAt ? (
            <>
              , the last of which ended <Time at={refreshedAt} relative />
            </>
          ) : null}
        </span>
      </p>
      <svg viewBox="0 0 100 2" preserveAspectRatio="none" aria-hidden="true" className="mt-2 h-2 w-full rounded-full">
        <rect width="100" height="2" className="fill-line" />
        <rect width={share * 100} height="2" className="fill-accent" />
      </svg>
    </div>
  );
}

const toolAt = (url: string, name: string): string => `${url}/tools?${new URLSearchParams({ tool: name })}`;

function Gap({
  gap: { tool, description, calls, failed },
  base,
  url,
  serverId,
  mayDraft,
}: {
  gap: Tool;
  base: string;
  url: string;
  serverId: string;
  mayDraft: boolean;
}) {
  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-2 px-4 py-2.5">
      <div className="min-w-0 flex-1 basis-64">
        <TextLink to={toolAt(url, tool)} className="font-mono text-code [overflow-wrap:anywhere]">
          <code>{tool}</code>
        </TextLink>
        <p className="line-clamp-1 text-table text-muted [overflow-wrap:anywhere]" data-verbatim>
          {description}
        </p>
        {calls > 0 ? (
          <p className="text-table text-fail">
            {failed} of {calls} {calls === 1 ? 'call' : 'calls'} failed, so no run covers it.
          </p>
        ) : null}
      </div>
      {mayDraft ? (
        <LinkButton
          variant="quiet"
          to={`${base}/workflows/new?${new URLSearchParams({ server: serverId, tool })}`}
          aria-label={`Draft a workflow for ${tool}`}
        >
          Draft a workflow
        </LinkButton>
      ) : null}
    </li>
  );
}

function Covered({ tools, base, url }: { tools: Tool[]; base: string; url: string }) {
  const format = useFormat();
  return (
    <DataTable
      label="Covered tools"
      rows={tools}
      rowKey={({ tool }) => tool}
      to={({ tool }) => toolAt(url, tool)}
      columns={[
        {
          key: 'tool',
          head: 'Tool',
          phone: 'title',
          cell: ({ tool }) => <code className="font-mono text-code">{tool}</code>,
        },
        {
          key: 'how',
          head: 'How',
          wide: true,
          cell: ({ by }) => by.map((way) => (way === 'run' ? 'Called in a run' : 'Allowed by policy')).join(', '),
        },
        {
          key: 'by',
          head: 'Workflows',
          cell: ({ workflows }) => (
            <span className={aboveRow}>
              {workflows.slice(0, 3).map(({ workflowId, name }) => (
                <span key={workflowId} className="block">
                  <TextLink to={`${base}/workflows/${workflowId}`} className="[overflow-wrap:anywhere]">
                    {name}
                  </TextLink>
                </span>
              ))}
              {workflows.length > 3 ? <span className="text-muted">and {workflows.length - 3} more</span> : null}
            </span>
          ),
        },
        { key: 'calls', head: 'Calls', align: 'right', unit: 'calls', cell: ({ calls }) => format.number(calls) },
        {
          key: 'errors',
          head: 'Error rate',
          align: 'right',
          unit: 'failed',
          cell: ({ errorRate }) => (errorRate === null ? null : format.percent(errorRate)),
        },
        {
          key: 'success',
          head: 'Last success',
          align: 'right',
          cell: ({ lastSuccess }) =>
            lastSuccess ? (
              <TextLink to={`${base}/runs/${lastSuccess.runId}`} className={aboveRow}>
                <Time at={lastSuccess.at} relative />
              </TextLink>
            ) : null,
        },
      ]}
    />
  );
}
