import { z } from 'zod';
import { runStatuses } from '../../../domain/run/run.ts';
import { givenId } from '../../../domain/values/id.ts';
import { draftRegression } from '../../../services/proposal/draft/regression.ts';
import { diagnoseRun, diagnoseRunOutput } from '../../../services/run/diagnosis/diagnose.ts';
import { cancelRun } from '../../../services/run/dispatch/cancel.ts';
import { runWorkflowNow } from '../../../services/run/dispatch/run-now.ts';
import { runWorkflowNowInput, runWorkflowNowOutput } from '../../../services/run/dispatch/schema.ts';
import { exportedRun, exportRun } from '../../../services/run/export/export-run.ts';
import { exportRuns } from '../../../services/run/export/export-runs.ts';
import { exportTrace } from '../../../services/run/export/export-trace.ts';
import {
  getRunArtifacts,
  getRunArtifactsInput,
  getRunArtifactsOutput,
} from '../../../services/run/reading/artifacts.ts';
import { compareRuns, compareRunsOutput } from '../../../services/run/reading/compare.ts';
import {
  getRunEvaluation,
  listToolCalls,
  listTraceEvents,
  runEvaluation,
} from '../../../services/run/reading/entries.ts';
import { inspectRun, inspectRunInput, inspectRunOutput } from '../../../services/run/reading/inspect.ts';
import { listedRun, searchRuns, searchRunsInput } from '../../../services/run/reading/search.ts';
import { shownCall, shownCriterion, shownEvent } from '../../../services/run/reading/shown.ts';
import { defineDownload, defineRoute, pageOf, paging } from '../route.ts';
import { stagedProposal, warnings } from '../schemas.ts';

const ref = z.object({ runId: givenId });
const ofRun = <T extends z.ZodType>(row: T) => pageOf(row).extend({ status: z.enum(runStatuses) });

const rangeOfDay = searchRunsInput.shape.range.describe(
  'Only runs created in this time until now. Without it, after and before: 24h.',
);

const withDay = <T extends z.output<typeof exportRuns.useCase.input>>(filters: T): T => {
  const hasTimes = [filters.range, filters.after, filters.before].some((each) => each !== undefined);
  return hasTimes ? filters : { ...filters, range: '24h' };
};

export const runRoutes = [
  defineRoute({
    method: 'GET',
    path: '/runs',
    operation: 'listRuns',
    summary: 'Lists runs, newest first',
    useCase: searchRuns,
    input: searchRunsInput.extend({ ...paging, range: rangeOfDay }),
    output: pageOf(listedRun.meta({ id: 'RunRow' })),
    async run(ctx, filters) {
      const { runs, nextCursor } = await searchRuns(ctx, withDay(filters));
      return { rows: runs, nextCursor };
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/workflows/{workflowId}/runs',
    operation: 'runWorkflow',
    summary: 'Runs a workflow now: one run for each tester model, or for the named one',
    description:
      'The header Idempotency-Key is the key of the runs: the same key returns the same runs for good. Without one, the same reason does for ten minutes.',
    status: 202,
    takesKey: true,
    useCase: runWorkflowNow,
    input: runWorkflowNowInput.omit({ wait: true, waitSeconds: true }),
    output: runWorkflowNowOutput.meta({ id: 'StartedRuns' }),
    run: (ctx, given) => runWorkflowNow(ctx, given),
  }),
  defineRoute({
    method: 'GET',
    path: '/runs/compare',
    operation: 'compareRuns',
    summary: 'Compares two ended runs of one workflow',
    useCase: compareRuns,
    refuses: ['run_not_terminal', 'runs_not_comparable'],
    input: z.object({ baselineRunId: givenId, candidateRunId: givenId }),
    output: compareRunsOutput.meta({ id: 'Comparison' }),
    run: (ctx, given) => compareRuns(ctx, given),
  }),
  defineDownload({
    path: '/runs/export',
    operation: 'exportRuns',
    summary: 'Returns a list of runs as CSV, newest first, at most 100,000',
    description:
      'Takes the filters of the list. A text that a spreadsheet would take for a formula begins with an apostrophe.',
    useCase: exportRuns,
    input: exportRuns.useCase.input.extend({ range: rangeOfDay }),
    output: z.string(),
    contentType: 'text/csv',
    run: (ctx, filters) => exportRuns(ctx, withDay(filters)),
  }),
  defineDownload({
    path: '/runs/{runId}/export',
    operation: 'exportRun',
    summary: 'Returns the whole record of a run as JSON, nothing cut',
    useCase: exportRun,
    input: ref,
    output: exportedRun.meta({ id: 'ExportedRun' }),
    contentType: 'application/json',
    run: (ctx, given) => exportRun(ctx, given),
  }),
  defineDownload({
    path: '/runs/{runId}/export/otlp',
    operation: 'exportRunTrace',
    summary: 'Returns a run as a trace in OTLP JSON, for tools that read OpenTelemetry',
    useCase: exportTrace,
    input: ref,
    output: z.object({ resourceSpans: z.array(z.looseObject({})) }).meta({ id: 'OtlpTraces' }),
    contentType: 'application/json',
    run: (ctx, given) => exportTrace(ctx, given),
  }),
  defineRoute({
    method: 'GET',
    path: '/runs/{runId}',
    operation: 'getRun',
    summary: 'Returns the record of a run: criteria, calls and events, in pages',
    useCase: inspectRun,
    input: inspectRunInput,
    output: inspectRunOutput.meta({ id: 'RunRecord' }),
    run: (ctx, given) => inspectRun(ctx, given),
  }),
  defineRoute({
    method: 'GET',
    path: '/runs/{runId}/artifacts',
    operation: 'getRunArtifacts',
    summary: 'Returns final answer, transcript, and what the judge was asked and answered',
    useCase: getRunArtifacts,
    input: getRunArtifactsInput,
    output: getRunArtifactsOutput.meta({ id: 'RunArtifacts' }),
    run: (ctx, given) => getRunArtifacts(ctx, given),
  }),
  defineRoute({
    method: 'GET',
    path: '/runs/{runId}/trace',
    operation: 'listTraceEvents',
    summary: 'Lists the trace events of a run in order, while it runs too',
    useCase: listTraceEvents,
    input: listTraceEvents.useCase.input,
    output: ofRun(shownEvent.meta({ id: 'TraceEvent' })),
    run: (ctx, given) => listTraceEvents(ctx, given),
  }),
  defineRoute({
    method: 'GET',
    path: '/runs/{runId}/tool-calls',
    operation: 'listToolCalls',
    summary: 'Lists the tool calls of a run in order, with arguments and results',
    useCase: listToolCalls,
    input: listToolCalls.useCase.input,
    output: ofRun(shownCall.meta({ id: 'ToolCall' })),
    run: (ctx, given) => listToolCalls(ctx, given),
  }),
  defineRoute({
    method: 'GET',
    path: '/runs/{runId}/evaluation',
    operation: 'getRunEvaluation',
    summary: 'Returns how each criterion was graded, with rationale and evidence',
    useCase: getRunEvaluation,
    input: getRunEvaluation.useCase.input,
    output: runEvaluation.extend({ rows: z.array(shownCriterion.meta({ id: 'CriterionResult' })) }),
    run: (ctx, given) => getRunEvaluation(ctx, given),
  }),
  defineRoute({
    method: 'GET',
    path: '/runs/{runId}/diagnosis',
    summary: 'Returns why an ended run did not pass, and what to do',
    useCase: diagnoseRun,
    refuses: ['run_not_terminal'],
    input: ref,
    output: diagnoseRunOutput.meta({ id: 'Diagnosis' }),
    run: (ctx, given) => diagnoseRun(ctx, given),
  }),
  defineRoute({
    method: 'POST',
    path: '/runs/{runId}/regression',
    operation: 'draftRegressionWorkflow',
    summary: 'Proposes a workflow that fails while the fault of this run is there',
    status: 201,
    useCase: draftRegression,
    input: draftRegression.useCase.input,
    output: stagedProposal,
    run: (ctx, given) => draftRegression(ctx, given),
  }),
  defineRoute({
    method: 'POST',
    path: '/runs/{runId}/cancel',
    summary: 'Cancels a run',
    status: 202,
    useCase: cancelRun,
    input: ref,
    output: z.object({ runId: z.uuid(), status: z.enum(runStatuses), canceled: z.boolean(), warnings }),
    run: (ctx, given) => cancelRun(ctx, given),
  }),
];
