import type { Warning } from '../../domain/error/error.ts';
import type { MonitorState } from '../../domain/monitor/monitor.ts';
import type { Tx } from '../../infra/db/index.ts';
import { lockServers } from '../../infra/db/queries/locks.ts';
import type { MonitorModel } from '../../prisma/generated/models.ts';
import type { Deps } from '../context/context.ts';
import { type UseCaseContext, useCase } from '../context/use-case.ts';
import type { DeliveryRef } from '../delivery/schema.ts';
import { startDeliveries } from '../delivery/start.ts';
import { closeRemovedIn } from '../incident/recording/close-removed.ts';
import { monitorArchived } from './errors.ts';
import { findMonitorsById } from './find.ts';
import { bumpIn, followSchedules, toAffectedSchedules } from './schedule/follow.ts';
import { setMonitorStateInput } from './schema.ts';

/**
 * Pauses or resumes monitors, all or none. Paused ones aren't checked on schedule, and their open incidents close.
 * `changed`: those that were not in that state already.
 * @throws ArmatureError `monitor_not_found`, `monitor_archived`
 */
export const setMonitorState = useCase({
  name: 'monitor.set_state',
  access: 'editor',
  input: setMonitorStateInput,
  run: (context, { monitorIds, state }) => moveMonitors(context, { monitorIds, state }),
});

/** Changes the state of monitors, their Schedules and incidents. Archived ones stay so. */
export async function moveMonitors(
  { ctx, orgId, write }: UseCaseContext,
  { monitorIds, state }: { monitorIds: readonly string[]; state: MonitorState },
): Promise<{ changed: string[]; warnings: Warning[] }> {
  const { moved, deliveries } = await write(
    async (tx): Promise<{ moved: MonitorModel[]; deliveries: DeliveryRef[] }> => {
      const found = await findMonitorsById(tx, { orgId, monitorIds });
      await lockServers(tx, { orgId, serverIds: found.map(({ serverId }) => serverId) });
      // Read again under the locks.
      const rows = await findMonitorsById(tx, { orgId, monitorIds });
      if (state !== 'archived' && rows.some((row) => row.state === 'archived')) throw monitorArchived();
      const changing = rows.filter((row) => row.state !== state);
      if (changing.length === 0) return { moved: [], deliveries: [] };
      return { moved: changing, deliveries: await moveMonitorsIn(tx, ctx.deps, { orgId, rows: changing, state }) };
    },
    ({ moved: changing }) =>
      changing.length === 0
        ? null
        : {
            subject: changing.length === 1 ? (changing[0]?.id ?? null) : null,
            data: { state, monitors: changing.map(({ id, name }) => ({ id, name })) },
          },
  );
  await startDeliveries(ctx.deps, deliveries);
  const warnings = await followSchedules(ctx.deps, orgId, toAffectedSchedules(moved));
  return { changed: moved.map(({ id }) => id), warnings };
}

/** Changes the state of monitors under the locks of their servers. @returns deliveries to start after the commit */
export async function moveMonitorsIn(
  tx: Tx,
  deps: Pick<Deps, 'now'>,
  { orgId, rows, state }: { orgId: string; rows: readonly MonitorModel[]; state: MonitorState },
): Promise<DeliveryRef[]> {
  const monitorIds = rows.map(({ id }) => id);
  await tx.monitor.updateMany({
    where: { orgId, id: { in: monitorIds } },
    data: { state, ...(state === 'archived' && { archivedAt: deps.now() }) },
  });
  await bumpIn(tx, orgId, toAffectedSchedules(rows));
  const reason = state === 'archived' ? 'deleted' : 'paused';
  return state === 'active' ? [] : closeRemovedIn(tx, deps, { orgId, reason, monitorIds });
}
