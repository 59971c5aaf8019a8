import { z } from 'zod';
import { toErrorResult } from '../../agent/execution/check-tool.ts';
import { isArmatureError } from '../../domain/error/error.ts';
import { setRecordedUntil } from '../../infra/db/queries/monitor.ts';
import { isTargetError } from '../../infra/mcp-target/index.ts';
import { attempt, withHeartbeat } from '../context/attempt.ts';
import type { Deps } from '../context/context.ts';
import { useCase } from '../context/use-case.ts';
import type { DeliveryRef } from '../delivery/schema.ts';
import { isInMaintenance } from '../maintenance/active.ts';
import { loadEndpoint, type ServerEndpoint } from '../server/endpoint.ts';
import { callTool, connectForCalls, describeConfigurationError, isConnectionError } from './call.ts';
import { type CalledTools, loadCalledTools } from './called-tools.ts';
import { type Connection, untilAborted } from './connection.ts';
import { type DueMonitor, findDue } from './due.ts';
import { createFairQueue, type FairQueue, type Turn } from './fair-queue.ts';
import { recordMissed } from './missed.ts';
import { toNominalTime } from './nominal-time.ts';
import { type CheckRecorder, createCheckRecorder } from './recorder.ts';
import { toCheckRow, toUncalledRow } from './result.ts';

/** A batch ends this long before the next one is due. */
const spareMs = 5000;

/**
 * Checks a server's active monitors of one interval once: one connection per auth profile, at most as many concurrent
 * calls as the server allows. Ends before the next batch; what was not reached by then is recorded as such, and so are
 * the nominal times before that had no batch. An attempt after a worker's death does what is left. @throws errors of
 * the database; checks that are written stay
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
  run: ({ ctx: { deps }, orgId }, { attempt, ...ref }): Promise<{ checks: number; deliveries: DeliveryRef[] }> =>
    withHeartbeat(attempt, deps.config.heartbeatSeconds, async () => {
      const { serverId, intervalSeconds } = ref;
      const scheduledAt = toNominalTime(deps, ref.scheduledAt);
      const of = { orgId, serverId, intervalSeconds, scheduledAt };
      const { due, answered, notRefused } = await findDue(deps, of);
      if (due.length === 0) return { checks: 0, deliveries: [] };
      const isCaughtUp = await recordMissed(deps, { ...of, monitors: due });
      const maintenance = await isInMaintenance(deps.db, { orgId, serverId, at: scheduledAt });
      const writeFailure = new AbortController();
      const recorder = createCheckRecorder(
        deps,
        { orgId, serverId, scheduledAt, key: '', answered, notRefused },
        (error) => writeFailure.abort(error),
      );
      const batch: Batch = {
        deps,
        orgId,
        serverId,
        items: due.map((monitor) => ({ ...monitor, startedAt: null, attempts: 0, wasAlone: false })),
        maintenance,
        recorder,
        leftMs: scheduledAt.getTime() + intervalSeconds * 1000 - spareMs - deps.now().getTime(),
        signal: attempt.signal,
        writeFailure: writeFailure.signal,
      };
      try {
        await checkAll(batch);
      } catch (error) {
        // What is done needn't be done again.
        await recorder.finish();
        throw error;
      }
      const done = await recorder.finish();
      if (isCaughtUp) await setRecordedUntil(deps.db, { ...of, at: scheduledAt });
      return done;
    }),
});

type Item = DueMonitor & { startedAt: Date | null; attempts: number; wasAlone: boolean };
type Batch = {
  deps: Deps;
  orgId: string;
  serverId: string;
  items: Item[];
  maintenance: boolean;
  recorder: CheckRecorder;
  leftMs: number;
  /** Aborted when this attempt is over. */
  signal: AbortSignal;
  /** Aborted, with the error, when checks could not be written. */
  writeFailure: AbortSignal;
};
type Profile = { server: ServerEndpoint; items: Item[] };

async function checkAll(batch: Batch): Promise<void> {
  const { deps, orgId, serverId, items, leftMs } = batch;
  if (leftMs <= 0) {
    const message = 'The check could not run at its time: Temporal, the worker or the database was not available.';
    for (const item of items) recordUncalled(batch, item, 'not_reached', message);
    return;
  }
  const profiles = await findProfiles(batch);
  const [first] = profiles;
  if (!first) return;
  const called = await loadCalledTools(deps, { orgId, serverId, tools: [...new Set(items.map(({ tool }) => tool))] });

  const connections = new Map<string, Connection>();
  const queue = createFairQueue<Item>({
    slots: first.server.maxConcurrency,
    endsAt: performance.now() + leftMs,
    maxItemMs: Math.max(...items.map(({ timeoutSeconds }) => timeoutSeconds * 1000)),
    getStanding: ({ standing }) => standing,
    notReached: (item, triedMs) => recordUncalled(batch, item, 'not_reached', describeNotReached(triedMs)),
    async work(item, turn) {
      const connection = connections.get(item.authProfileId);
      if (!connection) throw new Error('a monitor has its turn before its server is connected to');
      return (await check(batch, { item, turn, connection, server: first.server, called })) ? 'concluded' : 'alone';
    },
  });
  const abort = AbortSignal.any([batch.signal, batch.writeFailure]);
  const stop = () =>
    queue.stop(batch.signal.aborted ? new Error('The worker stops; another attempt continues.') : abort.reason);
  abort.addEventListener('abort', stop, { once: true });
  if (abort.aborted) stop();
  try {
    await Promise.all(profiles.map((profile) => connect(batch, { profile, called, connections, queue })));
    await queue.finish();
  } finally {
    abort.removeEventListener('abort', stop);
    await Promise.all([...connections.values()].map((connection) => connection.close()));
  }
}

/**
 * The auth profiles that can be used, with their monitors; the others' checks are recorded as misconfigured. Empty for
 * an archived server.
 */
async function findProfiles(batch: Batch): Promise<Profile[]> {
  const { deps, orgId, serverId } = batch;
  const profiles: Profile[] = [];
  for (const [authProfileId, items] of Map.groupBy(batch.items, (item) => item.authProfileId))
    try {
      profiles.push({ server: await loadEndpoint(deps, { orgId, serverId, authProfileId }), items });
    } catch (error) {
      if (isArmatureError(error) && error.code === 'mcp_server_archived') return [];
      const message = describeConfigurationError(error);
      if (message === null) throw error;
      for (const item of items) recordUncalled(batch, item, 'misconfigured', message);
    }
  return profiles;
}

/** Connects with one auth profile and queues its monitors; records the failure of all of them when it can't. */
async function connect(
  { deps, leftMs, signal, maintenance, recorder }: Batch,
  {
    profile: { server, items },
    called,
    connections,
    queue,
  }: {
    profile: Profile;
    called: CalledTools;
    connections: Map<string, Connection>;
    queue: FairQueue<Item>;
  },
): Promise<void> {
  const ending = AbortSignal.any([signal, AbortSignal.timeout(Math.max(1, leftMs))]);
  const connection = connectForCalls(deps, server, { signal: ending, tools: called.tools });
  connections.set(server.authProfileId, connection);
  try {
    await connection.target();
  } catch (error) {
    if (isTargetError(error)) {
      for (const item of items)
        recorder.add(toCheckRow(item, toErrorResult(error, null), { ...item, attempts: 1, maintenance }));
      return;
    }
    if (!ending.aborted) return queue.stop(error);
  }
  queue.add(items);
}

/** One turn of one monitor. @returns false when the call has to be repeated with nothing else in progress */
async function check(
  { deps, maintenance, recorder }: Batch,
  {
    item,
    turn,
    connection,
    server,
    called,
  }: { item: Item; turn: Turn; connection: Connection; server: ServerEndpoint; called: CalledTools },
): Promise<boolean> {
  const { signal } = turn;
  try {
    // Before the turn begins: calls wait for each other, not for a connection.
    await untilAborted(connection.target(), signal);
    const { result, error, attempts } = await deps.gate.run(
      server,
      () => {
        turn.begin();
        item.startedAt ??= deps.now();
        const { tool, arguments: args, timeoutSeconds } = item;
        const outputSchema = called.getOutputSchema(item);
        return callTool(deps, connection, {
          tool,
          arguments: args,
          timeoutMs: timeoutSeconds * 1000,
          signal,
          outputSchema,
        });
      },
      signal,
    );
    item.attempts += attempts;
    // Retry alone to find out which call broke the connection.
    if (error && isConnectionError(error) && !item.wasAlone && (turn.wasShared() || error.kind === 'session_lost')) {
      item.wasAlone = true;
      return false;
    }
    recorder.add(toCheckRow(item, result, { ...item, maintenance }));
  } catch (error) {
    if (!isTargetError(error)) throw error;
    // The server went away and did not come back.
    const attempts = Math.max(1, item.attempts);
    recorder.add(toCheckRow(item, toErrorResult(error, null), { ...item, attempts, maintenance }));
  }
  return true;
}

function recordUncalled(
  { recorder, maintenance }: Batch,
  item: Item,
  errorKind: 'misconfigured' | 'not_reached',
  message: string,
): void {
  recorder.add(toUncalledRow(item, errorKind, message, { ...item, maintenance }));
}

const describeNotReached = (triedMs: number | null): string =>
  triedMs === null
    ? 'Not checked: other checks of this server used all of the time before the next checks are due.'
    : `No answer within ${(triedMs / 1000).toFixed(1)} s, then the batch ended, before the next checks are due.`;
