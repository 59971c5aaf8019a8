import { randomUUID } from 'node:crypto';
import {
  Form,
  type MetaFunction,
  redirect,
  useActionData,
  useLoaderData,
  useNavigation,
  useParams,
} from 'react-router';
import { ArmatureError } from '../../../domain/error/error.ts';
import { atLeast } from '../../../domain/role/role.ts';
import { isTerminal, type ToolCall, type TraceEvent } from '../../../domain/run/run.ts';
import { listIncidents } from '../../../services/incident/list.ts';
import { cancelRun } from '../../../services/run/dispatch/cancel.ts';
import { dispatchRun } from '../../../services/run/dispatch/dispatch.ts';
import { getRun } from '../../../services/run/reading/get.ts';
import { getTrace } from '../../../services/run/reading/trace.ts';
import { text } from '../../shell/form.ts';
import { memberAction, memberLoader } from '../../shell/route.server.ts';
import { FlagBadge, StatusBadge } from '../../ui/badge.tsx';
import { Button, TextLink } from '../../ui/button.tsx';
import { Card } from '../../ui/card.tsx';
import { DescriptionList } from '../../ui/description-list.tsx';
import { Notice } from '../../ui/notice.tsx';
import { PageHeader } from '../../ui/page-header.tsx';
import { ProblemNotice } from '../../ui/problem-notice.tsx';
import { RawText } from '../../ui/text.tsx';
import { duration, Time } from '../../ui/time.tsx';
import { TraceList } from './trace-list.tsx';
import { useTrace } from './use-trace.ts';
import { Verdicts } from './verdicts.tsx';

export const meta: MetaFunction<typeof loader> = ({ loaderData }) => [
  { title: `Run of ${loaderData?.workflow.name ?? 'a workflow'} · Armature` },
];

export const loader = memberLoader(async ({ ctx, params, org }) => {
  const runId = params.runId ?? '';
  const [found, trace] = await Promise.all([getRun(ctx, { runId }), getTrace(ctx, { runId })]);
  return {
    incident: await incidentOf(ctx, found.run),
    ...found,
    results: found.results.map(({ judge: _, ...result }) => result),
    trace,
    mayEdit: atLeast(org.role, 'editor'),
    idempotencyKey: randomUUID(),
  };
});

/** The incident of the run's workflow and model that was open when it ended without passing. */
async function incidentOf(
  ctx: Parameters<typeof listIncidents>[0],
  { workflowId, model, status, finishedAt }: Awaited<ReturnType<typeof getRun>>['run'],
): Promise<{ id: string; summary: string } | null> {
  if (finishedAt === null || status === 'pass') return null;
  const { incidents } = await listIncidents(ctx, { workflowId, limit: 20 });
  const found = incidents.find(
    ({ subject, openedAt, closedAt }) =>
      subject.model === model && openedAt <= finishedAt && (closedAt === null || finishedAt <= closedAt),
  );
  return found ? { id: found.id, summary: found.summary } : null;
}

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
    default:
      throw new ArmatureError('validation_failed', 'The form has no action.', 'Reload the page and try again.');
  }
});

const cost = (dollars: number | null) =>
  dollars === null ? 'Price unknown' : dollars === 0 ? '$0' : `$${dollars.toFixed(dollars < 1 ? 4 : 2)}`;

const limitWords = { turns: 'model turns', toolCalls: 'tool calls', seconds: 'seconds', tokens: 'tokens' } as const;

export default function RunPage() {
  const { run } = useLoaderData<typeof loader>();
  // Another run starts a new trace instead of continuing this one.
  return <Run key={run.id} />;
}

function Run() {
  const { run, workflow, server, version, results, temporalUrl, trace, incident, mayEdit, idempotencyKey } =
    useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  const busy = useNavigation().state !== 'idle';
  const base = `/o/${useParams().org}`;
  // The loader's answer is JSON of these union types; serialization keeps their shape.
  const live = useTrace({ ...trace, events: trace.events as TraceEvent[], calls: trace.calls as ToolCall[] });
  // The trace ends first. The status is shown with the verdicts and the reason, which are loaded next.
  const status = isTerminal(run.status) ? run.status : isTerminal(live.status) ? 'running' : live.status;
  const going = !isTerminal(status);
  return (
    <div className="space-y-6">
      <PageHeader
        title={
          <span className="inline-flex flex-wrap items-center gap-3">
            {workflow.name}
            <span aria-live="polite">
              <StatusBadge status={status} />
            </span>
            {run.flagged ? <FlagBadge /> : null}
          </span>
        }
        note={
          <>
            Run <span className="font-mono text-xs">{run.id.slice(0, 8)}</span> on{' '}
            <TextLink to={`${base}/servers/${server.id}`}>{server.name}</TextLink>, <Time at={run.createdAt} />
          </>
        }
        trail={[
          { to: `${base}/runs`, text: 'Runs' },
          { to: `${base}/workflows/${workflow.id}`, text: workflow.name },
        ]}
        actions={
          <>
            {temporalUrl ? (
              <a
                href={temporalUrl}
                target="_blank"
                rel="noreferrer"
                className="px-2 text-muted underline hover:text-ink"
              >
                Temporal Web
              </a>
            ) : null}
            {mayEdit ? (
              <Form method="post">
                <input type="hidden" name="workflowId" value={workflow.id} />
                <input type="hidden" name="model" value={run.model} />
                <input type="hidden" name="idempotencyKey" value={idempotencyKey} />
                {going ? (
                  <Button variant="danger" name="intent" value="cancel" disabled={busy}>
                    Cancel the run
                  </Button>
                ) : (
                  <Button variant="primary" name="intent" value="again" disabled={busy}>
                    Run again
                  </Button>
                )}
              </Form>
            ) : null}
          </>
        }
      />
      {answer && 'problem' in answer ? <ProblemNotice problem={answer.problem} /> : null}
      {answer && 'canceled' in answer && going ? (
        <Notice alert title="Cancelling …">
          {answer.warnings.join(' ')}
        </Notice>
      ) : null}
      {run.error ? (
        <Notice tone="bad" title={`The run ended in an error (${run.error.kind})`}>
          <p className="[overflow-wrap:anywhere]">{run.error.message}</p>
        </Notice>
      ) : null}
      {incident ? (
        <Notice title="An incident was open when the run ended.">
          <TextLink to={`${base}/incidents/${incident.id}`} className="[overflow-wrap:anywhere]">
            {incident.summary}
          </TextLink>
        </Notice>
      ) : null}
      {run.limitHit ? (
        <Notice
          tone="warning"
          title={`The run reached its limit of ${limitWords[run.limitHit]} and was graded on what it did until then.`}
        />
      ) : null}
      <Card title="Overview">
        <DescriptionList
          facts={[
            { term: 'Model', value: run.model },
            {
              term: 'Version',
              value: (
                <TextLink to={`${base}/workflows/${workflow.id}/versions/${version.id}`}>
                  Version {version.number}
                </TextLink>
              ),
            },
            { term: 'Trigger', value: run.trigger === 'scheduled' ? 'Schedule' : 'Manual' },
            {
              term: 'Duration',
              value: run.durationMs === null ? (going ? 'In progress' : '–') : duration(run.durationMs),
            },
            { term: 'Tool calls', value: going ? live.calls.length : run.callCount },
            {
              term: 'Tokens',
              value: `${(run.inputTokens + run.outputTokens).toLocaleString('en')} + ${run.judgeTokens.toLocaleString('en')} judge`,
            },
            { term: 'Cost', value: going ? '–' : cost(run.cost) },
            ...(run.reason ? [{ term: 'Reason', value: run.reason }] : []),
          ]}
        />
      </Card>
      <Card flush title="Success criteria">
        {results.length > 0 ? (
          <Verdicts results={results} />
        ) : (
          <p className="p-4 text-muted">
            {going ? 'Verdicts appear when the agent has finished.' : 'No criteria were graded.'}
          </p>
        )}
      </Card>
      {run.finalAnswer ? (
        <Card title="Final answer">
          <RawText label="The agent's final answer">{run.finalAnswer}</RawText>
        </Card>
      ) : null}
      <Card
        flush
        title="Trace"
        aside={
          going ? (
            <span className="text-muted">{live.connected ? 'Live' : 'Connection lost. Reconnecting …'}</span>
          ) : null
        }
      >
        {live.events.length === 0 ? (
          <p className="p-4 text-muted">{going ? 'Waiting for a worker …' : 'No trace was recorded.'}</p>
        ) : (
          <TraceList events={live.events} calls={live.calls} />
        )}
        {going ? (
          <noscript>
            <p className="border-line border-t p-4">
              <a href="?" className="underline">
                Reload to see more
              </a>
            </p>
          </noscript>
        ) : null}
      </Card>
    </div>
  );
}
