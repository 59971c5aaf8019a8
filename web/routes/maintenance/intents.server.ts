import { ArmatureError } from '../../../domain/error/error.ts';
import type { Context } from '../../../services/context/context.ts';
import { createMaintenance } from '../../../services/maintenance/create.ts';
import { endMaintenance } from '../../../services/maintenance/end.ts';
import { text } from '../../shell/form.ts';

/** Adds a window of a server, or of all servers (null). @throws ArmatureError `validation_failed` and others */
export async function addMaintenance(ctx: Context, form: FormData, serverId: string | null): Promise<{ done: string }> {
  const window = parseWindow(form, ctx.deps.now());
  if (!window)
    throw new ArmatureError('validation_failed', 'startsAt: Invalid time.', 'Choose a start time, or leave it empty.', {
      fieldErrors: [{ field: 'startsAt', message: 'Invalid time.' }],
    });
  await createMaintenance(ctx, { serverId, ...window, reason: text(form, 'reason') });
  return { done: 'The maintenance window was added.' };
}

/** @throws ArmatureError `maintenance_not_found` and others */
export async function endMaintenanceOf(ctx: Context, form: FormData): Promise<{ done: string }> {
  const { ended } = await endMaintenance(ctx, { windowId: text(form, 'maintenanceId') });
  return {
    done: ended === 'taken_back' ? 'The maintenance window was deleted.' : 'The maintenance window has ended.',
  };
}

/** Reads the maintenance window from the form. @returns null for an invalid start */
function parseWindow(form: FormData, now: Date): { startsAt: string; endsAt: string } | null {
  const local = text(form, 'startsAtLocal');
  const asked = text(form, 'startsAt') || (local && `${local}Z`);
  const start = asked ? Date.parse(asked) : now.getTime();
  const end = start + Number(text(form, 'minutes')) * 60_000;
  if (!Number.isFinite(end) || Math.abs(end) > 8e15) return null;
  return { startsAt: new Date(start).toISOString(), endsAt: new Date(end).toISOString() };
}
