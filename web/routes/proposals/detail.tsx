import { GitPullRequestArrow } from 'lucide-react';
import { type MetaFunction, redirect, type ShouldRevalidateFunctionArgs, useLoaderData, useParams } from 'react-router';
import { ArmatureError, isArmatureError } from '../../../domain/error/error.ts';
import { atLeast } from '../../../domain/role/role.ts';
import { listApiKeys } from '../../../services/api-key/list.ts';
import type { Context } from '../../../services/context/context.ts';
import { applyProposal } from '../../../services/proposal/apply.ts';
import { getProposal, type ProposalDetail } from '../../../services/proposal/get.ts';
import { rejectProposal } from '../../../services/proposal/reject.ts';
import { reopenProposal } from '../../../services/proposal/reopen.ts';
import { dispatchRun } from '../../../services/run/dispatch/dispatch.ts';
import { getRun } from '../../../services/run/reading/get.ts';
import { getServerConnection } from '../../../services/server/reading/connection.ts';
import { useActionData } from '../../shell/action-data.ts';
import { text } from '../../shell/form.ts';
import { useLive } from '../../shell/live/live.tsx';
import { useFormat } from '../../shell/reader-provider.tsx';
import { memberAction, memberLoader } from '../../shell/route.server.ts';
import { ProposalState } from '../../ui/base/badge.tsx';
import { TextLink } from '../../ui/base/button.tsx';
import { Card } from '../../ui/base/card.tsx';
import { CodeText } from '../../ui/base/code-text.tsx';
import { DescriptionList } from '../../ui/base/description-list.tsx';
import { Notice } from '../../ui/base/notice.tsx';
import { Time } from '../../ui/base/time.tsx';
import { ErrorSummary } from '../../ui/form/error-summary.tsx';
import { Toast } from '../../ui/overlay/toast.tsx';
import { Columns } from '../../ui/page/columns.tsx';
import { PageHeader } from '../../ui/page/page-header.tsx';
import { DefinitionDiff } from '../workflows/definition/diff.tsx';
import { fieldLabel } from '../workflows/definition/labels.ts';
import { toReadableDiff } from '../workflows/definition/named.server.ts';
import { Decide } from './decide.tsx';
import { EvidenceList } from './evidence.tsx';
import { actorName } from './labels.ts';
import { Standing } from './standing.tsx';

export const meta: MetaFunction<typeof loader> = ({ loaderData }) => [
  { title: `Proposal: ${loaderData?.proposal.name ?? ''} · Armature` },
];

/** Runs of the evidence whose outcome is shown. */
const maxRuns = 5;

export const loader = memberLoader(async ({ ctx, params, org, session }) => {
  const proposal = await getProposal(ctx, { proposalId: params.proposalId ?? '' });
  const [{ server, authProfiles }, runs, isOwn] = await Promise.all([
    getServerConnection(ctx, { serverId: proposal.serverId }),
    loadRuns(ctx, proposal),
    isProposedBy(ctx, session.user.id, proposal),
  ]);
  const { timezone } = proposal.definition;
  return {
    // The server is named beside it; a change can't name another.
    diff: toReadableDiff(
      proposal.diff.filter(({ field }) => field !== 'serverId'),
      { server, authProfiles, timezone },
    ),
    proposal,
    runs,
    mayApply: atLeast(org.role, 'editor'),
    isOwn,
  };
});

/** Runs are deleted sooner than proposals where an operator keeps them shortly. */
async function loadRuns(ctx: Context, { evidence }: ProposalDetail) {
  const ids = [...new Set(evidence.flatMap((each) => (each.kind === 'criterion' ? [] : [each.runId])))];
  const runs = await Promise.all(
    ids.slice(0, maxRuns).map((runId) =>
      getRun(ctx, { runId }).catch((error: unknown) => {
        if (isArmatureError(error) && error.code === 'run_not_found') return null;
        throw error;
      }),
    ),
  );
  return runs.flatMap((found) => {
    if (!found) return [];
    const { id, status, error, flagged, model, createdAt } = found.run;
    return [{ id, status, errorKind: error?.kind ?? null, flagged, model, createdAt }];
  });
}

/** Whether a person proposed it, or an API key of theirs. The use case decides again. */
async function isProposedBy(ctx: Context, userId: string, { proposedBy }: ProposalDetail): Promise<boolean> {
  if (proposedBy.kind === 'member') return proposedBy.id === userId;
  if (proposedBy.kind !== 'api_key') return false;
  const { keys } = await listApiKeys(ctx, { limit: 200 });
  return keys.some(({ id, createdById }) => id === proposedBy.id && createdById === userId);
}

export const action = memberAction(async ({ ctx, form, params, path }) => {
  const proposalId = params.proposalId ?? '';
  const at = ctx.deps.now().toISOString();
  switch (text(form, 'intent')) {
    case 'apply': {
      const { versionNumber, changed, warnings } = await applyProposal(ctx, { proposalId });
      return { applied: { versionNumber, changed, warnings: warnings.map(({ message }) => message) } };
    }
    case 'apply-and-run': {
      const { workflowId } = await applyProposal(ctx, { proposalId });
      // Its own key: pressed twice, it is one dispatch.
      const { runs } = await dispatchRun(ctx, { workflowId, idempotencyKey: `proposal-${proposalId}` });
      const [first, second] = runs;
      throw redirect(path(first && !second ? `runs/${first.runId}` : `runs?workflow=${workflowId}`));
    }
    case 'reject':
      await rejectProposal(ctx, { proposalId, reason: text(form, 'reason') });
      return { at, done: 'Proposal rejected.', undo: { intent: 'reopen' } };
    case 'reopen':
      await reopenProposal(ctx, { proposalId });
      return { at, done: 'Proposal reopened.', undo: null };
    default:
      throw new ArmatureError('validation_failed', 'The form has no action.', 'Reload the page and try again.');
  }
});

/** Reloads after refusals too, which usually mean that the proposal has changed. */
export const shouldRevalidate = ({ defaultShouldRevalidate, actionStatus }: ShouldRevalidateFunctionArgs) =>
  defaultShouldRevalidate || actionStatus !== undefined;

export default function Proposal() {
  const { proposal, diff, runs, mayApply, isOwn } = useLoaderData<typeof loader>();
  useLive(['proposal', 'workflow']);
  const answer = useActionData<typeof action>();
  const base = `/o/${useParams().org}`;
  const workflow = proposal.workflowId ? `${base}/workflows/${proposal.workflowId}` : null;
  return (
    <>
      <PageHeader
        title={proposal.kind === 'workflow' ? `New workflow: ${proposal.name}` : `Change to ${proposal.name}`}
        icon={<GitPullRequestArrow className="size-5" />}
        status={<ProposalState state={proposal.state} stale={proposal.stale} />}
        note={
          <>
            Proposed by {actorName(proposal.proposedBy)} <Time at={proposal.createdAt} relative />
            {proposal.state === 'open' ? (
              <>
                {' '}
                · expires <Time at={proposal.expiresAt} relative />
              </>
            ) : null}
          </>
        }
        trail={[{ to: `${base}/proposals`, text: 'Proposals' }]}
        actions={<Decide proposal={proposal} mayApply={mayApply} isOwn={isOwn} />}
      />
      <div className="mb-6 space-y-4 empty:hidden">
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
        <Standing proposal={proposal} workflow={workflow} />
        <Warnings warnings={proposal.warnings} base={base} />
      </div>
      <Columns isFactsLast facts={<Facts proposal={proposal} workflow={workflow} base={base} />}>
        <Card title="Why">
          <p className="max-w-prose whitespace-pre-wrap [overflow-wrap:anywhere]">
            <CodeText text={proposal.rationale} />
          </p>
        </Card>
        {proposal.evidence.length > 0 ? (
          <Card flush title="Evidence">
            <EvidenceList evidence={proposal.evidence} runs={runs} base={base} />
          </Card>
        ) : null}
        <Card title={proposal.kind === 'workflow' ? 'New workflow' : 'Changes'}>
          <DefinitionDiff diff={diff} />
        </Card>
      </Columns>
      {answer && 'done' in answer ? (
        <Toast key={answer.at} message={answer.done} {...(answer.undo && { undo: { fields: answer.undo } })} />
      ) : null}
    </>
  );
}

const uuid = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/;

/** A warning names another proposal by its id, for agents. */
function WarningText({ message, base }: { message: string; base: string }) {
  const [before = '', after = ''] = message.split(uuid);
  const [other] = uuid.exec(message) ?? [];
  if (other === undefined) return message;
  return (
    <>
      {before.trimEnd()} <TextLink to={`${base}/proposals/${other}`}>of the same workflow</TextLink>
      {after}
    </>
  );
}

function Warnings({ warnings, base }: Pick<ProposalDetail, 'warnings'> & { base: string }) {
  const format = useFormat();
  if (warnings.length === 0) return null;
  return (
    <Notice tone="warning" title={`${format.count(warnings.length, 'warning')} when it was proposed`}>
      <ul className={warnings.length > 1 ? 'list-disc pl-5' : ''}>
        {warnings.map(({ code, message, field }) => (
          <li key={`${code} ${field ?? ''}`}>
            {field ? `${fieldLabel(field)}: ` : ''}
            <WarningText message={message} base={base} />
          </li>
        ))}
      </ul>
    </Notice>
  );
}

function Facts({ proposal, workflow, base }: { proposal: ProposalDetail; workflow: string | null; base: string }) {
  const { name, serverId, serverName, baseVersionId, baseVersionNumber, intent, sourceRunId, state } = proposal;
  return (
    <Card title="Facts">
      <DescriptionList
        facts={[
          {
            term: 'Workflow',
            value: workflow ? <TextLink to={workflow}>{name}</TextLink> : 'Created when applied',
          },
          { term: 'Server', value: <TextLink to={`${base}/servers/${serverId}`}>{serverName}</TextLink> },
          ...(baseVersionNumber === null
            ? []
            : [
                {
                  term: 'Starts from',
                  value: workflow ? (
                    <TextLink to={`${workflow}/versions/${baseVersionId}`}>Version {baseVersionNumber}</TextLink>
                  ) : (
                    `Version ${baseVersionNumber}`
                  ),
                },
              ]),
          { term: 'Proposed by', value: actorName(proposal.proposedBy) },
          { term: 'Proposed', value: <Time at={proposal.createdAt} /> },
          {
            term: state === 'open' ? 'Can be applied until' : 'Could be applied until',
            value: <Time at={proposal.expiresAt} />,
          },
          ...(intent ? [{ term: "The agent's intent", value: intent }] : []),
          ...(sourceRunId
            ? [
                {
                  term: 'Drafted from',
                  value: <TextLink to={`${base}/runs/${sourceRunId}`}>A run that failed</TextLink>,
                },
              ]
            : []),
        ]}
      />
    </Card>
  );
}
