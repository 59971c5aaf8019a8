import { z } from 'zod';
import { dayMs } from '../../../domain/values/time.ts';
import { findChecks } from '../../../infra/db/queries/check.ts';
import { validationError } from '../../context/errors.ts';
import { readCursor, toPage } from '../../context/pagination.ts';
import { useCase } from '../../context/use-case.ts';
import { monitorNotFound } from '../errors.ts';
import { listChecksInput } from '../schema.ts';
import { type CheckView, checkView } from './view.ts';

/**
 * The checks of a monitor on one day (UTC), newest first, by keyset. `earlierDay` and `laterDay` are null where no
 * checks are kept, or none exist yet.
 * @throws ArmatureError `monitor_not_found`, `validation_failed` (a day whose checks are no longer kept)
 */
export const listChecks = useCase({
  name: 'monitor.list_checks',
  access: 'viewer',
  input: listChecksInput,
  async run(
    { db, orgId, config, now },
    { monitorId, day: requestedDay, outcome, cursor, limit },
  ): Promise<{
    day: string;
    checks: CheckView[];
    nextCursor: string | null;
    earlierDay: string | null;
    laterDay: string | null;
  }> {
    const monitor = await db.monitor.findFirst({ where: { orgId, id: monitorId }, select: { createdAt: true } });
    if (!monitor) throw monitorNotFound();
    const today = startOf(now());
    const day = requestedDay === undefined ? today : Date.parse(`${requestedDay}T00:00:00Z`);
    const oldest = today - config.checkRetentionDays * dayMs;
    if (day < oldest || day > today)
      throw validationError(
        [{ field: 'day', message: `Checks are kept for ${config.checkRetentionDays} days.` }],
        'Choose a day since then, up to today.',
      );
    const after = readCursor(cursor, z.string().max(200));
    const rows = await findChecks(db, {
      orgId,
      monitorId,
      from: new Date(day),
      to: new Date(day + dayMs),
      outcome,
      after: after && { scheduledAt: after.createdAt, key: after.id },
      limit: limit + 1,
    });
    const { items, nextCursor } = toPage(rows, limit, ({ scheduledAt, key }) => ({ createdAt: scheduledAt, id: key }));
    const first = Math.max(oldest, startOf(monitor.createdAt));
    return {
      day: toDate(day),
      checks: items.map(checkView),
      nextCursor,
      earlierDay: day - dayMs >= first ? toDate(day - dayMs) : null,
      laterDay: day < today ? toDate(day + dayMs) : null,
    };
  },
});

const startOf = (time: Date): number => Math.floor(time.getTime() / dayMs) * dayMs;
const toDate = (time: number): string => new Date(time).toISOString().slice(0, 10);
