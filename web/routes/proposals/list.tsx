import { type MetaFunction, useLoaderData, useParams, useSearchParams } from 'react-router';
import { proposalStates } from '../../../domain/workflow/proposal.ts';
import { listProposals } from '../../../services/proposal/list.ts';
import type { ProposalView } from '../../../services/proposal/view.ts';
import { listFilters } from '../../../services/run/reading/filters.ts';
import { useLive } from '../../shell/live/live.tsx';
import { id, pickOne, query } from '../../shell/query.ts';
import { memberLoader } from '../../shell/route.server.ts';
import { ProposalState } from '../../ui/base/badge.tsx';
import { LinkButton } from '../../ui/base/button.tsx';
import { Card } from '../../ui/base/card.tsx';
import { CodeText } from '../../ui/base/code-text.tsx';
import { EmptyState } from '../../ui/base/empty-state.tsx';
import { Time } from '../../ui/base/time.tsx';
import { DataTable } from '../../ui/data/data-table.tsx';
import { Pager } from '../../ui/data/pager.tsx';
import { FilterBar } from '../../ui/form/filter-bar.tsx';
import { PageHeader } from '../../ui/page/page-header.tsx';
import { fieldName } from '../workflows/definition/labels.ts';
import { actorName } from './labels.ts';

export const meta: MetaFunction = () => [{ title: 'Proposals · Armature' }];

export const loader = memberLoader(async ({ ctx, url }) => {
  const asked = query(url, ['state', 'server', 'workflow', 'cursor']);
  const state = pickOne(asked.state, proposalStates);
  const [serverId, workflowId] = [id(asked.server), id(asked.workflow)];
  const [list, { servers }] = await Promise.all([
    listProposals(ctx, {
      ...(state && { state }),
      ...(serverId && { serverId }),
      ...(workflowId && { workflowId }),
      ...(asked.cursor && { cursor: asked.cursor }),
      limit: 25,
    }),
    listFilters(ctx, { ...(serverId && { serverId }) }),
  ]);
  return { ...list, servers };
});

export default function Proposals() {
  const { proposals, nextCursor, servers } = useLoaderData<typeof loader>();
  useLive(['proposal', 'workflow']);
  const [search] = useSearchParams();
  const isFiltered = [...search].some(([name, value]) => name !== 'cursor' && value !== '');
  return (
    <>
      <PageHeader
        title="Proposals"
        note="Changes proposed by agents and people. Each takes effect only when applied, within 24 hours."
      />
      {proposals.length > 0 || isFiltered ? (
        <FilterBar
          filters={[
            {
              kind: 'select',
              name: 'state',
              label: 'State',
              options: [
                { value: 'open', text: 'Open' },
                { value: 'applied', text: 'Applied' },
                { value: 'rejected', text: 'Rejected' },
                { value: 'expired', text: 'Expired' },
              ],
            },
            {
              kind: 'choice',
              name: 'server',
              label: 'Server',
              options: servers.map(({ id, name }) => ({ value: id, text: name })),
            },
          ]}
        />
      ) : null}
      {proposals.length > 0 ? (
        <Card flush>
          <ProposalTable proposals={proposals} />
        </Card>
      ) : isFiltered ? (
        <EmptyState title="No proposals match your filters." action={<LinkButton to="?">Clear filters</LinkButton>}>
          Change the filters to see other proposals.
        </EmptyState>
      ) : (
        <EmptyState title="No proposals yet">
          Agents that are connected to Armature propose workflow changes here. “Draft a fix” on a failed run does, too.
        </EmptyState>
      )}
      <Pager nextCursor={nextCursor} />
    </>
  );
}

function ProposalTable({ proposals }: { proposals: ProposalView[] }) {
  const base = `/o/${useParams().org}/proposals`;
  return (
    <DataTable
      label="Proposals"
      rows={proposals}
      rowKey={({ proposalId }) => proposalId}
      to={({ proposalId }) => `${base}/${proposalId}`}
      columns={[
        {
          key: 'state',
          head: 'State',
          phone: 'status',
          cell: ({ state, stale }) => <ProposalState state={state} stale={stale} />,
        },
        {
          key: 'workflow',
          head: 'Workflow',
          phone: 'title',
          cell: ({ name, serverName, rationale }) => (
            <>
              {name} <span className="font-normal text-muted text-xs">{serverName}</span>
              <span className="line-clamp-1 font-normal text-muted">
                <CodeText text={rationale} />
              </span>
            </>
          ),
        },
        {
          key: 'change',
          head: 'Change',
          cell: ({ kind, changedFields }) =>
            kind === 'workflow' ? 'New workflow' : changedFields.map(fieldName).join(', ') || null,
        },
        { key: 'by', head: 'Proposed by', wide: true, cell: ({ proposedBy }) => actorName(proposedBy) },
        {
          key: 'expires',
          head: 'Expires',
          align: 'right',
          phone: 'none',
          cell: ({ state, expiresAt }) => (state === 'open' ? <Time at={expiresAt} relative /> : null),
        },
        {
          key: 'proposed',
          head: 'Proposed',
          align: 'right',
          cell: ({ createdAt }) => <Time at={createdAt} relative />,
        },
      ]}
    />
  );
}
