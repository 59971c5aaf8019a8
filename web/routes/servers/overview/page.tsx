import { useLoaderData, useOutletContext, useSearchParams } from 'react-router';
import { getCoverage } from '../../../../services/coverage/get.ts';
import { listIncidents } from '../../../../services/incident/list.ts';
import { listMaintenance } from '../../../../services/maintenance/list.ts';
import { listMonitors } from '../../../../services/monitor/reading/list.ts';
import { getServerFigures } from '../../../../services/server/reading/figures.ts';
import { listWorkflows } from '../../../../services/workflow/reading/list.ts';
import { useLive } from '../../../shell/live/live.tsx';
import { pickOne } from '../../../shell/query.ts';
import { memberLoader } from '../../../shell/route.server.ts';
import { LinkButton } from '../../../ui/base/button.tsx';
import { Notice } from '../../../ui/base/notice.tsx';
import { Columns } from '../../../ui/page/columns.tsx';
import type { ServerContext } from '../server/page.tsx';
import { Facts } from './facts.tsx';
import { Latency, rangeLabels, ranges } from './latency.tsx';
import { OpenIncidents } from './open-incidents.tsx';
import { Problems } from './problems.tsx';
import { MonitorsOfServer, sortByStanding, WorkflowsOfServer } from './tested.tsx';

/** Rows of each list; the lists themselves have the rest. */
const maxRows = 8;

export const loader = memberLoader(async ({ ctx, params, url }) => {
  const serverId = params.serverId ?? '';
  const range = pickOne(url.searchParams.get('range') ?? undefined, ranges) ?? '24h';
  const [figures, coverage, { incidents }, { workflows }, failing, listed, { windows }] = await Promise.all([
    getServerFigures(ctx, { serverId, range }),
    getCoverage(ctx, { serverId }),
    listIncidents(ctx, { serverId, state: 'open', limit: maxRows }),
    listWorkflows(ctx, { serverId, limit: maxRows }),
    listMonitors(ctx, { serverId, outcome: 'failing', limit: maxRows }),
    listMonitors(ctx, { serverId, limit: maxRows }),
    listMaintenance(ctx, { serverId }),
  ]);
  const monitors = new Map([...failing.monitors, ...listed.monitors].map((monitor) => [monitor.id, monitor]));
  return {
    range,
    points: figures.points,
    windows: windows
      .filter(({ startsAt, endsAt }) => startsAt < ctx.deps.now().toISOString() && endsAt > figures.since)
      .map(({ startsAt, endsAt }) => ({ startsAt, endsAt })),
    coverage: {
      percent: coverage.percent,
      coveredCount: coverage.coveredCount,
      toolCount: coverage.toolCount,
    },
    incidents: incidents.map(({ id, subject, summary, openedAt, level }) => ({
      id,
      name: subject.name,
      summary,
      openedAt,
      level,
    })),
    workflows: workflows.map(({ id, name, state, scheduleLabel, passRate7d, lastRun }) => ({
      id,
      name,
      state,
      scheduleLabel,
      passRate7d,
      lastRun,
    })),
    monitors: sortByStanding([...monitors.values()])
      .slice(0, maxRows)
      .map(({ id, name, tool, state, health, uptime }) => ({ id, name, tool, state, health, uptime })),
  };
});

export default function Overview() {
  const page = useLoaderData<typeof loader>();
  const at = useOutletContext<ServerContext>();
  const [search] = useSearchParams();
  useLive(['monitor', 'workflow', 'run']);
  const { found, base, url } = at;
  const { server, mayTest } = found;
  const addMonitors = `${base}/monitors/new?server=${server.id}`;
  const newWorkflow = `${base}/workflows/new?server=${server.id}`;
  return (
    <Columns
      isFactsLast
      facts={
        <Facts
          found={found}
          coverage={page.coverage}
          uptime={{ share: toUptime(page.points), range: rangeLabels[page.range] }}
          url={url}
        />
      }
    >
      {search.has('connected') && mayTest ? (
        <Connected name={server.name} addMonitors={addMonitors} newWorkflow={newWorkflow} />
      ) : null}
      <Problems found={found} url={url} />
      <OpenIncidents incidents={page.incidents} base={base} url={url} />
      <Latency
        points={page.points}
        range={page.range}
        windows={page.windows}
        addMonitors={mayTest && found.monitors.all === 0 ? addMonitors : null}
      />
      <WorkflowsOfServer
        workflows={page.workflows}
        count={found.workflows.length}
        base={base}
        newWorkflow={mayTest ? newWorkflow : null}
      />
      <MonitorsOfServer monitors={page.monitors} count={found.monitors.all} base={base} serverId={server.id} />
    </Columns>
  );
}

/** Of all checks of the range; null without any. */
function toUptime(points: { checks: number; failedChecks: number }[]): number | null {
  const checks = points.reduce((sum, point) => sum + point.checks, 0);
  const failed = points.reduce((sum, point) => sum + point.failedChecks, 0);
  return checks === 0 ? null : (checks - failed) / checks;
}

/** What to do with a server that was just connected. */
function Connected({ name, addMonitors, newWorkflow }: { name: string; addMonitors: string; newWorkflow: string }) {
  return (
    <Notice tone="good" title={`${name} is connected.`}>
      <p className="text-ink">
        Monitors call its tools on a schedule. A workflow lets an agent do a task with them, and grades the result.
      </p>
      <p className="mt-3 flex flex-wrap gap-2">
        <LinkButton to={addMonitors}>Choose what to monitor</LinkButton>
        <LinkButton to={newWorkflow}>Draft a first workflow</LinkButton>
        <LinkButton to="?" variant="quiet">
          Not now
        </LinkButton>
      </p>
    </Notice>
  );
}
