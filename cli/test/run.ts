import { randomUUID } from 'node:crypto';
import pLimit from 'p-limit';
import { executeDefinition, isRepeatable } from '../../agent/execution/execute.ts';
import { gradeDefinition, resolveJudge } from '../../agent/execution/grade.ts';
import { type Gate, limitTarget } from '../../agent/execution/limited-target.ts';
import { createMemoryTrace } from '../../agent/execution/memory-trace.ts';
import { isModelError, type Model, type Tool } from '../../agent/ports.ts';
import { endRun, type RunEnding } from '../../domain/run/ending.ts';
import type { CriterionResult, ToolCall, TraceEvent } from '../../domain/run/run.ts';
import { createOutputSchemas } from '../../infra/json-schema/index.ts';
import { listSecrets, type McpTargets } from '../../infra/mcp-target/index.ts';
import { createRedactor } from '../../infra/redaction/index.ts';
import type { Planned } from './plan.ts';

/** A run that ended, with everything that a server would have kept of it. */
export type LocalRun = Omit<RunEnding, 'closing'> & {
  id: string;
  model: string;
  startedAt: string;
  durationMs: number;
  results: CriterionResult[];
  events: TraceEvent[];
  calls: ToolCall[];
  /** What the server listed; null if the run did not get that far. */
  tools: Tool[] | null;
};

/** Runs a workflow once with one of its models. */
export type RunWorkflow = (
  planned: Planned,
  options: { model: string; signal: AbortSignal; onEvent: (event: TraceEvent) => void },
) => Promise<LocalRun>;

/** As on a server: concurrent calls to one server, over all runs. */
const maxCallsPerServer = 4;

/** Runs workflows on this machine with the agent, the grading and the rules of a server. */
export function createWorkflowRunner(targets: McpTargets): RunWorkflow {
  const outputSchemas = createOutputSchemas();
  const gates = new Map<string, Gate>();
  const gateOf = (url: string): Gate => {
    const known = gates.get(url);
    if (known) return known;
    const limit = pLimit(maxCallsPerServer);
    const gate: Gate = (call, signal) =>
      limit(() => {
        signal.throwIfAborted();
        return call();
      });
    gates.set(url, gate);
    return gate;
  };

  return async (planned, { model: modelId, signal, onEvent }) => {
    const { definition, endpoint, models } = planned;
    const startedAt = new Date();
    const id = randomUUID();
    const trace = createMemoryTrace();
    const recorder = trace.attempt({
      afterWrite() {
        const event = trace.events.at(-1);
        if (event) onEvent(event);
      },
    });
    const mask = createRedactor(listSecrets(endpoint));
    let tools: Tool[] | null = null;
    const model = findModel(models, modelId);
    if ('problem' in model) await recorder.append({ type: 'error', kind: 'misconfigured', message: model.problem });
    else
      await executeDefinition({
        definition,
        mask,
        run: { id, shortId: id.slice(0, 8), startedAt, attempt: 1 },
        model,
        connect: async (options) =>
          limitTarget(await targets.connect(endpoint, options), gateOf(endpoint.url), recorder.assertCurrent),
        recorder,
        repeatable: isRepeatable,
        checkOutput: ({ outputSchema }, result) =>
          outputSchema ? outputSchemas.check(JSON.stringify(outputSchema), result) : null,
        signal,
        now: () => new Date(),
        onCatalog: (seen) => {
          tools = seen.tools;
        },
      });
    const { events } = trace;
    const results = events.some(({ type }) => type === 'error' || type === 'canceled')
      ? []
      : await gradeDefinition({
          definition,
          transcript: { events, calls: trace.calls },
          startedAt,
          judge: resolveJudge(models, definition.judgeModel),
          mask,
          signal,
        }).catch((error: unknown) => {
          if (!signal.aborted) throw error;
          return [];
        });
    const { closing, ...ending } = endRun({
      model: modelId,
      criteriaCount: definition.criteria.length,
      events,
      calls: trace.calls,
      results,
      overruled: signal.aborted ? { kind: 'canceled', by: 'you', message: 'The run was canceled.' } : null,
      costOf: (of, usage) => {
        const known = models.list().some((entry) => entry.id === of && entry.keySet);
        return known ? models.resolve(of).cost(usage) : null;
      },
    });
    if (closing) await recorder.append(closing);
    return {
      id,
      model: modelId,
      startedAt: startedAt.toISOString(),
      durationMs: Date.now() - startedAt.getTime(),
      ...ending,
      results,
      events,
      calls: trace.calls.map((call) => (call.outcome === 'started' ? { ...call, outcome: 'interrupted' } : call)),
      tools,
    };
  };
}

function findModel(models: Planned['models'], id: string): Model | { problem: string } {
  try {
    return models.resolve(id);
  } catch (error) {
    if (isModelError(error) && error.kind === 'misconfigured') return { problem: error.message };
    throw error;
  }
}
