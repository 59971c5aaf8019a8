import { z } from 'zod';
import { isoTime } from '../../domain/values/iso-time.ts';
import { readCursor, toPage } from '../context/pagination.ts';
import { useCase } from '../context/use-case.ts';
import { securityEventKinds, securityEventOutcomes } from './log.ts';

/** `at`: ISO 8601. `subject`: `user:<id>`, `api_key:<id>`, `slack:<id>`. `name`: of a user who still has an account. */
export type SecurityEventView = {
  id: string;
  at: string;
  kind: string;
  outcome: string;
  subject: string;
  name: string | null;
  address: string | null;
  userAgent: string | null;
  requestId: string;
  detail: string | null;
};

export const securityEventFilters = z.object({
  kind: z.enum(securityEventKinds).optional(),
  outcome: z.enum(securityEventOutcomes).optional(),
  /** Id of a person. */
  user: z.string().max(100).optional().describe('Id of a person.'),
  after: isoTime.optional(),
  before: isoTime.optional(),
});

/** The security events of the workspace's members and API keys, newest first, by keyset. */
export const listSecurityEvents = useCase({
  name: 'security_event.list',
  access: 'admin',
  input: securityEventFilters.extend({
    cursor: z.string().max(500).optional(),
    limit: z.int().min(1).max(200).default(50),
  }),
  async run(
    { db, orgId },
    { kind, outcome, user, after, before, cursor, limit },
  ): Promise<{ events: SecurityEventView[]; nextCursor: string | null }> {
    const position = readCursor(cursor);
    const rows = await db.securityEvent.findMany({
      where: {
        orgId,
        ...(kind && { kind }),
        ...(outcome && { outcome }),
        ...(user && { subject: `user:${user}` }),
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
    const userIds = items.flatMap(({ subject }) => (subject.startsWith('user:') ? [subject.slice(5)] : []));
    const users = await db.user.findMany({
      where: { id: { in: [...new Set(userIds)] }, members: { some: { orgId } } },
      select: { id: true, name: true },
    });
    const names = new Map(users.map(({ id, name }) => [`user:${id}`, name]));
    return {
      events: items.map(({ orgId: _, at, ...row }) => ({
        ...row,
        at: at.toISOString(),
        name: names.get(row.subject) ?? null,
      })),
      nextCursor,
    };
  },
});
