import { Plus } from 'lucide-react';
import { type MetaFunction, useLoaderData, useParams, useSearchParams } from 'react-router';
import { atLeast } from '../../../domain/role/role.ts';
import { runStatuses } from '../../../domain/run/run.ts';
import { listFilters } from '../../../services/run/reading/filters.ts';
import { listWorkflows } from '../../../services/workflow/reading/list.ts';
import { id, pickOne, query } from '../../shell/query.ts';
import { memberLoader } from '../../shell/route.server.ts';
import { FlagBadge, PassRate, StateBadge, StatusBadge } from '../../ui/badge.tsx';
import { LinkButton, TextLink } from '../../ui/button.tsx';
import { Card } from '../../ui/card.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { SelectField, TextField } from '../../ui/field.tsx';
import { Filters } from '../../ui/filters.tsx';
import { PageHeader } from '../../ui/page-header.tsx';
import { Pager } from '../../ui/pager.tsx';
import { cellClass, Table } from '../../ui/table.tsx';
import { Time } from '../../ui/time.tsx';

export const meta: MetaFunction = () => [{ title: 'Workflows · Armature' }];

const states = ['active', 'paused', 'archived'] as const;

export const loader = memberLoader(async ({ ctx, url, org }) => {
  const asked = query(url, ['server', 'state', 'status', 'search', 'cursor']);
  const serverId = id(asked.server);
  const state = pickOne(asked.state, states);
  const status = pickOne(asked.status, runStatuses);
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
      lastRun: lastRun && { ...lastRun, status: pickOne(lastRun.status, runStatuses) ?? ('pending' as const) },
    })),
    servers,
    mayEdit: atLeast(org.role, 'editor'),
  };
});

export default function Workflows() {
  const { workflows, servers, nextCursor, mayEdit } = useLoaderData<typeof loader>();
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
        <Filters>
          <TextField
            label="Search"
            name="search"
            type="search"
            placeholder="Name or description"
            defaultValue={search.get('search') ?? ''}
          />
          <SelectField label="Server" name="server" defaultValue={search.get('server') ?? ''}>
            <option value="">Any</option>
            {servers.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </SelectField>
          <SelectField label="State" name="state" defaultValue={search.get('state') ?? ''}>
            <option value="">Active and paused</option>
            <option value="active">Active</option>
            <option value="paused">Paused</option>
            <option value="archived">Archived</option>
          </SelectField>
          <SelectField label="Last run" name="status" defaultValue={search.get('status') ?? ''}>
            <option value="">Any</option>
            {runStatuses.map((status) => (
              <option key={status} value={status}>
                {status}
              </option>
            ))}
          </SelectField>
        </Filters>
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
                        <StatusBadge status={workflow.lastRun.status} />
                      </TextLink>
                      <p className="mt-1 text-muted">
                        <Time at={workflow.lastRun.createdAt} relative />
                      </p>
                      {workflow.lastRun.flagged ? <FlagBadge /> : null}
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
