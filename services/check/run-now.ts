import { z } from 'zod';
import { ArmatureError, isArmatureError } from '../../domain/error/error.ts';
import { type CheckOutcome, checkOutcomes } from '../../domain/monitor/monitor.ts';
import { findHeaderTools } from '../../infra/db/queries/monitor.ts';
import { isTargetError, type Target } from '../../infra/mcp-target/index.ts';
import { createRedactor } from '../../infra/redaction/index.ts';
import { SecretsKeyError } from '../../infra/secrets/index.ts';
import { attempt } from '../context/attempt.ts';
import type { Deps } from '../context/context.ts';
import { useCase } from '../context/use-case.ts';
import type { DeliveryRef } from '../delivery/ref.ts';
import { inMaintenance } from '../maintenance/active.ts';
import { endpointOf, type ServerEndpoint } from '../server/endpoint.ts';
import { callTool, connectForCalls, failed } from './call.ts';
import { type CheckRow, checkRow, uncalledRow } from './result.ts';
import { storeChecks } from './store.ts';

/**
 * A check that somebody asked for: the same as a scheduled one, also of a paused monitor. `requestedAt` is its nominal time; the same key
 * and time are one check, however often this is done.
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
    if (!monitor)
      throw new ArmatureError(
        'monitor_not_found',
        'There is no such monitor in this workspace.',
        'List the monitors to find the right id.',
      );
    if (monitor.state === 'archived')
      throw new ArmatureError('monitor_archived', 'This monitor was deleted.', 'Make a new one to go on checking.');
    const { serverId } = monitor;
    const of = { orgId, serverId, scheduledAt: requestedAt, key };
    const known = await deps.db.check.findFirst({
      where: { orgId, monitorId, scheduledAt: requestedAt, key },
      select: { outcome: true },
    });
    if (known) return { outcome: z.enum(checkOutcomes).parse(known.outcome), deliveries: [] };

    const heartbeat = setInterval(attempt.heartbeat, (deps.config.heartbeatSeconds * 1000) / 4);
    try {
      const args = z.record(z.string(), z.unknown()).parse(monitor.arguments);
      const row = await checkOf(deps, { ...monitor, arguments: args }, { at: requestedAt, signal: attempt.signal });
      const { deliveries } = await storeChecks(deps, { ...of, checks: [row] });
      return { outcome: row.outcome, deliveries };
    } finally {
      clearInterval(heartbeat);
    }
  },
});

type RanCheck = { outcome: CheckOutcome; deliveries: DeliveryRef[] };
type Monitor = Parameters<typeof checkRow>[0] & { orgId: string; serverId: string };

async function checkOf(
  deps: Deps,
  monitor: Monitor,
  { at, signal }: { at: Date; signal: AbortSignal },
): Promise<CheckRow> {
  const { orgId, serverId, authProfileId, tool, timeoutSeconds } = monitor;
  const [maintenance, secrets] = await Promise.all([
    inMaintenance(deps.db, { orgId, serverId, at }),
    deps.secrets.values(orgId),
  ]);
  const redactor = createRedactor(secrets);
  const around = { startedAt: deps.now(), attempts: 1, maintenance };
  let server: ServerEndpoint;
  try {
    server = await endpointOf(deps, { orgId, serverId, authProfileId });
  } catch (error) {
    const words = isArmatureError(error)
      ? `${error.message} ${error.remediation}`
      : error instanceof SecretsKeyError && error.message;
    if (!words) throw error;
    return uncalledRow(monitor, 'misconfigured', words, { ...around, startedAt: null, attempts: 0 });
  }
  const tools = await findHeaderTools(deps.db, { orgId, serverId, tools: [tool] });
  let target: Target;
  try {
    target = await connectForCalls(deps, server, { signal, tools });
  } catch (error) {
    if (!isTargetError(error)) throw error;
    return checkRow(monitor, failed(error, null), { ...around, redactor });
  }
  try {
    let startedAt = around.startedAt;
    const result = await deps.gate.run(
      server.serverKey,
      server.maxConcurrency,
      () => {
        startedAt = deps.now();
        return callTool(target, { tool, arguments: monitor.arguments, timeoutMs: timeoutSeconds * 1000, signal });
      },
      signal,
    );
    return checkRow(monitor, result, { ...around, startedAt, redactor });
  } finally {
    await target.close();
  }
}
