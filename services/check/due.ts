import { type CheckErrorKind, checkErrorKinds } from '../../domain/monitor/monitor.ts';
import { oneOf } from '../../domain/values/closed-set.ts';
import { type DueMonitorRow, findDueMonitors } from '../../infra/db/queries/monitor.ts';
import type { Deps } from '../context/context.ts';
import { isAnswered } from './recorder.ts';

export type DueMonitor = Omit<DueMonitorRow, 'isDone' | 'errorKind'>;

/**
 * The active monitors of a server and interval that have no check of this time yet, in the order in which they should
 * be checked.
 * `answered`: whether the server answered a check that an earlier attempt has written.
 */
export async function findDue(
  { db }: Pick<Deps, 'db'>,
  batch: { orgId: string; serverId: string; intervalSeconds: number; scheduledAt: Date },
): Promise<{ due: DueMonitor[]; answered: boolean }> {
  const rows = await findDueMonitors(db, batch);
  return {
    due: rows.filter(({ isDone }) => !isDone),
    answered: rows.some(({ isDone, errorKind }) => isDone && isAnswered({ errorKind: toErrorKind(errorKind) })),
  };
}

const toErrorKind = (text: string | null): CheckErrorKind | null =>
  text === null ? null : oneOf(checkErrorKinds, text);
