import { randomUUID } from 'node:crypto';
import { Play, Workflow as WorkflowIcon } from 'lucide-react';
import { Form, type MetaFunction, Outlet, redirect, useLoaderData, useNavigation, useParams } from 'react-router';
import { ArmatureError } from '../../../../domain/error/error.ts';
import { atLeast } from '../../../../domain/role/role.ts';
import { shownStatuses } from '../../../../domain/run/run.ts';
import { listIncidents } from '../../../../services/incident/list.ts';
import { draftAdaptation } from '../../../../services/proposal/draft/adaptation.ts';
import { dispatchRun } from '../../../../services/run/dispatch/dispatch.ts';
import { archiveWorkflow } from '../../../../services/workflow/archive.ts';
import { pauseWorkflow } from '../../../../services/workflow/pause.ts';
import { getWorkflow } from '../../../../services/workflow/reading/get.ts';
import { getWorkflowToolChanges } from '../../../../services/workflow/reading/tool-changes.ts';
import { resumeWorkflow } from '../../../../services/workflow/resume.ts';
import { tagWorkflow } from '../../../../services/workflow/tag.ts';
import { unarchiveWorkflow } from '../../../../services/workflow/unarchive.ts';
import { useActionData } from '../../../shell/action-data.ts';
import { text } from '../../../shell/form.ts';
import { useLive } from '../../../shell/live/live.tsx';
import { pickOne } from '../../../shell/query.ts';
import { memberAction, memberLoader } from '../../../shell/route.server.ts';
import { StateBadge } from '../../../ui/base/badge.tsx';
import { Button, TextLink } from '../../../ui/base/button.tsx';
import { Notice } from '../../../ui/base/notice.tsx';
import { FlagChip, StatusChip } from '../../../ui/base/status-chip.tsx';
import { Time } from '../../../ui/base/time.tsx';
import { ErrorSummary } from '../../../ui/form/error-summary.tsx';
import { inputClass } from '../../../ui/form/field.tsx';
import { dangerItemClass, menuItemClass } from '../../../ui/overlay/menu.tsx';
import { Toast } from '../../../ui/overlay/toast.tsx';
import { Link } from '../../../ui/page/link.tsx';
import { PageHeader } from '../../../ui/page/page-header.tsx';
import { ToolChangeBanner } from './tool-changes.tsx';

export const meta: MetaFunction<typeof loader> = ({ loaderData }) => [
  { title: `${loaderData?.workflow.name ?? 'Workflow'} · Armature` },
];

export const loader = memberLoader(async ({ ctx, params, org }) => {
  const workflowId = params.workflowId ?? '';
  const [found, toolChanges, { incidents }] = await Promise.all([
    getWorkflow(ctx, { workflowId }),
    getWorkflowToolChanges(ctx, { workflowId }),
    listIncidents(ctx, { workflowId, state: 'open', limit: 10 }),
  ]);
  const { workflow, definition, version, nextFireTimes, scheduleLabel, warnings, server } = found;
  const { lastRun, ...rest } = workflow;
  return {
    workflow: rest,
    lastRun: lastRun && {
      id: lastRun.id,
      flagged: lastRun.flagged,
      // A CHECK constraint guarantees the value.
      status: pickOne(lastRun.status, shownStatuses) ?? ('pending' as const),
    },
    version,
    models: definition.testerModels,
    judgeModel: definition.judgeModel,
    nextFireTimes,
    scheduleLabel,
    timezone: definition.timezone,
    warnings,
    server: { id: server.id, name: server.name, isArchived: server.archivedAt !== null },
    toolChanges,
    incidents,
    mayEdit: atLeast(org.role, 'editor'),
    /** Key of the next click on "Run now", so that a double click is one dispatch. */
    idempotencyKey: randomUUID(),
  };
});

export const action = memberAction(async ({ ctx, form, params, path }) => {
  const workflowId = params.workflowId ?? '';
  const at = ctx.deps.now().toISOString();
  switch (text(form, 'intent')) {
    case 'run': {
      const model = text(form, 'model');
      const { runs } = await dispatchRun(ctx, {
        workflowId,
        idempotencyKey: text(form, 'idempotencyKey'),
        ...(model && { model }),
      });
      const [first, second] = runs;
      throw redirect(path(first && !second ? `runs/${first.runId}` : `runs?workflow=${workflowId}`));
    }
    case 'pause':
      await pauseWorkflow(ctx, { workflowId });
      return { at, done: 'Workflow paused.', undo: { intent: 'resume' } };
    case 'resume':
      await resumeWorkflow(ctx, { workflowId });
      return { at, done: 'Workflow resumed.', undo: { intent: 'pause' } };
    case 'archive': {
      const { before } = await archiveWorkflow(ctx, { workflowId });
      return { at, done: 'Workflow archived.', undo: { intent: 'unarchive', state: before } };
    }
    case 'unarchive':
      await unarchiveWorkflow(ctx, { workflowId, state: text(form, 'state') === 'paused' ? 'paused' : 'active' });
      return { at, done: 'Workflow restored.', undo: null };
    case 'tag': {
      const tags = text(form, 'tags')
        .split(/[\s,]+/)
        .filter(Boolean);
      await tagWorkflow(ctx, { workflowId, tags });
      return { at, done: 'Tags saved.', undo: null };
    }
    case 'fix': {
      const { proposalId } = await draftAdaptation(ctx, { workflowId });
      throw redirect(path(`proposals/${proposalId}`));
    }
    default:
      throw new ArmatureError('validation_failed', 'The form has no action.', 'Reload the page and try again.');
  }
});

export type WorkflowPageData = ReturnType<typeof useLoaderData<typeof loader>>;

export default function WorkflowPage() {
  const page = useLoaderData<typeof loader>();
  const { workflow, lastRun, server, toolChanges, incidents } = page;
  useLive(['workflow', 'run', 'proposal', 'incident']);
  const answer = useActionData<typeof action>();
  const base = `/o/${useParams().org}`;
  const pageUrl = `${base}/workflows/${workflow.id}`;
  const isArchived = workflow.state === 'archived';
  const isEditable = page.mayEdit && !isArchived;
  return (
    <>
      <PageHeader
        title={workflow.name}
        icon={<WorkflowIcon className="size-5" />}
        status={
          <>
            {lastRun ? (
              <Link
                to={`${base}/runs/${lastRun.id}`}
                aria-label={`Last run: ${lastRun.status}`}
                className="no-underline"
              >
                <StatusChip status={lastRun.status} />
              </Link>
            ) : null}
            {lastRun?.flagged ? <FlagChip /> : null}
            {workflow.state === 'active' ? null : <StateBadge state={workflow.state} />}
          </>
        }
        note={<Meta page={page} base={base} />}
        trail={[{ to: `${base}/workflows`, text: 'Workflows' }]}
        actions={page.mayEdit ? <Actions page={page} pageUrl={pageUrl} /> : null}
        menu={isEditable ? <More page={page} base={base} pageUrl={pageUrl} /> : null}
        tabs={[
          { to: pageUrl, text: 'Overview' },
          isEditable
            ? { to: `${pageUrl}/edit`, text: 'Edit' }
            : { to: `${pageUrl}/versions/${page.version.id}`, text: 'Definition' },
          { to: `${pageUrl}/versions`, text: 'Versions', count: page.version.number },
          { to: `${pageUrl}/alerts`, text: 'Alerts' },
        ]}
      />
      <div className="mb-6 space-y-4 empty:hidden">
        {answer && 'problem' in answer ? <ErrorSummary problem={answer.problem} /> : null}
        {server.isArchived && !isArchived ? (
          <Notice tone="bad" title="Its server was deleted.">
            Every run ends in an error. Archive the workflow, or create one for another server.
          </Notice>
        ) : null}
        {toolChanges.changes.length > 0 && !isArchived ? (
          <ToolChangeBanner {...toolChanges} base={base} pageUrl={pageUrl} />
        ) : null}
        {incidents.length > 0 ? (
          <section aria-label="Open incidents" className="rounded-lg border border-fail/50 bg-surface px-4 py-3">
            <ul className="space-y-1">
              {incidents.map(({ id, level, summary, openedAt }) => (
                <li key={id} className="flex flex-wrap items-baseline gap-x-3">
                  <StatusChip status={level === 'warn' ? 'partial' : 'fail'}>
                    {level === 'warn' ? 'Degraded' : 'Failing'}
                  </StatusChip>
                  <TextLink to={`${base}/incidents/${id}`} className="min-w-0 flex-1 [overflow-wrap:anywhere]">
                    {summary}
                  </TextLink>
                  <span className="text-muted">
                    since <Time at={openedAt} relative />
                  </span>
                </li>
              ))}
            </ul>
          </section>
        ) : null}
        {workflow.state === 'active' && workflow.schedulePausedByOperator ? (
          <Notice tone="warning" title="An operator paused this schedule in Temporal.">
            It stays paused until the operator resumes it there. Manual runs still work.
          </Notice>
        ) : null}
      </div>
      <Outlet />
      {answer && 'done' in answer ? (
        <Toast
          key={answer.at}
          message={answer.done}
          {...(answer.undo && { undo: { fields: answer.undo, action: pageUrl } })}
        />
      ) : null}
    </>
  );
}

/** "Shop · Hourly · across 3 models · next run in 12 min". */
function Meta({ page, base }: { page: WorkflowPageData; base: string }) {
  const { server, scheduleLabel, nextFireTimes, workflow } = page;
  return (
    <>
      {workflow.description ? <p>{workflow.description}</p> : null}
      <p>
        <TextLink to={`${base}/servers/${server.id}`}>{server.name}</TextLink> · {scheduleLabel}
        {nextFireTimes[0] ? (
          <>
            {' '}
            · next run <Time at={nextFireTimes[0]} relative />
          </>
        ) : null}
      </p>
    </>
  );
}

function Actions({ page, pageUrl }: { page: WorkflowPageData; pageUrl: string }) {
  const { workflow, models, idempotencyKey } = page;
  const isBusy = useNavigation().state !== 'idle';
  if (workflow.state === 'archived')
    return (
      <Form method="post" action={pageUrl}>
        <Button variant="primary" name="intent" value="unarchive" disabled={isBusy}>
          Restore workflow
        </Button>
      </Form>
    );
  return (
    <>
      <Form method="post" action={pageUrl} className="flex min-w-0 gap-2">
        <input type="hidden" name="idempotencyKey" value={idempotencyKey} />
        {models.length > 1 ? (
          <select name="model" aria-label="Tester model" className={`${inputClass} w-auto! min-w-0 max-w-48`}>
            <option value="">All {models.length} models</option>
            {models.map((model) => (
              <option key={model}>{model}</option>
            ))}
          </select>
        ) : null}
        <Button variant="primary" name="intent" value="run" disabled={isBusy} className="shrink-0">
          <Play aria-hidden="true" className="size-4" /> Run now
        </Button>
      </Form>
      <Form method="post" action={pageUrl}>
        {workflow.state === 'paused' ? (
          <Button name="intent" value="resume" disabled={isBusy}>
            Resume
          </Button>
        ) : (
          <Button name="intent" value="pause" disabled={isBusy}>
            Pause
          </Button>
        )}
      </Form>
    </>
  );
}

function More({ page, base, pageUrl }: { page: WorkflowPageData; base: string; pageUrl: string }) {
  return (
    <>
      <Link to={`${base}/runs?workflow=${page.workflow.id}`} className={menuItemClass}>
        All runs
      </Link>
      <Link to={`${base}/alerts/rules/new?workflow=${page.workflow.id}`} className={menuItemClass}>
        Create alert rule
      </Link>
      <Form method="post" action={pageUrl}>
        <Button unstyled={dangerItemClass} name="intent" value="archive">
          Archive
        </Button>
      </Form>
    </>
  );
}
