import { z } from 'zod';
import { shownStatuses } from '../../../domain/run/run.ts';
import { givenId } from '../../../domain/values/id.ts';
import { workflowStates } from '../../../domain/workflow/definition.ts';
import { readCursor, toPage } from '../../context/pagination.ts';
import { useCase } from '../../context/use-case.ts';
import { requireServer } from '../../server/errors.ts';
import { findWorkflowRows, workflowRow } from './rows.ts';

export const listWorkflowsOutput = z.object({
  workflows: z.array(workflowRow),
  nextCursor: z.string().nullable().describe('Pass it as cursor for the next page; null at the end.'),
});

/**
 * The workflows of the workspace, newest first, by keyset. Archived ones only with `state`.
 * @throws ArmatureError `mcp_server_not_found`
 */
export const listWorkflows = useCase({
  name: 'workflow.list',
  access: 'viewer',
  input: z.object({
    serverId: givenId.optional(),
    state: z.enum(workflowStates).optional(),
    /** Of the last run. */
    status: z.enum(shownStatuses).optional(),
    slug: z.string().max(100).optional(),
    tag: z.string().max(100).optional(),
    /** Anywhere in name or description. */
    search: z.string().trim().max(200).optional(),
    cursor: z.string().optional(),
    limit: z.int().min(1).max(200).default(50),
  }),
  async run({ db, orgId, now }, { cursor, limit, ...filters }): Promise<z.infer<typeof listWorkflowsOutput>> {
    const after = readCursor(cursor);
    const [rows] = await Promise.all([
      findWorkflowRows(db, { orgId, ...filters, after, limit: limit + 1, now: now() }),
      filters.serverId === undefined ? null : requireServer(db, { orgId, id: filters.serverId }),
    ]);
    const { items, nextCursor } = toPage(rows, limit, (row) => ({ id: row.id, createdAt: new Date(row.createdAt) }));
    return { workflows: items, nextCursor };
  },
});
