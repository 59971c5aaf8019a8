import { useLoaderData, useParams, useRouteLoaderData } from 'react-router';
import { isTerminal } from '../../../../domain/run/run.ts';
import { listIncidents } from '../../../../services/incident/list.ts';
import { diagnoseRun } from '../../../../services/run/diagnosis/diagnose.ts';
import { writeRepairPrompt } from '../../../../services/run/diagnosis/repair-prompt.ts';
import { getRun } from '../../../../services/run/reading/get.ts';
import { getOutline } from '../../../../services/run/trace/outline.ts';
import { getTraceStep } from '../../../../services/run/trace/trace-step.ts';
import { getWorkflowVersion } from '../../../../services/workflow/reading/get-version.ts';
import { memberLoader } from '../../../shell/route.server.ts';
import { TextLink } from '../../../ui/base/button.tsx';
import { Card } from '../../../ui/base/card.tsx';
import { CodeBlock } from '../../../ui/base/code-block.tsx';
import { Notice } from '../../../ui/base/notice.tsx';
import { JsonTree } from '../../../ui/data/json-tree.tsx';
import { Criteria, PendingCriteria } from './criteria.tsx';
import { isJson, parseJson } from './json.ts';
import type { RunPageData } from './page.tsx';
import { shouldRevalidateRun } from './revalidation.ts';
import { findStep } from './step-text.ts';
import { type ShownTrace, TraceView } from './trace-view.tsx';
import { Why } from './why.tsx';

/** Steps that a page is sent with; the browser loads the rest. */
const maxSent = 60;

type Found = Awaited<ReturnType<typeof getRun>>;
type Ctx = Parameters<typeof listIncidents>[0];

export const loader = memberLoader(async ({ ctx, params, url }) => {
  const runId = params.runId ?? '';
  const [found, outline] = await Promise.all([getRun(ctx, { runId }), getOutline(ctx, { runId })]);
  const { run, results } = found;
  const isGoing = !isTerminal(run.status);
  const [incident, why, pending, trace] = await Promise.all([
    findIncident(ctx, run),
    explain(ctx, found, `${url.origin}${url.pathname}`),
    isGoing ? listCriteria(ctx, found) : [],
    toShownTrace(ctx, runId, { outline, url, isWhole: isGoing }),
  ]);
  const cited = new Set([...results, ...(why?.causes ?? [])].flatMap(({ evidence }) => evidence));
  return {
    results: results.map(({ judge: _judge, ...result }) => result),
    finalAnswer: run.finalAnswer,
    incident,
    why,
    pending,
    trace,
    // Evidence may be beyond the steps that are sent.
    steps: [...cited].flatMap((id) => findStep(outline.steps, id) ?? []),
  };
});

export const shouldRevalidate = shouldRevalidateRun;

async function explain(ctx: Ctx, { run, workflow, server }: Found, url: string) {
  const isExplained = isTerminal(run.status) && (run.status !== 'pass' || run.flagged);
  if (!isExplained || run.error?.kind === 'canceled') return null;
  const diagnosis = await diagnoseRun(ctx, { runId: run.id });
  const { causes, suggestedChange, lastPassing } = diagnosis;
  return {
    causes: causes.map(({ tools: _, ...cause }) => cause),
    canFix: suggestedChange !== null && diagnosis.workflow.state !== 'archived',
    lastPassingId: lastPassing?.runId ?? null,
    repairPrompt: writeRepairPrompt(diagnosis, { workflow: workflow.name, server: server.name, url }),
  };
}

async function listCriteria(ctx: Ctx, { workflow, version }: Found) {
  const { definition } = await getWorkflowVersion(ctx, { workflowId: workflow.id, versionId: version.id });
  return definition.criteria;
}

async function toShownTrace(
  ctx: Ctx,
  runId: string,
  { outline, url, isWhole }: { outline: Awaited<ReturnType<typeof getOutline>>; url: URL; isWhole: boolean },
): Promise<ShownTrace> {
  const asked = url.searchParams.get('step');
  const step = asked === null ? undefined : findStep(outline.steps, asked);
  const isAll = isWhole || url.searchParams.has('all');
  const steps = isAll ? outline.steps : outline.steps.slice(0, maxSent);
  // Without scripts the step that the address names has to be there.
  const shown = step && !steps.includes(step) ? [...steps, step] : steps;
  return {
    ...outline,
    steps: shown,
    hiddenCount: outline.steps.length - shown.length,
    chosen: step ? { id: step.id, detail: await getTraceStep(ctx, { runId, seq: step.seq }) } : null,
  };
}

/** The incident of the run's workflow and model that was open when it ended without passing. */
async function findIncident(
  ctx: Ctx,
  { workflowId, model, status, finishedAt }: Found['run'],
): Promise<{ id: string; summary: string } | null> {
  if (finishedAt === null || status === 'pass') return null;
  const { incidents } = await listIncidents(ctx, { workflowId, limit: 20 });
  const found = incidents.find(
    ({ subject, openedAt, closedAt }) =>
      subject.model === model && openedAt <= finishedAt && (closedAt === null || finishedAt <= closedAt),
  );
  return found ? { id: found.id, summary: found.summary } : null;
}

export type OverviewData = ReturnType<typeof useLoaderData<typeof loader>>;

export default function Overview() {
  const { results, finalAnswer, incident, why, pending, trace, steps } = useLoaderData<typeof loader>();
  const page = useRouteLoaderData<RunPageData>('routes/runs/run/page');
  const { org, runId } = useParams();
  const base = `/o/${org}`;
  const runUrl = `${base}/runs/${runId}`;
  if (!page) return null;
  const isGoing = !isTerminal(page.run.status);
  return (
    <>
      {why ? <Why why={why} page={page} base={base} steps={steps} /> : null}
      {incident ? (
        <Notice title="An incident was open when the run ended.">
          <TextLink to={`${base}/incidents/${incident.id}`} className="[overflow-wrap:anywhere]">
            {incident.summary}
          </TextLink>
        </Notice>
      ) : null}
      {isGoing ? (
        <PendingCriteria criteria={pending} />
      ) : results.length > 0 ? (
        <Criteria results={results} steps={steps} runUrl={runUrl} />
      ) : null}
      {finalAnswer ? <FinalAnswer text={finalAnswer} /> : null}
      <TraceView trace={trace} runId={page.run.id} runUrl={runUrl} isGoing={isGoing} />
    </>
  );
}

function FinalAnswer({ text }: { text: string }) {
  const value = parseJson(text);
  return (
    <Card title="Final answer">
      {typeof value === 'object' && isJson(value) ? (
        <JsonTree label="The agent's final answer" value={value} />
      ) : (
        <CodeBlock label="The agent's final answer">{text}</CodeBlock>
      )}
    </Card>
  );
}
