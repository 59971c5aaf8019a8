import type { ProposalDetail } from '../../../services/proposal/get.ts';
import { TextLink } from '../../ui/base/button.tsx';
import { Notice } from '../../ui/base/notice.tsx';
import { Time } from '../../ui/base/time.tsx';
import { actorName } from './labels.ts';

/** Why a proposal can't be applied, or how it ended. @param props.workflow address of its workflow */
export function Standing({ proposal, workflow }: { proposal: ProposalDetail; workflow: string | null }) {
  const { decidedBy, decidedAt, decisionReason, proposedBy, baseVersionNumber, result } = proposal;
  const by = decidedBy ? actorName(decidedBy) : 'somebody';
  switch (proposal.state) {
    case 'applied':
      return (
        <Notice tone="good" title={`Applied by ${by}.`}>
          {decidedAt ? <Time at={decidedAt} /> : null}
          {workflow && result ? (
            <>
              {': '}
              <TextLink to={`${workflow}/versions/${result.versionId}`}>version {result.versionNumber}</TextLink>
            </>
          ) : null}
        </Notice>
      );
    case 'rejected': {
      const isWithdrawn = decidedBy?.kind === proposedBy.kind && decidedBy.id === proposedBy.id;
      return (
        <Notice title={`${isWithdrawn ? 'Withdrawn' : 'Rejected'} by ${by}.`}>
          {decidedAt ? <Time at={decidedAt} /> : null}
          {decidedAt ? ': ' : ''}
          <span className="whitespace-pre-wrap [overflow-wrap:anywhere]">
            {decisionReason ?? 'no reason was given.'}
          </span>
        </Notice>
      );
    }
    case 'expired':
      return (
        <Notice tone="warning" title="This proposal has expired.">
          It could be applied for 24 hours. It is deleted seven days after it was created. To make the change, propose
          it again.
        </Notice>
      );
    case 'open':
      return proposal.stale ? (
        <Notice tone="warning" title="The workflow has changed.">
          This proposal starts from version {baseVersionNumber}, which is no longer the active one, so it can't be
          applied. Propose the change again on top of{' '}
          {workflow ? <TextLink to={workflow}>the current version</TextLink> : 'the current version'}.
        </Notice>
      ) : null;
  }
}
