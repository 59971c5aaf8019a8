import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import {
  type CallOptions,
  type ConnectTarget,
  isModelError,
  type Model,
  SupersededError,
  type Target,
  type Tool,
} from '../../../agent/ports.ts';
import { runAgent } from '../../../agent/run-agent.ts';
import { isArmatureError } from '../../../domain/error/error.ts';
import type { AgentEnd } from '../../../domain/run/roll-up.ts';
import type { WorkflowDefinition } from '../../../domain/workflow/definition.ts';
import { type FencedRun, takeFence } from '../../../infra/db/queries/run.ts';
import { createRedactor } from '../../../infra/redaction/index.ts';
import { SecretsKeyError } from '../../../infra/secrets/index.ts';
import { recordCatalog } from '../../catalog/record.ts';
import { attempt } from '../../context/attempt.ts';
import type { Deps } from '../../context/context.ts';
import { sanitizeForPostgres } from '../../context/sanitize.ts';
import { toJson, useCase } from '../../context/use-case.ts';
import { loadEndpoint } from '../../server/endpoint.ts';
import { parseDefinition } from '../../workflow/reading/view.ts';
import { runNotFound } from '../errors.ts';
import { gradeCriteria, isGradedByCode } from './grade-criteria.ts';
import { createRecorder, type RunRecorder } from './recorder.ts';
import { superviseAttempt } from './supervise.ts';

/**
 * One attempt at the agent's part of a run. Takes the fence, so that an earlier attempt that is still alive can neither
 * write nor call, and continues from what is recorded. Grades the run too when code grades all criteria. `toGrade` is
 * false when nothing is left to grade: the run is graded, ends in `error`, or has ended.
 * @throws SupersededError when another attempt has to continue; database errors
 */
export const executeRun = useCase({
  name: 'run.execute',
  access: 'system',
  input: z.object({ runId: z.uuid(), attempt }),
  async run({ ctx, orgId, now, db, secrets, config }, { runId, attempt }): Promise<{ toGrade: boolean }> {
    const { deps } = ctx;
    const since = performance.now();
    const run = await takeFence(db, { orgId, runId }, now());
    if (!run && !(await db.run.findFirst({ where: { orgId, id: runId }, select: { id: true } })))
      throw runNotFound(runId);
    if (!run || run.cancelRequestedBy !== null) return { toGrade: false };
    const definition = parseDefinition(run);
    const recorder = createRecorder(deps, {
      orgId,
      runId,
      fence: run.fence,
      redactor: createRedactor(await secrets.values(orgId)),
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
  const ready = await prepare(deps, part);
  if ('reason' in ready) {
    const error = { kind: 'misconfigured', message: ready.reason } as const;
    await recorder.append({ type: 'error', ...error });
    return { outcome: 'error', error };
  }
  const background: Promise<void>[] = [];
  const end = await runAgent({
    prompt: definition.prompt,
    toolPolicy: definition.toolPolicy,
    limits: definition.limits,
    retryPolicy: definition.retryPolicy,
    run: { id: runId, shortId: runId.slice(0, 8), startedAt: run.startedAt },
    model: ready.model,
    connect: ready.connect,
    recorder,
    repeatable: ready.repeatable,
    signal,
    now: deps.now,
    sleep: (ms, until) => sleep(ms, undefined, { signal: until }),
    onCatalog: (tools) => {
      // In the background: the catalog is useful to others, the run doesn't wait for it.
      const { serverId } = run;
      background.push(
        recordSeenCatalog(deps, { orgId, serverId, authProfileId: ready.authProfileId, recorder, tools }),
      );
    },
  });
  await Promise.all(background);
  recorder.assertCurrent();
  return end;
}

type Ready =
  | { model: Model; connect: ConnectTarget; repeatable: (tool: Tool) => boolean; authProfileId: string }
  | { reason: string };

/** What the agent needs, or the reason why this definition can't run, for people. */
async function prepare(deps: Deps, { orgId, definition, run, recorder }: Part): Promise<Ready> {
  try {
    const model = deps.models.resolve(run.model);
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
      withServerGate(deps, recorder, server, await deps.targets.connect(server.endpoint, options));
    const repeatable = ({ name, annotations }: Tool): boolean => {
      const override = overrides.get(name);
      if (override) return override !== 'not_idempotent';
      return annotations?.readOnlyHint === true || annotations?.idempotentHint === true;
    };
    return { model, connect, repeatable, authProfileId: server.authProfileId };
  } catch (error) {
    if (isArmatureError(error)) return { reason: `${error.message} ${error.remediation}` };
    if (error instanceof SecretsKeyError || (isModelError(error) && error.kind === 'misconfigured'))
      return { reason: error.message };
    throw error;
  }
}

/**
 * The same target, with calls limited by the gate of its server. A call that waited there may be sent only while the
 * attempt is current.
 */
function withServerGate(
  { gate }: Deps,
  recorder: RunRecorder,
  { serverKey, maxConcurrency }: { serverKey: string; maxConcurrency: number },
  target: Target,
): Target {
  const limited = <T>({ signal, onSent }: CallOptions, call: () => Promise<T>): Promise<T> =>
    gate.run(
      serverKey,
      maxConcurrency,
      () => {
        recorder.assertCurrent();
        onSent?.();
        return call();
      },
      signal,
    );
  return {
    ...target,
    callTool: (name, args, options) => limited(options, () => target.callTool(name, args, options)),
    listResources: (options) => limited(options, () => target.listResources(options)),
    readResource: (uri, options) => limited(options, () => target.readResource(uri, options)),
  };
}

async function recordSeenCatalog(
  deps: Deps,
  seen: { orgId: string; serverId: string; authProfileId: string; recorder: RunRecorder; tools: Tool[] },
): Promise<void> {
  const { orgId, serverId, authProfileId, recorder } = seen;
  try {
    const seenAt = deps.now();
    const tools = sanitizeForPostgres(seen.tools);
    const hash = createHash('sha256').update(JSON.stringify(tools)).digest('hex');
    await deps.db.catalogSnapshot.createMany({
      data: { orgId, serverId, hash, tools: toJson(tools) },
      skipDuplicates: true,
    });
    await recorder.catalog(hash);
    await recordCatalog(deps, { orgId, serverId, authProfileId, tools: seen.tools, source: 'run', seenAt });
  } catch (error) {
    // The run's own evidence is complete without it.
    if (!(error instanceof SupersededError))
      deps.log.error({ err: error, serverId }, 'the catalog of a run was not recorded');
  }
}
