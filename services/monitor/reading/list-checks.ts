import { ArmatureError } from '../../../domain/error/error.ts';
import { findChecks } from '../../../infra/db/queries/check.ts';
import { useCase } from '../../context/use-case.ts';
import { monitorNotFound } from '../errors.ts';
import { listChecksInput } from '../schema.ts';
import { readCheckCursor, writeCheckCursor } from './check-cursor.ts';
import { type CheckView, checkView } from './view.ts';

const dayMs = 24 * 3_600_000;

/**
 * The checks of a monitor on one day (UTC), newest first, by keyset. `earlierDay` and `laterDay` are null where no checks are kept, or none
 * can be yet.
 * @throws ArmatureError `monitor_not_found`, `validation_failed` (a day of which no checks are kept any more)
 */
export const listChecks = useCase({
  name: 'monitor.list_checks',
  access: 'viewer',
  input: listChecksInput,
  async run(
    { db, orgId, config, now },
    { monitorId, day: wanted, outcome, cursor, limit },
  ): Promise<{
    day: string;
    checks: CheckView[];
    nextCursor: string | null;
    earlierDay: string | null;
    laterDay: string | null;
  }> {
    const found = await db.monitor.findFirst({ where: { orgId, id: monitorId }, select: { createdAt: true } });
    if (!found) throw monitorNotFound();
    const today = startOf(now());
    const day = wanted === undefined ? today : Date.parse(`${wanted}T00:00:00Z`);
    const oldest = today - config.checkRetentionDays * dayMs;
    if (day < oldest || day > today) {
      const message = `Checks are kept for ${config.checkRetentionDays} days.`;
      throw new ArmatureError('validation_failed', `day: ${message}`, 'Choose a day since then, up to today.', {
        fieldErrors: [{ field: 'day', message }],
      });
    }
    const rows = await findChecks(db, {
      orgId,
      monitorId,
      from: new Date(day),
      to: new Date(day + dayMs),
      outcome,
      after: cursor === undefined ? null : readCheckCursor(cursor),
      limit: limit + 1,
    });
    const shown = rows.slice(0, limit);
    const last = rows.length > limit ? shown.at(-1) : undefined;
    const first = Math.max(oldest, startOf(found.createdAt));
    return {
      day: dayOf(day),
      checks: shown.map(checkView),
      nextCursor: last ? writeCheckCursor(last) : null,
      earlierDay: day - dayMs >= first ? dayOf(day - dayMs) : null,
      laterDay: day < today ? dayOf(day + dayMs) : null,
    };
  },
});

const startOf = (time: Date): number => Math.floor(time.getTime() / dayMs) * dayMs;
const dayOf = (time: number): string => new Date(time).toISOString().slice(0, 10);
