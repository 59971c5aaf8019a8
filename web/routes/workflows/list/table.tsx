import type { ShownStatus } from '../../../../domain/run/run.ts';
import type { WorkflowWithRuns } from '../../../../services/workflow/reading/list-with-runs.ts';
import { PassRate, StateBadge } from '../../../ui/base/badge.tsx';
import { FlagChip, StateLabel, StatusChip } from '../../../ui/base/status-chip.tsx';
import { Time } from '../../../ui/base/time.tsx';
import { RunStrip } from '../../../ui/chart/run-strip.tsx';
import { RowCheckbox } from '../../../ui/data/bulk-form.tsx';
import { aboveRow, DataTable } from '../../../ui/data/data-table.tsx';
import { Link } from '../../../ui/page/link.tsx';

export type ListedWorkflow = Omit<WorkflowWithRuns, 'runs' | 'lastRun'> & {
  runs: { id: string; status: ShownStatus }[];
  lastRun: { status: ShownStatus; flagged: boolean; createdAt: string } | null;
};

const shownTags = 2;

/** @param props.isSelectable whether rows can be marked, in a `BulkForm` */
export function WorkflowTable({ workflows, isSelectable }: { workflows: ListedWorkflow[]; isSelectable: boolean }) {
  return (
    <DataTable
      label="Workflows"
      rows={workflows}
      rowKey={({ id }) => id}
      to={({ id }) => id}
      columns={[
        {
          key: 'status',
          head: 'Last run',
          phone: 'status',
          cell: ({ id, name, lastRun }) => (
            <span className="inline-flex items-center gap-1">
              {isSelectable ? <RowCheckbox name="workflow" value={id} label={name} /> : null}
              {lastRun ? <StatusChip status={lastRun.status} /> : <span className="text-muted text-xs">Never</span>}
              {lastRun?.flagged ? <FlagChip compact /> : null}
            </span>
          ),
        },
        {
          key: 'workflow',
          head: 'Workflow',
          phone: 'title',
          cell: ({ name, state, serverName, scheduleLabel, schedulePausedByOperator }) => (
            <>
              <span className="mr-2">{name}</span>
              {state === 'active' ? null : <StateBadge state={state} />}
              {state === 'active' && schedulePausedByOperator ? (
                <StateLabel>Schedule paused in Temporal</StateLabel>
              ) : null}
              <span
                title={`${serverName} · ${scheduleLabel}`}
                className="hidden font-normal text-muted md:line-clamp-1 md:[overflow-wrap:anywhere]"
              >
                {serverName} · {scheduleLabel}
              </span>
            </>
          ),
        },
        {
          key: 'tags',
          head: 'Tags',
          phone: 'none',
          wide: true,
          cell: ({ tags }) => (tags.length > 0 ? <Tags tags={tags} /> : null),
        },
        {
          key: 'rate',
          head: 'Passed, 7 days',
          cell: ({ passRate7d, flaggedCount }) =>
            passRate7d === null && flaggedCount === 0 ? null : <PassRate rate={passRate7d} flagged={flaggedCount} />,
        },
        {
          key: 'runs',
          head: 'Last 20 runs',
          phone: 'none',
          wide: true,
          cell: ({ runs }) => <RunStrip label="Last 20 runs" runs={runs} />,
        },
        {
          key: 'next',
          head: 'Next run',
          align: 'right',
          phone: 'none',
          cell: ({ nextRunAt }) => (nextRunAt ? <Time at={nextRunAt} relative /> : null),
        },
        {
          key: 'started',
          head: 'Started',
          align: 'right',
          cell: ({ lastRun }) => (lastRun ? <Time at={lastRun.createdAt} relative /> : null),
        },
      ]}
    />
  );
}

function Tags({ tags }: { tags: string[] }) {
  return (
    <span className="flex gap-1">
      {tags.slice(0, shownTags).map((tag) => (
        <Link
          key={tag}
          to={`?tag=${encodeURIComponent(tag)}`}
          aria-label={`Workflows tagged ${tag}`}
          className={`${aboveRow} no-underline hover:underline`}
        >
          <StateLabel>
            <span title={tag} className="max-w-20 truncate">
              {tag}
            </span>
          </StateLabel>
        </Link>
      ))}
      {tags.length > shownTags ? (
        <span title={tags.slice(shownTags).join(', ')} className="text-muted text-xs leading-5">
          +{tags.length - shownTags}
        </span>
      ) : null}
    </span>
  );
}
