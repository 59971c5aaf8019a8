import { z } from 'zod';
import type { Warning } from '../../domain/error/error.ts';
import { givenId } from '../../domain/values/id.ts';
import { lockSlugs, slugChooser } from '../../infra/db/queries/slug.ts';
import { useCase } from '../context/use-case.ts';
import { serverArchived } from '../server/errors.ts';
import { toWorkflowView, type WorkflowView } from './reading/view.ts';
import { lockWorkflow } from './store.ts';
import { syncScheduleOrWarn } from './sync-schedule.ts';

/**
 * Takes an archived workflow back: it is in the lists again, and runs on its schedule where `state` is active. Where
 * another workflow has got its slug meanwhile, it gets a new one. Does nothing to a workflow that isn't archived.
 * @throws ArmatureError `workflow_not_found`, `mcp_server_archived`
 */
export const unarchiveWorkflow = useCase({
  name: 'workflow.unarchive',
  access: 'editor',
  input: z.object({ workflowId: givenId, state: z.enum(['active', 'paused']).default('active') }),
  async run(
    { ctx, db, orgId, write },
    { workflowId, state },
  ): Promise<{ workflow: WorkflowView; warnings: Warning[] }> {
    const { isNew } = await write(
      async (tx) => {
        // Before the row, as everything that chooses slugs.
        await lockSlugs(tx, { orgId, noun: 'workflow' });
        const row = await lockWorkflow(tx, { orgId, workflowId });
        if (row.state !== 'archived') return { isNew: false };
        const server = await tx.server.findFirst({ where: { orgId, id: row.serverId }, select: { archivedAt: true } });
        if (server?.archivedAt) throw serverArchived();
        const chooseSlug = await slugChooser(tx, { orgId, noun: 'workflow', names: [row.slug] });
        await tx.workflow.update({
          where: { orgId_id: { orgId, id: workflowId } },
          data: { state, slug: chooseSlug(row.slug), scheduleRevision: { increment: 1 } },
        });
        return { isNew: true };
      },
      (done) => (done.isNew ? { subject: workflowId, data: { state } } : null),
    );
    const warnings = isNew ? await syncScheduleOrWarn(ctx.deps, { orgId, workflowId }) : [];
    const row = await db.workflow.findFirstOrThrow({ where: { orgId, id: workflowId } });
    return { workflow: toWorkflowView(row), warnings };
  },
});
