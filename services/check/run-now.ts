import { z } from 'zod';
import { type CheckOutcome, checkOutcomes } from '../../domain/monitor/monitor.ts';
import { oneOf } from '../../domain/values/closed-set.ts';
import { findHeaderTools } from '../../infra/db/queries/monitor.ts';
import { isTargetError, type Target } from '../../infra/mcp-target/index.ts';
import { createRedactor } from '../../infra/redaction/index.ts';
import { attempt, withHeartbeat } from '../context/attempt.ts';
import type { Deps } from '../context/context.ts';
import { useCase } from '../context/use-case.ts';
import type { DeliveryRef } from '../delivery/schema.ts';
import { isInMaintenance } from '../maintenance/active.ts';
import { monitorArchived, monitorNotFound } from '../monitor/errors.ts';
import { loadEndpoint, type ServerEndpoint } from '../server/endpoint.ts';
import { callTool, connectForCalls, describeConfigurationError, toErrorResult } from './call.ts';
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
    monitorId: z.uuid(),
    key: z.string().min(1).max(200),
    requestedAt: z.iso.datetime().transform((text) => new Date(text)),
    attempt,
  }),
  async run({ ctx, orgId }, { monitorId, key, requestedAt, attempt }): Promise<RanCheck> {
    const { deps } = ctx;
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
  const [maintenance, secrets] = await Promise.all([
    isInMaintenance(deps.db, { orgId, serverId, at }),
    deps.secrets.values(orgId),
  ]);
  const redactor = createRedactor(secrets);
  const context = { startedAt: deps.now(), attempts: 1, maintenance };
  let server: ServerEndpoint;
  try {
    server = await loadEndpoint(deps, { orgId, serverId, authProfileId });
  } catch (error) {
    const message = describeConfigurationError(error);
    if (message === null) throw error;
    return toUncalledRow(monitor, 'misconfigured', message, { ...context, startedAt: null, attempts: 0 });
  }
  const tools = await findHeaderTools(deps.db, { orgId, serverId, tools: [tool] });
  let target: Target;
  try {
    target = await connectForCalls(deps, server, { signal, tools });
  } catch (error) {
    if (!isTargetError(error)) throw error;
    return toCheckRow(monitor, toErrorResult(error, null), { ...context, redactor });
  }
  try {
    let startedAt = context.startedAt;
    const result = await deps.gate.run(
      server.serverKey,
      server.maxConcurrency,
      () => {
        startedAt = deps.now();
        return callTool(target, { tool, arguments: monitor.arguments, timeoutMs: timeoutSeconds * 1000, signal });
      },
      signal,
    );
    return toCheckRow(monitor, result, { ...context, startedAt, redactor });
  } finally {
    await target.close();
  }
}
