import { dayMs } from '../../domain/values/time.ts';
import type { Deps } from '../context/context.ts';

export const securityEventRetentionDays = 90;

/** Deletes security events past their retention. Not a use case: it is for all organizations. @returns how many */
export async function sweepSecurityEvents({ db, now }: Pick<Deps, 'db' | 'now'>): Promise<number> {
  const before = new Date(now().getTime() - securityEventRetentionDays * dayMs);
  return (await db.securityEvent.deleteMany({ where: { at: { lt: before } } })).count;
}
