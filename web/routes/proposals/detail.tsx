import {
  Form,
  type MetaFunction,
  type ShouldRevalidateFunctionArgs,
  useLoaderData,
  useNavigation,
  useParams,
} from 'react-router';
import { ArmatureError } from '../../../domain/error/error.ts';
import { atLeast } from '../../../domain/role/role.ts';
import { applyProposal } from '../../../services/proposal/apply.ts';
import { getProposal, type ProposalDetail } from '../../../services/proposal/get.ts';
import { rejectProposal } from '../../../services/proposal/reject.ts';
import { useActionData } from '../../shell/action-data.ts';
import { text } from '../../shell/form.ts';
import { useLive } from '../../shell/live/live.tsx';
import { memberAction, memberLoader } from '../../shell/route.server.ts';
import { ProposalState } from '../../ui/base/badge.tsx';
import { Button, TextLink } from '../../ui/base/button.tsx';
import { Card } from '../../ui/base/card.tsx';
import { DescriptionList } from '../../ui/base/description-list.tsx';
import { Notice } from '../../ui/base/notice.tsx';
import { Code } from '../../ui/base/text.tsx';
import { Time } from '../../ui/base/time.tsx';
import { ErrorSummary } from '../../ui/form/error-summary.tsx';
import { TextField } from '../../ui/form/field.tsx';
import { PageHeader } from '../../ui/page/page-header.tsx';
import { DefinitionDiff } from '../workflows/definition/diff.tsx';

export const meta: MetaFunction<typeof loader> = ({ loaderData }) => [
  { title: `Proposal: ${loaderData?.proposal.name ?? ''} · Armature` },
];

export const loader = memberLoader(async ({ ctx, params, org, session }) => {
  const proposal = await getProposal(ctx, { proposalId: params.proposalId ?? '' });
  const { kind, id } = proposal.proposedBy;
  const mayApply = atLeast(org.role, 'editor');
  return {
    proposal,
    mayApply,
    // The proposal's author may reject it too; the use case decides that.
    mayReject: mayApply || kind === 'api_key' || (kind === 'member' && id === session.user.id),
  };
});

export const action = memberAction(async ({ ctx, form, params }) => {
  const proposalId = params.proposalId ?? '';
  switch (text(form, 'intent')) {
    case 'apply': {
      const { versionNumber, changed, warnings } = await applyProposal(ctx, { proposalId });
      return { applied: { versionNumber, changed, warnings: warnings.map(({ message }) => message) } };
    }
    case 'reject':
      await rejectProposal(ctx, { proposalId, reason: text(form, 'reason') });
      return { rejected: true };
    default:
      throw new ArmatureError('validation_failed', 'The form has no action.', 'Reload the page and try again.');
  }
});

/** Reloads after refusals too, which usually mean that the proposal has changed. */
export const shouldRevalidate = ({ defaultShouldRevalidate, actionStatus }: ShouldRevalidateFunctionArgs) =>
  defaultShouldRevalidate || actionStatus !== undefined;

export default function Proposal() {
  const { proposal, mayApply, mayReject } = useLoaderData<typeof loader>();
  useLive(['proposal', 'workflow']);
  const answer = useActionData<typeof action>();
  const busy = useNavigation().state !== 'idle';
  const base = `/o/${useParams().org}`;
  const isOpen = proposal.state === 'open';
  const workflow = proposal.workflowId ? `${base}/workflows/${proposal.workflowId}` : null;
  return (
    <div className="space-y-6">
      <PageHeader
        title={
          <span className="inline-flex flex-wrap items-center gap-3">
            {proposal.kind === 'workflow' ? `New workflow: ${proposal.name}` : `Change to ${proposal.name}`}
            <ProposalState state={proposal.state} stale={proposal.stale} />
          </span>
        }
        trail={[{ to: `${base}/proposals`, text: 'Proposals' }]}
        actions={
          isOpen && mayApply && !proposal.stale ? (
            <Form method="post">
              <Button variant="primary" name="intent" value="apply" disabled={busy}>
                {proposal.kind === 'workflow' ? 'Create workflow' : 'Apply change'}
              </Button>
            </Form>
          ) : null
        }
      />
      {answer && 'problem' in answer ? <ErrorSummary problem={answer.problem} /> : null}
      {answer && 'applied' in answer ? (
        <Notice
          tone="good"
          alert
          title={
            answer.applied.changed
              ? `Applied: version ${answer.applied.versionNumber}.`
              : 'Applied: nothing had to change.'
          }
        >
          {answer.applied.warnings.join(' ')}
        </Notice>
      ) : null}
      {answer && 'rejected' in answer ? <Notice alert title="Rejected." /> : null}
      <Standing proposal={proposal} workflow={workflow} />
      <Card title="Overview">
        <DescriptionList
          facts={[
            {
              term: 'Workflow',
              value: workflow ? <TextLink to={workflow}>{proposal.name}</TextLink> : 'Created when applied',
            },
            {
              term: 'Server',
              value: <TextLink to={`${base}/servers/${proposal.serverId}`}>{proposal.serverName}</TextLink>,
            },
            ...(proposal.baseVersionNumber === null
              ? []
              : [{ term: 'Starts from', value: `Version ${proposal.baseVersionNumber}` }]),
            { term: 'Proposed by', value: proposal.proposedBy.name ?? proposal.proposedBy.kind },
            { term: 'Proposed', value: <Time at={proposal.createdAt} /> },
            {
              term: isOpen ? 'Can be applied until' : 'Could be applied until',
              value: <Time at={proposal.expiresAt} />,
            },
            ...(proposal.intent ? [{ term: "The agent's intent", value: proposal.intent }] : []),
            ...(proposal.sourceRunId
              ? [
                  {
                    term: 'Drafted from',
                    value: <TextLink to={`${base}/runs/${proposal.sourceRunId}`}>a run that failed</TextLink>,
                  },
                ]
              : []),
          ]}
        />
      </Card>
      <Card title="Why">
        <p className="max-w-prose whitespace-pre-wrap [overflow-wrap:anywhere]">{proposal.rationale}</p>
        <EvidenceList evidence={proposal.evidence} base={base} />
      </Card>
      {proposal.warnings.length > 0 ? (
        <Notice tone="warning" title="Warnings when it was proposed">
          <ul className="list-disc pl-5">
            {proposal.warnings.map(({ code, message, field }) => (
              <li key={`${code} ${field ?? ''}`}>
                {message} {field ? <Code>{field}</Code> : null}
              </li>
            ))}
          </ul>
        </Notice>
      ) : null}
      <Card title={proposal.kind === 'workflow' ? 'New workflow' : 'Changes'}>
        {/* The server is named above; a change can't name another. */}
        <DefinitionDiff diff={proposal.diff.filter(({ field }) => field !== 'serverId')} />
      </Card>
      {isOpen && mayReject ? (
        <Card title="Reject it">
          <Form method="post" className="flex flex-wrap items-end gap-3">
            <div className="w-full max-w-md">
              <TextField label="Reason (optional)" name="reason" maxLength={2000} autoComplete="off" />
            </div>
            <Button variant="danger" name="intent" value="reject" disabled={busy}>
              Reject
            </Button>
          </Form>
        </Card>
      ) : null}
    </div>
  );
}

/** Why a proposal can't be applied, or how it ended. */
function Standing({ proposal, workflow }: { proposal: ProposalDetail; workflow: string | null }) {
  const by = proposal.decidedBy?.name ?? proposal.decidedBy?.kind ?? 'somebody';
  switch (proposal.state) {
    case 'applied':
      return (
        <Notice tone="good" title={`Applied by ${by}.`}>
          {proposal.decidedAt ? <Time at={proposal.decidedAt} /> : null}
          {workflow && proposal.result ? (
            <>
              {': '}
              <TextLink to={`${workflow}/versions/${proposal.result.versionId}`}>
                version {proposal.result.versionNumber}
              </TextLink>
            </>
          ) : null}
        </Notice>
      );
    case 'rejected':
      return <Notice title={`Rejected by ${by}.`}>{proposal.decisionReason ?? 'No reason was given.'}</Notice>;
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
          It starts from version {proposal.baseVersionNumber}, which is no longer the active one, so it can not be
          applied. Whoever proposed it can propose it again on top of{' '}
          {workflow ? <TextLink to={workflow}>the current version</TextLink> : 'the current version'}.
        </Notice>
      ) : null;
  }
}

function EvidenceList({ evidence, base }: { evidence: ProposalDetail['evidence']; base: string }) {
  if (evidence.length === 0) return null;
  return (
    <>
      <h3 className="mt-4 mb-1 font-medium">Evidence</h3>
      <ul className="space-y-1">
        {evidence.map((each) => (
          <li key={JSON.stringify(each)}>
            {each.kind === 'criterion' ? (
              <>Criterion: {each.text}</>
            ) : each.kind === 'run' ? (
              <TextLink to={`${base}/runs/${each.runId}`}>Run {each.runId.slice(0, 8)}</TextLink>
            ) : (
              <TextLink to={`${base}/runs/${each.runId}#${each.id}`}>
                {each.kind === 'call' ? 'Tool call' : 'Trace event'} {each.id.replace(/^\w+-/, '')} of run{' '}
                {each.runId.slice(0, 8)}
              </TextLink>
            )}
          </li>
        ))}
      </ul>
    </>
  );
}
