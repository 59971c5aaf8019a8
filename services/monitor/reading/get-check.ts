import { z } from 'zod';
import { givenId } from '../../../domain/values/id.ts';
import { isoTime } from '../../../domain/values/iso-time.ts';
import { findChecks } from '../../../infra/db/queries/check.ts';
import { useCase } from '../../context/use-case.ts';
import { monitorNotFound } from '../errors.ts';
import { type CheckView, checkView } from './view.ts';

/** Checks of one nominal time: a scheduled one, and those that were requested for it. */
const maxAtOnce = 100;

/**
 * One check by its nominal time, and by its key if it was requested; null if it is not kept.
 * @throws ArmatureError `monitor_not_found`
 */
export const getCheck = useCase({
  name: 'monitor.get_check',
  access: 'viewer',
  input: z.object({ monitorId: givenId, at: isoTime, key: z.string().max(100).nullable() }),
  async run({ db, orgId }, { monitorId, at, key }): Promise<{ check: CheckView | null }> {
    if (!(await db.monitor.findFirst({ where: { orgId, id: monitorId }, select: { id: true } })))
      throw monitorNotFound();
    const from = new Date(at);
    const rows = await findChecks(db, {
      orgId,
      monitorId,
      from,
      to: new Date(from.getTime() + 1),
      limit: maxAtOnce,
    });
    const row = rows.find((each) => each.key === (key ?? ''));
    return { check: row ? checkView(row) : null };
  },
});
