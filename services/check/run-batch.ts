import { z } from 'zod';
import { isArmatureError } from '../../domain/error/error.ts';
import { findHeaderTools } from '../../infra/db/queries/monitor.ts';
import { isTargetError } from '../../infra/mcp-target/index.ts';
import { createRedactor, type Redactor } from '../../infra/redaction/index.ts';
import { SecretsKeyError } from '../../infra/secrets/index.ts';
import { attempt } from '../context/attempt.ts';
import type { Deps } from '../context/context.ts';
import { useCase } from '../context/use-case.ts';
import type { DeliveryRef } from '../delivery/ref.ts';
import { inMaintenance } from '../maintenance/active.ts';
import { endpointOf, type ServerEndpoint } from '../server/endpoint.ts';
import { brokeConnection, callOnce, connectForCalls, failed } from './call.ts';
import { createSession, type Session } from './connection.ts';
import { type DueMonitor, dueMonitors } from './due.ts';
import { type Turn, type Turns, takeTurns } from './fair-queue.ts';
import { type CheckRecorder, createCheckRecorder } from './recorder.ts';
import { checkRow, uncalledRow } from './result.ts';

/** A batch ends so long before the next tick. */
const spareMs = 5000;

/**
 * One tick of a server's active monitors of one interval: one call each, over one connection for each auth profile, at most as many at
 * once as the server allows. Ends before the next tick; what was not reached by then is recorded so. Done again, after its worker died,
 * it does what is left.
 * @throws what the database says; the checks that are written stand
 */
export const runChecks = useCase({
  name: 'check.run_batch',
  access: 'system',
  input: z.object({
    serverId: z.uuid(),
    intervalSeconds: z.int().positive(),
    scheduledAt: z.iso.datetime().transform((text) => new Date(text)),
    attempt,
  }),
  async run({ ctx, orgId }, tick): Promise<{ checks: number; deliveries: DeliveryRef[] }> {
    const { deps } = ctx;
    const { serverId, scheduledAt, attempt } = tick;
    const heartbeat = setInterval(attempt.heartbeat, (deps.config.heartbeatSeconds * 1000) / 4);
    try {
      const { due: monitors, answered } = await dueMonitors(deps, { orgId, ...tick });
      if (monitors.length === 0) return { checks: 0, deliveries: [] };
      const [maintenance, secrets] = await Promise.all([
        inMaintenance(deps.db, { orgId, serverId, at: scheduledAt }),
        deps.secrets.values(orgId),
      ]);
      const batch: Batch = {
        deps,
        orgId,
        serverId,
        monitors: monitors.map((monitor) => ({ ...monitor, startedAt: null, attempts: 0, wasAlone: false })),
        maintenance,
        redactor: createRedactor(secrets),
        leftMs: scheduledAt.getTime() + tick.intervalSeconds * 1000 - spareMs - deps.now().getTime(),
        signal: attempt.signal,
      };
      let failure = (_: unknown): void => {};
      const of = { orgId, serverId, scheduledAt, key: '', answered };
      const recorder = createCheckRecorder(deps, of, (error) => failure(error));
      try {
        await carryOutAll(batch, recorder, (stop) => {
          failure = stop;
        });
      } catch (error) {
        // What is done needn't be done again.
        await recorder.finish();
        throw error;
      }
      return await recorder.finish();
    } finally {
      clearInterval(heartbeat);
    }
  },
});

type Item = DueMonitor & { startedAt: Date | null; attempts: number; wasAlone: boolean };
type Batch = {
  deps: Deps;
  orgId: string;
  serverId: string;
  monitors: Item[];
  maintenance: boolean;
  redactor: Redactor;
  leftMs: number;
  signal: AbortSignal;
};

/** @param onTurns is given what stops the batch when its checks can't be written */
async function carryOutAll(
  batch: Batch,
  recorder: CheckRecorder,
  onTurns: (stop: (reason: unknown) => void) => void,
): Promise<void> {
  const { deps, orgId, serverId, monitors, leftMs, signal } = batch;
  const notReached = (item: Item, triedMs: number | null) =>
    recorder.add(
      uncalledRow(item, 'not_reached', unreachedWords(triedMs), { ...item, maintenance: batch.maintenance }),
    );
  if (leftMs <= 0) {
    const message = 'The checks of this time could not be made: Temporal, the worker or the database was away.';
    for (const item of monitors)
      recorder.add(uncalledRow(item, 'not_reached', message, { ...item, maintenance: batch.maintenance }));
    return;
  }

  const profiles = Map.groupBy(monitors, ({ authProfileId }) => authProfileId);
  const ready: { server: ServerEndpoint; items: Item[] }[] = [];
  for (const [authProfileId, items] of profiles) {
    const server = await serverOf(deps, { orgId, serverId, authProfileId });
    if (server === 'archived') return;
    if (typeof server !== 'string') ready.push({ server, items });
    else
      for (const item of items)
        recorder.add(uncalledRow(item, 'misconfigured', server, { ...item, maintenance: batch.maintenance }));
  }
  const [first] = ready;
  if (!first) return;
  const tools = await findHeaderTools(deps.db, {
    orgId,
    serverId,
    tools: [...new Set(monitors.map(({ tool }) => tool))],
  });

  const sessions = new Map<string, Session>();
  const ending = AbortSignal.any([signal, AbortSignal.timeout(Math.max(1, leftMs))]);
  const turns: Turns<Item> = takeTurns<Item>({
    slots: first.server.maxConcurrency,
    endsAt: performance.now() + leftMs,
    longestMs: Math.max(...monitors.map(({ timeoutSeconds }) => timeoutSeconds * 1000)),
    standingOf: ({ standing }) => standing,
    notReached,
    async carryOut(item, turn) {
      const session = sessions.get(item.authProfileId);
      if (!session) throw new Error('a monitor has its turn before its server is connected to');
      return (await check(batch, { item, turn, session, server: first.server, recorder })) ? 'concluded' : 'alone';
    },
  });
  onTurns(turns.stop);
  const leave = () => turns.stop(new Error('The worker stops; another attempt goes on.'));
  signal.addEventListener('abort', leave, { once: true });
  if (signal.aborted) leave();
  try {
    const connecting = ready.map(async ({ server, items }) => {
      const session = createSession(() => connectForCalls(deps, server, { signal: ending, tools }), ending);
      sessions.set(server.authProfileId, session);
      try {
        await session.target();
      } catch (error) {
        if (isTargetError(error)) {
          const { redactor, maintenance } = batch;
          for (const item of items)
            recorder.add(checkRow(item, failed(error, null), { ...item, attempts: 1, maintenance, redactor }));
          return;
        }
        if (!ending.aborted) throw error;
      }
      turns.add(items);
    });
    await Promise.all(
      connecting.map((each) =>
        each.catch((error: unknown) => {
          turns.stop(error);
        }),
      ),
    );
    await turns.finish();
  } finally {
    signal.removeEventListener('abort', leave);
    await Promise.all([...sessions.values()].map((session) => session.close()));
  }
}

/** A server as one of its auth profiles calls it; or, in a sentence, why that can't be. */
async function serverOf(
  deps: Deps,
  ref: { orgId: string; serverId: string; authProfileId: string },
): Promise<ServerEndpoint | string> {
  try {
    return await endpointOf(deps, ref);
  } catch (error) {
    if (isArmatureError(error))
      return error.code === 'mcp_server_archived' ? 'archived' : `${error.message} ${error.remediation}`;
    if (error instanceof SecretsKeyError) return error.message;
    throw error;
  }
}

/** One turn of one monitor. @returns false when the call has to be made once more, with nothing else under way */
async function check(
  { deps, maintenance, redactor }: Batch,
  {
    item,
    turn,
    session,
    server,
    recorder,
  }: { item: Item; turn: Turn; session: Session; server: ServerEndpoint; recorder: CheckRecorder },
): Promise<boolean> {
  const { signal } = turn;
  try {
    const target = await whileWanted(session.target(), signal);
    const { result, error } = await deps.gate.run(
      server.serverKey,
      server.maxConcurrency,
      () => {
        turn.begin();
        item.startedAt ??= deps.now();
        item.attempts += 1;
        const { tool, arguments: args, timeoutSeconds } = item;
        return callOnce(target, { tool, arguments: args, timeoutMs: timeoutSeconds * 1000, signal });
      },
      signal,
    );
    if (error && brokeConnection(error)) {
      session.broke(target);
      // Whose call it was that broke it shows when each is made alone.
      if (!item.wasAlone && (turn.wasShared() || error.kind === 'session_lost')) {
        item.wasAlone = true;
        return false;
      }
    }
    recorder.add(checkRow(item, result, { ...item, maintenance, redactor }));
  } catch (error) {
    if (!isTargetError(error)) throw error;
    // The server went away and did not come back.
    recorder.add(
      checkRow(item, failed(error, null), { ...item, attempts: Math.max(1, item.attempts), maintenance, redactor }),
    );
  }
  return true;
}

/** @throws the signal's reason when it is aborted first */
function whileWanted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) return Promise.reject(signal.reason);
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const leave = () => reject(signal.reason);
  signal.addEventListener('abort', leave, { once: true });
  work.finally(() => signal.removeEventListener('abort', leave)).then(resolve, reject);
  return promise;
}

const unreachedWords = (triedMs: number | null): string =>
  triedMs === null
    ? 'Its turn did not come before the batch ended: other checks of this server took all of its time.'
    : `No answer within ${(triedMs / 1000).toFixed(1)} s, then the batch ended, before the next checks are due.`;
