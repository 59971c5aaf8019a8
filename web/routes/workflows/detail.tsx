import { randomUUID } from 'node:crypto';
import { Play } from 'lucide-react';
import {
  Form,
  type MetaFunction,
  redirect,
  useLoaderData,
  useNavigation,
  useParams,
  useSearchParams,
} from 'react-router';
import { ArmatureError } from '../../../domain/error/error.ts';
import { atLeast } from '../../../domain/role/role.ts';
import { listIncidents } from '../../../services/incident/list.ts';
import { dispatchRun } from '../../../services/run/dispatch/dispatch.ts';
import { searchRuns } from '../../../services/run/reading/search.ts';
import { listSkippedRuns } from '../../../services/run/reading/skipped.ts';
import { archiveWorkflow } from '../../../services/workflow/archive.ts';
import { pauseWorkflow } from '../../../services/workflow/pause.ts';
import { getWorkflow } from '../../../services/workflow/reading/get.ts';
import { resumeWorkflow } from '../../../services/workflow/resume.ts';
import { useActionData } from '../../shell/action-data.ts';
import { text } from '../../shell/form.ts';
import { useLive } from '../../shell/live/live.tsx';
import { memberAction, memberLoader } from '../../shell/route.server.ts';
import { Badge, PassRate, StateBadge } from '../../ui/base/badge.tsx';
import { Button, LinkButton, TextLink } from '../../ui/base/button.tsx';
import { Card } from '../../ui/base/card.tsx';
import { CodeText } from '../../ui/base/code-text.tsx';
import { DescriptionList } from '../../ui/base/description-list.tsx';
import { Notice } from '../../ui/base/notice.tsx';
import { Code, DisclosureIcon, RawText } from '../../ui/base/text.tsx';
import { Time } from '../../ui/base/time.tsx';
import { ErrorSummary } from '../../ui/form/error-summary.tsx';
import { inputClass } from '../../ui/form/field.tsx';
import { PageHeader } from '../../ui/page/page-header.tsx';
import { OpenIncidents } from '../incidents/open-incidents.tsx';
import { RunTable } from '../runs/table.tsx';
import { fieldName } from './definition-labels.ts';

export const meta: MetaFunction<typeof loader> = ({ loaderData }) => [
  { title: `${loaderData?.workflow.name ?? 'Workflow'} · Armature` },
];

export const loader = memberLoader(async ({ ctx, params, org }) => {
  const workflowId = params.workflowId ?? '';
  const [found, { runs }, { skipped }, { incidents }] = await Promise.all([
    getWorkflow(ctx, { workflowId }),
    searchRuns(ctx, { workflowId, limit: 10 }),
    listSkippedRuns(ctx, { workflowId, limit: 10 }),
    listIncidents(ctx, { workflowId, state: 'open', limit: 10 }),
  ]);
  const { workflow, definition, version, versions, nextFireTimes, scheduleLabel, criteria, warnings, server } = found;
  return {
    workflow,
    definition,
    version,
    versions,
    nextFireTimes,
    scheduleLabel,
    criteria,
    warnings,
    server: { id: server.id, name: server.name },
    runs,
    skipped,
    incidents,
    mayEdit: atLeast(org.role, 'editor'),
    /** Key of the next click on "Run now", so that a double click is one dispatch. */
    idempotencyKey: randomUUID(),
  };
});

export const action = memberAction(async ({ ctx, form, params, path }) => {
  const workflowId = params.workflowId ?? '';
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
      break;
    case 'resume':
      await resumeWorkflow(ctx, { workflowId });
      break;
    case 'archive':
      await archiveWorkflow(ctx, { workflowId });
      throw redirect(path('workflows'));
    default:
      throw new ArmatureError('validation_failed', 'The form has no action.', 'Reload the page and try again.');
  }
  throw redirect(path(`workflows/${workflowId}`));
});

export default function WorkflowPage() {
  const page = useLoaderData<typeof loader>();
  useLive(['workflow', 'run', 'proposal']);
  const {
    workflow,
    definition,
    version,
    versions,
    nextFireTimes,
    scheduleLabel,
    criteria,
    warnings,
    server,
    runs,
    skipped,
    incidents,
  } = page;
  const answer = useActionData<typeof action>();
  const busy = useNavigation().state !== 'idle';
  const base = `/o/${useParams().org}`;
  const [search] = useSearchParams();
  const editable = page.mayEdit && workflow.state !== 'archived';
  return (
    <div className="space-y-6">
      <PageHeader
        title={workflow.name}
        note={workflow.description}
        trail={[{ to: '..', text: 'Workflows' }]}
        actions={
          editable ? (
            <>
              <Form method="post" className="flex gap-2">
                <input type="hidden" name="idempotencyKey" value={page.idempotencyKey} />
                {definition.testerModels.length > 1 ? (
                  <select name="model" aria-label="Tester model" className={`${inputClass} w-auto!`}>
                    <option value="">All tester models</option>
                    {definition.testerModels.map((model) => (
                      <option key={model}>{model}</option>
                    ))}
                  </select>
                ) : null}
                <Button variant="primary" name="intent" value="run" disabled={busy}>
                  <Play aria-hidden="true" className="size-4" /> Run now
                </Button>
              </Form>
              <Form method="post">
                {workflow.state === 'paused' ? (
                  <Button name="intent" value="resume" disabled={busy}>
                    Resume
                  </Button>
                ) : (
                  <Button name="intent" value="pause" disabled={busy}>
                    Pause
                  </Button>
                )}
              </Form>
              <LinkButton to={`${base}/alerts/rules/new?workflow=${workflow.id}`}>Alert me</LinkButton>
              <LinkButton to="edit">Edit</LinkButton>
              <LinkButton to="?confirm=archive" variant="danger">
                Archive
              </LinkButton>
            </>
          ) : null
        }
      />
      <ErrorSummary problem={answer?.problem} />
      {editable && search.get('confirm') === 'archive' ? (
        <section aria-label="Confirm" className="rounded-lg border border-fail/50 bg-surface p-4">
          <p className="font-semibold text-fail">Archive this workflow?</p>
          <p className="mt-1">Its schedule stops and it leaves the lists. Its versions and runs stay readable.</p>
          <Form method="post" action="?" className="mt-3 flex gap-2">
            <Button variant="danger" name="intent" value="archive">
              Archive it
            </Button>
            <LinkButton to="?">Cancel</LinkButton>
          </Form>
        </section>
      ) : null}
      <OpenIncidents incidents={incidents} base={base} />
      {workflow.state === 'active' && workflow.schedulePausedByOperator ? (
        <Notice tone="warning" title="An operator paused this schedule in Temporal.">
          It stays paused until the operator resumes it there. Manual runs still work.
        </Notice>
      ) : null}
      {warnings.length > 0 ? (
        <Notice tone="warning" title={warnings.length === 1 ? '1 warning' : `${warnings.length} warnings`}>
          <ul className="list-disc pl-5">
            {warnings.map(({ code, field, message }) => (
              <li key={`${code} ${field} ${message}`}>{message}</li>
            ))}
          </ul>
        </Notice>
      ) : null}
      <Card title="Overview">
        <DescriptionList
          facts={[
            { term: 'State', value: <StateBadge state={workflow.state} /> },
            { term: 'Pass rate, 7 days', value: <PassRate rate={workflow.passRate7d} /> },
            { term: 'Schedule', value: scheduleLabel },
            { term: 'Next run', value: nextFireTimes[0] ? <Time at={nextFireTimes[0]} /> : '–' },
            { term: 'Server', value: <TextLink to={`${base}/servers/${server.id}`}>{server.name}</TextLink> },
            { term: 'Tester models', value: definition.testerModels.join(', ') },
            { term: 'Judge model', value: definition.judgeModel },
            { term: 'Version', value: version.number },
          ]}
        />
        {workflow.scheduleSynced ? null : (
          <p className="mt-3 text-muted">The schedule in Temporal doesn't reflect the last change yet.</p>
        )}
      </Card>
      <Card flush title="Recent runs" aside={<TextLink to={`${base}/runs?workflow=${workflow.id}`}>All runs</TextLink>}>
        {runs.length === 0 ? (
          <p className="p-4 text-muted">No runs yet.</p>
        ) : (
          <RunTable runs={runs} base={base} withWorkflow={false} />
        )}
        {skipped.length > 0 ? (
          <details className="border-line border-t px-4 py-3">
            <summary className="flex gap-2">
              <DisclosureIcon />{' '}
              {skipped.length === 1 ? '1 fire time was skipped' : `${skipped.length} fire times were skipped`}
            </summary>
            <ul className="mt-2 space-y-1 text-muted">
              {skipped.map(({ model, scheduledAt, reason }) => (
                <li key={`${scheduledAt} ${model}`}>
                  <Time at={scheduledAt} /> · {model}: {reason}
                </li>
              ))}
            </ul>
          </details>
        ) : null}
      </Card>
      <Card flush title="Success criteria">
        <ol className="divide-y divide-line">
          {criteria.map(({ id, text, isRequired, gradedBy }) => (
            <li key={id} className="flex flex-wrap items-baseline gap-2 px-4 py-2.5">
              <span className="min-w-0 flex-1">
                <CodeText text={text} />
              </span>
              {isRequired ? null : <Badge>Optional</Badge>}
              <Badge tone={gradedBy === 'assertion' ? 'pass' : 'info'}>
                {gradedBy === 'assertion' ? 'Assertion' : 'For the judge'}
              </Badge>
            </li>
          ))}
        </ol>
      </Card>
      <Card title="Prompt">
        <RawText label="Prompt">{definition.prompt}</RawText>
        {definition.toolPolicy.allowedTools.length + definition.toolPolicy.blockedTools.length > 0 ? (
          <p className="mt-3 space-x-1">
            {definition.toolPolicy.allowedTools.length > 0 ? <span>Allowed tools:</span> : null}
            {definition.toolPolicy.allowedTools.map((tool) => (
              <Code key={tool}>{tool}</Code>
            ))}
            {definition.toolPolicy.blockedTools.length > 0 ? <span>Blocked tools:</span> : null}
            {definition.toolPolicy.blockedTools.map((tool) => (
              <Code key={tool}>{tool}</Code>
            ))}
          </p>
        ) : null}
      </Card>
      <Card flush title="Versions">
        <ol className="divide-y divide-line">
          {versions.map(({ id, number, createdAt, createdByName, changed }) => (
            <li key={id} className="flex flex-wrap items-baseline gap-x-3 px-4 py-2.5">
              <TextLink to={`versions/${id}`}>Version {number}</TextLink>
              <span className="min-w-0 flex-1 text-muted">
                {changed.length > 0 ? changed.map(fieldName).join(', ') : number === 1 ? 'First version' : ''}
              </span>
              <span className="text-muted">
                {createdByName ? `${createdByName}, ` : ''}
                <Time at={createdAt} />
              </span>
            </li>
          ))}
        </ol>
      </Card>
    </div>
  );
}
