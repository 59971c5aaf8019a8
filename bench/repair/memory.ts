import { setTimeout as sleep } from 'node:timers/promises';
import { evaluate } from '../../agent/evaluate.ts';
import { createMemoryTrace } from '../../agent/execution/memory-trace.ts';
import type { Tool } from '../../agent/ports.ts';
import { runAgent } from '../../agent/run-agent.ts';
import { diagnose } from '../../domain/diagnosis/diagnose.ts';
import { rollUp } from '../../domain/run/roll-up.ts';
import type { CriterionResult, RunError, RunStatus, Transcript } from '../../domain/run/run.ts';
import { getFinalAnswer } from '../../domain/run/transcript.ts';
import { type WorkflowDefinition, workflowDefinition } from '../../domain/workflow/definition.ts';
import { applyChanges, workflowChanges } from '../../domain/workflow/proposal.ts';
import { findRegression } from '../../domain/workflow/regression.ts';
import { createOutputSchemas } from '../../infra/json-schema/index.ts';
import { createMcpTargets } from '../../infra/mcp-target/index.ts';
import { createModels } from '../../infra/models/index.ts';
import { createOutbound } from '../../infra/outbound/index.ts';
import type { Diagnosis } from './agent.ts';
import type { OpenSubject, Subject } from './drive.ts';
import { type Definition, scripted, toCriteria } from './fault.ts';

type Run = Transcript & {
  id: string;
  versionId: string;
  definition: WorkflowDefinition;
  status: RunStatus;
  error: RunError | null;
  results: CriterionResult[];
  /** What the server listed; null where it wasn't reached. */
  tools: readonly Tool[] | null;
  startedAt: Date;
  durationMs: number;
};

const model = 'builtin/scripted';
const newId = (): string => crypto.randomUUID();

/**
 * Runs workflows in this process and keeps them in memory. Only the agent, the grading, the diagnosis and the draft are
 * as in production, so a fault takes milliseconds.
 */
export function createMemory(): { open: OpenSubject; close(): Promise<void> } {
  const outbound = createOutbound({ allowedTargets: ['127.0.0.0/8'] });
  const targets = createMcpTargets({ outbound });
  const models = createModels({ providers: [] });
  const outputSchemas = createOutputSchemas();

  async function carryOut(url: string, versionId: string, definition: WorkflowDefinition): Promise<Run> {
    const { prompt, toolPolicy, limits, retryPolicy, criteria } = definition;
    const { signal } = new AbortController();
    const [id, startedAt, trace] = [newId(), new Date(), createMemoryTrace()];
    const wait = (ms: number, until: AbortSignal) => sleep(ms, undefined, { signal: until });
    let tools: readonly Tool[] | null = null;
    const end = await runAgent({
      prompt,
      toolPolicy,
      limits,
      retryPolicy,
      run: { id, shortId: id.slice(0, 8), startedAt, attempt: 1 },
      model: models.resolve(model),
      connect: (options) =>
        targets.connect({ transport: 'streamable_http', url, headers: {}, auth: { kind: 'none' } }, options),
      recorder: trace.attempt(),
      repeatable: ({ annotations }) => annotations?.readOnlyHint === true || annotations?.idempotentHint === true,
      checkOutput: ({ outputSchema }, result) =>
        outputSchema ? outputSchemas.check(JSON.stringify(outputSchema), result) : null,
      signal,
      now: () => new Date(),
      sleep: wait,
      onCatalog: (seen) => {
        tools = seen.tools;
      },
    });
    const { events, calls } = trace;
    const durationMs = Date.now() - startedAt.getTime();
    const graded = end.outcome !== 'error';
    const results = graded
      ? await evaluate({
          criteria,
          transcript: { events, calls },
          finalAnswer: getFinalAnswer(events),
          seconds: durationMs / 1000,
          tokens: 0,
          judge: models.resolve('builtin/assertions'),
          boundary: newId(),
          signal,
          retryPolicy,
          sleep: wait,
        })
      : [];
    const { status, error = null } = rollUp({ agent: end, results });
    return { id, versionId, definition, status, error, results, events, calls, tools, startedAt, durationMs };
  }

  return {
    async open({ name, url, criteria, ...rest }) {
      const line = (text: string) => ({ id: newId(), text, isRequired: true });
      const first = { name, serverId: newId(), ...scripted, ...rest, criteria: criteria.map(line) };
      return createSubject(workflowDefinition.parse(first), (versionId, definition) =>
        carryOut(url, versionId, definition),
      );
    },
    close: () => outbound.close(),
  };
}

type CarryOut = (versionId: string, definition: WorkflowDefinition) => Promise<Run>;

function createSubject(first: WorkflowDefinition, carryOut: CarryOut): Subject {
  let definition = first;
  let versionId = newId();
  const runs: Run[] = [];
  const save = (changed: WorkflowDefinition): void => {
    definition = changed;
    versionId = newId();
  };
  const run = async (): Promise<{ runId: string; status: string }> => {
    const made = await carryOut(versionId, definition);
    runs.push(made);
    return { runId: made.id, status: made.status };
  };
  const find = (runId: string): Run => {
    const found = runs.find(({ id }) => id === runId);
    if (!found) throw new Error(`There is no run ${runId}.`);
    return found;
  };
  return {
    run,
    edit: async (changes) => save(merge(definition, changes)),
    definition: async () => definition,
    async repair() {
      const failed = runs.findLast(({ status }) => status !== 'pass');
      if (!failed) throw new Error('No run failed.');
      const diagnosis = explain(failed, runs, definition);
      const spent = { calls: 0, tokens: 0 };
      if (diagnosis.change === null) return { ...diagnosis, rerun: null, spent };
      const applied = applyChanges(definition, workflowChanges.parse(diagnosis.change), newId);
      if (!applied.ok) throw new Error(JSON.stringify(applied.fieldErrors));
      save(applied.definition);
      const rerun = await run();
      const comparison = rerun.status === 'pass' ? 'fixed' : 'unchanged';
      return { ...diagnosis, rerun: { ...rerun, warnings: [], comparison }, spent };
    },
    async pin(runId) {
      const draft = pinFailure(find(runId), runs);
      if ('refusal' in draft) return draft;
      return {
        run: async () => {
          const { id, status } = await carryOut(newId(), draft.definition);
          return { runId: id, status };
        },
      };
    },
  };
}

function merge(before: WorkflowDefinition, { criteria, limits, ...changes }: Partial<Definition>): WorkflowDefinition {
  const lines = criteria && toCriteria(criteria);
  return workflowDefinition.parse({
    ...before,
    ...changes,
    limits: { ...before.limits, ...limits },
    criteria: lines?.map((line) => ({ id: idOf(before, line.text), ...line })) ?? before.criteria,
  });
}

const idOf = ({ criteria }: WorkflowDefinition, text: string): string =>
  criteria.find((each) => each.text === text)?.id ?? newId();

/** What `diagnose_run` says of a run, from the runs in memory instead of a database. */
function explain(failed: Run, runs: readonly Run[], active: WorkflowDefinition): Diagnosis {
  const earlier = runs.slice(0, runs.indexOf(failed)).reverse();
  const passed = earlier.find(({ status }) => status === 'pass');
  const seen = runs.flatMap(({ tools }) => (tools ? [tools] : []));
  const current = seen.at(-1) ?? null;
  const isCurrent = new Set(current?.map(({ name }) => name));
  const gone = new Map(seen.flat().map((tool) => [tool.name, tool]));
  const limit = failed.events.findLast((event) => event.type === 'limit');
  const { causes, suggestedChange } = diagnose({
    run: {
      id: failed.id,
      model,
      status: failed.status,
      error: failed.error,
      limitHit: limit?.type === 'limit' ? limit.limit : null,
    },
    versionId: failed.versionId,
    definition: failed.definition,
    active,
    finalAnswer: getFinalAnswer(failed.events),
    events: failed.events,
    calls: failed.calls,
    results: failed.results,
    seenTools: failed.tools,
    currentTools: current,
    goneTools: [...gone.values()].filter(({ name }) => !isCurrent.has(name)),
    lastPassing: passed ?? null,
    others: {
      isWhole: true,
      runs: earlier.map(({ id, versionId, status, startedAt, results, calls }) => ({
        id,
        versionId,
        status,
        catalogHash: null,
        createdAt: startedAt.toISOString(),
        verdicts: results,
        failedTools: calls.filter(({ outcome }) => outcome !== 'ok').map(({ tool }) => tool),
      })),
    },
    catalogHash: null,
    createdAt: failed.startedAt.toISOString(),
  });
  return { runId: failed.id, causes, change: suggestedChange };
}

/** The draft of a regression workflow, as `draft_regression_workflow_from_run` stages it. */
function pinFailure(failed: Run, runs: readonly Run[]): { definition: WorkflowDefinition } | { refusal: string } {
  const { id: runId, definition, status, results, calls, tools } = failed;
  if (status === 'error' && calls.length === 0) return { refusal: 'The agent did nothing.' };
  const earlier = runs.slice(0, runs.indexOf(failed));
  const passed = earlier.findLast((each) => each.status === 'pass');
  const current = runs.findLast((each) => each.tools !== null)?.tools ?? null;
  const run = {
    runId,
    model,
    definition,
    results,
    calls,
    passingTools: passed?.calls.map(({ tool }) => tool) ?? [],
    seenTools: toNames(tools),
    toolNames: toNames(current),
  };
  return { definition: findRegression(run, { newId }).definition };
}

const toNames = (tools: readonly Tool[] | null): Set<string> | null => tools && new Set(tools.map(({ name }) => name));
