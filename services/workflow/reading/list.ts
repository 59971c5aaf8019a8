import { z } from 'zod';
import { runStatuses } from '../../../domain/run/run.ts';
import { readCursor, toPage } from '../../context/pagination.ts';
import { useCase } from '../../context/use-case.ts';
import { findWorkflowRows, workflowRow } from './rows.ts';

export const listWorkflowsOutput = z.object({
  workflows: z.array(workflowRow),
  nextCursor: z.string().nullable().describe('Pass it as cursor for the next page; null at the end.'),
});

/** The workflows of the workspace, newest first, by keyset. Archived ones only with `state`. */
export const listWorkflows = useCase({
  name: 'workflow.list',
  access: 'viewer',
  input: z.object({
    serverId: z.uuid().optional(),
    state: z.enum(['active', 'paused', 'archived']).optional(),
    /** Of the last run. */
    status: z.enum(runStatuses).optional(),
    /** Anywhere in name or description. */
    search: z.string().trim().max(200).optional(),
    cursor: z.string().optional(),
    limit: z.int().min(1).max(100).default(50),
  }),
  async run({ db, orgId, now }, { cursor, limit, ...filters }): Promise<z.infer<typeof listWorkflowsOutput>> {
    const after = readCursor(cursor);
    const rows = await findWorkflowRows(db, { orgId, ...filters, after, limit: limit + 1, now: now() });
    const { items, nextCursor } = toPage(rows, limit, (row) => ({ id: row.id, createdAt: new Date(row.createdAt) }));
    return { workflows: items, nextCursor };
  },
});
