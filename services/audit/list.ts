import { z } from 'zod';
import { isoTime } from '../../domain/values/iso-time.ts';
import { loadActorNames } from '../context/actor-names.ts';
import { readCursor, toPage } from '../context/pagination.ts';
import { useCase } from '../context/use-case.ts';

/** A row of the audit log. `at`: ISO 8601. */
export type AuditView = {
  id: string;
  at: string;
  actorKind: string;
  actorId: string;
  /** Null when the person or API key no longer exists, and for Armature itself. */
  actorName: string | null;
  /** The use case, such as `workflow.pause`. */
  action: string;
  /** Id of what was acted on. */
  subject: string | null;
  /** What an agent said that it wanted. */
  intent: string | null;
  data: unknown;
};

export const auditFilters = z.object({
  /** Id of a person or API key. */
  actor: z.string().max(100).optional().describe('Id of a person or API key.'),
  action: z.string().max(100).optional().describe('Such as `workflow.pause`.'),
  subject: z.string().max(200).optional().describe('Id of what was acted on.'),
  after: isoTime.optional(),
  before: isoTime.optional(),
});

/** The audit log of the workspace, newest first, by keyset. */
export const listAudit = useCase({
  name: 'audit.list',
  access: 'admin',
  input: auditFilters.extend({
    cursor: z.string().max(500).optional(),
    limit: z.int().min(1).max(200).default(50),
  }),
  async run(
    { db, orgId },
    { actor, action, subject, after, before, cursor, limit },
  ): Promise<{ events: AuditView[]; nextCursor: string | null }> {
    const position = readCursor(cursor);
    const rows = await db.auditEvent.findMany({
      where: {
        orgId,
        ...(actor && { actorId: actor }),
        ...(action && { action }),
        ...(subject && { subject }),
        AND: [
          { ...(after && { at: { gte: new Date(after) } }) },
          { ...(before && { at: { lt: new Date(before) } }) },
          {
            ...(position && {
              at: { lte: position.createdAt },
              OR: [{ at: { lt: position.createdAt } }, { id: { lt: position.id } }],
            }),
          },
        ],
      },
      orderBy: [{ at: 'desc' }, { id: 'desc' }],
      take: limit + 1,
    });
    const { items, nextCursor } = toPage(rows, limit, ({ at, id }) => ({ createdAt: at, id }));
    const toNamed = await loadActorNames(
      db,
      orgId,
      // A Slack user acts as the member that they are linked to.
      items.map(({ actorKind, actorId }) => ({ kind: actorKind === 'slack' ? 'member' : actorKind, id: actorId })),
    );
    return {
      events: items.map(({ id, at, actorKind, actorId, action: did, subject: of, intent, data }) => ({
        id,
        at: at.toISOString(),
        actorKind,
        actorId,
        actorName: toNamed({ kind: actorKind === 'slack' ? 'member' : actorKind, id: actorId }).name,
        action: did,
        subject: of,
        intent,
        data,
      })),
      nextCursor,
    };
  },
});
