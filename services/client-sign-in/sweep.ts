import { dayMs } from '../../domain/values/time.ts';
import { deleteUnusedClients } from '../../infra/db/queries/api-key.ts';
import type { Deps } from '../context/context.ts';

/** A client that nobody lets in for as long has to register again. */
const unusedClientMs = 90 * dayMs;

/** Deletes what has ended at the authorization server, for all organizations. @returns how many */
export async function sweepAuthorizations({ db, now }: Pick<Deps, 'db' | 'now'>): Promise<number> {
  const { count } = await db.authorizationRecord.deleteMany({ where: { expiresAt: { lt: now() } } });
  return count + (await deleteUnusedClients(db, new Date(now().getTime() - unusedClientMs)));
}
