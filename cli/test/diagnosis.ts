import { type Diagnosis, diagnose } from '../../domain/diagnosis/diagnose.ts';
import type { Warning } from '../../domain/error/error.ts';
import { readScript } from '../../domain/workflow/script.ts';
import { workflowWarnings } from '../../domain/workflow/warnings.ts';
import type { Planned } from './plan.ts';
import type { LocalRun } from './run.ts';

/** Why a run did not pass. Without a history, what it says rests on this run and the tools that it saw. */
export function diagnoseRun({ definition }: Planned, run: LocalRun): Diagnosis | null {
  if (run.status === 'pass' || run.error?.kind === 'canceled' || run.error?.kind === 'budget') return null;
  const { id, status, error, limitHit, model, finalAnswer, events, calls, results, tools, startedAt } = run;
  return diagnose({
    run: { id, status, error, limitHit, model },
    versionId: id,
    definition,
    active: definition,
    finalAnswer,
    events,
    calls,
    results,
    seenTools: tools,
    currentTools: tools,
    goneTools: [],
    lastPassing: null,
    others: { runs: [], isWhole: true },
    catalogHash: null,
    createdAt: startedAt,
  });
}

/** What is wrong with a workflow whatever its runs do, such as a tool that the server doesn't have. */
export function findWarnings({ definition, models }: Planned, run: LocalRun | undefined): Warning[] {
  const tools = run?.tools;
  if (!tools) return [];
  const connected = run.events.find((event) => event.type === 'connected');
  const offered = connected?.type === 'connected' ? connected.offered : [];
  const steps = new Set(readScript(definition.prompt, new Set(offered)).map(({ tool }) => tool));
  return workflowWarnings(definition, {
    models: models.list(),
    server: { archivedAt: null, syncedAt: new Date(run.startedAt), hasResources: offered.includes('list_resources') },
    profileExists: true,
    activeTools: tools.map(({ name }) => name),
    stepSchemas: new Map(tools.filter(({ name }) => steps.has(name)).map((tool) => [tool.name, tool.inputSchema])),
    removedTools: [],
  });
}
