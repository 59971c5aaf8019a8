import { afterPosition, readCursor, toPage } from '../context/pagination.ts';
import { useCase } from '../context/use-case.ts';
import { ensureBuiltInRule } from './built-in.ts';
import { listRulesInput } from './schema.ts';
import type { RuleView } from './view.ts';
import { toRuleViews } from './view.ts';

/** The workspace's alert rules, newest first, by keyset; deleted ones are left out. */
export const listRules = useCase({
  name: 'alert_rule.list',
  access: 'viewer',
  input: listRulesInput,
  async run(
    { ctx, db, orgId },
    { workflowId, monitorId, cursor, limit },
  ): Promise<{ rules: RuleView[]; nextCursor: string | null }> {
    await ensureBuiltInRule(db, orgId);
    const after = readCursor(cursor);
    const rows = await db.alertRule.findMany({
      where: {
        orgId,
        archivedAt: null,
        ...(workflowId !== undefined && { targetKind: 'workflow', targetId: workflowId }),
        ...(monitorId !== undefined && { targetKind: 'monitor', targetId: monitorId }),
        ...(after && afterPosition(after)),
      },
      orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
      take: limit + 1,
    });
    const { items, nextCursor } = toPage(rows, limit);
    return { rules: await toRuleViews(ctx.deps, { orgId, rows: items }), nextCursor };
  },
});
