import { z } from 'zod';
import { toErrorResult } from '../../agent/execution/check-tool.ts';
import { type CheckOutcome, checkOutcomes } from '../../domain/monitor/monitor.ts';
import { oneOf } from '../../domain/values/closed-set.ts';
import { givenId } from '../../domain/values/id.ts';
import { isTargetError } from '../../infra/mcp-target/index.ts';
import { attempt, withHeartbeat } from '../context/attempt.ts';
import type { Deps } from '../context/context.ts';
import { useCase } from '../context/use-case.ts';
import type { DeliveryRef } from '../delivery/schema.ts';
import { isInMaintenance } from '../maintenance/active.ts';
import { monitorArchived, monitorNotFound } from '../monitor/errors.ts';
import { loadEndpoint, type ServerEndpoint } from '../server/endpoint.ts';
import { callTool, connectForCalls, describeConfigurationError } from './call.ts';
import { loadCalledTools } from './called-tools.ts';
import { toNominalTime } from './nominal-time.ts';
import { type CheckedMonitor, type CheckRow, toCheckRow, toUncalledRow } from './result.ts';
import { storeChecks } from './store.ts';

/**
 * A manual check: like a scheduled one, also of a paused monitor. `requestedAt` is its nominal time; the same key and
 * time are one check, however often this runs.
 * @throws ArmatureError `monitor_not_found`, `monitor_archived`
 */
export const runCheckNow = useCase({
  name: 'check.run_now',
  access: 'system',
  input: z.object({
    monitorId: givenId,
    key: z.string().min(1).max(200),
    requestedAt: z.iso.datetime().transform((text) => new Date(text)),
    attempt,
  }),
  async run({ ctx, orgId }, { monitorId, key, attempt, ...request }): Promise<RanCheck> {
    const { deps } = ctx;
    const requestedAt = toNominalTime(deps, request.requestedAt);
    const monitor = await deps.db.monitor.findFirst({ where: { orgId, id: monitorId } });
    if (!monitor) throw monitorNotFound();
    if (monitor.state === 'archived') throw monitorArchived();
    const { serverId } = monitor;
    const existing = await deps.db.check.findFirst({
      where: { orgId, monitorId, scheduledAt: requestedAt, key },
      select: { outcome: true },
    });
    if (existing) return { outcome: oneOf(checkOutcomes, existing.outcome), deliveries: [] };

    return withHeartbeat(attempt, deps.config.heartbeatSeconds, async () => {
      const args = z.record(z.string(), z.unknown()).parse(monitor.arguments);
      const row = await carryOut(deps, { ...monitor, arguments: args }, { at: requestedAt, signal: attempt.signal });
      const { deliveries } = await storeChecks(deps, { orgId, serverId, scheduledAt: requestedAt, key, checks: [row] });
      return { outcome: row.outcome, deliveries };
    });
  },
});

type RanCheck = { outcome: CheckOutcome; deliveries: DeliveryRef[] };
type Monitor = CheckedMonitor & { orgId: string; serverId: string };

async function carryOut(
  deps: Deps,
  monitor: Monitor,
  { at, signal }: { at: Date; signal: AbortSignal },
): Promise<CheckRow> {
  const { orgId, serverId, authProfileId, tool, timeoutSeconds } = monitor;
  const maintenance = await isInMaintenance(deps.db, { orgId, serverId, at });
  const context = { startedAt: deps.now(), attempts: 1, maintenance };
  let server: ServerEndpoint;
  try {
    server = await loadEndpoint(deps, { orgId, serverId, authProfileId });
  } catch (error) {
    const message = describeConfigurationError(error);
    if (message === null) throw error;
    return toUncalledRow(monitor, 'misconfigured', message, { ...context, startedAt: null, attempts: 0 });
  }
  const called = await loadCalledTools(deps, { orgId, serverId, tools: [tool] });
  const connection = connectForCalls(deps, server, { signal, tools: called.tools });
  try {
    await connection.target();
    let { startedAt } = context;
    const { result, attempts } = await deps.gate.run(
      server,
      () => {
        startedAt = deps.now();
        return callTool(deps, connection, {
          tool,
          arguments: monitor.arguments,
          timeoutMs: timeoutSeconds * 1000,
          signal,
          outputSchema: called.getOutputSchema(monitor),
        });
      },
      signal,
    );
    return toCheckRow(monitor, result, { ...context, startedAt, attempts });
  } catch (error) {
    if (!isTargetError(error)) throw error;
    return toCheckRow(monitor, toErrorResult(error, null), context);
  } finally {
    await connection.close();
  }
}
