import { alertConditions } from '../../domain/notification/rule.ts';
import type { Db } from '../../infra/db/index.ts';
import { newId } from '../context/ids.ts';
import { toJson } from '../context/use-case.ts';

/**
 * Every organization has one rule on Armature itself, off until somebody chooses where it tells. It is made when rules are first
 * looked at; of two at the same time the database keeps one.
 */
export async function ensureBuiltInRule(db: Db, orgId: string): Promise<void> {
  const found = await db.alertRule.findFirst({ where: { orgId, targetKind: 'installation' }, select: { id: true } });
  if (found) return;
  const data = {
    id: newId(),
    orgId,
    name: 'Armature itself',
    targetKind: 'installation',
    conditions: toJson(alertConditions.parse({})),
    state: 'paused',
    createdBy: 'system:built-in',
  };
  await db.alertRule.createMany({ data: [data], skipDuplicates: true });
}
