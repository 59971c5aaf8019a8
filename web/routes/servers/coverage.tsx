import { type MetaFunction, useLoaderData, useParams } from 'react-router';
import { atLeast } from '../../../domain/role/role.ts';
import { getCoverage } from '../../../services/coverage/get.ts';
import { memberLoader } from '../../shell/route.server.ts';
import { Badge } from '../../ui/base/badge.tsx';
import { LinkButton, TextLink } from '../../ui/base/button.tsx';
import { Card } from '../../ui/base/card.tsx';
import { DescriptionList } from '../../ui/base/description-list.tsx';
import { EmptyState } from '../../ui/base/empty-state.tsx';
import { Notice } from '../../ui/base/notice.tsx';
import { Code } from '../../ui/base/text.tsx';
import { Time } from '../../ui/base/time.tsx';
import { cellClass, Table } from '../../ui/data/table.tsx';
import { PageHeader } from '../../ui/page/page-header.tsx';

export const meta: MetaFunction<typeof loader> = ({ loaderData }) => [
  { title: `Coverage of ${loaderData?.report.serverName ?? 'a server'} · Armature` },
];

export const loader = memberLoader(async ({ ctx, params, org }) => ({
  report: await getCoverage(ctx, { serverId: params.serverId ?? '' }),
  mayEdit: atLeast(org.role, 'editor'),
}));

export default function CoveragePage() {
  const { report, mayEdit } = useLoaderData<typeof loader>();
  const base = `/o/${useParams().org}`;
  const covered = report.tools.filter((tool) => tool.covered);
  const gaps = report.tools.filter((tool) => !tool.covered);
  return (
    <div className="space-y-6">
      <PageHeader
        title="Coverage"
        note={`Tools of ${report.serverName} that workflows exercise.`}
        trail={[
          { to: `${base}/servers`, text: 'Servers' },
          { to: `${base}/servers/${report.serverId}`, text: report.serverName },
        ]}
      />
      {report.note ? <Notice title={report.note} /> : null}
      {report.tools.length === 0 ? (
        <EmptyState title="No tools yet">Sync the server's catalog to list its tools.</EmptyState>
      ) : (
        <>
          <Card title="Overview">
            <DescriptionList
              facts={[
                { term: 'Covered', value: report.percent === null ? '–' : `${report.percent} %` },
                { term: 'Tools', value: `${report.coveredCount} of ${report.toolCount}` },
                { term: 'Recent runs included', value: report.runCount },
                {
                  term: 'Last run ended',
                  value: report.refreshedAt ? <Time at={report.refreshedAt} relative /> : 'Never',
                },
              ]}
            />
          </Card>
          <Card flush title={`Gaps (${gaps.length})`}>
            {gaps.length === 0 ? (
              <p className="p-4 text-muted">Every tool is covered.</p>
            ) : (
              <ul className="divide-y divide-line">
                {gaps.map(({ tool, description, calls, failed }) => (
                  <li key={tool} className="flex flex-wrap items-center gap-3 px-4 py-3">
                    <div className="min-w-0 flex-1">
                      <Code>{tool}</Code>
                      <p className="truncate text-muted">{description}</p>
                      {calls > 0 ? <p className="text-fail">{`${failed} of ${calls} calls failed.`}</p> : null}
                    </div>
                    {mayEdit ? (
                      <LinkButton
                        to={`${base}/workflows/new?${new URLSearchParams({ server: report.serverId, tool })}`}
                        aria-label={`Draft a workflow for ${tool}`}
                      >
                        Draft a workflow
                      </LinkButton>
                    ) : null}
                  </li>
                ))}
              </ul>
            )}
          </Card>
          {covered.length > 0 ? (
            <Card flush title={`Covered (${covered.length})`}>
              <Table label="Covered tools" head={['Tool', 'How', 'By', 'Last success', 'Calls', 'Error rate']}>
                {covered.map((tool) => (
                  <tr key={tool.tool} className="hover:bg-sunken/60">
                    <td className={cellClass}>
                      <Code>{tool.tool}</Code>
                    </td>
                    <td className={cellClass}>
                      <span className="flex flex-wrap gap-1">
                        {tool.by.map((way) => (
                          <Badge key={way} tone={way === 'run' ? 'pass' : 'info'}>
                            {way === 'run' ? 'Called in a run' : 'Allowed by policy'}
                          </Badge>
                        ))}
                      </span>
                    </td>
                    <td className={cellClass}>
                      {tool.workflows.map(({ workflowId, name }) => (
                        <p key={workflowId}>
                          <TextLink to={`${base}/workflows/${workflowId}`}>{name}</TextLink>
                        </p>
                      ))}
                    </td>
                    <td className={cellClass}>
                      {tool.lastSuccess ? (
                        <TextLink to={`${base}/runs/${tool.lastSuccess.runId}`}>
                          <Time at={tool.lastSuccess.at} relative />
                        </TextLink>
                      ) : (
                        '–'
                      )}
                    </td>
                    <td className={`${cellClass} tabular-nums`}>{tool.calls}</td>
                    <td className={`${cellClass} tabular-nums`}>
                      {tool.errorRate === null ? '–' : `${Math.round(tool.errorRate * 100)} %`}
                    </td>
                  </tr>
                ))}
              </Table>
            </Card>
          ) : null}
        </>
      )}
    </div>
  );
}
