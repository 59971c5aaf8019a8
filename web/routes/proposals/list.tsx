import { type MetaFunction, useLoaderData, useParams, useSearchParams } from 'react-router';
import { proposalStates } from '../../../domain/workflow/proposal.ts';
import { listProposals } from '../../../services/proposal/list.ts';
import { pickOne, query } from '../../shell/query.ts';
import { memberLoader } from '../../shell/route.server.ts';
import { ProposalState } from '../../ui/badge.tsx';
import { TextLink } from '../../ui/button.tsx';
import { Card } from '../../ui/card.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { SelectField } from '../../ui/field.tsx';
import { Filters } from '../../ui/filters.tsx';
import { PageHeader } from '../../ui/page-header.tsx';
import { Pager } from '../../ui/pager.tsx';
import { cellClass, Table } from '../../ui/table.tsx';
import { Code } from '../../ui/text.tsx';
import { Time } from '../../ui/time.tsx';
import { fieldName } from '../workflows/definition-labels.ts';

export const meta: MetaFunction = () => [{ title: 'Proposals · Armature' }];

export const loader = memberLoader(async ({ ctx, url }) => {
  const asked = query(url, ['state', 'cursor']);
  const state = pickOne(asked.state, proposalStates);
  return listProposals(ctx, { ...(state && { state }), ...(asked.cursor && { cursor: asked.cursor }), limit: 25 });
});

export default function Proposals() {
  const { proposals, nextCursor } = useLoaderData<typeof loader>();
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
        <Filters>
          <SelectField label="State" name="state" defaultValue={search.get('state') ?? ''}>
            <option value="">Any</option>
            <option value="open">Open</option>
            <option value="applied">Applied</option>
            <option value="rejected">Rejected</option>
            <option value="expired">Expired</option>
          </SelectField>
        </Filters>
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
                  <p className="line-clamp-2 max-w-md break-words text-muted">{proposal.rationale}</p>
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
