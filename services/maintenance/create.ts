import { z } from 'zod';
import { validationError } from '../context/errors.ts';
import { newId } from '../context/ids.ts';
import { useCase } from '../context/use-case.ts';
import { lockServer } from '../server/lock.ts';
import { formatActor } from '../workflow/reading/view.ts';
import { type MaintenanceView, toMaintenanceView } from './view.ts';

const dayMs = 24 * 3_600_000;
const maxDays = 30;

/**
 * Creates a maintenance window, in which a server's failures cause no alerts and its checks don't count in uptime. The
 * window may have started already, but not ended.
 * @throws ArmatureError `validation_failed`, `mcp_server_not_found`, `mcp_server_archived`
 */
export const createMaintenance = useCase({
  name: 'maintenance.create',
  access: 'editor',
  input: z
    .object({
      serverId: z.uuid(),
      startsAt: z.iso.datetime({ offset: true }),
      endsAt: z.iso.datetime({ offset: true }),
      reason: z.string().trim().max(500).default(''),
    })
    .superRefine(({ startsAt, endsAt }, issue) => {
      const length = Date.parse(endsAt) - Date.parse(startsAt);
      const problem =
        length <= 0
          ? 'The end must be after the start.'
          : length > maxDays * dayMs
            ? `A maintenance window lasts at most ${maxDays} days.`
            : null;
      if (problem) issue.addIssue({ code: 'custom', message: problem, path: ['endsAt'] });
    }),
  async run(
    { orgId, actor, write, now },
    { serverId, startsAt, endsAt, reason },
  ): Promise<{ window: MaintenanceView }> {
    const at = now();
    if (Date.parse(endsAt) <= at.getTime()) throw inThePast('endsAt');
    // Checks older than that already count in uptime.
    if (Date.parse(startsAt) < at.getTime() - dayMs) throw inThePast('startsAt');
    const row = await write(
      async (tx) => {
        await lockServer(tx, { orgId, serverId });
        return tx.maintenanceWindow.create({
          data: {
            id: newId(),
            orgId,
            serverId,
            startsAt: new Date(startsAt),
            endsAt: new Date(endsAt),
            reason,
            createdBy: formatActor(actor),
          },
        });
      },
      ({ id }) => ({ subject: serverId, data: { windowId: id, startsAt, endsAt, reason } }),
    );
    return { window: toMaintenanceView(row, at) };
  },
});

const inThePast = (field: 'startsAt' | 'endsAt') =>
  validationError(
    [
      {
        field,
        message: field === 'endsAt' ? 'The end must be in the future.' : 'The start can be at most one day ago.',
      },
    ],
    'Choose a later time.',
  );
