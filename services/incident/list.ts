import { z } from 'zod';
import { subjectKinds } from '../../domain/incident/incident.ts';
import { givenId } from '../../domain/values/id.ts';
import { isoTime } from '../../domain/values/iso-time.ts';
import { readCursor, toPage } from '../context/pagination.ts';
import { useCase } from '../context/use-case.ts';
import type { IncidentView } from './view.ts';
import { incidentViews } from './view.ts';

/** The incidents of the workspace, absorbed ones included, latest opened first, by keyset. */
export const listIncidents = useCase({
  name: 'incident.list',
  access: 'viewer',
  input: z.object({
    state: z.enum(['open', 'closed']).optional(),
    kind: z.enum(subjectKinds).optional(),
    acknowledged: z.boolean().optional(),
    /** Id of the member who looks after it. */
    assigneeId: z.string().min(1).max(100).optional(),
    monitorId: givenId.optional(),
    workflowId: givenId.optional(),
    /** Incidents of the server, its monitors, its workflows and its tools. */
    serverId: givenId.optional(),
    openedAfter: isoTime.optional(),
    cursor: z.string().optional(),
    limit: z.int().min(1).max(200).default(50),
  }),
  async run(
    { db, orgId },
    { state, kind, acknowledged, assigneeId, monitorId, workflowId, serverId, openedAfter, cursor, limit },
  ): Promise<{ incidents: IncidentView[]; nextCursor: string | null }> {
    const after = readCursor(cursor);
    const rows = await db.incident.findMany({
      where: {
        orgId,
        ...(state && { closedAt: state === 'open' ? null : { not: null } }),
        ...(kind && { subjectKind: kind }),
        ...(acknowledged !== undefined && { acknowledgedAt: acknowledged ? { not: null } : null }),
        ...(assigneeId && { assigneeId }),
        ...(monitorId && { monitorId }),
        ...(workflowId && { workflowId }),
        ...(serverId && { serverId }),
        ...((openedAfter || after) && {
          openedAt: { ...(openedAfter && { gte: openedAfter }), ...(after && { lte: after.createdAt }) },
        }),
        ...(after && {
          OR: [{ openedAt: { lt: after.createdAt } }, { id: { lt: after.id } }],
        }),
      },
      orderBy: [{ openedAt: 'desc' }, { id: 'desc' }],
      take: limit + 1,
      omit: { cause: true },
    });
    const { items, nextCursor } = toPage(rows, limit, (row) => ({ id: row.id, createdAt: row.openedAt }));
    return { incidents: await incidentViews(db, orgId, items), nextCursor };
  },
});
