import { alertConditions } from '../../domain/notification/rule.ts';
import type { Db } from '../../infra/db/index.ts';
import { newId } from '../context/ids.ts';
import { toJson } from '../context/use-case.ts';

/**
 * Creates the organization's built-in rule on Armature itself where missing. It is paused until somebody chooses its
 * destination. The database keeps one of two that are created at the same time.
 */
export async function ensureBuiltInRule(db: Db, orgId: string): Promise<void> {
  const existing = await db.alertRule.findFirst({ where: { orgId, targetKind: 'installation' }, select: { id: true } });
  if (existing) return;
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
