import type { CheckOutcome } from '../../../../domain/monitor/monitor.ts';
import type { MonitorRow } from '../../../../services/monitor/reading/view.ts';
import type { WorkflowRow } from '../../../../services/workflow/reading/rows.ts';
import { useFormat } from '../../../shell/reader-provider.tsx';
import { OutcomeBadge } from '../../../ui/base/badge.tsx';
import { TextLink } from '../../../ui/base/button.tsx';
import { Card } from '../../../ui/base/card.tsx';
import { FlagChip, StateLabel, type Status, StatusChip } from '../../../ui/base/status-chip.tsx';
import { Time } from '../../../ui/base/time.tsx';
import { DataTable } from '../../../ui/data/data-table.tsx';

const runStatuses: readonly Status[] = ['pass', 'partial', 'fail', 'error', 'canceled', 'pending', 'running'];

/** Workflows of the server, each with its last run. */
export function WorkflowsOfServer({
  workflows,
  count,
  base,
  newWorkflow,
}: {
  workflows: Pick<WorkflowRow, 'id' | 'name' | 'state' | 'scheduleLabel' | 'passRate7d' | 'lastRun'>[];
  count: number;
  base: string;
  /** Null if the reader may not create one. */
  newWorkflow: string | null;
}) {
  const format = useFormat();
  return (
    <Card flush title="Workflows" aside={newWorkflow ? <TextLink to={newWorkflow}>New workflow</TextLink> : null}>
      {workflows.length === 0 ? (
        <p className="p-4 text-muted">No workflow tests this server. In one, an agent does a task with its tools.</p>
      ) : (
        <DataTable
          label="Workflows"
          rows={workflows}
          rowKey={({ id }) => id}
          to={({ id }) => `${base}/workflows/${id}`}
          columns={[
            {
              key: 'status',
              head: 'Last run',
              phone: 'status',
              cell: ({ lastRun, state }) =>
                state === 'active' ? (
                  <span className="inline-flex items-center gap-1">
                    {lastRun ? (
                      <StatusChip status={runStatuses.find((each) => each === lastRun.status) ?? 'pending'} />
                    ) : (
                      <StatusChip status="pending">No run yet</StatusChip>
                    )}
                    {lastRun?.flagged ? <FlagChip compact /> : null}
                  </span>
                ) : (
                  <StateLabel>{state === 'paused' ? 'Paused' : 'Archived'}</StateLabel>
                ),
            },
            { key: 'name', head: 'Workflow', phone: 'title', cell: ({ name }) => name },
            { key: 'schedule', head: 'Schedule', wide: true, cell: ({ scheduleLabel }) => scheduleLabel },
            {
              key: 'rate',
              head: 'Passed, 7 d',
              align: 'right',
              unit: 'passed',
              cell: ({ passRate7d }) => (passRate7d === null ? null : format.percent(passRate7d)),
            },
            {
              key: 'at',
              head: 'Ran',
              align: 'right',
              cell: ({ lastRun }) => (lastRun ? <Time at={lastRun.createdAt} relative /> : null),
            },
          ]}
        />
      )}
      <All count={count} shown={workflows.length} what="workflows" to={`${base}/workflows`} />
    </Card>
  );
}

/** Monitors of the server, the failing ones first. */
export function MonitorsOfServer({
  monitors,
  count,
  base,
  serverId,
}: {
  monitors: Pick<MonitorRow, 'id' | 'name' | 'tool' | 'state' | 'health' | 'uptime'>[];
  count: number;
  base: string;
  serverId: string;
}) {
  const format = useFormat();
  return (
    <Card flush title="Monitors" aside={<TextLink to={`${base}/monitors?server=${serverId}`}>All monitors</TextLink>}>
      {monitors.length === 0 ? (
        <p className="p-4 text-muted">
          No monitor calls this server. Monitors call a tool on a schedule, so that you are notified when it breaks.
        </p>
      ) : (
        <DataTable
          label="Monitors"
          rows={monitors}
          rowKey={({ id }) => id}
          to={({ id }) => `${base}/monitors/${id}`}
          columns={[
            {
              key: 'status',
              head: 'Status',
              phone: 'status',
              cell: ({ state, health }) =>
                state === 'active' ? (
                  health ? (
                    <OutcomeBadge outcome={health.outcome} />
                  ) : (
                    <StatusChip status="pending">No check yet</StatusChip>
                  )
                ) : (
                  <StateLabel>{state === 'paused' ? 'Paused' : 'Deleted'}</StateLabel>
                ),
            },
            {
              key: 'name',
              head: 'Monitor',
              phone: 'title',
              cell: ({ name, tool }) => (
                <>
                  {name}
                  {name === tool ? null : (
                    <code className="block font-mono text-xs font-normal text-muted">{tool}</code>
                  )}
                </>
              ),
            },
            {
              key: 'latency',
              head: 'Latency',
              align: 'right',
              cell: ({ health }) => (health?.latencyMs == null ? null : format.duration(health.latencyMs)),
            },
            {
              key: 'uptime',
              head: 'Uptime, 24 h',
              align: 'right',
              unit: 'uptime',
              cell: ({ uptime }) => (uptime.uptime === null ? null : format.percent(uptime.uptime)),
            },
            {
              key: 'at',
              head: 'Checked',
              align: 'right',
              cell: ({ health }) => (health ? <Time at={health.checkedAt} relative /> : null),
            },
          ]}
        />
      )}
      <All count={count} shown={monitors.length} what="monitors" to={`${base}/monitors?server=${serverId}`} />
    </Card>
  );
}

function All({ count, shown, what, to }: { count: number; shown: number; what: string; to: string }) {
  const format = useFormat();
  if (count <= shown) return null;
  return (
    <p className="border-line border-t px-4 py-3 text-table">
      <TextLink to={to}>
        All {format.number(count)} {what}
      </TextLink>
    </p>
  );
}

const order: readonly (CheckOutcome | null)[] = ['error', 'fail', 'degraded', null, 'pass'];

/** Failing ones first; paused ones last. */
export function sortByStanding<Row extends Pick<MonitorRow, 'state' | 'health'>>(rows: readonly Row[]): Row[] {
  const rank = ({ state, health }: Row) => (state === 'active' ? order.indexOf(health?.outcome ?? null) : order.length);
  return rows.toSorted((one, other) => rank(one) - rank(other));
}
