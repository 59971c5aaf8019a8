import { isAnswered } from '../../domain/incident/sweep-verdict.ts';
import { checkErrorKinds, unsentErrorKinds } from '../../domain/monitor/monitor.ts';
import { oneOf } from '../../domain/values/closed-set.ts';
import { type DueMonitorRow, findDueMonitors } from '../../infra/db/queries/monitor.ts';
import type { Deps } from '../context/context.ts';

export type DueMonitor = Omit<DueMonitorRow, 'isDone' | 'errorKind' | 'serverFailure'>;

/**
 * The active monitors of a server and interval that have no check of this time yet, in the order in which they should
 * be checked.
 * `answered`: whether the server answered a check that an earlier attempt has written. `notRefused`: the auth profiles
 * of such checks that were sent and not refused.
 */
export async function findDue(
  { db }: Pick<Deps, 'db'>,
  batch: { orgId: string; serverId: string; intervalSeconds: number; scheduledAt: Date },
): Promise<{ due: DueMonitor[]; answered: boolean; notRefused: Set<string> }> {
  const rows = await findDueMonitors(db, batch);
  const done = rows
    .filter(({ isDone }) => isDone)
    .map((row) => ({ ...row, errorKind: row.errorKind === null ? null : oneOf(checkErrorKinds, row.errorKind) }));
  const notRefused = done.filter(
    ({ errorKind }) => errorKind !== 'auth' && (errorKind === null || !unsentErrorKinds.has(errorKind)),
  );
  return {
    due: rows.filter(({ isDone }) => !isDone),
    answered: done.some(isAnswered),
    notRefused: new Set(notRefused.map(({ authProfileId }) => authProfileId)),
  };
}
