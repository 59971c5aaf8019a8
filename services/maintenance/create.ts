import { z } from 'zod';
import type { FieldError } from '../../domain/error/error.ts';
import { hasNoOwnKey, ownKeyProblem } from '../../domain/secret/own-key.ts';
import { givenId } from '../../domain/values/id.ts';
import { isoTime } from '../../domain/values/iso-time.ts';
import { longText } from '../../domain/values/text.ts';
import { validationError } from '../context/errors.ts';
import { newId } from '../context/ids.ts';
import { useCase } from '../context/use-case.ts';
import { lockServer } from '../server/lock.ts';
import { formatActor } from '../workflow/reading/view.ts';
import { type MaintenanceView, toMaintenanceView } from './view.ts';

const dayMs = 24 * 3_600_000;
const maxDays = 30;

export const maintenanceInput = z
  .object({
    /** Null: all servers. */
    serverId: givenId.nullable(),
    startsAt: isoTime,
    endsAt: isoTime,
    reason: longText('reason', 500).refine(hasNoOwnKey, ownKeyProblem).default(''),
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
  });

/** A window may have started, but not long ago, and not ended. @param at of the input, in the names of fields */
export function maintenanceTimeErrors(
  { startsAt, endsAt }: { startsAt: string; endsAt: string },
  now: Date,
  at = '',
): FieldError[] {
  const name = (field: string) => (at === '' ? field : `${at}.${field}`);
  if (Date.parse(endsAt) <= now.getTime())
    return [{ field: name('endsAt'), message: 'The end must be in the future.' }];
  // Checks older than that already count in uptime.
  if (Date.parse(startsAt) < now.getTime() - dayMs)
    return [{ field: name('startsAt'), message: 'The start can be at most one day ago.' }];
  return [];
}

/**
 * Creates a maintenance window, in which the failures of a server, or of all servers, cause no alerts, and their checks
 * don't count in uptime. The window may have started already, but not ended.
 * @throws ArmatureError `validation_failed`, `mcp_server_not_found`, `mcp_server_archived`
 */
export const createMaintenance = useCase({
  name: 'maintenance.create',
  access: 'editor',
  input: maintenanceInput,
  async run(
    { orgId, actor, write, now },
    { serverId, startsAt, endsAt, reason },
  ): Promise<{ window: MaintenanceView }> {
    const at = now();
    const errors = maintenanceTimeErrors({ startsAt, endsAt }, at);
    if (errors.length > 0) throw validationError(errors, 'Choose a later time.');
    const row = await write(
      async (tx) => {
        if (serverId !== null) await lockServer(tx, { orgId, serverId });
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
      ({ id }) => ({ subject: serverId ?? id, data: { windowId: id, serverId, startsAt, endsAt, reason } }),
    );
    return { window: toMaintenanceView(row, at) };
  },
});
