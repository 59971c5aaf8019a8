import { z } from 'zod';
import type { Warning } from '../../domain/error/error.ts';
import { givenId } from '../../domain/values/id.ts';
import { lockServerToArchive } from '../../infra/db/queries/server.ts';
import { listRefs, noRefs } from '../auth-profile/oauth/stored.ts';
import { useCase } from '../context/use-case.ts';
import { startDeliveries } from '../delivery/start.ts';
import { closeRemovedIn } from '../incident/recording/close-removed.ts';
import { bumpIn, followSchedules, toAffectedSchedules } from '../monitor/schedule/follow.ts';
import { syncScheduleOrWarn } from '../workflow/sync-schedule.ts';
import { serverNotFound } from './errors.ts';
import { destroySecrets } from './secrets.ts';

/**
 * Deletes a server: archives it with its workflows and monitors, stops their Schedules and destroys its secrets. The
 * history stays readable. A second call finishes what the first could not do.
 * @throws ArmatureError `mcp_server_not_found`
 */
export const archiveServer = useCase({
  name: 'server.archive',
  access: 'admin',
  input: z.object({ serverId: givenId }),
  async run(
    { ctx, orgId, db, write, now },
    { serverId },
  ): Promise<{ archivedWorkflows: string[]; archivedMonitors: string[]; warnings: Warning[] }> {
    const { archivedWorkflows, archivedMonitors, deliveries } = await write(
      async (tx) => {
        const row = await lockServerToArchive(tx, { orgId, serverId });
        if (!row) throw serverNotFound();
        if (row.archivedAt)
          return { name: row.name, isNew: false, archivedWorkflows: [], archivedMonitors: [], deliveries: [] };
        await tx.server.updateMany({ where: { orgId, id: serverId }, data: { archivedAt: now() } });
        await tx.authProfile.updateMany({ where: { orgId, serverId, archivedAt: null }, data: { archivedAt: now() } });
        const archived = await tx.workflow.updateManyAndReturn({
          where: { orgId, serverId, state: { not: 'archived' } },
          data: { state: 'archived', scheduleRevision: { increment: 1 } },
          select: { id: true },
        });
        const monitors = await tx.monitor.updateManyAndReturn({
          where: { orgId, serverId, state: { not: 'archived' } },
          data: { state: 'archived', archivedAt: now() },
          select: { id: true, serverId: true, intervalSeconds: true },
        });
        await bumpIn(tx, orgId, toAffectedSchedules(monitors));
        const archivedWorkflows = archived.map(({ id }) => id);
        const ended = await closeRemovedIn(tx, ctx.deps, {
          orgId,
          reason: 'deleted',
          serverIds: [serverId],
          workflowIds: archivedWorkflows,
          monitorIds: monitors.map(({ id }) => id),
        });
        return { name: row.name, isNew: true, archivedWorkflows, archivedMonitors: monitors, deliveries: ended };
      },
      ({ name, isNew, ...archived }) =>
        isNew
          ? {
              subject: serverId,
              data: {
                name,
                archivedWorkflows: archived.archivedWorkflows,
                archivedMonitors: archived.archivedMonitors.map(({ id }) => id),
              },
            }
          : null,
    );

    await startDeliveries(ctx.deps, deliveries);
    const warnings: Warning[] = [];
    for (const workflowId of archivedWorkflows) {
      warnings.push(...(await syncScheduleOrWarn(ctx.deps, { orgId, workflowId })));
      // Each attempt takes seconds while Temporal is unreachable, and reconcile finds the rows anyway.
      if (warnings.length > 0) break;
    }
    if (warnings.length === 0)
      warnings.push(...(await followSchedules(ctx.deps, orgId, toAffectedSchedules(archivedMonitors))));

    // The rows keep the references until the secrets are destroyed, so that a failure can be retried.
    const server = await db.server.findFirstOrThrow({
      where: { orgId, id: serverId },
      select: { secretRef: true, authProfiles: { select: { secretRef: true, oauth: true } } },
    });
    const refs = [
      server.secretRef,
      ...server.authProfiles.flatMap(({ secretRef, oauth }) => [secretRef, ...listRefs(oauth)]),
    ];
    if (await destroySecrets(ctx.deps, orgId, refs))
      await db.$transaction([
        db.server.updateMany({ where: { orgId, id: serverId }, data: { secretRef: null } }),
        db.authProfile.updateMany({ where: { orgId, serverId }, data: { secretRef: null } }),
        db.oAuthProfile.updateMany({ where: { orgId, authProfile: { serverId } }, data: noRefs }),
      ]);
    else
      warnings.push({
        code: 'secrets_not_destroyed',
        message: 'The secrets store can not be reached right now. Delete the server again to destroy its credentials.',
      });
    return { archivedWorkflows, archivedMonitors: archivedMonitors.map(({ id }) => id), warnings };
  },
});
