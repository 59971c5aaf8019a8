import { type MetaFunction, useLoaderData, useParams, useSearchParams } from 'react-router';
import { proposalStates } from '../../../domain/workflow/proposal.ts';
import { listProposals } from '../../../services/proposal/list.ts';
import { useLive } from '../../shell/live/live.tsx';
import { pickOne, query } from '../../shell/query.ts';
import { memberLoader } from '../../shell/route.server.ts';
import { ProposalState } from '../../ui/base/badge.tsx';
import { TextLink } from '../../ui/base/button.tsx';
import { Card } from '../../ui/base/card.tsx';
import { EmptyState } from '../../ui/base/empty-state.tsx';
import { Code } from '../../ui/base/text.tsx';
import { Time } from '../../ui/base/time.tsx';
import { Pager } from '../../ui/data/pager.tsx';
import { cellClass, Table } from '../../ui/data/table.tsx';
import { FilterBar } from '../../ui/form/filter-bar.tsx';
import { PageHeader } from '../../ui/page/page-header.tsx';
import { fieldName } from '../workflows/definition/labels.ts';

export const meta: MetaFunction = () => [{ title: 'Proposals · Armature' }];

export const loader = memberLoader(async ({ ctx, url }) => {
  const asked = query(url, ['state', 'cursor']);
  const state = pickOne(asked.state, proposalStates);
  return listProposals(ctx, { ...(state && { state }), ...(asked.cursor && { cursor: asked.cursor }), limit: 25 });
});

export default function Proposals() {
  const { proposals, nextCursor } = useLoaderData<typeof loader>();
  useLive(['proposal']);
  const [search] = useSearchParams();
  const base = `/o/${useParams().org}`;
  const filtered = (search.get('state') ?? '') !== '';
  return (
    <>
      <PageHeader
        title="Proposals"
        note="Changes proposed by agents and people. Each takes effect only when applied, within 24 hours."
      />
      {proposals.length > 0 || filtered ? (
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
          ]}
        />
      ) : null}
      {proposals.length > 0 ? (
        <Card flush>
          <Table label="Proposals" head={['Workflow', 'Change', 'State', 'By', 'Proposed']}>
            {proposals.map((proposal) => (
              <tr key={proposal.proposalId} className="hover:bg-sunken/60">
                <td className={cellClass}>
                  <TextLink to={`${base}/proposals/${proposal.proposalId}`} className="font-medium">
                    {proposal.name}
                  </TextLink>
                  <p className="text-muted">{proposal.serverName}</p>
                </td>
                <td className={cellClass}>
                  {proposal.kind === 'workflow'
                    ? 'New workflow'
                    : proposal.changedFields.map(fieldName).join(', ') || 'Nothing'}
                  <p className="line-clamp-2 max-w-md text-muted">{proposal.rationale}</p>
                </td>
                <td className={cellClass}>
                  <ProposalState state={proposal.state} stale={proposal.stale} />
                </td>
                <td className={cellClass}>{proposal.proposedBy.name ?? proposal.proposedBy.kind}</td>
                <td className={cellClass}>
                  <Time at={proposal.createdAt} relative />
                </td>
              </tr>
            ))}
          </Table>
        </Card>
      ) : filtered ? (
        <EmptyState title="No proposals in this state.">Change or clear the filter.</EmptyState>
      ) : (
        <EmptyState title="No proposals yet">
          Agents connected to <Code>/api/mcp</Code> propose workflow changes here.
        </EmptyState>
      )}
      <Pager nextCursor={nextCursor} />
    </>
  );
}
