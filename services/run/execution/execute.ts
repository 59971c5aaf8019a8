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
import { type WorkflowDefinition, workflowDefinition } from '../../../domain/workflow/definition.ts';
import { createRedactor } from '../../../infra/redaction/index.ts';
import { SecretsKeyError } from '../../../infra/secrets/index.ts';
import { recordCatalog } from '../../catalog/record.ts';
import { attempt } from '../../context/attempt.ts';
import type { Deps } from '../../context/context.ts';
import { sanitizeForPostgres } from '../../context/sanitize.ts';
import { toJson, useCase } from '../../context/use-case.ts';
import { loadEndpoint } from '../../server/endpoint.ts';
import { runNotFound } from '../errors.ts';
import { gradeRun, isGradedByCode } from './grade.ts';
import { createRecorder, type RunRecorder } from './recorder.ts';
import { watchRun } from './watch.ts';

/**
 * One attempt at the agent's part of a run. Takes the fence, so that an earlier attempt that still lives can neither write nor
 * call, and goes on from what is recorded. What code alone grades is graded along with it. `toGrade` is false when nothing is left
 * to grade: the run is graded, ends in `error`, or has ended.
 * @throws SupersededError when another attempt has to go on; whatever the database throws.
 */
export const executeRun = useCase({
  name: 'run.execute',
  access: 'system',
  input: z.object({ runId: z.uuid(), attempt }),
  async run({ ctx, orgId }, { runId, attempt }): Promise<{ toGrade: boolean }> {
    const { deps } = ctx;
    const taken = await takeFence(deps, orgId, runId);
    if (!taken || taken.cancelRequestedBy !== null) return { toGrade: false };
    const definition = workflowDefinition.parse(taken.definition);
    const { heartbeatSeconds } = deps.config;
    const redactor = createRedactor(await deps.secrets.values(orgId));
    const recorder = createRecorder(deps, {
      orgId,
      runId,
      fence: taken.fence,
      redactor,
      heartbeatSeconds,
      storeResults: definition.storeToolResults,
      since: taken.since,
    });

    const stop = new AbortController();
    const giveWay = (why: string) => {
      recorder.supersede(why);
      stop.abort(new SupersededError(why));
    };
    const onAbort = async () => {
      if (!attempt.isCanceled()) return giveWay('The worker stops; another attempt goes on.');
      const row = await deps.db.run.findFirst({ where: { orgId, id: runId }, select: { cancelRequestedBy: true } });
      stop.abort(row?.cancelRequestedBy ?? 'an operator in Temporal');
    };
    const heard = () =>
      void onAbort().catch((error: unknown) => {
        deps.log.warn({ err: error, runId }, 'who canceled a run could not be read');
        stop.abort('somebody');
      });
    attempt.signal.addEventListener('abort', heard, { once: true });
    if (attempt.signal.aborted) heard();
    const watch = watchRun(deps, {
      orgId,
      runId,
      fence: taken.fence,
      heartbeatSeconds,
      heartbeat: attempt.heartbeat,
      onCurrent: recorder.renew,
      onCanceled: (by) => stop.abort(by),
      onSuperseded: () => giveWay('A newer attempt has taken this run over, or the run has ended.'),
    });
    try {
      const end = await runAttempt(deps, { orgId, runId, definition, taken, recorder, signal: stop.signal });
      if (end.outcome === 'error' || stop.signal.aborted) return { toGrade: false };
      if (!isGradedByCode(definition)) return { toGrade: true };
      const { startedAt } = taken;
      await gradeRun(deps, { orgId, runId, startedAt, definition, graded: new Set(), signal: stop.signal });
      return { toGrade: false };
    } catch (error) {
      // A canceled run needs no grades.
      if (stop.signal.aborted && !(stop.signal.reason instanceof SupersededError) && error === stop.signal.reason)
        return { toGrade: false };
      throw error;
    } finally {
      watch.stop();
      attempt.signal.removeEventListener('abort', heard);
    }
  },
});

type Taken = {
  fence: number;
  model: string;
  serverId: string;
  startedAt: Date;
  cancelRequestedBy: string | null;
  definition: unknown;
  /** When the statement began, of `performance.now()`. */
  since: number;
};

/** Null when the run has ended. */
async function takeFence({ db, now }: Deps, orgId: string, runId: string): Promise<Taken | null> {
  const since = performance.now();
  const [row] = await db.$queryRaw<Omit<Taken, 'since'>[]>`
    UPDATE "Run" r SET "fence" = r."fence" + 1, "status" = 'running',
      "startedAt" = COALESCE(r."startedAt", ${now().toISOString()}::timestamptz)
    FROM "WorkflowVersion" v
    WHERE r."orgId" = ${orgId}::uuid AND r."id" = ${runId}::uuid AND r."status" IN ('pending', 'running')
      AND v."orgId" = r."orgId" AND v."id" = r."versionId"
    RETURNING r."fence", r."model", r."serverId", r."startedAt", r."cancelRequestedBy", v."definition"`;
  if (row) return { ...row, since };
  if (!(await db.run.findFirst({ where: { orgId, id: runId }, select: { id: true } }))) throw runNotFound(runId);
  return null;
}

type Part = {
  orgId: string;
  runId: string;
  definition: WorkflowDefinition;
  taken: Taken;
  recorder: RunRecorder;
  signal: AbortSignal;
};

async function runAttempt(deps: Deps, part: Part): Promise<AgentEnd> {
  const { orgId, runId, definition, taken, recorder, signal } = part;
  const ready = await prepare(deps, part);
  if ('problem' in ready) {
    const error = { kind: 'misconfigured', message: ready.problem } as const;
    await recorder.append({ type: 'error', ...error });
    return { outcome: 'error', error };
  }
  const background: Promise<void>[] = [];
  const end = await runAgent({
    prompt: definition.prompt,
    toolPolicy: definition.toolPolicy,
    limits: definition.limits,
    retryPolicy: definition.retryPolicy,
    run: { id: runId, shortId: runId.slice(0, 8), startedAt: taken.startedAt },
    model: ready.model,
    connect: ready.connect,
    recorder,
    repeatable: ready.repeatable,
    signal,
    now: deps.now,
    sleep: (ms, until) => sleep(ms, undefined, { signal: until }),
    onCatalog: (tools) => {
      // Beside the agent's work: the catalog is of use to others, the run doesn't wait for it.
      const { serverId } = taken;
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
  | { problem: string };

/** What the agent needs; or, in a sentence, why this definition can't run. */
async function prepare(deps: Deps, { orgId, definition, taken, recorder }: Part): Promise<Ready> {
  try {
    const model = deps.models.resolve(taken.model);
    const server = await loadEndpoint(deps, {
      orgId,
      serverId: definition.serverId,
      authProfileId: definition.authProfileId,
    });
    const decided = await deps.db.catalogTool.findMany({
      where: { orgId, serverId: definition.serverId, repeatability: { not: null } },
      select: { name: true, repeatability: true },
    });
    const decisions = new Map(decided.map(({ name, repeatability }) => [name, repeatability]));
    const connect: ConnectTarget = async (options) =>
      withServerGate(deps, recorder, server, await deps.targets.connect(server.endpoint, options));
    const repeatable = ({ name, annotations }: Tool): boolean => {
      const decision = decisions.get(name);
      if (decision) return decision !== 'not_idempotent';
      return annotations?.readOnlyHint === true || annotations?.idempotentHint === true;
    };
    return { model, connect, repeatable, authProfileId: server.authProfileId };
  } catch (error) {
    if (isArmatureError(error)) return { problem: `${error.message} ${error.remediation}` };
    if (error instanceof SecretsKeyError || (isModelError(error) && error.kind === 'misconfigured'))
      return { problem: error.message };
    throw error;
  }
}

/** The same target, with every call through the gate of its server. What has waited there asks again whether it may be sent. */
function withServerGate(
  { gate }: Deps,
  recorder: RunRecorder,
  { serverKey, maxConcurrency }: { serverKey: string; maxConcurrency: number },
  target: Target,
): Target {
  const through = <T>({ signal, onSent }: CallOptions, call: () => Promise<T>): Promise<T> =>
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
    callTool: (name, args, options) => through(options, () => target.callTool(name, args, options)),
    listResources: (options) => through(options, () => target.listResources(options)),
    readResource: (uri, options) => through(options, () => target.readResource(uri, options)),
  };
}

async function recordSeenCatalog(
  deps: Deps,
  of: { orgId: string; serverId: string; authProfileId: string; recorder: RunRecorder; tools: Tool[] },
): Promise<void> {
  const { orgId, serverId, authProfileId, recorder } = of;
  try {
    const seenAt = deps.now();
    const tools = sanitizeForPostgres(of.tools);
    const hash = createHash('sha256').update(JSON.stringify(tools)).digest('hex');
    await deps.db.catalogSnapshot.createMany({
      data: { orgId, serverId, hash, tools: toJson(tools) },
      skipDuplicates: true,
    });
    await recorder.catalog(hash);
    await recordCatalog(deps, { orgId, serverId, authProfileId, tools: of.tools, source: 'run', seenAt });
  } catch (error) {
    // The run's own evidence is whole without it.
    if (!(error instanceof SupersededError))
      deps.log.error({ err: error, serverId }, 'the catalog that a run saw was not recorded');
  }
}
