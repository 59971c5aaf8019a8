import { Plus } from 'lucide-react';
import { type MetaFunction, useLoaderData, useParams, useSearchParams } from 'react-router';
import { atLeast } from '../../../domain/role/role.ts';
import { shownStatuses } from '../../../domain/run/run.ts';
import { listFilters } from '../../../services/run/reading/filters.ts';
import { listWorkflows } from '../../../services/workflow/reading/list.ts';
import { useLive } from '../../shell/live/live.tsx';
import { id, pickOne, query } from '../../shell/query.ts';
import { memberLoader } from '../../shell/route.server.ts';
import { PassRate, StateBadge } from '../../ui/base/badge.tsx';
import { LinkButton, TextLink } from '../../ui/base/button.tsx';
import { Card } from '../../ui/base/card.tsx';
import { EmptyState } from '../../ui/base/empty-state.tsx';
import { FlagChip, StatusChip, statusLooks } from '../../ui/base/status-chip.tsx';
import { Time } from '../../ui/base/time.tsx';
import { Pager } from '../../ui/data/pager.tsx';
import { cellClass, Table } from '../../ui/data/table.tsx';
import { FilterBar } from '../../ui/form/filter-bar.tsx';
import { PageHeader } from '../../ui/page/page-header.tsx';

export const meta: MetaFunction = () => [{ title: 'Workflows · Armature' }];

const states = ['active', 'paused', 'archived'] as const;

export const loader = memberLoader(async ({ ctx, url, org }) => {
  const asked = query(url, ['server', 'state', 'status', 'search', 'cursor']);
  const serverId = id(asked.server);
  const state = pickOne(asked.state, states);
  const status = pickOne(asked.status, shownStatuses);
  const [list, { servers }] = await Promise.all([
    listWorkflows(ctx, {
      ...(serverId && { serverId }),
      ...(state && { state }),
      ...(status && { status }),
      ...(asked.search && { search: asked.search }),
      ...(asked.cursor && { cursor: asked.cursor }),
      limit: 25,
    }),
    listFilters(ctx, { ...(serverId && { serverId }) }),
  ]);
  return {
    ...list,
    // A CHECK constraint guarantees the value.
    workflows: list.workflows.map(({ lastRun, ...workflow }) => ({
      ...workflow,
      lastRun: lastRun && { ...lastRun, status: pickOne(lastRun.status, shownStatuses) ?? ('pending' as const) },
    })),
    servers,
    mayEdit: atLeast(org.role, 'editor'),
  };
});

export default function Workflows() {
  const { workflows, servers, nextCursor, mayEdit } = useLoaderData<typeof loader>();
  useLive(['workflow', 'run']);
  const [search] = useSearchParams();
  const base = `/o/${useParams().org}`;
  const filtered = [...search].some(([name, value]) => name !== 'cursor' && value !== '');
  const make =
    mayEdit && servers.length > 0 ? (
      <LinkButton to="new" variant="primary">
        <Plus aria-hidden="true" className="size-4" /> New workflow
      </LinkButton>
    ) : null;
  return (
    <>
      <PageHeader
        title="Workflows"
        note="Scheduled tests: an agent works on a prompt, and each criterion is graded."
        actions={make}
      />
      {workflows.length > 0 || filtered ? (
        <FilterBar
          filters={[
            { kind: 'search', name: 'search', label: 'Search', placeholder: 'Name or description' },
            {
              kind: 'choice',
              name: 'server',
              label: 'Server',
              options: servers.map(({ id, name }) => ({ value: id, text: name })),
            },
            {
              kind: 'select',
              name: 'state',
              label: 'State',
              options: [
                { value: 'active', text: 'Active' },
                { value: 'paused', text: 'Paused' },
                { value: 'archived', text: 'Archived' },
              ],
              any: 'Active and paused',
            },
            {
              kind: 'select',
              name: 'status',
              label: 'Last run',
              options: shownStatuses.map((status) => ({ value: status, text: statusLooks[status].text })),
            },
          ]}
        />
      ) : null}
      {workflows.length > 0 ? (
        <Card flush>
          <Table label="Workflows" head={['Workflow', 'Schedule', 'Pass rate, 7 days', 'Last run', 'State']}>
            {workflows.map((workflow) => (
              <tr key={workflow.id} className="hover:bg-sunken/60">
                <td className={cellClass}>
                  <TextLink to={workflow.id} className="font-medium">
                    {workflow.name}
                  </TextLink>
                  <p className="line-clamp-2 max-w-md text-muted">{workflow.description}</p>
                  <p className="text-xs text-muted">{workflow.serverName}</p>
                </td>
                <td className={cellClass}>{workflow.scheduleLabel}</td>
                <td className={cellClass}>
                  <PassRate rate={workflow.passRate7d} />
                </td>
                <td className={cellClass}>
                  {workflow.lastRun ? (
                    <>
                      <TextLink
                        to={`${base}/runs/${workflow.lastRun.id}`}
                        className="no-underline!"
                        aria-label={`Last run: ${workflow.lastRun.status}`}
                      >
                        <StatusChip status={workflow.lastRun.status} />
                      </TextLink>
                      <p className="mt-1 text-muted">
                        <Time at={workflow.lastRun.createdAt} relative />
                      </p>
                      {workflow.lastRun.flagged ? <FlagChip /> : null}
                    </>
                  ) : (
                    <span className="text-muted">Never</span>
                  )}
                </td>
                <td className={cellClass}>
                  <StateBadge state={workflow.state} />
                  {workflow.state === 'active' && workflow.schedulePausedByOperator ? (
                    <p className="mt-1 text-xs text-muted">Schedule paused in Temporal</p>
                  ) : null}
                </td>
              </tr>
            ))}
          </Table>
        </Card>
      ) : filtered ? (
        <EmptyState title="No workflows match your filters.">Change or clear the filters.</EmptyState>
      ) : servers.length === 0 ? (
        <EmptyState
          title="Connect a server first"
          action={
            <LinkButton to={`${base}/servers/new`} variant="primary">
              Connect a server
            </LinkButton>
          }
        >
          A workflow tests one MCP server. Connect yours, then write what an agent should be able to do with it.
        </EmptyState>
      ) : (
        <EmptyState title="No workflows yet" action={make}>
          Write a prompt, set success criteria and choose a schedule.
        </EmptyState>
      )}
      <Pager nextCursor={nextCursor} />
    </>
  );
}
