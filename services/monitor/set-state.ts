import type { Warning } from '../../domain/error/error.ts';
import type { MonitorState } from '../../domain/monitor/monitor.ts';
import { lockServers } from '../../infra/db/queries/locks.ts';
import type { MonitorModel } from '../../prisma/generated/models.ts';
import { type UseCaseContext, useCase } from '../context/use-case.ts';
import { closeGoneIn } from '../incident/recording/close-gone.ts';
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
  { ctx, orgId, write, now }: UseCaseContext,
  { monitorIds, state }: { monitorIds: readonly string[]; state: MonitorState },
): Promise<{ changed: string[]; warnings: Warning[] }> {
  const moved = await write(
    async (tx): Promise<MonitorModel[]> => {
      const found = await findMonitorsById(tx, { orgId, monitorIds });
      await lockServers(tx, { orgId, serverIds: found.map(({ serverId }) => serverId) });
      // Read again under the locks.
      const rows = await findMonitorsById(tx, { orgId, monitorIds });
      if (state !== 'archived' && rows.some((row) => row.state === 'archived')) throw monitorArchived();
      const changing = rows.filter((row) => row.state !== state);
      if (changing.length === 0) return [];
      const ids = changing.map(({ id }) => id);
      await tx.monitor.updateMany({
        where: { orgId, id: { in: ids } },
        data: { state, ...(state === 'archived' && { archivedAt: now() }) },
      });
      if (state !== 'active') await closeGoneIn(tx, { orgId, at: now(), monitorIds: ids });
      await bumpIn(tx, orgId, toAffectedSchedules(changing));
      return changing;
    },
    (changing) =>
      changing.length === 0
        ? null
        : {
            subject: changing.length === 1 ? (changing[0]?.id ?? null) : null,
            data: { state, monitors: changing.map(({ id, name }) => ({ id, name })) },
          },
  );
  const warnings = await followSchedules(ctx.deps, orgId, toAffectedSchedules(moved));
  return { changed: moved.map(({ id }) => id), warnings };
}
