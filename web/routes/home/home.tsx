import { type MetaFunction, useLoaderData, useParams } from 'react-router';
import { getHome } from '../../../services/organization/home/get.ts';
import { useLive } from '../../shell/live/live.tsx';
import { pickOne, query } from '../../shell/query.ts';
import { useFormat } from '../../shell/reader-provider.tsx';
import { memberLoader } from '../../shell/route.server.ts';
import { TextLink } from '../../ui/base/button.tsx';
import { Card } from '../../ui/base/card.tsx';
import type { Status } from '../../ui/base/status-chip.tsx';
import { Time } from '../../ui/base/time.tsx';
import { RunGrid } from '../../ui/chart/run-grid.tsx';
import { PageHeader } from '../../ui/page/page-header.tsx';
import { Answer } from './answer.tsx';
import { FigureRow } from './figure-row.tsx';
import { FirstSteps } from './first-steps.tsx';
import { isHidingSteps } from './hidden-steps.ts';
import { MonitorBars } from './monitor-bars.tsx';

export const meta: MetaFunction = () => [{ title: 'Home · Armature' }];

export const loader = memberLoader(async ({ ctx, org, request, url }) => {
  const range = pickOne(query(url, ['range']).range, ['24h', '7d', '30d']) ?? '7d';
  const home = await getHome(ctx, { range });
  return {
    ...home,
    range,
    role: org.role,
    slug: org.slug,
    stepsHidden: isHidingSteps(request.headers.get('cookie'), org.slug),
  };
});

export default function Home() {
  const home = useLoaderData<typeof loader>();
  const base = `/o/${useParams().org}`;
  useLive(['run', 'monitor', 'incident', 'workflow', 'server', 'proposal']);
  return (
    <>
      <PageHeader title="Home" />
      <div className="space-y-6">
        <Answer home={home} base={base} />
        <FirstSteps done={home.setUp} isHidden={home.stepsHidden} role={home.role} slug={home.slug} />
        {home.setUp.monitor || home.setUp.workflow ? <FigureRow figures={home.figures} range={home.range} /> : null}
        {home.workflows.workflows.length > 0 ? <Workflows {...home.workflows} base={base} /> : null}
        {home.monitors.monitors.length > 0 ? <MonitorBars {...home.monitors} base={base} /> : null}
        <div className="grid gap-6 lg:grid-cols-2">
          {home.nextRuns.length > 0 ? <NextRuns runs={home.nextRuns} base={base} /> : null}
          {home.coverage.length > 0 ? <Coverage servers={home.coverage} base={base} /> : null}
        </div>
      </div>
    </>
  );
}

type Data = ReturnType<typeof useLoaderData<typeof loader>>;

function Workflows({ workflows, hasMore, base }: Data['workflows'] & { base: string }) {
  const format = useFormat();
  return (
    <Card title="Workflows" flush aside={<More to={`${base}/workflows`} hasMore={hasMore} what="workflows" />}>
      <RunGrid
        label="Workflows with their latest runs, worst first"
        rows={workflows.map(({ id, name, state, passRate, runs }) => ({
          key: id,
          name,
          to: `${base}/workflows/${id}`,
          note: [
            state === 'paused' ? 'Paused' : null,
            passRate === null ? 'No graded run in 7 days' : `${format.percent(passRate)} passed in 7 days`,
            runs.at(-1)?.flagged ? 'the last run called a blocked tool' : null,
          ]
            .filter(Boolean)
            .join(' · '),
          runs: runs.map((run) => ({
            id: run.id,
            status: toStatus(run.status),
            at: run.createdAt,
            to: `${base}/runs/${run.id}`,
          })),
        }))}
      />
    </Card>
  );
}

const statuses: readonly Status[] = ['pass', 'partial', 'fail', 'error', 'canceled', 'pending', 'running'];
const toStatus = (status: string): Status => statuses.find((each) => each === status) ?? 'pending';

function More({ to, hasMore, what }: { to: string; hasMore: boolean; what: string }) {
  return (
    <TextLink to={to} className="text-sm">
      {hasMore ? `All ${what}, these are the worst` : `All ${what}`}
    </TextLink>
  );
}

function NextRuns({ runs, base }: { runs: Data['nextRuns']; base: string }) {
  return (
    <Card title="Next runs" flush>
      <ul className="divide-y divide-line">
        {runs.map(({ workflowId, name, at }) => (
          <li key={workflowId} className="flex min-h-11 items-center justify-between gap-4 px-4 py-2 text-table">
            <TextLink to={`${base}/workflows/${workflowId}`} className="min-w-0 truncate">
              {name}
            </TextLink>
            <Time at={at} relative />
          </li>
        ))}
      </ul>
    </Card>
  );
}

function Coverage({ servers, base }: { servers: Data['coverage']; base: string }) {
  const format = useFormat();
  return (
    <Card title="Coverage" flush>
      <ul className="divide-y divide-line">
        {servers.slice(0, 6).map(({ serverId, serverName, coveredCount, toolCount, percent }) => (
          <li key={serverId} className="flex min-h-11 items-center justify-between gap-4 px-4 py-2 text-table">
            <TextLink to={`${base}/servers/${serverId}/coverage`} className="min-w-0 truncate">
              {serverName}
            </TextLink>
            <span className="shrink-0 tabular-nums">
              {percent === null
                ? 'No tools'
                : `${format.percent(percent / 100)} · ${coveredCount} of ${format.count(toolCount, 'tool')}`}
            </span>
          </li>
        ))}
      </ul>
    </Card>
  );
}
