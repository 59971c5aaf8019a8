import { z } from 'zod';
import { executeDefinition, isRepeatable } from '../../../agent/execution/execute.ts';
import { isGradedByCode } from '../../../agent/execution/grade.ts';
import { limitTarget } from '../../../agent/execution/limited-target.ts';
import {
  type ConnectTarget,
  isModelError,
  type Model,
  SupersededError,
  type Target,
  type Tool,
} from '../../../agent/ports.ts';
import { isArmatureError } from '../../../domain/error/error.ts';
import type { AgentEnd } from '../../../domain/run/roll-up.ts';
import type { WorkflowDefinition } from '../../../domain/workflow/definition.ts';
import { type FencedRun, takeFence } from '../../../infra/db/queries/run.ts';
import { admitRun } from '../../../infra/db/queries/run-admission.ts';
import { listSecrets } from '../../../infra/mcp-target/index.ts';
import { createRedactor, type Redactor } from '../../../infra/redaction/index.ts';
import { findBudgetRefusal } from '../../budget/refusal.ts';
import { recordCatalog } from '../../catalog/record.ts';
import { saveSnapshot } from '../../catalog/snapshot.ts';
import { attempt } from '../../context/attempt.ts';
import type { Deps } from '../../context/context.ts';
import { useCase } from '../../context/use-case.ts';
import { loadModels } from '../../model/load.ts';
import { loadEndpoint } from '../../server/endpoint.ts';
import { parseDefinition } from '../../workflow/reading/view.ts';
import { runNotFound } from '../errors.ts';
import { gradeCriteria } from './grade-criteria.ts';
import { createRecorder, type RunRecorder } from './recorder.ts';
import { superviseAttempt } from './supervise.ts';

/**
 * One attempt at the agent's part of a run. Takes the fence, so that an earlier attempt that is still alive can neither
 * write nor call, and continues from what is recorded. Grades the run too when code grades all criteria. `toGrade` is
 * false when nothing is left to grade: the run is graded, ends in `error`, or has ended. `isWaiting`: it has not begun,
 * because as many runs of the workspace are running as the operator allows.
 * @throws SupersededError when another attempt has to continue; database errors
 */
export const executeRun = useCase({
  name: 'run.execute',
  access: 'system',
  input: z.object({ runId: z.uuid(), attempt }),
  async run(
    { ctx, orgId, now, db, config, telemetry },
    { runId, attempt },
  ): Promise<{ toGrade: boolean; isWaiting?: true }> {
    const { deps } = ctx;
    const most = config.ceilings.concurrentRuns;
    if (most !== null && !(await db.$transaction((tx) => admitRun(tx, { orgId, runId, most, now: now() }))))
      return { toGrade: false, isWaiting: true };
    const since = performance.now();
    const trace = telemetry.current();
    const traceId = trace?.isSampled ? trace.traceId : null;
    const run = await takeFence(db, { orgId, runId, traceId }, now());
    if (!run && !(await db.run.findFirst({ where: { orgId, id: runId }, select: { id: true } }))) throw runNotFound();
    if (!run || run.cancelRequestedBy !== null) return { toGrade: false };
    const definition = parseDefinition(run);
    const recorder = createRecorder(deps, {
      orgId,
      runId,
      fence: run.fence,
      heartbeatSeconds: config.heartbeatSeconds,
      storeResults: definition.storeToolResults,
      since,
    });
    const { signal, isCanceled, stop } = superviseAttempt(deps, {
      orgId,
      runId,
      fence: run.fence,
      attempt,
      onCurrent: recorder.renew,
      onSuperseded: recorder.supersede,
    });
    try {
      const end = await runAgentPart(deps, { orgId, runId, definition, run, recorder, signal });
      if (end.outcome === 'error' || signal.aborted) return { toGrade: false };
      if (!isGradedByCode(definition)) return { toGrade: true };
      const { startedAt } = run;
      await gradeCriteria(deps, { orgId, runId, startedAt, definition, gradedIds: new Set(), signal });
      return { toGrade: false };
    } catch (error) {
      // A canceled run needs no grades.
      if (isCanceled() && error === signal.reason) return { toGrade: false };
      throw error;
    } finally {
      stop();
    }
  },
});

type Part = {
  orgId: string;
  runId: string;
  definition: WorkflowDefinition;
  run: FencedRun;
  recorder: RunRecorder;
  signal: AbortSignal;
};

async function runAgentPart(deps: Deps, part: Part): Promise<AgentEnd> {
  const { orgId, runId, definition, run, recorder, signal } = part;
  const refusal = await findBudgetRefusal(deps, { orgId, runId, workflowId: run.workflowId });
  const ready = refusal === null ? await prepare(deps, part) : { reason: refusal };
  if ('reason' in ready) {
    const error = { kind: refusal === null ? 'misconfigured' : 'budget', message: ready.reason } as const;
    await recorder.append({ type: 'error', ...error });
    return { outcome: 'error', error };
  }
  const background: Promise<void>[] = [];
  const end = await executeDefinition({
    definition,
    mask: ready.redactor,
    run: { id: runId, shortId: runId.slice(0, 8), startedAt: run.startedAt, attempt: run.fence },
    model: ready.model,
    connect: ready.connect,
    recorder,
    repeatable: ready.repeatable,
    checkOutput: ({ outputSchema }, result) =>
      outputSchema ? deps.outputSchemas.check(JSON.stringify(outputSchema), result) : null,
    signal,
    now: deps.now,
    onCatalog: (seen) => {
      // In the background: the catalog is useful to others, the run doesn't wait for it.
      const { serverId } = run;
      background.push(recordSeenCatalog(deps, { orgId, serverId, authProfileId: ready.authProfileId, recorder, seen }));
    },
  });
  await Promise.all(background);
  recorder.assertCurrent();
  return end;
}

type Ready =
  | {
      model: Model;
      redactor: Redactor;
      connect: ConnectTarget;
      repeatable: (tool: Tool) => boolean;
      authProfileId: string;
    }
  | { reason: string };

/** What the agent needs, or the reason why this definition can't run, for people. */
async function prepare(deps: Deps, { orgId, definition, run, recorder }: Part): Promise<Ready> {
  try {
    const model = (await loadModels(deps, orgId)).resolve(run.model);
    const server = await loadEndpoint(deps, {
      orgId,
      serverId: definition.serverId,
      authProfileId: definition.authProfileId,
    });
    const overridden = await deps.db.catalogTool.findMany({
      where: { orgId, serverId: definition.serverId, repeatability: { not: null } },
      select: { name: true, repeatability: true },
    });
    const overrides = new Map(overridden.map(({ name, repeatability }) => [name, repeatability]));
    const connect: ConnectTarget = async (options) =>
      limitTarget(
        await deps.targets.connect(server.endpoint, options),
        (call, signal) => deps.gate.run(server, call, signal),
        recorder.assertCurrent,
      );
    const repeatable = (tool: Tool): boolean => {
      const override = overrides.get(tool.name);
      return override ? override !== 'not_idempotent' : isRepeatable(tool);
    };
    const redactor = createRedactor(listSecrets(server.endpoint));
    return { model, redactor, connect, repeatable, authProfileId: server.authProfileId };
  } catch (error) {
    if (isArmatureError(error)) return { reason: `${error.message} ${error.remediation}` };
    if (isModelError(error) && error.kind === 'misconfigured') return { reason: error.message };
    throw error;
  }
}

async function recordSeenCatalog(
  deps: Deps,
  of: {
    orgId: string;
    serverId: string;
    authProfileId: string;
    recorder: RunRecorder;
    seen: Pick<Target, 'tools' | 'catalog'>;
  },
): Promise<void> {
  const { orgId, serverId, authProfileId, recorder, seen } = of;
  const { tools, catalog: report } = seen;
  try {
    const seenAt = deps.now();
    await recorder.catalog(await saveSnapshot(deps.db, { orgId, serverId, tools }));
    if (report) await recordCatalog(deps, { orgId, serverId, authProfileId, tools, report, source: 'run', seenAt });
  } catch (error) {
    // The run's own evidence is complete without it.
    if (!(error instanceof SupersededError))
      deps.log.error({ err: error, serverId }, 'the catalog of a run was not recorded');
  }
}
