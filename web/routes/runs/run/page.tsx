import { randomUUID } from 'node:crypto';
import { Form, type MetaFunction, Outlet, redirect, useLoaderData, useNavigation, useParams } from 'react-router';
import { ArmatureError } from '../../../../domain/error/error.ts';
import { atLeast } from '../../../../domain/role/role.ts';
import { isTerminal, toShownStatus } from '../../../../domain/run/run.ts';
import { cancelRun } from '../../../../services/run/dispatch/cancel.ts';
import { dispatchRun } from '../../../../services/run/dispatch/dispatch.ts';
import { getRun } from '../../../../services/run/reading/get.ts';
import { getNeighbors } from '../../../../services/run/reading/neighbors.ts';
import { useActionData } from '../../../shell/action-data.ts';
import { text } from '../../../shell/form.ts';
import { useLive } from '../../../shell/live/live.tsx';
import { memberAction, memberLoader } from '../../../shell/route.server.ts';
import { Button } from '../../../ui/base/button.tsx';
import { Notice } from '../../../ui/base/notice.tsx';
import { FlagChip, StatusChip } from '../../../ui/base/status-chip.tsx';
import { Time } from '../../../ui/base/time.tsx';
import { ErrorSummary } from '../../../ui/form/error-summary.tsx';
import { menuItemClass } from '../../../ui/overlay/menu.tsx';
import { Columns } from '../../../ui/page/columns.tsx';
import { Link } from '../../../ui/page/link.tsx';
import { PageHeader } from '../../../ui/page/page-header.tsx';
import { draftFix, draftRegressionOf } from './drafts.server.ts';
import { RunFacts } from './facts.tsx';
import { Headline } from './headline.tsx';
import { shouldRevalidateRun } from './revalidation.ts';
import { toStepLink } from './step-text.ts';

export const meta: MetaFunction<typeof loader> = ({ loaderData }) => [
  { title: `Run of ${loaderData?.workflow.name ?? 'a workflow'} · Armature` },
];

export const loader = memberLoader(async ({ ctx, params, org, session }) => {
  const runId = params.runId ?? '';
  const [found, neighbors] = await Promise.all([getRun(ctx, { runId }), getNeighbors(ctx, { runId })]);
  const { results, run, canceledBy, ...rest } = found;
  const { finalAnswer: _, ...shown } = run;
  return {
    ...rest,
    run: shown,
    neighbors,
    verdicts: results.map(({ verdict }) => verdict),
    canceledBy: run.cancelRequestedBy === `member:${session.user.id}` && canceledBy !== null ? 'you' : canceledBy,
    mayEdit: atLeast(org.role, 'editor'),
    idempotencyKey: randomUUID(),
  };
});

export const shouldRevalidate = shouldRevalidateRun;

export const action = memberAction(async ({ ctx, form, params, path }) => {
  const runId = params.runId ?? '';
  switch (text(form, 'intent')) {
    case 'cancel': {
      const { warnings } = await cancelRun(ctx, { runId });
      return { canceled: true, warnings: warnings.map(({ message }) => message) };
    }
    case 'again': {
      const { runs } = await dispatchRun(ctx, {
        workflowId: text(form, 'workflowId'),
        model: text(form, 'model'),
        idempotencyKey: text(form, 'idempotencyKey'),
      });
      throw redirect(path(`runs/${runs[0]?.runId ?? ''}`));
    }
    case 'fix':
      throw redirect(path(`proposals/${await draftFix(ctx, runId)}`));
    case 'regression':
      throw redirect(path(`proposals/${await draftRegressionOf(ctx, runId)}`));
    default:
      throw new ArmatureError('validation_failed', 'The form has no action.', 'Reload the page and try again.');
  }
});

export type RunPageData = ReturnType<typeof useLoaderData<typeof loader>>;

export default function RunPage() {
  const found = useLoaderData<typeof loader>();
  const { run, workflow, waiting, neighbors, blockedCall } = found;
  const answer = useActionData<typeof action>();
  const base = `/o/${useParams().org}`;
  const runUrl = `${base}/runs/${run.id}`;
  const isGoing = !isTerminal(run.status);
  // The run before and the one after are loaded with it; they change seldom.
  useLive(['run'], { id: run.id });
  return (
    <>
      <PageHeader
        title={workflow.name}
        status={
          <>
            <span aria-live="polite">
              <StatusChip status={toShownStatus(run.status, run.error?.kind)} />
            </span>
            {blockedCall === null ? null : (
              <Link to={toStepLink(runUrl, `call-${blockedCall}`)} className="no-underline hover:underline">
                <FlagChip />
              </Link>
            )}
          </>
        }
        note={<Headline found={found} />}
        trail={[
          { to: `${base}/runs`, text: 'Runs' },
          { to: `${base}/workflows/${workflow.id}`, text: workflow.name },
        ]}
        actions={<Actions found={found} isGoing={isGoing} runUrl={runUrl} />}
        menu={<More found={found} runUrl={runUrl} base={base} />}
        tabs={[
          { to: runUrl, text: 'Overview' },
          { to: `${runUrl}/prompt`, text: 'Prompt' },
          { to: `${runUrl}/transcript`, text: 'Transcript' },
          { to: `${runUrl}/judge`, text: 'Judge' },
          { to: `${runUrl}/raw`, text: 'Raw' },
        ]}
      />
      <Columns isFactsLast facts={<RunFacts found={found} base={base} neighbors={neighbors} />}>
        {answer && 'problem' in answer ? <ErrorSummary problem={answer.problem} /> : null}
        {answer && 'canceled' in answer && isGoing ? (
          <Notice alert title="Canceling …">
            {answer.warnings.join(' ')}
          </Notice>
        ) : null}
        {waiting ? (
          <Notice title="Waiting for other runs of this workspace to end">
            {waiting.maxConcurrentRuns === null ? null : `At most ${waiting.maxConcurrentRuns} run at the same time. `}
            It begins by itself. Waiting since <Time at={waiting.since} />.
          </Notice>
        ) : null}
        <Outlet />
      </Columns>
    </>
  );
}

function Actions({ found, isGoing, runUrl }: { found: RunPageData; isGoing: boolean; runUrl: string }) {
  const { run, workflow, mayEdit, idempotencyKey } = found;
  const busy = useNavigation().state !== 'idle';
  if (!mayEdit) return null;
  return (
    <Form method="post" action={runUrl}>
      <input type="hidden" name="workflowId" value={workflow.id} />
      <input type="hidden" name="model" value={run.model} />
      <input type="hidden" name="idempotencyKey" value={idempotencyKey} />
      {isGoing ? (
        <Button variant="danger" name="intent" value="cancel" disabled={busy}>
          Cancel run
        </Button>
      ) : (
        <Button variant="primary" name="intent" value="again" disabled={busy}>
          Run again
        </Button>
      )}
    </Form>
  );
}

function More({ found, runUrl, base }: { found: RunPageData; runUrl: string; base: string }) {
  const { temporalUrl, workflow, mayEdit, neighbors, run } = found;
  return (
    <>
      {neighbors.previous && isTerminal(run.status) ? (
        <Link
          to={`${base}/runs/compare?baseline=${neighbors.previous.id}&candidate=${run.id}`}
          className={menuItemClass}
        >
          Compare with the previous run
        </Link>
      ) : null}
      {mayEdit ? (
        <Link to={`${base}/workflows/${workflow.id}/edit`} className={menuItemClass}>
          Edit workflow
        </Link>
      ) : null}
      <a href={`${runUrl}/download`} download className={menuItemClass}>
        Export as JSON
      </a>
      <a href={`${runUrl}/download?format=otlp`} download className={menuItemClass}>
        Export as OpenTelemetry
      </a>
      {temporalUrl ? (
        <a href={temporalUrl} target="_blank" rel="noreferrer" className={menuItemClass}>
          Open in Temporal Web
        </a>
      ) : null}
    </>
  );
}
